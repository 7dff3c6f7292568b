#include "ph-tls-certificate.h"

#include <gio/gio.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#define SECONDS_A_DAY (24 * 60 * 60)

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

static void
add_names (gnutls_x509_crt_t  certificate,
           const char *const *names)
{
  static const char *const own[] = { "localhost", "127.0.0.1", "::1", NULL };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  add_name (certificate, seen, g_get_host_name ());
  for (const char *const *name = own; *name != NULL; name++)
    add_name (certificate, seen, *name);
  for (; names != NULL && *names != NULL; names++)
    add_name (certificate, seen, *names);
}

/* An end-entity certificate (no CA), good for TLS servers only: RFC 5280 section 4.2.1. */
static int
fill (gnutls_x509_crt_t     certificate,
      gnutls_x509_privkey_t key,
      const char *const    *names,
      gint64                now)
{
  const char *common_name = names != NULL && names[0] != NULL ? names[0] : g_get_host_name ();
  time_t      start = (time_t)(now / G_USEC_PER_SEC) - SECONDS_A_DAY; /* clocks of clients differ */
  guint8      serial[16];
  guint8      id[64];
  size_t      id_length = sizeof id;

  gnutls_rnd (GNUTLS_RND_NONCE, serial, sizeof serial);
  serial[0] = (serial[0] & 0x3f) | 0x40; /* positive, and of one length */

  gnutls_x509_crt_set_version (certificate, 3);
  gnutls_x509_crt_set_serial (certificate, serial, sizeof serial);
  gnutls_x509_crt_set_dn_by_oid (certificate, GNUTLS_OID_X520_COMMON_NAME, 0, common_name, (unsigned int)MIN (strlen (common_name), 64));
  gnutls_x509_crt_set_activation_time (certificate, start);
  gnutls_x509_crt_set_expiration_time (certificate, start + (time_t)PH_TLS_CERTIFICATE_DAYS * SECONDS_A_DAY);
  gnutls_x509_crt_set_key (certificate, key);
  add_names (certificate, names);
  gnutls_x509_crt_set_basic_constraints (certificate, 0, -1);
  gnutls_x509_crt_set_key_usage (certificate, GNUTLS_KEY_DIGITAL_SIGNATURE);
  gnutls_x509_crt_set_key_purpose_oid (certificate, GNUTLS_KP_TLS_WWW_SERVER, 0);
  if (gnutls_x509_crt_get_key_id (certificate, 0, id, &id_length) == GNUTLS_E_SUCCESS)
    gnutls_x509_crt_set_subject_key_id (certificate, id, id_length);

  return gnutls_x509_crt_sign2 (certificate, certificate, key, GNUTLS_DIG_SHA256, 0);
}

static int
make_pair (const char *const *names,
           gint64             now,
           gnutls_datum_t    *certificate_pem,
           gnutls_datum_t    *key_pem)
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t     certificate;
  int                   code;

  gnutls_x509_privkey_init (&key);
  gnutls_x509_crt_init (&certificate);

  code = gnutls_x509_privkey_generate (key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0);
  if (code >= 0)
    code = fill (certificate, key, names, now);
  if (code >= 0)
    code = gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM, certificate_pem);
  if (code >= 0)
    code = gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, key_pem);

  gnutls_x509_crt_deinit (certificate);
  gnutls_x509_privkey_deinit (key);

  return code;
}

static gboolean
write_file (const char           *file,
            const gnutls_datum_t *pem,
            int                   mode,
            GError              **error)
{
  g_autoptr (GError) failure = NULL;

  if (g_file_set_contents_full (file, (const char *)pem->data, pem->size,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode, &failure))
    return TRUE;

  g_set_error_literal (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, failure->message);

  return FALSE;
}

gboolean
ph_tls_certificate_make (const char        *certificate_file,
                         const char        *key_file,
                         const char *const *names,
                         gint64             now,
                         GError           **error)
{
  gnutls_datum_t certificate = { 0 };
  gnutls_datum_t key = { 0 };
  gboolean       made = FALSE;
  int            code = make_pair (names, now, &certificate, &key);

  if (code < 0)
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, "Making a certificate failed: %s", gnutls_strerror (code));
  else
    made = write_file (key_file, &key, 0600, error) && write_file (certificate_file, &certificate, 0644, error);

  if (key.data != NULL)
    explicit_bzero (key.data, key.size);
  gnutls_free (key.data);
  gnutls_free (certificate.data);

  return made;
}
