#include "ph-delivery-private.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "ph-trace.h"

PhDelivery *
ph_delivery_ref (PhDelivery *self)
{
  g_atomic_ref_count_inc (&self->references);

  return self;
}

void
ph_delivery_unref (PhDelivery *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_clear_object (&self->spool);
  g_clear_pointer (&self->shared, ph_store_shared_unref);
  g_free (self->field);
  ph_summary_clear (&self->summary);
  g_free (self);
}

static void
delivery_unref (gpointer data)
{
  ph_delivery_unref (data);
}

PhDelivery *
ph_delivery_new (PhSpool *spool,
                 gint64   internal_date,
                 gint16   zone)
{
  PhDelivery *self = g_new0 (PhDelivery, 1);

  g_atomic_ref_count_init (&self->references);
  self->spool = g_object_ref (spool);
  self->summary.file_size = ph_spool_get_size (spool);
  self->internal_date = internal_date;
  self->zone = zone;

  return self;
}

static char *
format_field (const char *address)
{
  g_auto (PhBuffer) field = { 0 };

  ph_trace_append_delivered_to (address, &field);

  return g_strndup ((const char *)ph_buffer_get_data (&field), ph_buffer_get_length (&field));
}

PhDelivery *
ph_delivery_new_addressed (PhStoreShared *shared,
                           PhSpool       *spool,
                           const char    *address,
                           gint64         internal_date,
                           gint16         zone)
{
  PhDelivery *self = ph_delivery_new (spool, internal_date, zone);

  self->shared = ph_store_shared_ref (shared);
  self->field = format_field (address);

  return self;
}

gsize
ph_delivery_measure_address (const char *address)
{
  g_autofree char *field = format_field (address);

  return strlen (field);
}

/* From now on it has a file of its own. */
static gboolean
write_field (PhDelivery *self,
             GError    **error)
{
  g_autofree char *field = g_steal_pointer (&self->field);
  g_autoptr (PhSpool) own = NULL;

  if (ph_spool_has_field (self->spool, field))
    return TRUE;

  own = ph_spool_new (self->shared, error);
  if (own == NULL || !ph_spool_copy_with_field (own, self->spool, field, error))
    return FALSE;
  ph_spool_set_place (own, ph_spool_get_place (self->spool));
  g_set_object (&self->spool, own);

  return TRUE;
}

gboolean
ph_delivery_measure (PhDelivery *self,
                     GError    **error)
{
  const struct timespec times[2] = { { self->internal_date, 0 }, { self->internal_date, 0 } };
  int                   fd;

  if (self->field != NULL && !write_field (self, error))
    return FALSE;

  fd = ph_spool_get_fd (self->spool);
  /* Where other programs look for the internal date; no reason to refuse a message. */
  if (futimens (fd, times) < 0)
    g_debug ("The time of a file can't be set");

  self->measured = ph_summary_compute (fd, &self->summary, error);

  return self->measured;
}

gboolean
ph_delivery_load_folder (const PhDelivery *self,
                         PhIndex          *index,
                         PhFolderRow      *row,
                         GError          **error)
{
  return ph_folder_row_load_place (index, ph_spool_get_place (self->spool), row, error);
}

static gboolean
measure_and_sync (PhDelivery *self,
                  GError    **error)
{
  return ph_delivery_measure (self, error) && ph_spool_sync (self->spool, error);
}

static void
prepare (GTask        *task,
         gpointer      source,
         gpointer      data,
         GCancellable *cancellable)
{
  PhDelivery *self = data;
  GError     *error = NULL;

  if (measure_and_sync (self, &error))
    g_task_return_pointer (task, ph_delivery_ref (self), delivery_unref);
  else
    g_task_return_error (task, error);
}

void
ph_delivery_prepare_async (PhStoreShared      *shared,
                           PhSpool            *spool,
                           gint64              internal_date,
                           gint16              zone,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_task_data (task, ph_delivery_new (spool, internal_date, zone), delivery_unref);
  ph_worker_pool_run (ph_store_shared_get_durable (shared), task, prepare);
}

PhDelivery *
ph_delivery_prepare_finish (GAsyncResult *result,
                            GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
