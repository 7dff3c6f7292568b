#include "ph-summary-keep.h"

#include "ph-message-private.h"

void
ph_made_summary_free (gpointer data)
{
  PhMadeSummary *made = data;

  ph_summary_clear (&made->summary);
  g_free (made);
}

PhMadeSummary *
ph_made_summary_read (PhStoreShared *shared,
                      PhIndexQueue  *queue,
                      gint64         folder,
                      guint32        uid)
{
  gint64 object = 0;
  g_autoptr (PhMessage) message = ph_mailbox_read_message (shared, queue, folder, uid, PH_MESSAGE_HOLD_NOTHING, &object, NULL);
  g_autoptr (GBytes) bytes = message != NULL ? ph_message_dup_bytes (message, NULL) : NULL;
  PhMadeSummary *made;

  if (bytes == NULL)
    return NULL;

  made = g_new0 (PhMadeSummary, 1);
  made->object = object;
  ph_summary_compute_bytes (&made->summary, bytes);

  return made;
}

typedef struct
{
  PhJob      job;
  GPtrArray *made;
} KeepJob;

/* The messages of that object learn their thread; that is no change of theirs (RFC 7162). */
static gboolean
keep_thread (KeepJob             *self,
             PhWriter            *writer,
             const PhMadeSummary *made,
             GError             **error)
{
  sqlite3_stmt *statement;
  gint64        thread;
  int           result = -1;

  if (!ph_thread_find (writer->index, &made->summary.ids, made->object, &thread, error))
    return FALSE;

  statement = ph_index_query (writer->index, error, "UPDATE messages SET thread = ? WHERE object = ? AND thread = 0 RETURNING " PH_MESSAGE_INFO_COLUMNS ", folder", "ii", thread, made->object);
  while (statement != NULL && (result = ph_index_step (writer->index, statement, error)) == 1)
    {
      PhChange     *change = ph_job_get_change (&self->job, sqlite3_column_int64 (statement, PH_MESSAGE_INFO_N_COLUMNS));
      PhMessageInfo info = { 0 };

      ph_message_info_read (statement, &info);
      g_array_append_val (change->changed, info);
    }

  return result == 0;
}

static gboolean
keep_run (PhJob    *job,
          PhWriter *writer,
          GError  **error)
{
  KeepJob *self = (KeepJob *)job;

  for (guint i = 0; i < self->made->len; i++)
    {
      const PhMadeSummary *made = g_ptr_array_index (self->made, i);
      gint64               n_messages;

      if (!ph_index_get_number (writer->index, &n_messages, 0, error, "SELECT count(*) FROM messages WHERE object = ?", "i", made->object))
        return FALSE;
      if (n_messages > 0 && (!ph_summary_save (&made->summary, writer->index, made->object, error) || !keep_thread (self, writer, made, error)))
        return FALSE;
    }

  return TRUE;
}

static void
keep_free (PhJob *job)
{
  g_ptr_array_unref (((KeepJob *)job)->made);
}

void
ph_mailbox_keep_summaries (PhMailbox *self,
                           GPtrArray *made)
{
  PhAccountStore *account = ph_mailbox_get_account (self);
  KeepJob        *job;

  if (made->len == 0 || ph_mailbox_get_deleted (self))
    return;

  job = ph_job_new (sizeof *job, G_OBJECT (account), NULL);
  job->job.run = keep_run;
  job->job.free = keep_free;
  job->job.background = TRUE;
  job->made = g_ptr_array_ref (made);
  ph_index_queue_push (ph_account_store_get_queue (account), &job->job);
}
