#include "ph-store-private.h"

#include "ph-account-open.h"
#include "ph-account-store-private.h"
#include "ph-spool-private.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Accounts whose index stays open though nobody uses it: the next delivery finds it so. */
#define PH_STORE_WARM_ACCOUNTS 32

#define PH_STORE_SPACE_AGE G_USEC_PER_SEC

/* What was said about an account, whether it is open or not. */
typedef struct
{
  guint64  quota;
  gboolean has_search_index;
} Wishes;

struct _PhStore
{
  GObject parent_instance;

  PhStoreShared *shared;
  PhClock       *clock;
  GHashTable    *accounts; /* address → PhAccountStore, not referenced; NULL: its index is being closed */
  GHashTable    *wishes;   /* address → Wishes */
  GPtrArray     *unqueued; /* of PhAccepted, until they are taken */
  GHashTable    *opening;  /* address → GPtrArray of GTask that wait */
  GHashTable    *held;     /* record → PhStoreDelivery that waits */
  GQueue         warm;     /* of PhAccountStore, referenced, used last first */
  char          *read_only_reason;
  guint64        free_space;
  gint64         free_space_time;
};

G_DEFINE_FINAL_TYPE (PhStore, ph_store, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_READ_ONLY,
  PROP_READ_ONLY_REASON,
};

enum {
  FILLING,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void forget_account (gpointer data,
                            GObject *where);

static void
ph_store_get_property (GObject    *object,
                       guint       property_id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  PhStore *self = PH_STORE (object);

  if (property_id == PROP_READ_ONLY)
    g_value_set_boolean (value, self->read_only_reason != NULL);
  else
    g_value_set_string (value, self->read_only_reason);
}

static void
ph_store_dispose (GObject *object)
{
  PhStore       *self = PH_STORE (object);
  GHashTableIter iter;
  gpointer       account;

  g_hash_table_iter_init (&iter, self->accounts);
  while (g_hash_table_iter_next (&iter, NULL, &account))
    if (account != NULL)
      g_object_weak_unref (account, forget_account, self);
  g_hash_table_remove_all (self->accounts);
  g_hash_table_remove_all (self->held);
  while (!g_queue_is_empty (&self->warm))
    g_object_unref (g_queue_pop_head (&self->warm));
  if (self->shared != NULL)
    {
      ph_store_shared_set_failed_func (self->shared, NULL, NULL);
      ph_store_shared_set_closed_func (self->shared, NULL, NULL);
    }
  g_clear_pointer (&self->shared, ph_store_shared_unref);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (ph_store_parent_class)->dispose (object);
}

static void
ph_store_finalize (GObject *object)
{
  PhStore *self = PH_STORE (object);

  g_hash_table_unref (self->accounts);
  g_hash_table_unref (self->held);
  g_hash_table_unref (self->opening);
  g_hash_table_unref (self->wishes);
  g_clear_pointer (&self->unqueued, g_ptr_array_unref);
  g_free (self->read_only_reason);

  G_OBJECT_CLASS (ph_store_parent_class)->finalize (object);
}

static void
ph_store_class_init (PhStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ph_store_get_property;
  object_class->dispose = ph_store_dispose;
  object_class->finalize = ph_store_finalize;
  g_object_class_install_property (object_class, PROP_READ_ONLY, g_param_spec_boolean ("read-only", NULL, NULL, FALSE, flags));
  g_object_class_install_property (object_class, PROP_READ_ONLY_REASON, g_param_spec_string ("read-only-reason", NULL, NULL, NULL, flags));
  signals[FILLING] = g_signal_new ("filling", PH_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                   3, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, G_TYPE_UINT, G_TYPE_UINT);
}

static void
ph_store_init (PhStore *self)
{
  self->accounts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->opening = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  self->wishes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->held = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)ph_store_delivery_free);
  g_queue_init (&self->warm);
}

static void
failed_cb (const char *reason,
           gpointer    user_data)
{
  PhStore *self = user_data;

  self->read_only_reason = g_strdup (reason);
  g_object_notify (G_OBJECT (self), "read-only-reason");
  g_object_notify (G_OBJECT (self), "read-only");
}

