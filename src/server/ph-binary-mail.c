#include "ph-binary-mail.h"

#include "ph-mime-recode.h"
#include "ph-store-error.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/mman.h>

typedef struct
{
  PhSpool *from;
  PhSpool *to;
} Conversion;

static void
conversion_free (gpointer data)
{
  Conversion *self = data;

  g_object_unref (self->from);
  g_object_unref (self->to);
  g_free (self);
}

/* On a worker. */
static void
convert (GTask        *task,
         gpointer      source,
         gpointer      data,
         GCancellable *cancellable)
{
  Conversion *self = data;
  gsize       length = (gsize)ph_spool_get_size (self->from);
  void       *bytes = mmap (NULL, MAX (length, 1), PROT_READ, MAP_PRIVATE, ph_spool_get_fd (self->from), 0);
  g_auto (PhBuffer) out = { 0 };
  GError  *error = NULL;
  PhSpool *kept = NULL;

  if (bytes == MAP_FAILED)
    {
      ph_store_error_set_errno (&error, errno, N_ ("A message can’t be read"));
      g_task_return_error (task, error);
      return;
    }

  switch (ph_mime_recode (bytes, length, PH_MIME_RECODE_FOR_8BIT, &out))
    {
    case PH_MIME_RECODE_UNNEEDED:
      kept = self->from;
      break;
    case PH_MIME_RECODE_DONE:
      if (ph_spool_write (self->to, ph_buffer_get_data (&out), ph_buffer_get_length (&out), &error))
        kept = self->to;
      break;
    case PH_MIME_RECODE_IMPOSSIBLE:
    default:
      break;
    }
  munmap (bytes, MAX (length, 1));

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, kept != NULL ? g_object_ref (kept) : NULL, g_object_unref);
}

void
ph_binary_mail_convert_async (PhSpool            *from,
                              PhSpool            *to,
                              PhWorkerPool       *workers,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  Conversion *conversion = g_new0 (Conversion, 1);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);

  conversion->from = g_object_ref (from);
  conversion->to = g_object_ref (to);
  g_task_set_task_data (task, conversion, conversion_free);
  ph_worker_pool_run (workers, task, convert);
}

PhSpool *
ph_binary_mail_convert_finish (GAsyncResult *result,
                               GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
