#include "ph-tls-authority.h"

#include "ph-tls-file.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#define SECONDS_A_DAY (24 * 60 * 60)

/* Of a common name (RFC 5280 appendix A.1, ub-common-name). */
#define MAX_COMMON_NAME 64

/* A certificate with its key, as read or made. */
typedef struct
{
  gnutls_x509_crt_t     certificate;
  gnutls_x509_privkey_t key;
} Pair;

static void
pair_clear (Pair *pair)
{
  g_clear_pointer (&pair->certificate, gnutls_x509_crt_deinit);
  g_clear_pointer (&pair->key, gnutls_x509_privkey_deinit);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

static gboolean
fail (GError **error,
      int      code)
{
  /* Translators: why */
  g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, _ ("Making a certificate failed: %s"), gnutls_strerror (code));

  return FALSE;
}

/* Names */

static void
add_name (gnutls_x509_crt_t certificate,
          GHashTable       *seen,
          const char       *name)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (name);

  if (*name == '\0' || !g_hash_table_add (seen, g_strdup (name)))
    return;

  if (address != NULL)
    gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_IPADDRESS,
                                          g_inet_address_to_bytes (address),
                                          (unsigned int)g_inet_address_get_native_size (address),
                                          GNUTLS_FSAN_APPEND);
  else if (g_str_is_ascii (name))
    gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_DNSNAME, name, (unsigned int)strlen (name), GNUTLS_FSAN_APPEND);
}

static const char *const own_names[] = { "localhost", "127.0.0.1", "::1", NULL };

static void
add_names (gnutls_x509_crt_t  certificate,
           const char *const *names)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (const char *const *name = names; *name != NULL; name++)
    add_name (certificate, seen, *name);
  for (const char *const *name = own_names; *name != NULL; name++)
    add_name (certificate, seen, *name);
}

static gboolean
has_name (gnutls_x509_crt_t certificate,
          const char       *name)
{
  return *name == '\0' || !g_str_is_ascii (name) || gnutls_x509_crt_check_hostname (certificate, name) != 0;
}

static gboolean
has_names (gnutls_x509_crt_t  certificate,
           const char *const *names)
{
  for (const char *const *name = names; *name != NULL; name++)
    if (!has_name (certificate, *name))
      return FALSE;

  return TRUE;
}

/* Making */

static int
fill_common (gnutls_x509_crt_t     certificate,
             gnutls_x509_privkey_t key,
             const char           *common_name,
             gint64                now,
             guint                 days)
{
  time_t start = (time_t)(now / G_USEC_PER_SEC) - SECONDS_A_DAY; /* clocks of clients differ */
  guint8 serial[16];
  guint8 id[64];
  size_t id_length = sizeof id;

  if (gnutls_rnd (GNUTLS_RND_NONCE, serial, sizeof serial) < 0)
    g_error ("No random numbers");
  serial[0] = (serial[0] & 0x3f) | 0x40; /* positive, and of one length */

  gnutls_x509_crt_set_version (certificate, 3);
  gnutls_x509_crt_set_serial (certificate, serial, sizeof serial);
  gnutls_x509_crt_set_dn_by_oid (certificate, GNUTLS_OID_X520_COMMON_NAME, 0, common_name, (unsigned int)MIN (strlen (common_name), MAX_COMMON_NAME));
  gnutls_x509_crt_set_activation_time (certificate, start);
  gnutls_x509_crt_set_expiration_time (certificate, start + (time_t)days * SECONDS_A_DAY);
  gnutls_x509_crt_set_key (certificate, key);
  if (gnutls_x509_crt_get_key_id (certificate, 0, id, &id_length) != GNUTLS_E_SUCCESS)
    return GNUTLS_E_INTERNAL_ERROR;

  return gnutls_x509_crt_set_subject_key_id (certificate, id, id_length);
}

