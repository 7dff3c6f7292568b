/* Opening messages that are read one after the other: by one look at the index, in one turn of a
 * worker, who also reads what will be asked for. */

#include <fcntl.h>
#include <unistd.h>

#include "ph-mailbox-private.h"
#include "ph-message-private.h"

/* Rows that are read at once: of few large messages few are used. */
#define ROWS_AT_ONCE 32

/* What an open file counts as, besides what is held of it. */
#define OPEN_FILE_COST (PH_MESSAGES_HELD_MAX / 8)

typedef struct
{
  PhStoreShared *shared; /* borrowed: the task holds the mailbox */
  PhIndexQueue  *queue;
  gint64         folder;
  guint32       *uids;
  gsize          n_uids;
  PhMessageHold  hold;

  /* While it runs */
  GPtrArray *messages;
  gsize      held;
} OpenCall;

static void
open_call_free (gpointer data)
{
  OpenCall *call = data;

  g_clear_pointer (&call->messages, g_ptr_array_unref);
  g_free (call->uids);
  g_free (call);
}

static void
unref_message (gpointer message)
{
  if (message != NULL)
    g_object_unref (message);
}

static void
free_row (gpointer row)
{
  if (row != NULL)
    ph_message_row_free (row);
}

/* Most that are fetched are neighbours: one statement reads them all. */
static gboolean
are_neighbours (const guint32 *uids,
                gsize          n)
{
  for (gsize i = 1; i < n; i++)
    if (uids[i] <= uids[i - 1])
      return FALSE;

  return n > 1 && uids[n - 1] - uids[0] < 2 * n;
}

static gboolean
load_neighbours (OpenCall      *call,
                 PhIndex       *index,
                 const guint32 *uids,
                 gsize          n,
                 GPtrArray     *rows,
                 GError       **error)
{
  g_autoptr (GPtrArray) found = ph_message_rows_load (index, call->folder, uids[0], uids[n - 1], error);
  guint at = 0;

  if (found == NULL)
    return FALSE;

  g_ptr_array_set_free_func (found, free_row);
  for (gsize i = 0; i < n; i++)
    {
      while (at < found->len && ((PhMessageRow *)g_ptr_array_index (found, at))->info.uid < uids[i])
        at++;
      if (at < found->len && ((PhMessageRow *)g_ptr_array_index (found, at))->info.uid == uids[i])
        g_ptr_array_add (rows, g_steal_pointer (&g_ptr_array_index (found, at++)));
      else
        g_ptr_array_add (rows, NULL);
    }

  return TRUE;
}

static void
load_each (OpenCall      *call,
           PhIndex       *index,
           const guint32 *uids,
           gsize          n,
           GPtrArray     *rows)
{
  for (gsize i = 0; i < n; i++)
    {
      PhMessageRow *row = ph_message_row_new ();

      if (!ph_message_row_load (index, call->folder, uids[i], row, NULL))
        g_clear_pointer (&row, ph_message_row_free);
      g_ptr_array_add (rows, row);
    }
}

/* Of the next UIDs, in their order; an element is NULL where there is none. */
static GPtrArray *
load_rows (OpenCall    *call,
           gsize        first,
           gsize        n,
           PhFolderRow *folder,
           GError     **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (free_row);
  const guint32 *uids = call->uids + first;
  PhIndex       *index = ph_index_queue_lock_reader (call->queue, error);
  gboolean       ok;

  if (index == NULL)
    return NULL;

  ph_folder_row_clear (folder);
  ok = ph_folder_row_load_by_id (index, call->folder, folder, error);
  if (ok && are_neighbours (uids, n))
    ok = load_neighbours (call, index, uids, n, rows, error);
  else if (ok)
    load_each (call, index, uids, n, rows);
  ph_index_queue_unlock_reader (call->queue);

  return ok ? g_steal_pointer (&rows) : NULL;
}

/* Where the file is not what the row says, the long way finds it. */
static PhMessage *
open_row (OpenCall           *call,
          int                 cur_fd,
          const PhMessageRow *row)
{
  g_autofree char *name = ph_maildir_build_name (row->sub, row->base, row->letters);
  int              fd = row->sub == PH_MAILDIR_CUR && cur_fd >= 0 ? openat (cur_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK) : -1;

  if (fd < 0)
    {
      g_auto (PhMessageRow) again = { 0 };

      fd = ph_mailbox_open_file (call->queue, call->folder, row->info.uid, &again, NULL);
    }

  return fd >= 0 ? ph_message_new (call->shared, row->info.uid, row->info.size, fd, call->hold, NULL) : NULL;
}

