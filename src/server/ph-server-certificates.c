/* The part of PhServer that has to do with certificates: which one the services show,
 * and what lets clients trust it. */

#include "ph-net-error.h"
#include "ph-server-private.h"

#include <glib/gi18n-lib.h>

void
ph_server_ask_certificates (PhServer *self)
{
  PhTlsServer *tls = ph_certificates_get_tls (self->certificates);

  if (tls != NULL)
    ph_tls_server_ask_certificates (tls, ph_accounts_has_certificates (self->accounts));
}

/* Running conversations keep theirs. */
void
ph_server_take_certificates (PhServer *self)
{
  PhTlsServer *tls = ph_certificates_get_tls (self->certificates);

  ph_server_ask_certificates (self);
  for (guint i = 0; i < ph_server_count_services (self); i++)
    ph_service_set_tls (ph_server_get_service (self, i), tls);
  g_object_notify (G_OBJECT (self), "certificate");
}

const char *
ph_server_get_certificate_fingerprint (PhServer *self)
{
  PhTlsServer *tls = ph_certificates_get_tls (self->certificates);

  return tls != NULL ? ph_tls_server_get_fingerprint (tls) : NULL;
}

gint64
ph_server_get_certificate_expiry (PhServer *self)
{
  PhTlsServer *tls = ph_certificates_get_tls (self->certificates);

  return tls != NULL ? ph_tls_server_get_expiry (tls) : 0;
}

gboolean
ph_server_has_authority (PhServer *self)
{
  g_return_val_if_fail (PH_IS_SERVER (self), FALSE);

  return ph_certificates_get_authority (self->certificates) != NULL;
}

/* Export */

static void
authority_loaded_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  PhCertificates *certificates = PH_CERTIFICATES (source);
  g_autoptr (GTask) task = user_data;
  PhTrustFormat format = GPOINTER_TO_UINT (g_task_get_task_data (task));
  GBytes       *authority;
  GError       *error = NULL;

  if (!ph_certificates_load_finish (certificates, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  authority = ph_certificates_get_authority (certificates);
  if (authority == NULL)
    g_task_return_new_error (task, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE,
                             N_ ("This server shows a certificate of your own: whoever signed that is to be trusted"));
  else
    g_task_return_pointer (task, ph_trust_format (authority, format, ph_certificates_get_host_name (certificates)), (GDestroyNotify)g_bytes_unref);
}

void
ph_server_export_authority_async (PhServer           *self,
                                  PhTrustFormat       format,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data)
{
  GTask *task;

  g_return_if_fail (PH_IS_SERVER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_task_data (task, GUINT_TO_POINTER (format), NULL);
  ph_certificates_load_async (self->certificates, authority_loaded_cb, task);
}

GBytes *
ph_server_export_authority_finish (PhServer     *self,
                                   GAsyncResult *result,
                                   GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* The user's own */

static void
set_and_save (GTask *task) /* transfer full */
{
  PhServer           *self = g_task_get_source_object (task);
  PhCertificateFiles *files = g_task_get_task_data (task);

  g_object_set (self->settings, "certificate-file", files->certificate, "key-file", files->key, "certificate-password", files->password, NULL);
  ph_server_save (task);
}

static void
checked_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (ph_certificates_check_finish (PH_CERTIFICATES (source), result, &error))
    set_and_save (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

void
ph_server_set_certificate_async (PhServer           *self,
                                 const char         *certificate_file,
                                 const char         *key_file,
                                 const char         *password,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  PhTlsSource source = { certificate_file, key_file, password };
  GTask      *task;

  g_return_if_fail (PH_IS_SERVER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_task_data (task, ph_certificate_files_new (certificate_file, key_file, password), (GDestroyNotify)ph_certificate_files_free);
  if (*certificate_file == '\0')
    set_and_save (task);
  else
    ph_certificates_check_async (self->certificates, &source, checked_cb, task);
}

gboolean
ph_server_set_certificate_finish (PhServer     *self,
                                  GAsyncResult *result,
                                  GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
