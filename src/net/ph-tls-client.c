#include "ph-tls-client.h"

#include "ph-tls-server.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

struct _PhTlsClient
{
  GObject parent_instance;

  PhTlsVerify                      verify;
  PhTlsCheckFunc                   check; /* NULL: by `verify` */
  gpointer                         check_data;
  GDestroyNotify                   destroy;
  gnutls_certificate_credentials_t credentials;
  gnutls_priority_t                priority;
};

G_DEFINE_FINAL_TYPE (PhTlsClient, ph_tls_client, G_TYPE_OBJECT)

static void
ph_tls_client_finalize (GObject *object)
{
  PhTlsClient *self = PH_TLS_CLIENT (object);

  g_clear_pointer (&self->credentials, gnutls_certificate_free_credentials);
  g_clear_pointer (&self->priority, gnutls_priority_deinit);
  if (self->destroy != NULL)
    self->destroy (self->check_data);

  G_OBJECT_CLASS (ph_tls_client_parent_class)->finalize (object);
}

static void
ph_tls_client_class_init (PhTlsClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_tls_client_finalize;
}

static void
ph_tls_client_init (PhTlsClient *self)
{
}

PhTlsClient *
ph_tls_client_new (PhTlsVerify verify,
                   const char *ca_file,
                   GError    **error)
{
  g_autoptr (PhTlsClient) self = g_object_new (PH_TYPE_TLS_CLIENT, NULL);
  int n = 0;

  self->verify = verify;
  gnutls_certificate_allocate_credentials (&self->credentials);
  gnutls_priority_init (&self->priority, PH_TLS_PRIORITY, NULL);

  if (verify == PH_TLS_VERIFY_NAME)
    {
      n = ca_file != NULL ? gnutls_certificate_set_x509_trust_file (self->credentials, ca_file, GNUTLS_X509_FMT_PEM)
                          : gnutls_certificate_set_x509_system_trust (self->credentials);
      if (n <= 0)
        {
          if (ca_file == NULL)
            g_set_error_literal (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, _ ("The system has no certificate authorities"));
          else if (n < 0)
            /* Translators: a file, and why */
            g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, _ ("No certificate authorities could be read from %s: %s"), ca_file, gnutls_strerror (n));
          else
            /* Translators: a file */
            g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, _ ("No certificate authorities could be read from %s"), ca_file);
          return NULL;
        }
    }

  return g_steal_pointer (&self);
}

PhTlsClient *
ph_tls_client_new_with_check (PhTlsCheckFunc check,
                              gpointer       user_data,
                              GDestroyNotify destroy)
{
  PhTlsClient *self = ph_tls_client_new (PH_TLS_VERIFY_NONE, NULL, NULL);

  self->check = check;
  self->check_data = user_data;
  self->destroy = destroy;

  return self;
}

static int
check_cb (gnutls_session_t session)
{
  PhTlsClient          *self = gnutls_session_get_ptr (session);
  guint                 n = 0;
  const gnutls_datum_t *chain = gnutls_certificate_get_peers (session, &n);

  return chain != NULL && n > 0 && self->check (chain, n, self->check_data) ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

gnutls_session_t
ph_tls_client_create_session (PhTlsClient *self,
                              const char  *name)
{
  gnutls_session_t session;

  g_return_val_if_fail (name != NULL || self->verify == PH_TLS_VERIFY_NONE, NULL);

  if (gnutls_init (&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != GNUTLS_E_SUCCESS)
    return NULL;

  gnutls_priority_set (session, self->priority);
  gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, self->credentials);
  if (name != NULL && !g_hostname_is_ip_address (name))
    gnutls_server_name_set (session, GNUTLS_NAME_DNS, name, strlen (name));
  if (self->verify == PH_TLS_VERIFY_NAME)
    gnutls_session_set_verify_cert (session, name, 0);
  if (self->check != NULL)
    {
      gnutls_session_set_ptr (session, self);
      gnutls_session_set_verify_function (session, check_cb);
    }

  return session;
}