static void
open_rows (OpenCall          *call,
           const PhFolderRow *folder,
           const GPtrArray   *rows,
           GCancellable      *cancellable)
{
  int cur_fd = ph_maildir_open_sub (ph_index_queue_get_maildir (call->queue), folder->directory, PH_MAILDIR_CUR, NULL);

  for (guint i = 0; i < rows->len && call->held < PH_MESSAGES_HELD_MAX && !g_cancellable_is_cancelled (cancellable); i++)
    {
      const PhMessageRow *row = g_ptr_array_index (rows, i);
      PhMessage          *message = row != NULL ? open_row (call, cur_fd, row) : NULL;
      gsize               held = 0;

      if (message != NULL)
        {
          ph_message_peek (message, &held);
          call->held += held + (ph_message_is_open (message) ? OPEN_FILE_COST : 0);
        }
      g_ptr_array_add (call->messages, message);
    }
  if (cur_fd >= 0)
    close (cur_fd);
}

static void
open_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  OpenCall *call = data;
  g_auto (PhFolderRow) folder = { 0 };

  call->messages = g_ptr_array_new_with_free_func (unref_message);
  while (call->messages->len < call->n_uids && call->held < PH_MESSAGES_HELD_MAX)
    {
      GError *error = NULL;
      gsize   first = call->messages->len;
      g_autoptr (GPtrArray) rows = load_rows (call, first, MIN (ROWS_AT_ONCE, call->n_uids - first), &folder, &error);

      if (rows == NULL)
        {
          g_task_return_error (task, error);
          return;
        }
      open_rows (call, &folder, rows, cancellable);
      if (g_cancellable_is_cancelled (cancellable))
        break;
    }

  g_task_return_pointer (task, g_steal_pointer (&call->messages), (GDestroyNotify)g_ptr_array_unref);
}

/* The first of them, as long as they are in memory; NULL for none. */
static GPtrArray *
find_heads (PhFolderCache *cache,
            const guint32 *uids,
            gsize          n_uids)
{
  GPtrArray *heads = NULL;

  for (gsize i = 0; i < n_uids; i++)
    {
      PhMessage *head = ph_folder_cache_dup_head (cache, uids[i]);

      if (head == NULL)
        break;
      if (heads == NULL)
        heads = g_ptr_array_new_full ((guint)n_uids, unref_message);
      g_ptr_array_add (heads, head);
    }

  return heads;
}

void
ph_mailbox_open_messages_async (PhMailbox          *self,
                                const guint32      *uids,
                                gsize               n_uids,
                                PhMessageHold       hold,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  PhFolderCache *cache;
  GPtrArray     *heads = NULL;
  OpenCall      *call;

  g_return_if_fail (PH_IS_MAILBOX (self));

  task = ph_mailbox_new_task (self, cancellable, callback, user_data, ph_mailbox_open_messages_async);
  if (task == NULL)
    return;

  cache = ph_mailbox_get_cache (self);
  ph_folder_cache_touch (cache);
  if (hold == PH_MESSAGE_HOLD_HEADER)
    heads = find_heads (cache, uids, n_uids);
  if (heads != NULL)
    {
      g_task_return_pointer (task, heads, (GDestroyNotify)g_ptr_array_unref);
      return;
    }

  call = g_new0 (OpenCall, 1);
  call->shared = ph_account_store_get_shared (ph_mailbox_get_account (self));
  call->queue = ph_account_store_get_queue (ph_mailbox_get_account (self));
  call->folder = ph_mailbox_get_folder (self);
  call->uids = g_memdup2 (uids, n_uids * sizeof *uids);
  call->n_uids = n_uids;
  call->hold = hold;
  g_task_set_task_data (task, call, open_call_free);
  ph_worker_pool_run (ph_store_shared_get_readers (call->shared), task, open_in_thread);
}

GPtrArray *
ph_mailbox_open_messages_finish (PhMailbox    *self,
                                 GAsyncResult *result,
                                 GError      **error)
{
  const OpenCall *call = g_task_get_task_data (G_TASK (result));
  GPtrArray      *messages = g_task_propagate_pointer (G_TASK (result), error);

  for (guint i = 0; call != NULL && call->hold == PH_MESSAGE_HOLD_HEADER && messages != NULL && i < messages->len; i++)
    if (g_ptr_array_index (messages, i) != NULL)
      ph_folder_cache_add_head (ph_mailbox_get_cache (self), g_ptr_array_index (messages, i));

  return messages;
}
