#include "ph-index-queue.h"

static void
unref_change (gpointer data)
{
  ph_change_free (data);
}

gpointer
ph_job_new (gsize    size,
            GObject *owner,
            GTask   *task)
{
  PhJob *job = g_malloc0 (size);

  job->owner = g_object_ref (owner);
  job->task = task;
  job->changes = g_ptr_array_new_with_free_func (unref_change);
  job->used = -1;
  /* What was committed is told as it is, whoever has lost interest meanwhile. */
  if (task != NULL)
    g_task_set_check_cancellable (task, FALSE);

  return job;
}

void
ph_job_set_reads (PhJob *job)
{
  job->reads = TRUE;
  if (job->task != NULL)
    g_task_set_check_cancellable (job->task, TRUE);
}

void
ph_job_free (PhJob *job)
{
  if (job->free != NULL)
    job->free (job);
  g_clear_object (&job->task);
  g_clear_object (&job->owner);
  g_clear_pointer (&job->changes, g_ptr_array_unref);
  g_clear_pointer (&job->folders, g_ptr_array_unref);
  g_clear_error (&job->error);
  g_free (job);
}

PhChange *
ph_job_get_change (PhJob *job,
                   gint64 folder)
{
  PhChange *change;

  for (guint i = 0; i < job->changes->len; i++)
    {
      change = g_ptr_array_index (job->changes, i);
      if (change->folder == folder)
        return change;
    }

  change = ph_change_new (folder);
  g_ptr_array_add (job->changes, change);

  return change;
}
