/* Opening messages and loading summaries, on the pool of readers. */

#include "ph-mailbox-private.h"
#include "ph-message-private.h"
#include "ph-summary-keep.h"

typedef struct
{
  PhStoreShared *shared; /* borrowed: the task holds the mailbox */
  PhIndexQueue  *queue;
  gint64         folder;
  guint32       *uids;
  gsize          n_uids;
  PhFolderCache *cache;
  GPtrArray     *made;      /* of PhMadeSummary: computed now, for the index */
  GPtrArray     *summaries; /* of PhMessageSummary; NULL where it is to be read */
} ReadCall;

static void
read_call_free (gpointer data)
{
  ReadCall *call = data;

  g_free (call->uids);
  g_clear_pointer (&call->cache, ph_folder_cache_unref);
  g_clear_pointer (&call->made, g_ptr_array_unref);
  g_clear_pointer (&call->summaries, g_ptr_array_unref);
  g_free (call);
}

static GTask *
new_read_task (PhMailbox          *self,
               const guint32      *uids,
               gsize               n_uids,
               GCancellable       *cancellable,
               GAsyncReadyCallback callback,
               gpointer            user_data,
               gpointer            tag)
{
  GTask    *task = ph_mailbox_new_task (self, cancellable, callback, user_data, tag);
  ReadCall *call;

  if (task == NULL)
    return NULL;

  call = g_new0 (ReadCall, 1);
  call->shared = ph_account_store_get_shared (ph_mailbox_get_account (self));
  call->queue = ph_account_store_get_queue (ph_mailbox_get_account (self));
  call->folder = ph_mailbox_get_folder (self);
  call->uids = g_memdup2 (uids, n_uids * sizeof *uids);
  call->n_uids = n_uids;
  call->made = g_ptr_array_new_with_free_func (ph_made_summary_free);
  g_task_set_task_data (task, call, read_call_free);

  return task;
}

static gboolean
load_rows (PhIndexQueue *queue,
           gint64        folder_id,
           guint32       uid,
           PhFolderRow  *folder,
           PhMessageRow *row,
           GError      **error)
{
  PhIndex *index = ph_index_queue_lock_reader (queue, error);
  gboolean ok;

  if (index == NULL)
    return FALSE;
  ok = ph_folder_row_load_by_id (index, folder_id, folder, error) && ph_message_row_load (index, folder_id, uid, row, error);
  ph_index_queue_unlock_reader (queue);

  return ok;
}

int
ph_mailbox_open_file (PhIndexQueue *queue,
                      gint64        folder_id,
                      guint32       uid,
                      PhMessageRow *row,
                      GError      **error)
{
  /* Between the two looks the worker may have renamed the file or its folder. */
  for (guint try = 0;; try++)
    {
      g_auto (PhFolderRow) folder = { 0 };
      g_autoptr (GError) failure = NULL;
      int fd;

      ph_message_row_clear (row);
      if (!load_rows (queue, folder_id, uid, &folder, row, error))
        return -1;

      fd = ph_maildir_open_message (ph_index_queue_get_maildir (queue), folder.directory, row->sub, row->base, row->letters, &failure);
      if (fd >= 0)
        return fd;
      if (try == 2)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return -1;
        }
      g_usleep (2000);
    }
}

PhMessage *
ph_mailbox_read_message (PhStoreShared *shared,
                         PhIndexQueue  *queue,
                         gint64         folder_id,
                         guint32        uid,
                         PhMessageHold  hold,
                         gint64        *object,
                         GError       **error)
{
  g_auto (PhMessageRow) row = { 0 };
  int fd = ph_mailbox_open_file (queue, folder_id, uid, &row, error);

  if (object != NULL)
    *object = (gint64)row.info.object;

  return fd >= 0 ? ph_message_new (shared, uid, row.info.size, fd, hold, error) : NULL;
}

