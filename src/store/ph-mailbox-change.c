/* Flags and expunge. */

#include "ph-mailbox-private.h"
#include "ph-pending.h"
#include "ph-uid-ranges.h"

typedef struct
{
  PhJob         job;
  gint64        folder;
  GArray       *ranges;
  PhFlagsChange change;
  PhFlags       flags;
  char        **keywords;
  gint64        unchanged_since;
  GArray       *modified;
} FlagsJob;

/* What becomes of a set of bits: (old & keep) | add. */
typedef struct
{
  gint64 keep;
  gint64 add;
} Bits;

static Bits
bits_of_change (PhFlagsChange change,
                guint64       bits)
{
  const Bits all[] = {
    [PH_FLAGS_SET] = { 0, (gint64)bits },
    [PH_FLAGS_ADD] = { -1, (gint64)bits },
    [PH_FLAGS_REMOVE] = { (gint64)~bits, 0 },
  };

  return all[change];
}

static gboolean
collect_modified (FlagsJob         *self,
                  PhWriter         *writer,
                  const PhUidRange *range,
                  GError          **error)
{
  sqlite3_stmt *statement = ph_index_query (writer->index, error, "SELECT uid FROM messages WHERE folder = ? AND uid BETWEEN ? AND ? AND modseq > ?", "iiii",
                                            self->folder, (gint64)range->first, (gint64)range->last, self->unchanged_since);
  int           result = -1;

  while (statement != NULL && (result = ph_index_step (writer->index, statement, error)) == 1)
    {
      guint32 uid = (guint32)sqlite3_column_int64 (statement, 0);

      g_array_append_val (self->modified, uid);
    }

  return result == 0;
}

/* The name of the file shows flags, and the first 26 keywords (67108863 is their bits).
 * A message on which nothing changes keeps its modseq (I18). */
static gboolean
change_range (FlagsJob         *self,
              PhWriter         *writer,
              const PhUidRange *range,
              guint64           modseq,
              guint64           keywords,
              PhChange         *change,
              GError          **error)
{
  Bits          flag_bits = bits_of_change (self->change, self->flags);
  Bits          keyword_bits = bits_of_change (self->change, keywords);
  int           result = -1;
  sqlite3_stmt *statement = ph_index_query (writer->index, error,
                                            "UPDATE messages SET stale = stale OR flags != ((flags & ?1) | ?2) OR (keywords & 67108863) != (((keywords & ?3) | ?4) & 67108863), flags = (flags & ?1) | ?2, keywords = (keywords & ?3) | ?4, modseq = ?5"
                                            " WHERE folder = ?6 AND uid BETWEEN ?7 AND ?8 AND modseq <= ?9"
                                            " AND (flags != ((flags & ?1) | ?2) OR keywords != ((keywords & ?3) | ?4)) RETURNING " PH_MESSAGE_INFO_COLUMNS,
                                            "iiiiiiiii", flag_bits.keep, flag_bits.add, keyword_bits.keep, keyword_bits.add, (gint64)modseq,
                                            self->folder, (gint64)range->first, (gint64)range->last, self->unchanged_since);

  while (statement != NULL && (result = ph_index_step (writer->index, statement, error)) == 1)
    {
      PhMessageInfo info = { 0 };

      ph_message_info_read (statement, &info);
      g_array_append_val (change->changed, info);
    }

  return result == 0;
}

static gboolean
flags_run (PhJob    *job,
           PhWriter *writer,
           GError  **error)
{
  FlagsJob *self = (FlagsJob *)job;
  g_auto (PhFolderRow) folder = { 0 };
  guint64   keywords;
  PhChange *change;

  if (!ph_folder_row_load_by_id (writer->index, self->folder, &folder, error))
    return FALSE;

  change = ph_job_get_change (job, folder.id);
  if (!ph_index_map_keywords (writer->index, folder.id, (const char *const *)self->keywords, &keywords, &change->keywords, error))
    return FALSE;

  folder.modseq++;
  g_array_set_size (self->modified, 0);
  for (guint i = 0; i < self->ranges->len; i++)
    {
      const PhUidRange *range = &g_array_index (self->ranges, PhUidRange, i);

      if (self->unchanged_since != G_MAXINT64 && !collect_modified (self, writer, range, error))
        return FALSE;
      if (!change_range (self, writer, range, folder.modseq, keywords, change, error))
        return FALSE;
    }
  if (change->changed->len == 0)
    return TRUE;

  change->modseq = folder.modseq;
  change->uidnext = folder.uidnext;

  return ph_folder_row_save (writer->index, &folder, error);
}

static void
flags_done (PhJob *job)
{
  FlagsJob *self = (FlagsJob *)job;

  if (job->error != NULL)
    {
      g_task_return_error (job->task, g_steal_pointer (&job->error));
      return;
    }

  ph_pending_push_sweep (ph_account_store_get_queue (PH_ACCOUNT_STORE (job->owner)), job->owner);
  g_task_return_pointer (job->task, g_steal_pointer (&self->modified), (GDestroyNotify)g_array_unref);
}

