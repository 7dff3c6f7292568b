#include "ph-tls-server.h"

#include "ph-tls-certificate.h"
#include "ph-tls-notes.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <gnutls/x509.h>
#include <string.h>

/* Larger than any sane chain; a file above it is not a certificate. */
#define MAX_FILE (1024 * 1024)

struct _PhTlsServer
{
  GObject parent_instance;

  gnutls_certificate_credentials_t credentials;
  gnutls_priority_t                priority;
  gnutls_datum_t                   ticket_key;
  char                            *fingerprint;
  gint64                           expiry;
  gboolean                         is_self_signed;
};

G_DEFINE_FINAL_TYPE (PhTlsServer, ph_tls_server, G_TYPE_OBJECT)

static void
ph_tls_server_finalize (GObject *object)
{
  PhTlsServer *self = PH_TLS_SERVER (object);

  g_clear_pointer (&self->credentials, gnutls_certificate_free_credentials);
  g_clear_pointer (&self->priority, gnutls_priority_deinit);
  if (self->ticket_key.data != NULL)
    {
      explicit_bzero (self->ticket_key.data, self->ticket_key.size);
      gnutls_free (self->ticket_key.data);
    }
  g_free (self->fingerprint);

  G_OBJECT_CLASS (ph_tls_server_parent_class)->finalize (object);
}

static void
ph_tls_server_class_init (PhTlsServerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_tls_server_finalize;
}

static void
ph_tls_server_init (PhTlsServer *self)
{
}

static gboolean
fail (GError    **error,
      const char *file,
      const char *why)
{
  g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, "%s: %s", file, why);

  return FALSE;
}

static gboolean
load_file (const char     *file,
           gnutls_datum_t *datum,
           GError        **error)
{
  g_autoptr (GError) failure = NULL;
  char    *contents;
  gsize    length;
  GStatBuf info;

  if (g_stat (file, &info) == 0 && info.st_size > MAX_FILE)
    return fail (error, file, "too large for a certificate or key");
  if (!g_file_get_contents (file, &contents, &length, &failure))
    return fail (error, file, failure->message);

  datum->data = (guint8 *)contents;
  datum->size = (unsigned int)length;

  return TRUE;
}

static gboolean
check_key_file (const char *file,
                GError    **error)
{
  GStatBuf info;

  if (g_stat (file, &info) != 0)
    return fail (error, file, g_strerror (errno));
  if (info.st_mode & (S_IROTH | S_IWOTH))
    return fail (error, file, "others can read this private key; take that right away with chmod 600");

  return TRUE;
}

static gboolean
load_pair (PhTlsServer *self,
           const char  *certificate_file,
           const char  *key_file,
           GError     **error)
{
  gnutls_datum_t certificate = { 0 };
  gnutls_datum_t key = { 0 };
  gboolean       loaded = FALSE;

  if (check_key_file (key_file, error) && load_file (certificate_file, &certificate, error) && load_file (key_file, &key, error))
    {
      int code = gnutls_certificate_set_x509_key_mem (self->credentials, &certificate, &key, GNUTLS_X509_FMT_PEM);

      loaded = code >= 0;
      if (code == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        fail (error, key_file, "this key does not belong to the certificate");
      else if (code < 0)
        g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, "%s or %s: %s", certificate_file, key_file, gnutls_strerror (code));
    }

  if (key.data != NULL)
    explicit_bzero (key.data, key.size);
  g_free (key.data);
  g_free (certificate.data);

  return loaded;
}

static gboolean
describe (PhTlsServer *self,
          const char  *certificate_file,
          GError     **error)
{
  gnutls_datum_t    der;
  gnutls_x509_crt_t certificate;

  if (gnutls_certificate_get_crt_raw (self->credentials, 0, 0, &der) != GNUTLS_E_SUCCESS)
    return fail (error, certificate_file, "no certificate in it");

  gnutls_x509_crt_init (&certificate);
  gnutls_x509_crt_import (certificate, &der, GNUTLS_X509_FMT_DER);
  self->expiry = (gint64)gnutls_x509_crt_get_expiration_time (certificate) * G_USEC_PER_SEC;
  self->is_self_signed = gnutls_x509_crt_check_issuer (certificate, certificate) != 0;
  self->fingerprint = ph_tls_notes_format_fingerprint (&der);
  gnutls_x509_crt_deinit (certificate);

  return TRUE;
}

PhTlsServer *
ph_tls_server_new (const char *certificate_file,
                   const char *key_file,
                   const char *priority,
                   GError    **error)
{
  g_autoptr (PhTlsServer) self = g_object_new (PH_TYPE_TLS_SERVER, NULL);
  const char *wrong = NULL;

  gnutls_certificate_allocate_credentials (&self->credentials);
  if (gnutls_priority_init (&self->priority, priority != NULL ? priority : PH_TLS_PRIORITY, &wrong) != GNUTLS_E_SUCCESS)
    {
      g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_TLS, "Wrong TLS priorities at “%s”", wrong != NULL ? wrong : priority);
      return NULL;
    }
  if (!load_pair (self, certificate_file, key_file, error) || !describe (self, certificate_file, error))
    return NULL;

  /* GnuTLS derives from it keys that change every few hours. */
  gnutls_session_ticket_key_generate (&self->ticket_key);

  return g_steal_pointer (&self);
}

PhTlsServer *
ph_tls_server_new_or_make (const char        *certificate_file,
                           const char        *key_file,
                           const char *const *names,
                           gint64             now,
                           GError           **error)
{
  if (!g_file_test (certificate_file, G_FILE_TEST_EXISTS) && !g_file_test (key_file, G_FILE_TEST_EXISTS) &&
      !ph_tls_certificate_make (certificate_file, key_file, names, now, error))
    return NULL;

  return ph_tls_server_new (certificate_file, key_file, NULL, error);
}

gint64
ph_tls_server_get_expiry (PhTlsServer *self)
{
  return self->expiry;
}

const char *
ph_tls_server_get_fingerprint (PhTlsServer *self)
{
  return self->fingerprint;
}

gboolean
ph_tls_server_is_self_signed (PhTlsServer *self)
{
  return self->is_self_signed;
}

gnutls_session_t
ph_tls_server_create_session (PhTlsServer *self,
                              const char  *alpn)
{
  gnutls_session_t session;

  if (gnutls_init (&session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != GNUTLS_E_SUCCESS)
    return NULL;

  gnutls_priority_set (session, self->priority);
  gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, self->credentials);
  gnutls_certificate_server_set_request (session, GNUTLS_CERT_IGNORE);
  gnutls_session_ticket_enable_server (session, &self->ticket_key);
  if (alpn != NULL)
    {
      gnutls_datum_t name = { (guint8 *)(gpointer)alpn, (unsigned int)strlen (alpn) };

      gnutls_alpn_set_protocols (session, &name, 1, GNUTLS_ALPN_MANDATORY);
    }

  return session;
}
