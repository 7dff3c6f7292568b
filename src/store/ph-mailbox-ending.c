/* How messages end that other programs put there: POP3 tells sizes with a final CRLF (P05). */

#include "ph-mailbox-private.h"
#include "ph-summary.h"

#include <sys/stat.h>
#include <unistd.h>

/* Files looked at before others have their turn with the index. */
#define PIECE 500

typedef struct
{
  PhJob      job;
  PhMailbox *mailbox;
  gint64     folder;
  guint32    from; /* the next UID */
  gboolean   more;
} EndingJob;

static void push (PhMailbox *self,
                  guint32    from,
                  GTask     *task);

static PhMessageEnding
read_ending (int fd)
{
  struct stat st;
  guint8      last;

  if (fstat (fd, &st) < 0 || !S_ISREG (st.st_mode))
    return PH_MESSAGE_ENDING_UNKNOWN;
  if (st.st_size == 0)
    return PH_MESSAGE_ENDING_CRLF;

  return pread (fd, &last, 1, st.st_size - 1) == 1 ? ph_summary_get_ending (&last, 1) : PH_MESSAGE_ENDING_UNKNOWN;
}

/* What can't be read now is looked at again the next time. */
static gboolean
look_at (EndingJob         *self,
         PhWriter          *writer,
         const PhFolderRow *folder,
         PhMessageRow      *row,
         GError           **error)
{
  int fd = ph_maildir_open_message (writer->maildir, folder->directory, row->sub, row->base, row->letters, NULL);

  if (fd < 0)
    return TRUE;
  row->info.ending = (guint8)read_ending (fd);
  close (fd);
  if (row->info.ending == PH_MESSAGE_ENDING_UNKNOWN)
    return TRUE;

  g_array_append_val (ph_job_get_change (&self->job, folder->id)->changed, row->info);

  return !ph_store_shared_check_writable (writer->shared, NULL) ||
         ph_index_run (writer->index, error, "UPDATE messages SET ending = ? WHERE folder = ? AND uid = ?", "iii", (gint64)row->info.ending, folder->id, (gint64)row->info.uid);
}

static GPtrArray *
load_rows (EndingJob *self,
           PhIndex   *index,
           GError   **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_message_row_free);
  sqlite3_stmt *statement = ph_index_query (index, error, "SELECT " PH_MESSAGE_COLUMNS " FROM messages WHERE folder = ? AND uid >= ? AND ending = 0 ORDER BY uid LIMIT ?", "iii", self->folder, (gint64)self->from, (gint64)PIECE);
  int           result = -1;

  while (statement != NULL && (result = ph_index_step (index, statement, error)) == 1)
    {
      PhMessageRow *row = ph_message_row_new ();

      ph_message_row_read (statement, row);
      g_ptr_array_add (rows, row);
    }

  return result == 0 ? g_steal_pointer (&rows) : NULL;
}

static gboolean
ending_run (PhJob    *job,
            PhWriter *writer,
            GError  **error)
{
  EndingJob *self = (EndingJob *)job;
  g_auto (PhFolderRow) folder = { 0 };
  g_autoptr (GPtrArray) rows = NULL;

  if (!ph_folder_row_load_by_id (writer->index, self->folder, &folder, error))
    return FALSE;
  rows = load_rows (self, writer->index, error);
  if (rows == NULL)
    return FALSE;

  for (guint i = 0; i < rows->len; i++)
    {
      PhMessageRow *row = g_ptr_array_index (rows, i);

      self->from = row->info.uid + 1;
      if (!look_at (self, writer, &folder, row, error))
        return FALSE;
    }
  self->more = rows->len == PIECE;

  return TRUE;
}

static void
ending_done (PhJob *job)
{
  EndingJob *self = (EndingJob *)job;

  if (job->error == NULL && self->more)
    push (self->mailbox, self->from, g_steal_pointer (&job->task));
  else
    ph_job_return_boolean (job);
}

static void
ending_free (PhJob *job)
{
  g_object_unref (((EndingJob *)job)->mailbox);
}

static void
push (PhMailbox *self,
      guint32    from,
      GTask     *task) /* transfer full */
{
  PhAccountStore *account = ph_mailbox_get_account (self);
  EndingJob      *job = ph_job_new (sizeof *job, G_OBJECT (account), task);

  job->job.run = ending_run;
  job->job.done = ending_done;
  job->job.free = ending_free;
  ph_job_set_reads (&job->job);
  job->mailbox = g_object_ref (self);
  job->folder = ph_mailbox_get_folder (self);
  job->from = from;
  ph_index_queue_push (ph_account_store_get_queue (account), &job->job);
}

static guint32
find_unknown (PhMailbox *self)
{
  guint n = ph_mailbox_get_n_messages (self);

  for (guint i = 0; i < n; i++)
    if (ph_mailbox_get_info (self, i)->ending == PH_MESSAGE_ENDING_UNKNOWN)
      return ph_mailbox_get_info (self, i)->uid;

  return 0;
}

void
ph_mailbox_load_endings_async (PhMailbox          *self,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  guint32 first;

  g_return_if_fail (PH_IS_MAILBOX (self));

  task = ph_mailbox_new_task (self, cancellable, callback, user_data, ph_mailbox_load_endings_async);
  if (task == NULL)
    return;

  first = find_unknown (self);
  if (first == 0)
    g_task_return_boolean (task, TRUE);
  else
    push (self, first, g_steal_pointer (&task));
}

gboolean
ph_mailbox_load_endings_finish (PhMailbox    *self,
                                GAsyncResult *result,
                                GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
