#include "ph-stamp.h"

#include "ph-store-error.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PIECE (128 * 1024)

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

/* Return-Path is the first line, and a whole one. */
static gboolean
write_start (Stamp        *self,
             const guint8 *data,
             gsize         length,
             GError      **error)
{
  const guint8 *line_end = length > 0 ? memchr (data, '\n', length) : NULL;
  gsize         first = line_end != NULL ? (gsize)(line_end + 1 - data) : 0;

  return ph_spool_write (self->to, data, first, error) && ph_spool_write (self->to, self->field, strlen (self->field), error) &&
         ph_spool_write (self->to, data + first, length - first, error);
}

/* On a worker. */
static void
stamp (GTask        *task,
       gpointer      source,
       gpointer      data,
       GCancellable *cancellable)
{
  Stamp             *self = data;
  g_autofree guint8 *piece = g_malloc (PIECE);
  guint64            offset = 0, size = ph_spool_get_size (self->from);
  GError            *error = NULL;
  gboolean           written = TRUE;

  while (written && offset < size)
    {
      ssize_t n = pread (ph_spool_get_fd (self->from), piece, PIECE, (off_t)offset);

      if (n <= 0)
        {
          written = FALSE;
          g_set_error (&error, PH_STORE_ERROR, PH_STORE_ERROR_FAILED, "Can't read a message: %s", n < 0 ? g_strerror (errno) : "it is cut");
          break;
        }
      written = offset == 0 ? write_start (self, piece, (gsize)n, &error) : ph_spool_write (self->to, piece, (gsize)n, &error);
      offset += (guint64)n;
    }

  if (written)
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
