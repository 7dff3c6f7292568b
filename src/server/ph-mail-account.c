#include "ph-mail-account-private.h"

#include "ph-mail-list-private.h"
#include "ph-store-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Counts are read again this long after a change, so that a busy folder does not keep
 * the account's thread counting. */
#define COUNT_DELAY_MS 200

struct _PhMailAccount
{
  GObject parent_instance;

  char           *address;
  PhStore        *store;
  PhWorkerPool   *workers;
  GCancellable   *cancellable;
  PhAccountStore *mail; /* NULL until open */
  gboolean        is_opening;
  char           *error;

  GListStore   *folders;
  guint         count_timeout;
  guint         n_counted; /* folders of this round, the next one's position */
  PhMailFolder *counting;  /* the one that is being asked for, or NULL */
  gboolean      count_again;
};

enum {
  PROP_0,
  PROP_ERROR,
  PROP_LOADED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static guint ended_signal;

G_DEFINE_FINAL_TYPE (PhMailAccount, ph_mail_account, G_TYPE_OBJECT)

static PhMailFolder *
get_folder (PhMailAccount *self,
            guint          position)
{
  g_autoptr (PhMailFolder) folder = g_list_model_get_item (G_LIST_MODEL (self->folders), position);

  return folder; /* the model keeps it */
}

static guint
count_folders (PhMailAccount *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->folders));
}

/* The counts, one folder after the other */

static void count_next (PhMailAccount *self);
static void start_counting (PhMailAccount *self);

/* A status is answered whether it is cancelled or not. */
static void
counted_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  GWeakRef *weak = user_data;
  g_autoptr (PhMailAccount) self = g_weak_ref_get (weak);
  g_autoptr (PhMailFolder) folder = NULL;
  PhFolderStatus status;
  gboolean       done = ph_account_store_status_finish (PH_ACCOUNT_STORE (source), result, &status, NULL);

  g_weak_ref_clear (weak);
  g_free (weak);
  if (self == NULL || self->mail == NULL)
    return;

  folder = g_steal_pointer (&self->counting);
  if (done)
    ph_mail_folder_set_counts (folder, status.messages, status.unseen);
  count_next (self);
}

