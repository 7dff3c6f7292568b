/* ENVELOPE and BODYSTRUCTURE of many messages at once, from the index. */

#include "ph-mailbox-private.h"
#include "ph-summary.h"

#include <unistd.h>

typedef struct
{
  PhAccountStore *account; /* kept alive */
  gint64          folder;
  GArray         *uids;
} LoadSummaries;

static void
load_summaries_free (gpointer data)
{
  LoadSummaries *self = data;

  g_object_unref (self->account);
  g_array_unref (self->uids);
  g_free (self);
}

static GBytes *
get_blob (sqlite3_stmt *statement,
          int           column)
{
  return g_bytes_new (sqlite3_column_blob (statement, column), (gsize)sqlite3_column_bytes (statement, column));
}

/* The row of a message, and what the index has of its summary (or NULL). */
static gboolean
look_up (LoadSummaries     *self,
         guint32            uid,
         PhFolderRow       *folder,
         PhMessageRow      *row,
         PhMessageSummary **summary)
{
  PhIndex      *index = ph_index_queue_lock_reader (ph_account_store_get_queue (self->account), NULL);
  sqlite3_stmt *statement;
  gboolean      found;

  if (index == NULL)
    return FALSE;

  found = ph_folder_row_load_by_id (index, self->folder, folder, NULL) && ph_message_row_load (index, self->folder, uid, row, NULL);
  statement = found ? ph_index_query (index, NULL, "SELECT envelope, body, bodystructure FROM summaries WHERE object = ?", "i", row->object) : NULL;
  if (statement != NULL && ph_index_step (index, statement, NULL) == 1)
    {
      *summary = g_new0 (PhMessageSummary, 1);
      (*summary)->envelope = get_blob (statement, 0);
      (*summary)->body = get_blob (statement, 1);
      (*summary)->bodystructure = get_blob (statement, 2);
      sqlite3_reset (statement);
    }
  ph_index_queue_unlock_reader (ph_account_store_get_queue (self->account));

  return found;
}

static PhMessageSummary *
load_one (LoadSummaries *self,
          guint32        uid)
{
  g_auto (PhFolderRow) folder = { 0 };
  g_auto (PhMessageRow) row = { 0 };
  PhMessageSummary *summary = NULL;
  PhMaildir        *maildir = ph_index_queue_get_maildir (ph_account_store_get_queue (self->account));
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) crlf = NULL;
  int fd;

  if (!look_up (self, uid, &folder, &row, &summary) || summary != NULL)
    return summary;

  /* Another program's message, or one from before the index was lost. */
  fd = ph_maildir_open_message (maildir, folder.directory, row.sub, row.base, row.letters, NULL);
  if (fd < 0)
    return NULL;
  bytes = ph_summary_read_file (fd, NULL);
  close (fd);
  if (bytes == NULL)
    return NULL;

  crlf = ph_summary_to_crlf (bytes);
  summary = g_new0 (PhMessageSummary, 1);
  ph_message_summary_compute (crlf, summary);

  return summary;
}

static void
free_summary (gpointer data)
{
  if (data != NULL)
    ph_message_summary_free (data);
}

static void
load_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  LoadSummaries *self = data;
  GPtrArray     *summaries = g_ptr_array_new_with_free_func (free_summary);

  for (guint i = 0; i < self->uids->len && !g_cancellable_is_cancelled (cancellable); i++)
    g_ptr_array_add (summaries, load_one (self, g_array_index (self->uids, guint32, i)));

  g_task_return_pointer (task, summaries, (GDestroyNotify)g_ptr_array_unref);
}

void
ph_mailbox_load_summaries_async (PhMailbox          *self,
                                 const guint32      *uids,
                                 gsize               n_uids,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  LoadSummaries *job;

  g_return_if_fail (PH_IS_MAILBOX (self));

  task = ph_mailbox_new_task (self, cancellable, callback, user_data, ph_mailbox_load_summaries_async);
  if (task == NULL)
    return;

  job = g_new (LoadSummaries, 1);
  job->account = g_object_ref (ph_mailbox_get_account (self));
  job->folder = ph_mailbox_get_folder (self);
  job->uids = g_array_append_vals (g_array_new (FALSE, FALSE, sizeof (guint32)), uids, (guint)n_uids);
  g_task_set_task_data (task, job, load_summaries_free);
  ph_worker_pool_run (ph_store_shared_get_readers (ph_account_store_get_shared (job->account)), task, load_in_thread);
}

GPtrArray *
ph_mailbox_load_summaries_finish (PhMailbox    *self,
                                  GAsyncResult *result,
                                  GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
