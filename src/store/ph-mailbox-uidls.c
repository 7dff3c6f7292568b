/* What POP3 knows messages by (P02). */

#include "ph-mailbox-private.h"

typedef struct
{
  PhJob       job;
  gint64      folder;
  GHashTable *uidls; /* UID → text */
} UidlsJob;

static gboolean
uidls_run (PhJob    *job,
           PhWriter *writer,
           GError  **error)
{
  UidlsJob     *self = (UidlsJob *)job;
  sqlite3_stmt *statement = ph_index_query (writer->index, error, "SELECT uid, uidl FROM messages INDEXED BY messages_uidl WHERE folder = ? AND uidl IS NOT NULL", "i", self->folder);
  int           result = -1;

  while (statement != NULL && (result = ph_index_step (writer->index, statement, error)) == 1)
    g_hash_table_insert (self->uidls, GUINT_TO_POINTER ((guint32)sqlite3_column_int64 (statement, 0)), g_strdup ((const char *)sqlite3_column_text (statement, 1)));

  return result == 0;
}

static void
uidls_done (PhJob *job)
{
  if (job->error != NULL)
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  else
    g_task_return_pointer (job->task, g_steal_pointer (&((UidlsJob *)job)->uidls), (GDestroyNotify)g_hash_table_unref);
}

static void
uidls_free (PhJob *job)
{
  g_clear_pointer (&((UidlsJob *)job)->uidls, g_hash_table_unref);
}

void
ph_mailbox_load_uidls_async (PhMailbox          *self,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data)
{
  PhAccountStore *account;
  UidlsJob       *job;
  GTask          *task;

  g_return_if_fail (PH_IS_MAILBOX (self));

  task = ph_mailbox_new_task (self, cancellable, callback, user_data, ph_mailbox_load_uidls_async);
  if (task == NULL)
    return;

  account = ph_mailbox_get_account (self);
  job = ph_job_new (sizeof *job, G_OBJECT (account), task);
  job->job.run = uidls_run;
  job->job.done = uidls_done;
  job->job.free = uidls_free;
  ph_job_set_reads (&job->job);
  job->folder = ph_mailbox_get_folder (self);
  job->uidls = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  ph_index_queue_push (ph_account_store_get_queue (account), &job->job);
}

GHashTable *
ph_mailbox_load_uidls_finish (PhMailbox    *self,
                              GAsyncResult *result,
                              GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
