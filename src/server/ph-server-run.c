/* The part of PhServer that starts and stops: services and relay. */

#include "ph-leftover.h"
#include "ph-server-private.h"

/* Without a certificate the services that begin in clear still run, without STARTTLS. */
static void
start_service (PhServer     *self,
               PhService    *service,
               const GError *certificate_error)
{
  PhTlsServer *tls = ph_certificates_get_tls (self->certificates);

  if (tls == NULL && ph_service_needs_tls (service))
    ph_service_fail (service, certificate_error->message);
  else
    ph_service_start (service, tls);

  if (!self->relay_runs && ph_server_is_running (self))
    {
      self->relay_runs = TRUE;
      ph_relay_start (self->relay);
      ph_leftover_resume (self->store, self->relay, self->relay_dir);
    }
}

static void
start_all_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  PhServer *self = g_task_get_source_object (task);

  ph_certificates_load_finish (PH_CERTIFICATES (source), result, &error);
  for (guint i = 0; i < ph_server_count_services (self); i++)
    if (ph_service_get_enabled (ph_server_get_service (self, i)))
      start_service (self, ph_server_get_service (self, i), error);

  g_task_return_boolean (task, TRUE);
}

void
ph_server_start_async (PhServer           *self,
                       GCancellable       *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer            user_data)
{
  g_return_if_fail (PH_IS_SERVER (self));

  ph_certificates_load_async (self->certificates, start_all_cb, g_task_new (self, cancellable, callback, user_data));
}

gboolean
ph_server_start_finish (PhServer     *self,
                        GAsyncResult *result,
                        GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

typedef struct
{
  PhServer  *server;
  PhService *service;
} PhStart;

static void
start_one_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autofree PhStart *start = user_data;
  g_autoptr (PhServer) self = start->server;
  g_autoptr (PhService) service = start->service;
  g_autoptr (GError) error = NULL;

  ph_certificates_load_finish (PH_CERTIFICATES (source), result, &error);
  start_service (self, service, error);
}

void
ph_server_start_service (PhServer  *self,
                         PhService *service)
{
  PhStart *start;

  g_return_if_fail (PH_IS_SERVER (self) && PH_IS_SERVICE (service));

  start = g_new (PhStart, 1);
  *start = (PhStart){ g_object_ref (self), g_object_ref (service) };
  ph_certificates_load_async (self->certificates, start_one_cb, start);
}

static void
stop_relay_if_idle (PhServer *self)
{
  if (!self->relay_runs || ph_server_is_running (self))
    return;

  self->relay_runs = FALSE;
  ph_relay_stop (self->relay);
}

static void
stop_one_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhServer) self = user_data;

  ph_service_stop_finish (PH_SERVICE (source), result, NULL);
  stop_relay_if_idle (self);
}

void
ph_server_stop_service (PhServer  *self,
                        PhService *service)
{
  g_return_if_fail (PH_IS_SERVER (self) && PH_IS_SERVICE (service));

  ph_service_stop_async (service, stop_one_cb, g_object_ref (self));
}

static void
stop_all_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  guint *n_left = g_task_get_task_data (task);

  ph_service_stop_finish (PH_SERVICE (source), result, NULL);
  if (--*n_left > 0)
    return;

  stop_relay_if_idle (g_task_get_source_object (task));
  g_task_return_boolean (task, TRUE);
}

void
ph_server_stop_async (PhServer           *self,
                      GCancellable       *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  guint *n_left = g_new (guint, 1);

  g_return_if_fail (PH_IS_SERVER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_task_data (task, n_left, g_free);
  *n_left = ph_server_count_services (self);
  for (guint i = 0; i < ph_server_count_services (self); i++)
    ph_service_stop_async (ph_server_get_service (self, i), stop_all_cb, g_object_ref (task));
}

gboolean
ph_server_stop_finish (PhServer     *self,
                       GAsyncResult *result,
                       GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
