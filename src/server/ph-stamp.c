#include "ph-stamp.h"

typedef struct
{
  PhSpool *from;
  PhSpool *to;
  char    *field;
} Stamp;

static void
stamp_free (gpointer data)
{
  Stamp *self = data;

  g_object_unref (self->from);
  g_object_unref (self->to);
  g_free (self->field);
  g_free (self);
}

/* On a worker. */
static void
stamp (GTask        *task,
       gpointer      source,
       gpointer      data,
       GCancellable *cancellable)
{
  Stamp  *self = data;
  GError *error = NULL;

  if (ph_spool_copy_with_field (self->to, self->from, self->field, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ph_stamp_async (PhSpool            *from,
                PhSpool            *to,
                const char         *field,
                PhWorkerPool       *workers,
                GAsyncReadyCallback callback,
                gpointer            user_data)
{
  Stamp *self = g_new0 (Stamp, 1);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  self->from = g_object_ref (from);
  self->to = g_object_ref (to);
  self->field = g_strdup (field);
  g_task_set_task_data (task, self, stamp_free);
  ph_worker_pool_run (workers, task, stamp);
}

gboolean
ph_stamp_finish (GAsyncResult *result,
                 GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