static void
flags_free (PhJob *job)
{
  FlagsJob *self = (FlagsJob *)job;

  g_array_unref (self->ranges);
  g_strfreev (self->keywords);
  g_clear_pointer (&self->modified, g_array_unref);
}

void
ph_mailbox_store_flags_async (PhMailbox          *self,
                              const guint32      *uids,
                              gsize               n_uids,
                              PhFlagsChange       change,
                              PhFlags             flags,
                              const char *const  *keywords,
                              guint64             unchanged_since,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  PhAccountStore *account;
  FlagsJob       *job;
  GTask          *task;

  g_return_if_fail (PH_IS_MAILBOX (self));

  task = ph_mailbox_new_task (self, cancellable, callback, user_data, ph_mailbox_store_flags_async);
  if (task == NULL)
    return;

  account = ph_mailbox_get_account (self);
  job = ph_job_new (sizeof *job, G_OBJECT (account), task);
  job->job.run = flags_run;
  job->job.frees = TRUE; /* \Deleted comes before EXPUNGE */
  job->job.done = flags_done;
  job->job.free = flags_free;
  job->folder = ph_mailbox_get_folder (self);
  job->ranges = ph_uid_ranges_new (self, uids, n_uids);
  job->change = change;
  job->flags = flags;
  job->keywords = g_strdupv ((char **)keywords);
  job->unchanged_since = (gint64)MIN (unchanged_since, G_MAXINT64);
  job->modified = g_array_new (FALSE, FALSE, sizeof (guint32));
  ph_index_queue_push (ph_account_store_get_queue (account), &job->job);
}

gboolean
ph_mailbox_store_flags_finish (PhMailbox    *self,
                               GAsyncResult *result,
                               GArray      **modified,
                               GError      **error)
{
  g_autoptr (GArray) uids = g_task_propagate_pointer (G_TASK (result), error);

  if (modified != NULL)
    *modified = uids != NULL && uids->len > 0 ? g_array_ref (uids) : NULL;

  return uids != NULL;
}

typedef struct
{
  PhJob    job;
  gint64   folder;
  GArray  *ranges;
  gboolean only_deleted;
} ExpungeJob;

static gboolean
expunge_range (ExpungeJob        *self,
               PhWriter          *writer,
               const PhFolderRow *folder,
               const PhUidRange  *range,
               PhChange          *change,
               GError           **error)
{
  g_autoptr (GPtrArray) rows = ph_message_rows_load (writer->index, folder->id, range->first, range->last, error);

  if (rows == NULL)
    return FALSE;

  for (guint i = 0; i < rows->len; i++)
    {
      const PhMessageRow *row = g_ptr_array_index (rows, i);

      if (self->only_deleted && (row->info.flags & PH_FLAG_DELETED) == 0)
        continue;
      if (!ph_message_row_delete (writer->index, folder, row, change, error) || !ph_pending_add_unlink (writer->index, folder->id, row, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
expunge_run (PhJob    *job,
             PhWriter *writer,
             GError  **error)
{
  ExpungeJob *self = (ExpungeJob *)job;
  g_auto (PhFolderRow) folder = { 0 };
  PhChange *change;

  if (!ph_folder_row_load_by_id (writer->index, self->folder, &folder, error))
    return FALSE;

  folder.modseq++;
  change = ph_job_get_change (job, folder.id);
  for (guint i = 0; i < self->ranges->len; i++)
    if (!expunge_range (self, writer, &folder, &g_array_index (self->ranges, PhUidRange, i), change, error))
      return FALSE;

  return change->removed->len == 0 || (ph_folder_row_save (writer->index, &folder, error) && ph_index_trim_expunged (writer->index, &folder, change->removed->len, error));
}

static void
expunge_done (PhJob *job)
{
  if (job->error == NULL)
    ph_pending_push_sweep (ph_account_store_get_queue (PH_ACCOUNT_STORE (job->owner)), job->owner);
  ph_job_return_boolean (job);
}

static void
expunge_free (PhJob *job)
{
  g_array_unref (((ExpungeJob *)job)->ranges);
}

void
ph_mailbox_expunge_async (PhMailbox          *self,
                          const guint32      *uids,
                          gsize               n_uids,
                          gboolean            only_deleted,
                          GCancellable       *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer            user_data)
{
  PhAccountStore *account;
  ExpungeJob     *job;
  GTask          *task;

  g_return_if_fail (PH_IS_MAILBOX (self));

  task = ph_mailbox_new_task (self, cancellable, callback, user_data, ph_mailbox_expunge_async);
  if (task == NULL)
    return;

  account = ph_mailbox_get_account (self);
  job = ph_job_new (sizeof *job, G_OBJECT (account), task);
  job->job.run = expunge_run;
  job->job.frees = TRUE;
  job->job.done = expunge_done;
  job->job.free = expunge_free;
  job->folder = ph_mailbox_get_folder (self);
  job->ranges = ph_uid_ranges_new (self, uids, n_uids);
  job->only_deleted = only_deleted;
  ph_index_queue_push (ph_account_store_get_queue (account), &job->job);
}

gboolean
ph_mailbox_expunge_finish (PhMailbox    *self,
                           GAsyncResult *result,
                           GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
