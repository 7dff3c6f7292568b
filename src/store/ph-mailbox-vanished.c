/* What was expunged since a modseq (RFC 7162). */

#include "ph-mailbox-private.h"

typedef struct
{
  PhJob   job;
  gint64  folder;
  gint64  since;
  GArray *ranges; /* of PhUidRange */
} VanishedJob;

static void
add_range (GArray *ranges,
           guint32 first,
           guint32 last)
{
  PhUidRange range = { first, last };

  if (ranges->len > 0 && g_array_index (ranges, PhUidRange, ranges->len - 1).last == first - 1)
    g_array_index (ranges, PhUidRange, ranges->len - 1).last = last;
  else
    g_array_append_val (ranges, range);
}

static gboolean
load_logged (VanishedJob *self,
             PhWriter    *writer,
             GError     **error)
{
  sqlite3_stmt *statement = ph_index_query (writer->index, error, "SELECT uid FROM expunged INDEXED BY expunged_modseq WHERE folder = ? AND modseq > ? ORDER BY uid", "ii", self->folder, self->since);
  int           result = -1;

  while (statement != NULL && (result = ph_index_step (writer->index, statement, error)) == 1)
    {
      guint32 uid = (guint32)sqlite3_column_int64 (statement, 0);

      add_range (self->ranges, uid, uid);
    }

  return result == 0;
}

/* All that are not there. */
static gboolean
load_gaps (VanishedJob       *self,
           PhWriter          *writer,
           const PhFolderRow *folder,
           GError           **error)
{
  sqlite3_stmt *statement = ph_index_query (writer->index, error, "SELECT uid FROM messages WHERE folder = ? ORDER BY uid", "i", self->folder);
  guint32       next = 1;
  int           result = -1;

  while (statement != NULL && (result = ph_index_step (writer->index, statement, error)) == 1)
    {
      guint32 uid = (guint32)sqlite3_column_int64 (statement, 0);

      if (uid > next)
        add_range (self->ranges, next, uid - 1);
      next = uid + 1;
    }
  if (next < folder->uidnext)
    add_range (self->ranges, next, folder->uidnext - 1);

  return result == 0;
}

static gboolean
vanished_run (PhJob    *job,
              PhWriter *writer,
              GError  **error)
{
  VanishedJob *self = (VanishedJob *)job;
  g_auto (PhFolderRow) folder = { 0 };

  if (!ph_folder_row_load_by_id (writer->index, self->folder, &folder, error))
    return FALSE;

  return (guint64)self->since >= folder.log_start ? load_logged (self, writer, error) : load_gaps (self, writer, &folder, error);
}

static void
vanished_done (PhJob *job)
{
  if (job->error != NULL)
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  else
    g_task_return_pointer (job->task, g_steal_pointer (&((VanishedJob *)job)->ranges), (GDestroyNotify)g_array_unref);
}

static void
vanished_free (PhJob *job)
{
  g_clear_pointer (&((VanishedJob *)job)->ranges, g_array_unref);
}

void
ph_mailbox_load_vanished_async (PhMailbox          *self,
                                guint64             since,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  PhAccountStore *account;
  VanishedJob    *job;
  GTask          *task;

  g_return_if_fail (PH_IS_MAILBOX (self));

  task = ph_mailbox_new_task (self, cancellable, callback, user_data, ph_mailbox_load_vanished_async);
  if (task == NULL)
    return;

  account = ph_mailbox_get_account (self);
  job = ph_job_new (sizeof *job, G_OBJECT (account), task);
  job->job.run = vanished_run;
  job->job.done = vanished_done;
  job->job.free = vanished_free;
  ph_job_set_reads (&job->job);
  job->folder = ph_mailbox_get_folder (self);
  job->since = (gint64)MIN (since, G_MAXINT64);
  job->ranges = g_array_new (FALSE, FALSE, sizeof (PhUidRange));
  ph_index_queue_push (ph_account_store_get_queue (account), &job->job);
}

GArray *
ph_mailbox_load_vanished_finish (PhMailbox    *self,
                                 GAsyncResult *result,
                                 GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