static void
count_next (PhMailAccount *self)
{
  GWeakRef *weak;

  while (self->n_counted < count_folders (self) && !ph_mail_folder_get_exists (get_folder (self, self->n_counted)))
    self->n_counted++;
  if (self->n_counted >= count_folders (self))
    {
      if (self->count_again)
        start_counting (self);
      return;
    }

  weak = g_new (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  self->counting = g_object_ref (get_folder (self, self->n_counted++));
  ph_account_store_status_async (self->mail, ph_mail_folder_get_name (self->counting), NULL, counted_cb, weak);
}

static gboolean
count_timeout_cb (gpointer data)
{
  PhMailAccount *self = data;

  self->count_timeout = 0;
  self->count_again = FALSE;
  self->n_counted = 0;
  if (self->counting == NULL)
    count_next (self);

  return G_SOURCE_REMOVE;
}

/* Changes that come meanwhile are counted in one more round. */
static void
start_counting (PhMailAccount *self)
{
  self->count_again = self->counting != NULL;
  if (!self->count_again && self->count_timeout == 0)
    self->count_timeout = g_timeout_add (COUNT_DELAY_MS, count_timeout_cb, self);
}

/* The list of folders */

static const PhMailFolderKind kinds[] = {
  [PH_SPECIAL_NONE] = PH_MAIL_FOLDER_PLAIN,
  [PH_SPECIAL_ARCHIVE] = PH_MAIL_FOLDER_ARCHIVE,
  [PH_SPECIAL_DRAFTS] = PH_MAIL_FOLDER_DRAFTS,
  [PH_SPECIAL_JUNK] = PH_MAIL_FOLDER_JUNK,
  [PH_SPECIAL_SENT] = PH_MAIL_FOLDER_SENT,
  [PH_SPECIAL_TRASH] = PH_MAIL_FOLDER_TRASH,
};

/* In which order those with a purpose come; what is below one comes after it. */
static const guint ranks[] = {
  [PH_MAIL_FOLDER_INBOX] = 0,
  [PH_MAIL_FOLDER_DRAFTS] = 1,
  [PH_MAIL_FOLDER_SENT] = 2,
  [PH_MAIL_FOLDER_ARCHIVE] = 3,
  [PH_MAIL_FOLDER_JUNK] = 4,
  [PH_MAIL_FOLDER_TRASH] = 5,
  [PH_MAIL_FOLDER_PLAIN] = 6,
};

static PhMailFolderKind
get_kind (const PhFolder *folder)
{
  if (strcmp (folder->name, "INBOX") == 0)
    return PH_MAIL_FOLDER_INBOX;

  return kinds[folder->special_use];
}

/* What they are sorted by: the rank of the folder at the top, then the names of the
 * levels, of which "/" must come before all letters. */
static char *
make_sort_key (PhMailAccount *self,
               const char    *name)
{
  g_autofree char *top = g_strndup (name, strcspn (name, "/"));
  const PhFolder  *folder = ph_account_store_find_folder (self->mail, top);
  g_autofree char *levels = g_strdelimit (g_strdup (name), "/", '\1');
  g_autofree char *folded = g_utf8_casefold (levels, -1);

  return g_strdup_printf ("%u %s", folder != NULL ? ranks[get_kind (folder)] : ranks[PH_MAIL_FOLDER_PLAIN], folded);
}

typedef struct
{
  char         *key;
  PhMailFolder *folder; /* owned */
} PhSortedFolder;

static int
compare_sorted (gconstpointer a,
                gconstpointer b)
{
  return strcmp (((const PhSortedFolder *)a)->key, ((const PhSortedFolder *)b)->key);
}

static void
clear_sorted (gpointer data)
{
  PhSortedFolder *sorted = data;

  g_free (sorted->key);
  g_object_unref (sorted->folder);
}

static GArray *
dup_sorted (PhMailAccount *self)
{
  GPtrArray *folders = ph_account_store_get_folders (self->mail);
  GArray    *sorted = g_array_new (FALSE, FALSE, sizeof (PhSortedFolder));

  g_array_set_clear_func (sorted, clear_sorted);
  for (guint i = 0; i < folders->len; i++)
    {
      const PhFolder *folder = folders->pdata[i];
      PhMailFolder   *known = ph_mail_account_find_folder (self, folder->name);
      PhSortedFolder  entry = { .key = make_sort_key (self, folder->name) };

      if (known != NULL && ph_mail_folder_get_kind (known) == get_kind (folder) && ph_mail_folder_get_exists (known) == folder->exists)
        entry.folder = g_object_ref (known);
      else
        entry.folder = ph_mail_folder_new (folder->name, get_kind (folder), folder->exists);
      g_array_append_val (sorted, entry);
    }
  g_array_sort (sorted, compare_sorted);

  return sorted;
}

/* What is the same at both ends stays untouched, so that rows keep their place. */
static void
update_folders (PhMailAccount *self)
{
  g_autoptr (GArray) sorted = dup_sorted (self);
  g_autoptr (GPtrArray) added = g_ptr_array_new ();
  guint n_before = count_folders (self), head = 0, tail = 0;

  while (head < MIN (sorted->len, n_before) && g_array_index (sorted, PhSortedFolder, head).folder == get_folder (self, head))
    head++;
  while (tail < MIN (sorted->len, n_before) - head && g_array_index (sorted, PhSortedFolder, sorted->len - 1 - tail).folder == get_folder (self, n_before - 1 - tail))
    tail++;
  for (guint i = head; i < sorted->len - tail; i++)
    g_ptr_array_add (added, g_array_index (sorted, PhSortedFolder, i).folder);

  if (added->len > 0 || n_before - head - tail > 0)
    g_list_store_splice (self->folders, head, n_before - head - tail, added->pdata, added->len);
  start_counting (self);
}

static void
fail (PhMailAccount *self,
      const GError  *error)
{
  g_free (self->error);
  self->error = error != NULL ? g_strdup (error->message) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

static void
ended_cb (PhMailAccount *self)
{
  g_signal_emit (self, ended_signal, 0);
}

static void
opened_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  PhMailAccount *self = user_data; /* while it was not cancelled */
  g_autoptr (GError) error = NULL;
  PhAccountStore *mail = ph_store_open_account_finish (PH_STORE (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self->is_opening = FALSE;
  fail (self, error);
  if (mail == NULL)
    return;

  self->mail = mail;
  g_signal_connect_object (mail, "folders-changed", G_CALLBACK (update_folders), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (mail, "ended", G_CALLBACK (ended_cb), self, G_CONNECT_SWAPPED);
  update_folders (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADED]);
}

/* The object */

static void
ph_mail_account_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PhMailAccount *self = PH_MAIL_ACCOUNT (object);

  switch (id)
    {
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    case PROP_LOADED:
      g_value_set_boolean (value, self->mail != NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_mail_account_dispose (GObject *object)
{
  PhMailAccount *self = PH_MAIL_ACCOUNT (object);

  g_clear_handle_id (&self->count_timeout, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->counting);
  g_clear_object (&self->mail);

  G_OBJECT_CLASS (ph_mail_account_parent_class)->dispose (object);
}

static void
ph_mail_account_finalize (GObject *object)
{
  PhMailAccount *self = PH_MAIL_ACCOUNT (object);

  g_clear_object (&self->store);
  g_clear_object (&self->workers);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->folders);
  g_free (self->address);
  g_free (self->error);

  G_OBJECT_CLASS (ph_mail_account_parent_class)->finalize (object);
}

static void
ph_mail_account_class_init (PhMailAccountClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ph_mail_account_get_property;
  object_class->dispose = ph_mail_account_dispose;
  object_class->finalize = ph_mail_account_finalize;

  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);
  properties[PROP_LOADED] = g_param_spec_boolean ("loaded", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /* Another takes its place. */
  ended_signal = g_signal_new ("ended", PH_TYPE_MAIL_ACCOUNT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ph_mail_account_init (PhMailAccount *self)
{
  self->cancellable = g_cancellable_new ();
  self->folders = g_list_store_new (PH_TYPE_MAIL_FOLDER);
}

PhMailAccount *
ph_mail_account_new (PhStore      *store,
                     const char   *address,
                     PhWorkerPool *workers)
{
  PhMailAccount *self = g_object_new (PH_TYPE_MAIL_ACCOUNT, NULL);

  self->store = g_object_ref (store);
  self->address = g_strdup (address);
  self->workers = g_object_ref (workers);

  return self;
}

const char *
ph_mail_account_get_address (PhMailAccount *self)
{
  g_return_val_if_fail (PH_IS_MAIL_ACCOUNT (self), NULL);

  return self->address;
}

void
ph_mail_account_load (PhMailAccount *self)
{
  g_return_if_fail (PH_IS_MAIL_ACCOUNT (self));

  if (self->mail != NULL || self->is_opening)
    return;

  self->is_opening = TRUE;
  ph_store_open_account_async (self->store, self->address, self->cancellable, opened_cb, self);
}

GListModel *
ph_mail_account_get_folders (PhMailAccount *self)
{
  g_return_val_if_fail (PH_IS_MAIL_ACCOUNT (self), NULL);

  return G_LIST_MODEL (self->folders);
}

PhMailFolder *
ph_mail_account_find_folder (PhMailAccount *self,
                             const char    *name)
{
  g_return_val_if_fail (PH_IS_MAIL_ACCOUNT (self), NULL);

  for (guint i = 0; i < count_folders (self); i++)
    if (strcmp (ph_mail_folder_get_name (get_folder (self, i)), name) == 0)
      return get_folder (self, i);

  return NULL;
}

PhMailFolder *
ph_mail_account_find_kind (PhMailAccount   *self,
                           PhMailFolderKind kind)
{
  g_return_val_if_fail (PH_IS_MAIL_ACCOUNT (self), NULL);

  for (guint i = 0; i < count_folders (self); i++)
    if (ph_mail_folder_get_kind (get_folder (self, i)) == kind)
      return get_folder (self, i);

  return NULL;
}

/* Opening a folder, and moving back */

static void
list_opened_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PhMailAccount *self = g_task_get_source_object (task);
  GError        *error = NULL;
  g_autoptr (PhMailbox) mailbox = ph_account_store_open_mailbox_finish (PH_ACCOUNT_STORE (source), result, &error);

  if (mailbox != NULL)
    g_task_return_pointer (task, ph_mail_list_new (self->address, mailbox, self->workers), g_object_unref);
  else
    g_task_return_error (task, error);
}

void
ph_mail_account_open_list_async (PhMailAccount      *self,
                                 const char         *folder,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PH_IS_MAIL_ACCOUNT (self));

  task = g_task_new (self, cancellable, callback, user_data);
  if (self->mail == NULL)
    /* Translators: an account’s address */
    g_task_return_new_error (task, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, _ ("The mail of %s is not open"), self->address);
  else
    ph_account_store_open_mailbox_async (self->mail, folder, cancellable, list_opened_cb, g_steal_pointer (&task));
}

PhMailList *
ph_mail_account_open_list_finish (PhMailAccount *self,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

typedef struct
{
  char   *to;
  guint32 uidvalidity;
  GArray *uids;
} PhUndo;

static void
ph_undo_free (gpointer data)
{
  PhUndo *undo = data;

  g_free (undo->to);
  g_array_unref (undo->uids);
  g_free (undo);
}

static void
undone_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GArray) pairs = ph_mailbox_copy_finish (PH_MAILBOX (source), result, NULL, &error);

  if (pairs != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
undo_opened_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PhUndo *undo = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (PhMailbox) mailbox = ph_account_store_open_mailbox_finish (PH_ACCOUNT_STORE (source), result, &error);

  if (mailbox == NULL)
    g_task_return_error (task, error);
  else if (ph_mailbox_get_uidvalidity (mailbox) != undo->uidvalidity)
    g_task_return_new_error (task, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, _ ("The folder was made anew"));
  else
    ph_mailbox_copy_async (mailbox, (const guint32 *)(gpointer)undo->uids->data, undo->uids->len, undo->to, TRUE, NULL, undone_cb, g_steal_pointer (&task));
}

void
ph_mail_account_undo_move_async (PhMailAccount      *self,
                                 const PhMailMove   *move,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  GTask  *task;
  PhUndo *undo;

  g_return_if_fail (PH_IS_MAIL_ACCOUNT (self) && self->mail != NULL);

  undo = g_new (PhUndo, 1);
  undo->to = g_strdup (move->from);
  undo->uidvalidity = move->uidvalidity;
  undo->uids = g_array_ref (move->uids);
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_task_data (task, undo, ph_undo_free);
  ph_account_store_open_mailbox_async (self->mail, move->to, NULL, undo_opened_cb, task);
}

gboolean
ph_mail_account_undo_move_finish (PhMailAccount *self,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
