/* COPY and MOVE. */

#include "ph-copy.h"
#include "ph-mailbox-private.h"
#include "ph-pending.h"
#include "ph-renumber.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  PhJob       job;
  gint64      folder;
  GArray     *uids;
  char       *target;
  gboolean    move;
  guint64     quota;
  gint64      now;
  PhCopyLinks links;
  GArray     *copied;
  guint32     uidvalidity;
} CopyJob;

static GPtrArray *
load_rows (CopyJob           *self,
           PhWriter          *writer,
           const PhFolderRow *source,
           GError           **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_message_row_free);

  for (guint i = 0; i < self->uids->len; i++)
    {
      g_autoptr (GError) gone = NULL;
      PhMessageRow *row = ph_message_row_new ();

      if (ph_message_row_load (writer->index, source->id, g_array_index (self->uids, guint32, i), row, &gone))
        {
          g_ptr_array_add (rows, row);
          continue;
        }
      ph_message_row_free (row);
      if (!g_error_matches (gone, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&gone));
          return NULL;
        }
    }

  return g_steal_pointer (&rows);
}

static gboolean
check_quota (CopyJob   *self,
             PhWriter  *writer,
             GPtrArray *rows,
             GError   **error)
{
  gint64 used;

  if (self->quota == 0 || self->move)
    return TRUE;
  if (!ph_index_get_meta (writer->index, "used", &used, error))
    return FALSE;

  for (guint i = 0; i < rows->len; i++)
    used += (gint64)((PhMessageRow *)g_ptr_array_index (rows, i))->file_size;
  if ((guint64)used <= self->quota)
    return TRUE;

  g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA, N_ ("The mailbox is full"));

  return FALSE;
}

static gboolean
copy_run (PhJob    *job,
          PhWriter *writer,
          GError  **error)
{
  CopyJob *self = (CopyJob *)job;
  g_auto (PhFolderRow) source = { 0 };
  g_auto (PhFolderRow) other = { 0 };
  g_autoptr (GPtrArray) rows = NULL;
  PhFolderRow *target = &other;

  if (!ph_folder_row_load_by_id (writer->index, self->folder, &source, error) || !ph_folder_row_load (writer->index, self->target, &other, error))
    return FALSE;
  if (other.id == source.id)
    target = &source;

  rows = load_rows (self, writer, &source, error);
  if (rows == NULL || !check_quota (self, writer, rows, error) || !ph_folder_ensure_uids (job, writer, target, rows->len, error))
    return FALSE;

  self->uidvalidity = target->uidvalidity;
  if (!ph_copy_messages (job, writer, &source, target, rows, self->move, self->now, &self->links, self->copied, error))
    return FALSE;
  if (self->copied->len == 0)
    return TRUE;

  return ph_folder_row_save (writer->index, &source, error) && (target == &source || ph_folder_row_save (writer->index, target, error));
}

static void
copy_undo (PhJob    *job,
           PhWriter *writer)
{
  ph_copy_links_undo (&((CopyJob *)job)->links, writer);
}

static void
copy_done (PhJob *job)
{
  if (job->error != NULL)
    {
      g_task_return_error (job->task, g_steal_pointer (&job->error));
      return;
    }

  ph_pending_push_sweep (ph_account_store_get_queue (PH_ACCOUNT_STORE (job->owner)), job->owner);
  g_object_set_data (G_OBJECT (job->task), "uidvalidity", GUINT_TO_POINTER (((CopyJob *)job)->uidvalidity));
  g_task_return_pointer (job->task, g_steal_pointer (&((CopyJob *)job)->copied), (GDestroyNotify)g_array_unref);
}

static void
copy_free (PhJob *job)
{
  CopyJob *self = (CopyJob *)job;

  g_array_unref (self->uids);
  g_clear_pointer (&self->copied, g_array_unref);
  ph_copy_links_clear (&self->links);
  g_free (self->target);
}

void
ph_mailbox_copy_async (PhMailbox          *self,
                       const guint32      *uids,
                       gsize               n_uids,
                       const char         *target,
                       gboolean            move,
                       GCancellable       *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer            user_data)
{
  PhAccountStore  *account;
  g_autofree char *normal = ph_folder_name_normalize (target);
  CopyJob         *job;
  GTask           *task;

  g_return_if_fail (PH_IS_MAILBOX (self));

  task = ph_mailbox_new_task (self, cancellable, callback, user_data, ph_mailbox_copy_async);
  if (task == NULL)
    return;
  if (normal == NULL)
    {
      g_task_return_new_error (task, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, N_ ("There is no such folder"));
      g_object_unref (task);
      return;
    }

  account = ph_mailbox_get_account (self);
  job = ph_job_new (sizeof *job, G_OBJECT (account), task);
  job->job.run = copy_run;
  job->job.undo = copy_undo;
  job->job.done = copy_done;
  job->job.free = copy_free;
  job->folder = ph_mailbox_get_folder (self);
  job->uids = g_array_sized_new (FALSE, FALSE, sizeof (guint32), (guint)n_uids);
  g_array_append_vals (job->uids, uids, (guint)n_uids);
  job->target = g_steal_pointer (&normal);
  job->move = move;
  job->quota = ph_account_store_get_quota (account);
  job->now = ph_clock_get_real_time (ph_store_shared_get_clock (ph_account_store_get_shared (account)));
  job->copied = g_array_new (FALSE, FALSE, sizeof (PhCopiedUid));
  ph_index_queue_push (ph_account_store_get_queue (account), &job->job);
}

GArray *
ph_mailbox_copy_finish (PhMailbox    *self,
                        GAsyncResult *result,
                        guint32      *uidvalidity,
                        GError      **error)
{
  if (uidvalidity != NULL)
    *uidvalidity = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (result), "uidvalidity"));

  return g_task_propagate_pointer (G_TASK (result), error);
}