/* Signs servers, and no other authorities (RFC 5280 section 4.2.1). */
static int
fill_authority (Pair       *authority,
                const char *host_name,
                gint64      now)
{
  g_autofree char *common_name = g_strdup_printf ("Posthouse on %s", host_name);
  int              code = fill_common (authority->certificate, authority->key, common_name, now, PH_TLS_AUTHORITY_DAYS);

  gnutls_x509_crt_set_basic_constraints (authority->certificate, 1, 0);
  gnutls_x509_crt_set_key_usage (authority->certificate, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);

  return code >= 0 ? gnutls_x509_crt_sign2 (authority->certificate, authority->certificate, authority->key, GNUTLS_DIG_SHA256, 0) : code;
}

static int
fill_server (Pair              *server,
             const Pair        *authority,
             const char *const *names,
             gint64             now)
{
  guint8 id[64];
  size_t id_length = sizeof id;
  int    code = fill_common (server->certificate, server->key, names[0] != NULL ? names[0] : "localhost", now, PH_TLS_SERVER_DAYS);

  add_names (server->certificate, names);
  gnutls_x509_crt_set_basic_constraints (server->certificate, 0, -1);
  gnutls_x509_crt_set_key_usage (server->certificate, GNUTLS_KEY_DIGITAL_SIGNATURE);
  gnutls_x509_crt_set_key_purpose_oid (server->certificate, GNUTLS_KP_TLS_WWW_SERVER, 0);
  if (gnutls_x509_crt_get_subject_key_id (authority->certificate, id, &id_length, NULL) == GNUTLS_E_SUCCESS)
    gnutls_x509_crt_set_authority_key_id (server->certificate, id, id_length);

  return code >= 0 ? gnutls_x509_crt_sign2 (server->certificate, authority->certificate, authority->key, GNUTLS_DIG_SHA256, 0) : code;
}

static int
begin_pair (Pair *pair)
{
  gnutls_x509_crt_init (&pair->certificate);
  gnutls_x509_privkey_init (&pair->key);

  return gnutls_x509_privkey_generate (pair->key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0);
}

static gboolean
save_pair (const Pair *pair,
           const char *directory,
           const char *certificate_name,
           const char *key_name,
           GError    **error)
{
  g_autofree char *certificate_file = g_build_filename (directory, certificate_name, NULL);
  g_autofree char *key_file = g_build_filename (directory, key_name, NULL);
  gnutls_datum_t   certificate = { 0 };
  gnutls_datum_t   key = { 0 };
  gboolean         saved = FALSE;
  int              code = gnutls_x509_crt_export2 (pair->certificate, GNUTLS_X509_FMT_PEM, &certificate);

  if (code >= 0)
    code = gnutls_x509_privkey_export2_pkcs8 (pair->key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &key);
  if (code < 0)
    fail (error, code);
  else
    saved = ph_tls_file_save (key_file, &key, 0600, error) && ph_tls_file_save (certificate_file, &certificate, 0644, error);

  if (key.data != NULL)
    explicit_bzero (key.data, key.size);
  gnutls_free (key.data);
  gnutls_free (certificate.data);

  return saved;
}

/* Reading */

/* FALSE with an error only where a key is there that others can read; what can't be read
 * otherwise is as good as not there: it is made anew. */
static gboolean
load_pair (Pair       *pair,
           const char *directory,
           const char *certificate_name,
           const char *key_name,
           GError    **error)
{
  g_autofree char *certificate_file = g_build_filename (directory, certificate_name, NULL);
  g_autofree char *key_file = g_build_filename (directory, key_name, NULL);
  gnutls_datum_t   certificate = { 0 };
  gnutls_datum_t   key = { 0 };
  gboolean         whole = FALSE;

  if (g_file_test (key_file, G_FILE_TEST_EXISTS) && !ph_tls_file_check_private (key_file, error))
    return FALSE;

  gnutls_x509_crt_init (&pair->certificate);
  gnutls_x509_privkey_init (&pair->key);
  if (ph_tls_file_load (certificate_file, &certificate, NULL) && ph_tls_file_load (key_file, &key, NULL))
    whole = gnutls_x509_crt_import (pair->certificate, &certificate, GNUTLS_X509_FMT_PEM) >= 0 &&
            gnutls_x509_privkey_import2 (pair->key, &key, GNUTLS_X509_FMT_PEM, NULL, 0) >= 0;
  if (!whole)
    pair_clear (pair);

  ph_tls_file_clear (&key);
  ph_tls_file_clear (&certificate);

  return TRUE;
}

