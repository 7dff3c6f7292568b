#include "ph-account-store-private.h"

#include <string.h>

#include "ph-account-watch.h"
#include "ph-mailbox-private.h"
#include "ph-pending.h"
#include "ph-spool-private.h"

struct _PhAccountStore
{
  GObject parent_instance;

  PhStoreShared  *shared;
  PhIndexQueue   *queue;
  char           *address;
  GPtrArray      *folders;   /* of PhFolder */
  GHashTable     *mailboxes; /* folder id → PhMailbox, which removes itself */
  guint64         used;
  guint64         quota;
  guint64         promised; /* bytes on their way */
  gpointer        lock_owner;
  gboolean        ended;
  PhAccountWatch *watch;
  PhTextIndexer  *text_indexer;
};

G_DEFINE_FINAL_TYPE (PhAccountStore, ph_account_store, G_TYPE_OBJECT)

enum {
  FOLDERS_CHANGED,
  LIST_CHANGED,
  FOLDER_CHANGED,
  ANNOTATIONS_CHANGED,
  ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

typedef struct
{
  PhStoreShared *shared;
  char          *address;
} Closing;

static void
closed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  Closing *self = user_data;

  ph_store_shared_tell_closed (self->shared, self->address);
  ph_store_shared_unref (self->shared);
  g_free (self->address);
  g_free (self);
}

static void
close_queue (PhAccountStore *self)
{
  Closing *closing = g_new (Closing, 1);

  *closing = (Closing){ ph_store_shared_ref (self->shared), g_strdup (self->address) };
  ph_index_queue_close (g_steal_pointer (&self->queue), closed_cb, closing);
}

static void
ph_account_store_finalize (GObject *object)
{
  PhAccountStore *self = PH_ACCOUNT_STORE (object);

  g_clear_pointer (&self->watch, ph_account_watch_free);
  g_clear_pointer (&self->text_indexer, ph_text_indexer_free);
  close_queue (self);
  g_clear_pointer (&self->folders, g_ptr_array_unref);
  g_clear_pointer (&self->mailboxes, g_hash_table_unref);
  g_clear_pointer (&self->shared, ph_store_shared_unref);
  g_free (self->address);

  G_OBJECT_CLASS (ph_account_store_parent_class)->finalize (object);
}