static void closed_cb (const char *address,
                       gpointer    user_data);

PhStore *
ph_store_new (const char *data_dir,
              PhClock    *clock,
              GError    **error)
{
  g_autoptr (PhStore) self = g_object_new (PH_TYPE_STORE, NULL);

  self->clock = g_object_ref (clock);
  self->shared = ph_store_shared_new (data_dir, clock, error);
  if (self->shared == NULL || !ph_store_replay (self->shared, ph_clock_get_real_time (clock), &self->unqueued, error))
    return NULL;

  ph_store_shared_set_failed_func (self->shared, failed_cb, self);
  ph_store_shared_set_closed_func (self->shared, closed_cb, self);

  return g_steal_pointer (&self);
}

GPtrArray *
ph_store_take_unqueued (PhStore *self)
{
  g_return_val_if_fail (PH_IS_STORE (self), NULL);

  return self->unqueued != NULL ? g_steal_pointer (&self->unqueued) : g_ptr_array_new ();
}

PhStoreShared *
ph_store_get_shared (PhStore *self)
{
  return self->shared;
}

PhStoreDelivery *
ph_store_hold_delivery (PhStore         *self,
                        guint64          record,
                        PhStoreDelivery *delivery)
{
  g_autofree gpointer key = NULL;
  gpointer            held = NULL;

  if (delivery != NULL)
    g_hash_table_insert (self->held, g_memdup2 (&record, sizeof record), delivery);
  else
    g_hash_table_steal_extended (self->held, &record, &key, &held);

  return held;
}

PhSpool *
ph_store_open_spool (PhStore *self,
                     GError **error)
{
  g_return_val_if_fail (PH_IS_STORE (self), NULL);

  return ph_spool_new (self->shared, error);
}

guint64
ph_store_get_free_space (PhStore *self)
{
  gint64         now;
  struct statvfs st;

  g_return_val_if_fail (PH_IS_STORE (self), 0);

  now = ph_clock_get_monotonic_time (self->clock);
  if (self->free_space_time == 0 || now - self->free_space_time > PH_STORE_SPACE_AGE)
    {
      /* Answered from memory by every file system that we care for. */
      if (fstatvfs (ph_store_shared_get_mail_fd (self->shared), &st) == 0)
        self->free_space = (guint64)st.f_bavail * st.f_frsize;
      self->free_space_time = now;
    }

  return self->free_space;
}

/* *is_new: nobody has said anything yet. */
static Wishes *
get_wishes (PhStore    *self,
            const char *address,
            gboolean   *is_new)
{
  Wishes *wishes = g_hash_table_lookup (self->wishes, address);

  *is_new = wishes == NULL;
  if (wishes == NULL)
    {
      wishes = g_new (Wishes, 1);
      *wishes = (Wishes){ .quota = 0, .has_search_index = TRUE };
      g_hash_table_insert (self->wishes, g_strdup (address), wishes);
    }

  return wishes;
}

void
ph_store_set_search_index (PhStore    *self,
                           const char *address,
                           gboolean    wanted)
{
  Wishes         *wishes;
  PhAccountStore *account;
  gboolean        is_new, differs;

  g_return_if_fail (PH_IS_STORE (self));

  wishes = get_wishes (self, address, &is_new);
  differs = wishes->has_search_index != wanted;
  wishes->has_search_index = wanted;
  account = g_hash_table_lookup (self->accounts, address);
  if (!differs)
    return;
  if (account != NULL)
    ph_text_indexer_set_enabled (ph_account_store_get_text_indexer (account), wanted);
  else if (!is_new)
    ph_store_open_account_async (self, address, NULL, NULL, NULL);
}

void
ph_store_set_standard_folders (PhStore *self,
                               guint    special_uses)
{
  g_return_if_fail (PH_IS_STORE (self));

  ph_store_shared_set_standard_folders (self->shared, special_uses);
}