static gboolean
fits_key (const Pair *pair)
{
  guint8 of_certificate[64];
  guint8 of_key[64];
  size_t a = sizeof of_certificate;
  size_t b = sizeof of_key;

  return gnutls_x509_crt_get_key_id (pair->certificate, 0, of_certificate, &a) >= 0 &&
         gnutls_x509_privkey_get_key_id (pair->key, 0, of_key, &b) >= 0 && a == b && memcmp (of_certificate, of_key, a) == 0;
}

/* Good for `days` from `now` on; one from the future (the clock was wrong) is not. */
static gboolean
is_fresh (const Pair *pair,
          gint64      now,
          guint       days)
{
  time_t seconds = (time_t)(now / G_USEC_PER_SEC);

  return gnutls_x509_crt_get_activation_time (pair->certificate) <= seconds &&
         gnutls_x509_crt_get_expiration_time (pair->certificate) > seconds + (time_t)days * SECONDS_A_DAY;
}

static gboolean
ensure_authority (Pair       *authority,
                  const char *directory,
                  const char *host_name,
                  gint64      now,
                  GError    **error)
{
  int code;

  if (!load_pair (authority, directory, PH_TLS_AUTHORITY_CERTIFICATE, PH_TLS_AUTHORITY_KEY, error))
    return FALSE;
  if (authority->certificate != NULL && fits_key (authority) && is_fresh (authority, now, PH_TLS_AUTHORITY_RENEW_DAYS))
    return TRUE;

  pair_clear (authority);
  code = begin_pair (authority);
  if (code >= 0)
    code = fill_authority (authority, host_name, now);
  if (code < 0)
    return fail (error, code);

  return save_pair (authority, directory, PH_TLS_AUTHORITY_CERTIFICATE, PH_TLS_AUTHORITY_KEY, error);
}

static gboolean
is_signed_by (gnutls_x509_crt_t certificate,
              gnutls_x509_crt_t authority)
{
  unsigned int status = 0;

  return gnutls_x509_crt_verify (certificate, &authority, 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) >= 0 && status == 0;
}

gboolean
ph_tls_authority_ensure (const char        *directory,
                         const char *const *names,
                         gint64             now,
                         GError           **error)
{
  g_auto (Pair) authority = { 0 };
  g_auto (Pair) server = { 0 };
  int code;

  if (!ensure_authority (&authority, directory, names[0] != NULL ? names[0] : "localhost", now, error) ||
      !load_pair (&server, directory, PH_TLS_SERVER_CERTIFICATE, PH_TLS_SERVER_KEY, error))
    return FALSE;

  if (server.certificate != NULL && fits_key (&server) && is_fresh (&server, now, PH_TLS_SERVER_RENEW_DAYS) &&
      has_names (server.certificate, names) && is_signed_by (server.certificate, authority.certificate))
    return TRUE;

  pair_clear (&server);
  code = begin_pair (&server);
  if (code >= 0)
    code = fill_server (&server, &authority, names, now);
  if (code < 0)
    return fail (error, code);

  return save_pair (&server, directory, PH_TLS_SERVER_CERTIFICATE, PH_TLS_SERVER_KEY, error);
}

GBytes *
ph_tls_authority_load (const char *directory)
{
  g_autofree char  *file = g_build_filename (directory, PH_TLS_AUTHORITY_CERTIFICATE, NULL);
  gnutls_datum_t    pem = { 0 };
  gnutls_datum_t    der = { 0 };
  gnutls_x509_crt_t certificate;
  GBytes           *bytes = NULL;

  gnutls_x509_crt_init (&certificate);
  if (ph_tls_file_load (file, &pem, NULL) && gnutls_x509_crt_import (certificate, &pem, GNUTLS_X509_FMT_PEM) >= 0 &&
      gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_DER, &der) >= 0)
    bytes = g_bytes_new (der.data, der.size);
  gnutls_free (der.data);
  gnutls_x509_crt_deinit (certificate);
  ph_tls_file_clear (&pem);

  return bytes;
}
