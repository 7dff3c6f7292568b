/* Accepting a message for several destinations as a whole, and what a crash leaves of it. */

#include <fcntl.h>

#include "ph-replay.h"
#include "ph-spool-private.h"
#include "ph-store-private.h"

typedef struct
{
  PhStoreShared *shared;
  PhAccepted    *accepted;
  PhSpool       *spool;
} Acceptance;

static void
acceptance_free (gpointer data)
{
  Acceptance *self = data;

  g_clear_pointer (&self->accepted, ph_accepted_free);
  g_clear_object (&self->spool);
  ph_store_shared_unref (self->shared);
  g_free (self);
}

static Acceptance *
acceptance_new (PhStore *self,
                guint64  record)
{
  Acceptance *acceptance = g_new0 (Acceptance, 1);

  acceptance->shared = ph_store_shared_ref (ph_store_get_shared (self));
  acceptance->accepted = g_new0 (PhAccepted, 1);
  acceptance->accepted->id = record;
  acceptance->accepted->fd = -1;

  return acceptance;
}

/* Something that should be on disk may not be (V43). */
static void
return_failure (GTask         *task,
                PhStoreShared *shared,
                GError        *error)
{
  if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_FAILED))
    ph_store_shared_fail (shared, error->message);
  g_task_return_error (task, error);
}

static void
accept_in_thread (GTask        *task,
                  gpointer      source,
                  gpointer      data,
                  GCancellable *cancellable)
{
  Acceptance *self = data;
  GError     *error = NULL;

  if (ph_store_shared_check_writable (self->shared, &error) && ph_accepted_write (self->accepted, ph_store_shared_get_intake_fd (self->shared), self->spool, &error))
    g_task_return_boolean (task, TRUE);
  else
    return_failure (task, self->shared, error);
}

void
ph_store_write_record_async (PhStore            *self,
                             PhSpool            *spool,
                             const char *const  *addresses,
                             GBytes             *elsewhere,
                             gint64              date,
                             gint16              zone,
                             GAsyncReadyCallback callback,
                             gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  PhStoreShared *shared = ph_store_get_shared (self);
  Acceptance    *acceptance = acceptance_new (self, ph_store_shared_take_record (shared));

  acceptance->spool = g_object_ref (spool);
  acceptance->accepted->mailboxes = g_strdupv ((char **)addresses);
  acceptance->accepted->elsewhere = elsewhere != NULL ? g_bytes_ref (elsewhere) : NULL;
  acceptance->accepted->internal_date = date;
  acceptance->accepted->zone = zone;
  acceptance->accepted->place = ph_spool_get_place (spool);
  g_task_set_task_data (task, acceptance, acceptance_free);
  ph_worker_pool_run (ph_store_shared_get_durable (shared), task, accept_in_thread);
}

guint64
ph_store_write_record_finish (PhStore      *self,
                              GAsyncResult *result,
                              GError      **error)
{
  guint64 record = ((Acceptance *)g_task_get_task_data (G_TASK (result)))->accepted->id;

  if (g_task_propagate_boolean (G_TASK (result), error))
    return record;

  ph_store_shared_release_record (ph_store_get_shared (self), record);

  return 0;
}

static void
set_queued_in_thread (GTask        *task,
                      gpointer      source,
                      gpointer      data,
                      GCancellable *cancellable)
{
  Acceptance *self = data;
  GError     *error = NULL;

  if (ph_accepted_set_queued (ph_store_shared_get_intake_fd (self->shared), self->accepted->id, &error))
    g_task_return_boolean (task, TRUE);
  else
    return_failure (task, self->shared, error);
}

void
ph_store_set_queued_async (PhStore            *self,
                           guint64             record,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PH_IS_STORE (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_task_data (task, acceptance_new (self, record), acceptance_free);
  ph_worker_pool_run (ph_store_shared_get_durable (ph_store_get_shared (self)), task, set_queued_in_thread);
}

gboolean
ph_store_set_queued_finish (PhStore      *self,
                            GAsyncResult *result,
                            GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
release_in_thread (GTask        *task,
                   gpointer      source,
                   gpointer      data,
                   GCancellable *cancellable)
{
  Acceptance *self = data;
  GError     *error = NULL;

  if (ph_accepted_remove (ph_store_shared_get_intake_fd (self->shared), self->accepted->id, &error))
    g_task_return_boolean (task, TRUE);
  else
    return_failure (task, self->shared, error);
}

void
ph_store_release_async (PhStore            *self,
                        guint64             record,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  PhStoreDelivery *held = ph_store_hold_delivery (self, record, NULL);

  g_clear_pointer (&held, ph_store_delivery_free);
  g_task_set_task_data (task, acceptance_new (self, record), acceptance_free);
  ph_worker_pool_run (ph_store_shared_get_durable (ph_store_get_shared (self)), task, release_in_thread);
}

/* One that could not be removed is looked at again at the next start; what it has led to
 * must be known until then. */
void
ph_store_release_finish (PhStore      *self,
                         GAsyncResult *result)
{
  guint64 record = ((Acceptance *)g_task_get_task_data (G_TASK (result)))->accepted->id;

  if (g_task_propagate_boolean (G_TASK (result), NULL))
    ph_store_shared_release_record (ph_store_get_shared (self), record);
}

static void
released_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  ph_store_release_finish (PH_STORE (source), result);
}

void
ph_store_release (PhStore *self,
                  guint64  record)
{
  g_return_if_fail (PH_IS_STORE (self));

  ph_store_release_async (self, record, released_cb, NULL);
}

PhSpool *
ph_store_open_accepted (PhStore          *self,
                        const PhAccepted *accepted,
                        GError          **error)
{
  g_return_val_if_fail (PH_IS_STORE (self), NULL);

  return ph_spool_new_for_fd (ph_store_get_shared (self), fcntl (accepted->fd, F_DUPFD_CLOEXEC, 0), error);
}

gboolean
ph_store_replay (PhStoreShared *shared,
                 gint64         now,
                 GPtrArray    **unqueued,
                 GError       **error)
{
  int dir_fd = ph_store_shared_get_intake_fd (shared);
  g_autoptr (GPtrArray) list = ph_accepted_list (dir_fd, error);
  g_autoptr (GPtrArray) rest = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_accepted_free);

  if (list == NULL)
    return FALSE;
  g_ptr_array_set_free_func (list, NULL);

  for (guint i = 0; i < list->len; i++)
    {
      g_autoptr (PhAccepted) accepted = g_ptr_array_index (list, i);
      g_autoptr (GError) failure = NULL;

      ph_store_shared_keep_record (shared, accepted->id);
      /* What can't be done now (a full disk) is done at the next start; the rest goes on. */
      if (!ph_replay_mailboxes (shared, accepted, now, &failure))
        g_warning ("A message that was accepted is not delivered yet: %s", failure->message);
      else if (accepted->elsewhere != NULL)
        g_ptr_array_add (rest, g_steal_pointer (&accepted));
      else if (ph_accepted_remove (dir_fd, accepted->id, NULL))
        ph_store_shared_release_record (shared, accepted->id);
    }
  *unqueued = g_steal_pointer (&rest);

  return TRUE;
}