void
ph_store_set_quota (PhStore    *self,
                    const char *address,
                    guint64     quota)
{
  PhAccountStore *account;
  gboolean        is_new;

  g_return_if_fail (PH_IS_STORE (self));

  get_wishes (self, address, &is_new)->quota = quota;
  account = g_hash_table_lookup (self->accounts, address);
  if (account != NULL)
    ph_account_store_set_quota (account, quota);
}

guint64
ph_store_get_room (PhStore    *self,
                   const char *address)
{
  PhAccountStore *account;

  g_return_val_if_fail (PH_IS_STORE (self), 0);

  account = g_hash_table_lookup (self->accounts, address);

  return account != NULL ? ph_account_store_get_room (account) : G_MAXUINT64;
}

/* Accounts */

static void
forget_account (gpointer data,
                GObject *where)
{
  PhStore       *self = data;
  GHashTableIter iter;
  gpointer       account;

  g_hash_table_iter_init (&iter, self->accounts);
  while (g_hash_table_iter_next (&iter, NULL, &account))
    if (account == (gpointer)where)
      g_hash_table_iter_replace (&iter, NULL);
}

static void
keep_warm (PhStore        *self,
           PhAccountStore *account)
{
  GList *link = g_queue_find (&self->warm, account);

  if (link != NULL)
    {
      g_queue_unlink (&self->warm, link);
      g_queue_push_head_link (&self->warm, link);
      return;
    }

  g_queue_push_head (&self->warm, g_object_ref (account));
  if (g_queue_get_length (&self->warm) > PH_STORE_WARM_ACCOUNTS)
    g_object_unref (g_queue_pop_tail (&self->warm));
}

typedef struct
{
  PhStoreShared *shared;
  char          *address;
  gint64         now;      /* seconds */
  gboolean       was_told; /* that it takes its time */
} OpenAccount;

static void
open_account_free (gpointer data)
{
  OpenAccount *self = data;

  ph_store_shared_unref (self->shared);
  g_free (self->address);
  g_free (self);
}

typedef struct
{
  PhStore *store;
  char    *address;
  guint    n_done;
  guint    n_total;
} Filling;

static gboolean
tell_filling (gpointer data)
{
  Filling *self = data;

  g_signal_emit (self->store, signals[FILLING], 0, self->address, self->n_done, self->n_total);
  g_object_unref (self->store);
  g_free (self->address);
  g_free (self);

  return G_SOURCE_REMOVE;
}

/* On the worker; before what it reports in the end. */
static void
note_filling (const PhFillProgress *progress)
{
  GTask       *task = progress->user_data;
  OpenAccount *job = g_task_get_task_data (task);
  Filling     *filling = g_new (Filling, 1);

  *filling = (Filling){ g_object_ref (g_task_get_source_object (task)), g_strdup (job->address), progress->n_done, progress->n_total };
  job->was_told = TRUE;
  g_idle_add_full (G_PRIORITY_DEFAULT, tell_filling, filling, NULL);
}

static void
open_account_in_thread (GTask        *task,
                        gpointer      source,
                        gpointer      data,
                        GCancellable *cancellable)
{
  OpenAccount     *self = data;
  PhFillProgress   progress = { .tell = note_filling, .user_data = task };
  GError          *error = NULL;
  PhOpenedAccount *opened = ph_account_open (self->shared, self->address, self->now, &progress, &error);

  if (opened != NULL)
    g_task_return_pointer (task, opened, (GDestroyNotify)ph_opened_account_free);
  else
    g_task_return_error (task, error);
}

/* It is not kept for the next delivery; when whoever else has it has let go, it is closed. */
static void
account_ended_cb (PhStore        *self,
                  const char     *reason,
                  PhAccountStore *account)
{
  if (g_queue_remove (&self->warm, account))
    g_object_unref (account);
}

