#include "ph-tls-server.h"

#include "ph-tls-file.h"
#include "ph-tls-notes.h"

#include <glib/gi18n-lib.h>
#include <gnutls/x509.h>
#include <string.h>

/* Octets of a host name. */
#define MAX_NAME 255

/* GnuTLS looks up names in so many letters; those like "*.example.org" are for us. */
typedef struct
{
  gnutls_x509_crt_t                certificate;
  gnutls_certificate_credentials_t wildcard; /* of this one alone; NULL where it has no such name */
} Entry;

struct _PhTlsServer
{
  GObject parent_instance;

  gnutls_certificate_credentials_t credentials; /* of all */
  GArray                          *entries;     /* of Entry */
  gboolean                         has_wildcards;
  gnutls_priority_t                priority;
  gnutls_datum_t                   ticket_key;
  char                            *fingerprint;
  GString                         *identity;
  gboolean                         asks_certificates;
};

G_DEFINE_FINAL_TYPE (PhTlsServer, ph_tls_server, G_TYPE_OBJECT)

static void
entry_clear (gpointer data)
{
  Entry *entry = data;

  gnutls_x509_crt_deinit (entry->certificate);
  g_clear_pointer (&entry->wildcard, gnutls_certificate_free_credentials);
}

static gnutls_x509_crt_t
get_certificate (PhTlsServer *self,
                 guint        i)
{
  return g_array_index (self->entries, Entry, i).certificate;
}

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
  g_array_unref (self->entries);
  g_free (self->fingerprint);
  g_string_free (self->identity, TRUE);

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
  self->identity = g_string_new (NULL);
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, entry_clear);
}

/* Loading */

static gboolean
is_set (const char *text)
{
  return text != NULL && *text != '\0';
}

static gboolean
is_pem (const gnutls_datum_t *datum)
{
  return g_strstr_len ((const char *)datum->data, datum->size, "-----BEGIN ") != NULL;
}

static void
set_pair_error (GError           **error,
                const PhTlsSource *source,
                int                code)
{
  const char *key_file = is_set (source->key_file) ? source->key_file : source->certificate_file;

  if (code == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
    /* Translators: a file */
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, _ ("%s: this key does not belong to the certificate"), key_file);
  else if (code == GNUTLS_E_DECRYPTION_FAILED || code == GNUTLS_E_MAC_VERIFY_FAILED)
    /* Translators: a file */
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, _ ("%s: the key is locked, and the password does not open it"), key_file);
  else if (!is_set (source->key_file))
    /* Translators: a file, and why */
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, _ ("%s: no certificate with its key (PEM or PKCS#12): %s"), key_file, gnutls_strerror (code));
  else
    /* Translators: two files, and what is wrong with one of them */
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, _ ("%s or %s: %s"), source->certificate_file, key_file, gnutls_strerror (code));
}

/* What one or two files hold. */
typedef struct
{
  gnutls_datum_t certificate;
  gnutls_datum_t key;
  const char    *password;
  gboolean       is_pem;
} Material;

static int
set_material (gnutls_certificate_credentials_t credentials,
              const Material                  *material)
{
  const gnutls_datum_t *key = material->key.data != NULL ? &material->key : &material->certificate;

  if (!material->is_pem)
    return gnutls_certificate_set_x509_simple_pkcs12_mem (credentials, &material->certificate, GNUTLS_X509_FMT_DER,
                                                          material->password != NULL ? material->password : "");

  return gnutls_certificate_set_x509_key_mem2 (credentials, &material->certificate, key, GNUTLS_X509_FMT_PEM, material->password, 0);
}

static gboolean
has_wildcard (gnutls_x509_crt_t certificate)
{
  for (guint i = 0;; i++)
    {
      char   name[MAX_NAME + 1];
      size_t length = sizeof name;
      int    type = gnutls_x509_crt_get_subject_alt_name (certificate, i, name, &length, NULL);

      if (type < 0 && type != GNUTLS_E_SHORT_MEMORY_BUFFER)
        return FALSE;
      if (type == GNUTLS_SAN_DNSNAME && strncmp (name, "*.", 2) == 0)
        return TRUE;
    }
}

/* What was just added to the credentials is the one with that number. */
static void
remember (PhTlsServer    *self,
          const Material *material)
{
  g_autofree char *fingerprint = NULL;
  gnutls_datum_t   der = { 0 };
  Entry            entry = { NULL };

  gnutls_certificate_get_crt_raw (self->credentials, self->entries->len, 0, &der);
  gnutls_x509_crt_init (&entry.certificate);
  gnutls_x509_crt_import (entry.certificate, &der, GNUTLS_X509_FMT_DER);
  if (has_wildcard (entry.certificate))
    {
      gnutls_certificate_allocate_credentials (&entry.wildcard);
      set_material (entry.wildcard, material);
      self->has_wildcards = TRUE;
    }
  g_array_append_val (self->entries, entry);

  fingerprint = ph_tls_notes_format_fingerprint (&der);
  g_string_append_printf (self->identity, "%s;", fingerprint);
  if (self->fingerprint == NULL)
    self->fingerprint = g_steal_pointer (&fingerprint);
}

static gboolean
load_source (PhTlsServer       *self,
             const PhTlsSource *source,
             GError           **error)
{
  Material material = { .password = is_set (source->password) ? source->password : NULL };
  gboolean loaded = FALSE;

  if (ph_tls_file_check_private (is_set (source->key_file) ? source->key_file : source->certificate_file, error) &&
      ph_tls_file_load (source->certificate_file, &material.certificate, error) &&
      (!is_set (source->key_file) || ph_tls_file_load (source->key_file, &material.key, error)))
    {
      int code;

      material.is_pem = is_pem (&material.certificate);
      code = set_material (self->credentials, &material);
      loaded = code >= 0;
      if (loaded)
        remember (self, &material);
      else
        set_pair_error (error, source, code);
    }
  ph_tls_file_clear (&material.key);
  ph_tls_file_clear (&material.certificate);

  return loaded;
}

