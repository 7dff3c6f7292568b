#include "ph-folder-watch.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ph-path.h"
#include "ph-uid-ranges.h"

struct _PhMailbox
{
  GObject parent_instance;

  PhAccountStore *account; /* owned; forgets this mailbox when it goes */
  gint64          folder;
  char           *name;
  gboolean        deleted;
  guint32         uidvalidity;
  guint32         uidnext;
  guint32         recent;
  guint64         modseq;
  char            mailbox_id[PH_OBJECT_ID_SIZE];
  PhUidRows      *infos;                   /* of PhMessageInfo */
  PhFolderStatus  counts;                  /* of these, by ph_folder_status_count() */
  guint32         trail[PH_MAILBOX_TRAIL]; /* UIDs that changed or went, number n at n modulo its length */
  guint64         n_trailed;
  char          **keywords;
  PhFolderWatch  *watch;
  PhFolderCache  *cache;
  PhOrderCache   *orders;
};

G_DEFINE_FINAL_TYPE (PhMailbox, ph_mailbox, G_TYPE_OBJECT)

enum {
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
ph_mailbox_finalize (GObject *object)
{
  PhMailbox *self = PH_MAILBOX (object);

  g_clear_pointer (&self->watch, ph_folder_watch_free);
  if (ph_account_store_peek_mailbox (self->account, self->folder) == self)
    ph_account_store_remove_mailbox (self->account, self->folder);
  if (self->cache != NULL)
    ph_folder_cache_close (self->cache);
  g_clear_pointer (&self->cache, ph_folder_cache_unref);
  g_clear_pointer (&self->orders, ph_order_cache_free);
  g_clear_object (&self->account);
  g_clear_pointer (&self->infos, ph_uid_rows_free);
  g_clear_pointer (&self->keywords, g_strfreev);
  g_free (self->name);

  G_OBJECT_CLASS (ph_mailbox_parent_class)->finalize (object);
}

static void
ph_mailbox_class_init (PhMailboxClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_mailbox_finalize;

  /* Something was committed: messages, flags, keywords, the name, or "deleted". */
  signals[CHANGED] = g_signal_new ("changed", PH_TYPE_MAILBOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ph_mailbox_init (PhMailbox *self)
{
}

PhMailbox *
ph_mailbox_new (PhAccountStore       *account,
                const PhFolderRow    *folder,
                PhUidRows            *infos,
                const PhFolderStatus *counts,
                char                **keywords,
                const PhFolderTimes  *times)
{
  PhMailbox *self = g_object_new (PH_TYPE_MAILBOX, NULL);

  self->account = g_object_ref (account);
  self->folder = folder->id;
  self->name = g_strdup (folder->name);
  self->uidvalidity = folder->uidvalidity;
  self->uidnext = folder->uidnext;
  self->recent = folder->recent;
  self->modseq = folder->modseq;
  g_snprintf (self->mailbox_id, sizeof self->mailbox_id, "F%s", folder->guid);
  self->infos = infos;
  self->counts = *counts;
  self->keywords = keywords;
  ph_account_store_add_mailbox (account, folder->id, self);
  self->watch = ph_folder_watch_new (self, times);
  self->cache = ph_folder_cache_new (ph_store_shared_get_clock (ph_account_store_get_shared (account)));
  self->orders = ph_order_cache_new ();

  return self;
}

PhFolderCache *
ph_mailbox_get_cache (PhMailbox *self)
{
  return self->cache;
}

PhOrderCache *
ph_mailbox_get_orders (PhMailbox *self)
{
  return self->orders;
}

PhFolderWatch *
ph_mailbox_get_watch (PhMailbox *self)
{
  return self->watch;
}

char *
ph_mailbox_dup_directory (PhMailbox *self)
{
  return ph_path_encode_folder (self->name);
}

gint64
ph_mailbox_get_folder (PhMailbox *self)
{
  return self->folder;
}

PhAccountStore *
ph_mailbox_get_account (PhMailbox *self)
{
  return self->account;
}

/* Of more than the trail holds, the last are enough to say so. */
static void
trail (PhMailbox *self,
       guint32    uid)
{
  self->trail[self->n_trailed++ % PH_MAILBOX_TRAIL] = uid;
}

static void
apply_changed (PhMailbox    *self,
               const GArray *changed)
{
  guint position;

  for (guint i = 0; i < changed->len; i++)
    {
      const PhMessageInfo *info = &g_array_index (changed, PhMessageInfo, i);

      if (ph_uid_rows_find (self->infos, info->uid, &position))
        {
          PhMessageInfo *own = ph_uid_rows_get (self->infos, position);

          ph_folder_status_count (&self->counts, own, -1);
          ph_folder_status_count (&self->counts, info, 1);
          *own = *info;
        }
      trail (self, info->uid);
    }
}

static void
apply_added (PhMailbox *self,
             GArray    *added)
{
  for (guint i = 0; i < added->len; i++)
    ph_folder_status_count (&self->counts, &g_array_index (added, PhMessageInfo, i), 1);
  ph_uid_rows_append (self->infos, added->data, added->len);
}

static void
apply_removed (PhMailbox *self,
               GArray    *removed)
{
  guint position;

  ph_uid_sort (removed);
  for (guint i = 0; i < removed->len; i++)
    if (ph_uid_rows_find (self->infos, g_array_index (removed, guint32, i), &position))
      ph_folder_status_count (&self->counts, ph_uid_rows_get (self->infos, position), -1);
  ph_uid_rows_remove (self->infos, (const guint32 *)(gpointer)removed->data, removed->len);
  ph_folder_cache_forget (self->cache, removed);
  for (guint i = 0; i < removed->len; i++)
    trail (self, g_array_index (removed, guint32, i));
}

void
ph_mailbox_apply (PhMailbox *self,
                  PhChange  *change)
{
  apply_changed (self, change->changed);
  apply_added (self, change->added);
  apply_removed (self, change->removed);

  if (change->keywords != NULL)
    {
      g_strfreev (self->keywords);
      self->keywords = g_steal_pointer (&change->keywords);
    }
  if (change->name != NULL)
    {
      g_free (self->name);
      self->name = g_steal_pointer (&change->name);
    }
  self->uidnext = MAX (self->uidnext, change->uidnext);
  self->modseq = MAX (self->modseq, change->modseq);
  self->deleted |= change->deleted;

  /* A handler may let go of the mailbox. */
  g_object_ref (self);
  g_signal_emit (self, signals[CHANGED], 0);
  g_object_unref (self);
}

GTask *
ph_mailbox_new_task (PhMailbox          *self,
                     GCancellable       *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer            user_data,
                     gpointer            tag)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  if (self->deleted)
    {
      g_task_return_new_error (task, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, N_ ("The folder was deleted"));
      return NULL;
    }

  return g_steal_pointer (&task);
}

const char *
ph_mailbox_get_name (PhMailbox *self)
{
  g_return_val_if_fail (PH_IS_MAILBOX (self), NULL);

  return self->name;
}

gboolean
ph_mailbox_get_deleted (PhMailbox *self)
{
  g_return_val_if_fail (PH_IS_MAILBOX (self), TRUE);

  return self->deleted;
}

guint32
ph_mailbox_get_uidvalidity (PhMailbox *self)
{
  g_return_val_if_fail (PH_IS_MAILBOX (self), 0);

  return self->uidvalidity;
}

guint32
ph_mailbox_get_uidnext (PhMailbox *self)
{
  g_return_val_if_fail (PH_IS_MAILBOX (self), 0);

  return self->uidnext;
}

guint64
ph_mailbox_get_highestmodseq (PhMailbox *self)
{
  g_return_val_if_fail (PH_IS_MAILBOX (self), 0);

  return self->modseq;
}

const char *
ph_mailbox_get_mailbox_id (PhMailbox *self)
{
  g_return_val_if_fail (PH_IS_MAILBOX (self), NULL);

  return self->mailbox_id;
}

guint
ph_mailbox_get_n_messages (PhMailbox *self)
{
  g_return_val_if_fail (PH_IS_MAILBOX (self), 0);

  return ph_uid_rows_get_length (self->infos);
}

const PhMessageInfo *
ph_mailbox_get_info (PhMailbox *self,
                     guint      position)
{
  g_return_val_if_fail (PH_IS_MAILBOX (self) && position < ph_uid_rows_get_length (self->infos), NULL);

  return ph_uid_rows_get (self->infos, position);
}

gboolean
ph_mailbox_find_uid (PhMailbox *self,
                     guint32    uid,
                     guint     *position)
{
  guint ignored;

  g_return_val_if_fail (PH_IS_MAILBOX (self), FALSE);

  return ph_uid_rows_find (self->infos, uid, position != NULL ? position : &ignored);
}

guint64
ph_mailbox_get_n_changes (PhMailbox *self)
{
  g_return_val_if_fail (PH_IS_MAILBOX (self), 0);

  return self->n_trailed;
}

gboolean
ph_mailbox_list_changes (PhMailbox *self,
                         guint64    since,
                         GArray    *uids)
{
  g_return_val_if_fail (PH_IS_MAILBOX (self), FALSE);

  if (self->n_trailed - since > PH_MAILBOX_TRAIL)
    return FALSE;

  for (guint64 i = since; i < self->n_trailed; i++)
    g_array_append_vals (uids, &self->trail[i % PH_MAILBOX_TRAIL], 1);

  return TRUE;
}

void
ph_folder_status_count (PhFolderStatus      *self,
                        const PhMessageInfo *info,
                        int                  sign)
{
  guint32 n = (guint32)sign; /* wraps */
  guint64 size = (guint64)sign * info->size;

  self->size += size;
  if ((info->flags & PH_FLAG_SEEN) == 0)
    self->unseen += n;
  if ((info->flags & PH_FLAG_DELETED) != 0)
    {
      self->deleted += n;
      self->deleted_size += size;
    }
}

void
ph_mailbox_get_status (PhMailbox      *self,
                       PhFolderStatus *status)
{
  guint first_recent;

  *status = self->counts;
  status->messages = ph_uid_rows_get_length (self->infos);
  ph_uid_rows_find (self->infos, self->recent, &first_recent);
  status->recent = status->messages - first_recent;
  status->uidvalidity = self->uidvalidity;
  status->uidnext = self->uidnext;
  status->highestmodseq = self->modseq;
  g_strlcpy (status->mailbox_id, self->mailbox_id, sizeof status->mailbox_id);
}

const char *const *
ph_mailbox_get_keywords (PhMailbox *self,
                         guint     *n_keywords)
{
  g_return_val_if_fail (PH_IS_MAILBOX (self), NULL);

  if (n_keywords != NULL)
    *n_keywords = g_strv_length (self->keywords);

  return (const char *const *)self->keywords;
}

guint32
ph_mailbox_peek_recent (PhMailbox *self)
{
  g_return_val_if_fail (PH_IS_MAILBOX (self), 0);

  return self->recent;
}

typedef struct
{
  PhJob   job;
  gint64  folder;
  guint32 recent;
} RecentJob;

static gboolean
recent_run (PhJob    *job,
            PhWriter *writer,
            GError  **error)
{
  RecentJob *self = (RecentJob *)job;

  return ph_index_run (writer->index, error, "UPDATE folders SET recent = max(recent, ?) WHERE id = ?", "ii", (gint64)self->recent, self->folder);
}

guint32
ph_mailbox_claim_recent (PhMailbox *self)
{
  RecentJob *job;
  guint32    recent;

  g_return_val_if_fail (PH_IS_MAILBOX (self), 0);

  recent = self->recent;
  if (recent == self->uidnext || self->deleted)
    return recent;

  self->recent = self->uidnext;
  job = ph_job_new (sizeof *job, G_OBJECT (self->account), NULL);
  job->job.run = recent_run;
  job->folder = self->folder;
  job->recent = self->recent;
  ph_index_queue_push (ph_account_store_get_queue (self->account), &job->job);

  return recent;
}
