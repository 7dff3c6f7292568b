/* The part of PhServer that starts and stops: certificate, services, relay. */

#include "ph-server-private.h"

typedef struct
{
  char  *certificate_file;
  char  *key_file;
  char  *name;
  gint64 now;
} PhCertificateJob;

static void
ph_certificate_job_free (gpointer data)
{
  PhCertificateJob *job = data;

  g_free (job->certificate_file);
  g_free (job->key_file);
  g_free (job->name);
  g_free (job);
}

static void
load_certificate_in_thread (GTask        *task,
                            gpointer      source,
                            gpointer      data,
                            GCancellable *cancellable)
{
  PhCertificateJob *job = data;
  const char *const names[] = { job->name, NULL };
  g_autofree char  *directory = g_path_get_dirname (job->key_file);
  PhTlsServer      *tls;
  GError           *error = NULL;

  g_mkdir_with_parents (directory, 0700);
  tls = ph_tls_server_new_or_make (job->certificate_file, job->key_file, names, job->now, &error);
  if (tls != NULL)
    g_task_return_pointer (task, tls, g_object_unref);
  else
    g_task_return_error (task, error);
}

/* Calls back with the certificate, read anew each time: the user may have changed it. */
static void
load_certificate (PhServer           *self,
                  GAsyncReadyCallback callback,
                  gpointer            user_data)
{
  const char       *certificate_file = ph_settings_get_string (self->settings, "certificate-file");
  const char       *key_file = ph_settings_get_string (self->settings, "key-file");
  PhCertificateJob *job = g_new0 (PhCertificateJob, 1);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  job->certificate_file = *certificate_file != '\0' ? g_strdup (certificate_file) : g_build_filename (self->data_dir, "tls", "server.crt", NULL);
  job->key_file = *key_file != '\0' ? g_strdup (key_file) : g_build_filename (self->data_dir, "tls", "server.key", NULL);
  job->name = g_strdup (self->host_name);
  job->now = ph_clock_get_real_time (self->clock);
  g_task_set_task_data (task, job, ph_certificate_job_free);
  ph_worker_pool_run (self->workers, task, load_certificate_in_thread);
}

/* Without a certificate the services that begin in clear still run, without STARTTLS. */
static void
start_service (PhServer     *self,
               PhService    *service,
               const GError *certificate_error)
{
  if (self->tls == NULL && ph_service_get_tls (service) == PH_SERVICE_TLS_IMPLICIT)
    ph_service_fail (service, certificate_error->message);
  else
    ph_service_start (service, self->tls);

  if (!self->relay_runs && ph_server_is_running (self))
    {
      self->relay_runs = TRUE;
      ph_relay_start (self->relay);
    }
}

static void
take_certificate (PhServer     *self,
                  GAsyncResult *result,
                  GError      **error)
{
  PhTlsServer *tls = g_task_propagate_pointer (G_TASK (result), error);

  if (tls == NULL)
    return;

  g_clear_object (&self->tls);
  self->tls = tls;
  ph_session_factory_offer_starttls (self->factory, TRUE);
}

static void
start_all_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  PhServer *self = PH_SERVER (source);
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  take_certificate (self, result, &error);
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

  load_certificate (self, start_all_cb, g_task_new (self, cancellable, callback, user_data));
}

gboolean
ph_server_start_finish (PhServer     *self,
                        GAsyncResult *result,
                        GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
start_one_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (PhService) service = user_data;
  g_autoptr (GError) error = NULL;

  take_certificate (PH_SERVER (source), result, &error);
  start_service (PH_SERVER (source), service, error);
}

void
ph_server_start_service (PhServer  *self,
                         PhService *service)
{
  g_return_if_fail (PH_IS_SERVER (self) && PH_IS_SERVICE (service));

  load_certificate (self, start_one_cb, g_object_ref (service));
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