static void
account_opened_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  PhStore      *self = PH_STORE (source);
  OpenAccount  *job = g_task_get_task_data (G_TASK (result));
  const Wishes *wishes;
  gboolean      is_new;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhOpenedAccount) opened = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr (PhAccountStore) account = NULL;
  g_autoptr (GPtrArray) waiting = NULL;
  g_autofree char *key = NULL;

  g_hash_table_steal_extended (self->opening, job->address, (gpointer *)&key, (gpointer *)&waiting);
  if (job->was_told)
    g_signal_emit (self, signals[FILLING], 0, job->address, 0, 0);
  if (opened != NULL)
    {
      account = ph_account_store_new (self->shared, job->address, opened);
      g_object_weak_ref (G_OBJECT (account), forget_account, self);
      g_signal_connect_object (account, "ended", G_CALLBACK (account_ended_cb), self, G_CONNECT_SWAPPED);
      g_hash_table_insert (self->accounts, g_strdup (job->address), account);
      keep_warm (self, account);
      wishes = get_wishes (self, job->address, &is_new);
      ph_account_store_set_quota (account, wishes->quota);
      ph_text_indexer_set_enabled (ph_account_store_get_text_indexer (account), wishes->has_search_index);
    }

  for (guint i = 0; i < waiting->len; i++)
    if (account != NULL)
      g_task_return_pointer (waiting->pdata[i], g_object_ref (account), g_object_unref);
    else
      g_task_return_error (waiting->pdata[i], g_error_copy (error));
}

static void
start_open (PhStore    *self,
            const char *address)
{
  OpenAccount *job = g_new0 (OpenAccount, 1);
  g_autoptr (GTask) task = g_task_new (self, NULL, account_opened_cb, NULL);

  job->shared = ph_store_shared_ref (self->shared);
  job->address = g_strdup (address);
  job->now = ph_clock_get_real_time (self->clock) / G_USEC_PER_SEC;
  g_task_set_task_data (task, job, open_account_free);
  ph_worker_pool_run (ph_store_shared_get_durable (self->shared), task, open_account_in_thread);
}

/* Two that have one index open would not hurt each other, but for an index that is moved aside: SQLite
 * removes its log by name. */
static void
closed_cb (const char *address,
           gpointer    user_data)
{
  PhStore *self = user_data;
  gpointer account;

  if (!g_hash_table_lookup_extended (self->accounts, address, NULL, &account) || account != NULL)
    return;

  g_hash_table_remove (self->accounts, address);
  if (g_hash_table_contains (self->opening, address))
    start_open (self, address);
}

void
ph_store_open_account_async (PhStore            *self,
                             const char         *address,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  gpointer   account = NULL;
  gboolean   is_there;
  GPtrArray *waiting;

  g_return_if_fail (PH_IS_STORE (self));

  task = g_task_new (self, cancellable, callback, user_data);
  is_there = g_hash_table_lookup_extended (self->accounts, address, NULL, &account);
  if (account != NULL && !ph_account_store_get_ended (account))
    {
      keep_warm (self, account);
      g_task_return_pointer (task, g_object_ref (account), g_object_unref);
      return;
    }

  waiting = g_hash_table_lookup (self->opening, address);
  if (waiting != NULL)
    {
      g_ptr_array_add (waiting, g_steal_pointer (&task));
      return;
    }

  waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (waiting, g_steal_pointer (&task));
  g_hash_table_insert (self->opening, g_strdup (address), waiting);
  if (!is_there)
    start_open (self, address);
}

PhAccountStore *
ph_store_open_account_finish (PhStore      *self,
                              GAsyncResult *result,
                              GError      **error)
{
  g_autoptr (PhAccountStore) account = g_task_propagate_pointer (G_TASK (result), error);

  /* Before its caller could be told. */
  if (account != NULL && ph_account_store_get_ended (account))
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_DAMAGED, N_ ("The mailbox is being opened anew"));
      return NULL;
    }

  return g_steal_pointer (&account);
}

void
ph_store_forget_account (PhStore    *self,
                         const char *address)
{
  PhAccountStore *account = g_hash_table_lookup (self->accounts, address);

  if (account == NULL)
    return;

  g_object_weak_unref (G_OBJECT (account), forget_account, self);
  g_hash_table_remove (self->accounts, address);
  ph_account_store_end (account, "The account was removed");
}