PhTlsServer *
ph_tls_server_new (const PhTlsSource *sources,
                   guint              n_sources,
                   const char        *priority,
                   GError           **error)
{
  g_autoptr (PhTlsServer) self = g_object_new (PH_TYPE_TLS_SERVER, NULL);
  const char *wrong = NULL;

  gnutls_certificate_allocate_credentials (&self->credentials);
  if (gnutls_priority_init (&self->priority, priority != NULL ? priority : PH_TLS_PRIORITY, &wrong) != GNUTLS_E_SUCCESS)
    {
      /* Translators: what is wrong in them */
      g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_TLS, _ ("Wrong TLS priorities at “%s”"), wrong != NULL ? wrong : priority);
      return NULL;
    }
  if (n_sources > PH_TLS_SERVER_CERTIFICATES_MAX)
    {
      /* Translators: a number */
      g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, _ ("More than %d certificates"), PH_TLS_SERVER_CERTIFICATES_MAX);
      return NULL;
    }
  for (guint i = 0; i < n_sources; i++)
    if (!load_source (self, &sources[i], error))
      return NULL;

  /* GnuTLS derives from it keys that change every few hours, so that a stolen one opens
   * no more than that (V31). */
  gnutls_session_ticket_key_generate (&self->ticket_key);

  return g_steal_pointer (&self);
}

/* What it is */

static char *
format_day (time_t seconds)
{
  g_autoptr (GDateTime) day = g_date_time_new_from_unix_utc ((gint64)seconds);

  return day != NULL ? g_date_time_format (day, "%Y-%m-%d") : g_strdup ("?");
}

char *
ph_tls_server_find_fault (PhTlsServer *self,
                          const char  *name,
                          gint64       now,
                          gboolean    *is_out_of_date)
{
  time_t           seconds = (time_t)(now / G_USEC_PER_SEC);
  time_t           start = gnutls_x509_crt_get_activation_time (get_certificate (self, 0));
  time_t           end = gnutls_x509_crt_get_expiration_time (get_certificate (self, 0));
  g_autofree char *start_day = format_day (start);
  g_autofree char *end_day = format_day (end);

  *is_out_of_date = seconds < start || seconds >= end;
  if (seconds >= end)
    /* Translators: a date */
    return g_strdup_printf (_ ("The certificate expired on %s"), end_day);
  if (seconds < start)
    /* Translators: a date */
    return g_strdup_printf (_ ("The certificate is not good before %s; is the clock right?"), start_day);
  if (is_set (name) && gnutls_x509_crt_check_hostname (get_certificate (self, 0), name) == 0)
    /* Translators: the name of a server */
    return g_strdup_printf (_ ("The certificate is not for %s, the name of this server"), name);

  return NULL;
}

gint64
ph_tls_server_get_expiry (PhTlsServer *self)
{
  return (gint64)gnutls_x509_crt_get_expiration_time (get_certificate (self, 0)) * G_USEC_PER_SEC;
}

const char *
ph_tls_server_get_fingerprint (PhTlsServer *self)
{
  return self->fingerprint;
}

const char *
ph_tls_server_get_identity (PhTlsServer *self)
{
  return self->identity->str;
}

gboolean
ph_tls_server_is_self_signed (PhTlsServer *self)
{
  return gnutls_x509_crt_check_issuer (get_certificate (self, 0), get_certificate (self, 0)) != 0;
}

void
ph_tls_server_ask_certificates (PhTlsServer *self,
                                gboolean     ask)
{
  self->asks_certificates = ask;
}

/* Sessions */

static gboolean
fits (const Entry *entry,
      gboolean     wildcard,
      const char  *name)
{
  return (entry->wildcard != NULL) == wildcard && gnutls_x509_crt_check_hostname (entry->certificate, name) != 0;
}

/* A name in so many letters comes before a wildcard that covers it, too. */
static int
choose_wildcard_cb (gnutls_session_t session)
{
  PhTlsServer *self = gnutls_session_get_ptr (session);
  char         name[MAX_NAME + 1];
  size_t       length = sizeof name - 1;
  unsigned int type;

  if (gnutls_server_name_get (session, name, &length, &type, 0) != GNUTLS_E_SUCCESS || type != GNUTLS_NAME_DNS)
    return 0;
  name[length] = '\0';

  for (guint i = 0; i < self->entries->len; i++)
    if (fits (&g_array_index (self->entries, Entry, i), FALSE, name))
      return 0;
  for (guint i = 0; i < self->entries->len; i++)
    if (fits (&g_array_index (self->entries, Entry, i), TRUE, name))
      {
        gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, g_array_index (self->entries, Entry, i).wildcard);
        return 0;
      }

  return 0;
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
  gnutls_session_set_ptr (session, self);
  if (self->has_wildcards)
    gnutls_handshake_set_post_client_hello_function (session, choose_wildcard_cb);
  gnutls_certificate_server_set_request (session, self->asks_certificates ? GNUTLS_CERT_REQUEST : GNUTLS_CERT_IGNORE);
  gnutls_session_ticket_enable_server (session, &self->ticket_key);
  if (alpn != NULL)
    {
      gnutls_datum_t name = { (guint8 *)(gpointer)alpn, (unsigned int)strlen (alpn) };

      gnutls_alpn_set_protocols (session, &name, 1, GNUTLS_ALPN_MANDATORY);
    }

  return session;
}