static void
ph_account_store_class_init (PhAccountStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_account_store_finalize;

  /* The list of folders, or the state of one, has changed. */
  signals[FOLDERS_CHANGED] = g_signal_new ("folders-changed", PH_TYPE_ACCOUNT_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /* Only the list: names, or what is subscribed. */
  signals[LIST_CHANGED] = g_signal_new ("list-changed", PH_TYPE_ACCOUNT_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /* A folder, by its id: messages came or went; flags were changed. */
  signals[FOLDER_CHANGED] = g_signal_new ("folder-changed", PH_TYPE_ACCOUNT_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                          3, G_TYPE_INT64, G_TYPE_BOOLEAN, G_TYPE_BOOLEAN);
  /* Of a folder, or of the account (NULL): an array of PhAnnotation, as they are now. */
  signals[ANNOTATIONS_CHANGED] = g_signal_new ("annotations-changed", PH_TYPE_ACCOUNT_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                               2, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, G_TYPE_PTR_ARRAY | G_SIGNAL_TYPE_STATIC_SCOPE);
  /* Once, with the reason. */
  signals[ENDED] = g_signal_new ("ended", PH_TYPE_ACCOUNT_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE);
}

void
ph_account_store_tell_annotations (PhAccountStore *self,
                                   const char     *name,
                                   GPtrArray      *annotations)
{
  g_signal_emit (self, signals[ANNOTATIONS_CHANGED], 0, name, annotations);
}

static void
ph_account_store_init (PhAccountStore *self)
{
  self->mailboxes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

static void
apply_job (PhJob   *job,
           gpointer user_data)
{
  PhAccountStore *self = user_data;
  gboolean        list_changed = job->folders != NULL;
  gboolean        changed = FALSE;

  if (job->used >= 0)
    self->used = (guint64)job->used;
  if (job->folders != NULL)
    {
      g_ptr_array_unref (self->folders);
      self->folders = g_steal_pointer (&job->folders);
      changed = TRUE;
    }

  for (guint i = 0; i < job->changes->len; i++)
    {
      PhChange  *change = g_ptr_array_index (job->changes, i);
      PhMailbox *mailbox;

      if (ph_change_is_empty (change))
        continue;
      changed = TRUE;
      if (change->added->len > 0)
        ph_text_indexer_wake (self->text_indexer);
      mailbox = ph_account_store_peek_mailbox (self, change->folder);
      if (mailbox != NULL)
        ph_mailbox_apply (mailbox, change);
      g_signal_emit (self, signals[FOLDER_CHANGED], 0, change->folder, change->added->len + change->removed->len > 0, change->changed->len > 0);
    }

  if (list_changed)
    g_signal_emit (self, signals[LIST_CHANGED], 0);
  if (changed)
    g_signal_emit (self, signals[FOLDERS_CHANGED], 0);
}

void
ph_account_store_end (PhAccountStore *self,
                      const char     *reason)
{
  /* A handler may let go of the account. */
  g_autoptr (PhAccountStore) kept = g_object_ref (self);

  if (!self->ended)
    {
      self->ended = TRUE;
      g_signal_emit (kept, signals[ENDED], 0, reason);
    }
}

gboolean
ph_account_store_get_ended (PhAccountStore *self)
{
  return self->ended;
}

static void
damaged_cb (gpointer user_data)
{
  ph_account_store_end (user_data, "The index of this mailbox was found damaged, and is made anew from the mail");
}

PhAccountStore *
ph_account_store_new (PhStoreShared   *shared,
                      const char      *address,
                      PhOpenedAccount *opened)
{
  PhAccountStore *self = g_object_new (PH_TYPE_ACCOUNT_STORE, NULL);

  self->shared = ph_store_shared_ref (shared);
  self->address = g_strdup (address);
  self->folders = g_steal_pointer (&opened->folders);
  self->used = (guint64)opened->used;
  self->queue = ph_index_queue_new (shared, g_steal_pointer (&opened->index), g_steal_pointer (&opened->maildir), g_steal_pointer (&opened->lists), opened->index_path);
  ph_index_queue_set_owner (self->queue, apply_job, damaged_cb, self);
  if (ph_store_shared_check_writable (shared, NULL))
    ph_pending_push_sweep (self->queue, G_OBJECT (self));
  self->watch = ph_account_watch_new (self);
  self->text_indexer = ph_text_indexer_new (self);

  return self;
}

PhStoreShared *
ph_account_store_get_shared (PhAccountStore *self)
{
  return self->shared;
}

PhIndexQueue *
ph_account_store_get_queue (PhAccountStore *self)
{
  return self->queue;
}

guint64
ph_account_store_get_quota (PhAccountStore *self)
{
  return self->quota;
}

guint64
ph_account_store_get_room (PhAccountStore *self)
{
  guint64 used = self->used + self->promised;

  if (self->quota == 0)
    return G_MAXUINT64;

  return used < self->quota ? self->quota - used : 0;
}

void
ph_account_store_promise (PhAccountStore *self,
                          gint64          bytes)
{
  self->promised += (guint64)bytes;
}

PhTextIndexer *
ph_account_store_get_text_indexer (PhAccountStore *self)
{
  return self->text_indexer;
}

gint64
ph_account_store_get_now (PhAccountStore *self)
{
  return ph_clock_get_real_time (ph_store_shared_get_clock (self->shared)) / G_USEC_PER_SEC;
}

PhMailbox *
ph_account_store_peek_mailbox (PhAccountStore *self,
                               gint64          folder)
{
  return g_hash_table_lookup (self->mailboxes, &folder);
}

void
ph_account_store_add_mailbox (PhAccountStore *self,
                              gint64          folder,
                              PhMailbox      *mailbox)
{
  g_hash_table_insert (self->mailboxes, g_memdup2 (&folder, sizeof folder), mailbox);
}

void
ph_account_store_remove_mailbox (PhAccountStore *self,
                                 gint64          folder)
{
  g_hash_table_remove (self->mailboxes, &folder);
}

void
ph_job_return_boolean (PhJob *job)
{
  if (job->error != NULL)
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  else
    g_task_return_boolean (job->task, TRUE);
}

const char *
ph_account_store_get_address (PhAccountStore *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT_STORE (self), NULL);

  return self->address;
}

GPtrArray *
ph_account_store_get_folders (PhAccountStore *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT_STORE (self), NULL);

  return self->folders;
}

const PhFolder *
ph_account_store_find_folder (PhAccountStore *self,
                              const char     *name)
{
  g_autofree char *normal = ph_folder_name_normalize (name);

  g_return_val_if_fail (PH_IS_ACCOUNT_STORE (self), NULL);

  for (guint i = 0; normal != NULL && i < self->folders->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (self->folders, i);

      if (strcmp (folder->name, normal) == 0)
        return folder;
    }

  return NULL;
}

PhSpool *
ph_account_store_open_spool (PhAccountStore *self,
                             GError        **error)
{
  g_return_val_if_fail (PH_IS_ACCOUNT_STORE (self), NULL);

  return ph_spool_new (self->shared, error);
}

gboolean
ph_account_store_try_lock (PhAccountStore *self,
                           gpointer        owner)
{
  g_return_val_if_fail (PH_IS_ACCOUNT_STORE (self) && owner != NULL, FALSE);

  if (self->lock_owner == NULL)
    self->lock_owner = owner;

  return self->lock_owner == owner;
}

void
ph_account_store_unlock (PhAccountStore *self,
                         gpointer        owner)
{
  g_return_if_fail (PH_IS_ACCOUNT_STORE (self));

  if (self->lock_owner == owner)
    self->lock_owner = NULL;
}

guint64
ph_account_store_get_used (PhAccountStore *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT_STORE (self), 0);

  return self->used;
}

void
ph_account_store_set_quota (PhAccountStore *self,
                            guint64         quota)
{
  g_return_if_fail (PH_IS_ACCOUNT_STORE (self));

  self->quota = quota;
}