static void
open_message (GTask        *task,
              gpointer      source,
              gpointer      data,
              GCancellable *cancellable)
{
  ReadCall  *call = data;
  GError    *error = NULL;
  PhMessage *message = ph_mailbox_read_message (call->shared, call->queue, call->folder, call->uids[0], PH_MESSAGE_HOLD_NOTHING, NULL, &error);

  if (message != NULL)
    g_task_return_pointer (task, message, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
ph_mailbox_open_message_async (PhMailbox          *self,
                               guint32             uid,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PH_IS_MAILBOX (self));

  task = new_read_task (self, &uid, 1, cancellable, callback, user_data, ph_mailbox_open_message_async);
  if (task != NULL)
    ph_worker_pool_run (ph_store_shared_get_readers (ph_account_store_get_shared (ph_mailbox_get_account (self))), task, open_message);
}

PhMessage *
ph_mailbox_open_message_finish (PhMailbox    *self,
                                GAsyncResult *result,
                                GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Fills in what the index has. */
static gboolean
load_kept (ReadCall *call,
           GError  **error)
{
  PhIndex *index = ph_index_queue_lock_reader (call->queue, error);
  int      result = 0;

  if (index == NULL)
    return FALSE;

  for (gsize i = 0; i < call->n_uids && result >= 0; i++)
    {
      sqlite3_stmt *statement;

      if (g_ptr_array_index (call->summaries, i) != NULL)
        continue;

      statement = ph_index_query (index, error, "SELECT " PH_SUMMARY_COLUMNS " FROM messages m JOIN summaries s ON s.object = m.object WHERE m.folder = ? AND m.uid = ?", "ii",
                                  call->folder, (gint64)call->uids[i]);

      result = statement != NULL ? ph_index_step (index, statement, error) : -1;
      if (result == 1)
        {
          g_ptr_array_index (call->summaries, i) = ph_message_summary_read (statement);
          sqlite3_reset (statement);
        }
    }
  ph_index_queue_unlock_reader (call->queue);

  return result >= 0;
}

static PhMessageSummary *
make_summary (ReadCall *call,
              guint32   uid)
{
  PhMadeSummary *made = ph_made_summary_read (call->shared, call->queue, call->folder, uid);

  if (made == NULL)
    return NULL;

  g_ptr_array_add (call->made, made);

  return ph_message_summary_copy (&made->summary.text);
}

static void
load_summaries (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  ReadCall *call = data;
  GError   *error = NULL;

  if (!load_kept (call, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  for (gsize i = 0; i < call->n_uids && !g_cancellable_is_cancelled (cancellable); i++)
    {
      if (g_ptr_array_index (call->summaries, i) == NULL)
        g_ptr_array_index (call->summaries, i) = make_summary (call, call->uids[i]);
      if (g_ptr_array_index (call->summaries, i) != NULL)
        ph_folder_cache_add_summary (call->cache, call->uids[i], g_ptr_array_index (call->summaries, i));
    }

  g_task_return_pointer (task, g_steal_pointer (&call->summaries), (GDestroyNotify)g_ptr_array_unref);
}

/* TRUE where there is nothing to read. */
static gboolean
find_summaries (ReadCall *call)
{
  gboolean complete = TRUE;

  call->summaries = g_ptr_array_new_full ((guint)call->n_uids, (GDestroyNotify)ph_message_summary_free);
  for (gsize i = 0; i < call->n_uids; i++)
    {
      g_ptr_array_add (call->summaries, ph_folder_cache_dup_summary (call->cache, call->uids[i]));
      complete &= g_ptr_array_index (call->summaries, i) != NULL;
    }

  return complete;
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
  ReadCall *call;

  g_return_if_fail (PH_IS_MAILBOX (self));

  task = new_read_task (self, uids, n_uids, cancellable, callback, user_data, ph_mailbox_load_summaries_async);
  if (task == NULL)
    return;

  call = g_task_get_task_data (task);
  call->cache = ph_folder_cache_ref (ph_mailbox_get_cache (self));
  ph_folder_cache_touch (call->cache);
  if (find_summaries (call))
    g_task_return_pointer (task, g_steal_pointer (&call->summaries), (GDestroyNotify)g_ptr_array_unref);
  else
    ph_worker_pool_run (ph_store_shared_get_readers (ph_account_store_get_shared (ph_mailbox_get_account (self))), task, load_summaries);
}

GPtrArray *
ph_mailbox_load_summaries_finish (PhMailbox    *self,
                                  GAsyncResult *result,
                                  GError      **error)
{
  ReadCall *call = g_task_get_task_data (G_TASK (result));

  if (call != NULL)
    ph_mailbox_keep_summaries (self, call->made);

  return g_task_propagate_pointer (G_TASK (result), error);
}
