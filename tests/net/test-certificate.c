#include "net-fixture.h"
#include "ph-tls-notes.h"

#include <gnutls/pkcs12.h>
#include <gnutls/x509.h>

#define DAY ((gint64)24 * 3600 * G_USEC_PER_SEC)

static const char *const names[] = { "mail.example.org", "192.0.2.7", NULL };

static gnutls_x509_crt_t
read_certificate (const char *dir,
                  const char *name)
{
  g_autofree char  *path = g_build_filename (dir, name, NULL);
  g_autofree char  *pem = NULL;
  gnutls_x509_crt_t certificate;
  gnutls_datum_t    datum;
  gsize             length;

  g_assert_true (g_file_get_contents (path, &pem, &length, NULL));
  datum.data = (guint8 *)pem;
  datum.size = (unsigned int)length;
  gnutls_x509_crt_init (&certificate);
  g_assert_cmpint (gnutls_x509_crt_import (certificate, &datum, GNUTLS_X509_FMT_PEM), ==, 0);

  return certificate;
}

static void
assert_private (const char *dir,
                const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  GStatBuf         info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
}

static char *
make_dir (void)
{
  char *dir = g_dir_make_tmp ("posthouse-certificate-XXXXXX", NULL);

  g_assert_nonnull (dir);

  return dir;
}

/* What is made the first time. */
static void
test_authority (void)
{
  g_autofree char *dir = make_dir ();
  g_autoptr (PhTlsServer) tls = make_tls (dir, names);
  gnutls_x509_crt_t authority = read_certificate (dir, PH_TLS_AUTHORITY_CERTIFICATE);
  gnutls_x509_crt_t server = read_certificate (dir, PH_TLS_SERVER_CERTIFICATE);
  g_autoptr (GBytes) der = ph_tls_authority_load (dir);
  gnutls_datum_t expected = { 0 };
  unsigned int   status = 0, critical = 0, usage = 0;
  int            path_length = 0;
  gint64         now = g_get_real_time ();

  assert_private (dir, PH_TLS_AUTHORITY_KEY);
  assert_private (dir, PH_TLS_SERVER_KEY);

  g_assert_cmpint (gnutls_x509_crt_get_basic_constraints (authority, &critical, &usage, &path_length), >, 0);
  g_assert_cmpint (path_length, ==, 0);
  g_assert_cmpint (gnutls_x509_crt_get_key_usage (authority, &usage, &critical), ==, 0);
  g_assert_cmpuint (usage, ==, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
  g_assert_cmpint (gnutls_x509_crt_get_pk_algorithm (authority, NULL), ==, GNUTLS_PK_ECDSA);

  g_assert_cmpint (gnutls_x509_crt_get_pk_algorithm (server, NULL), ==, GNUTLS_PK_ECDSA);
  g_assert_cmpint (gnutls_x509_crt_verify (server, &authority, 1, 0, &status), ==, 0);
  g_assert_cmpuint (status, ==, 0);
  g_assert_cmpint (gnutls_x509_crt_get_basic_constraints (server, NULL, NULL, NULL), ==, 0);
  for (guint i = 0; names[i] != NULL; i++)
    g_assert_true (gnutls_x509_crt_check_hostname (server, names[i]));
  g_assert_true (gnutls_x509_crt_check_hostname (server, "localhost"));
  g_assert_true (gnutls_x509_crt_check_hostname (server, "127.0.0.1"));
  g_assert_true (gnutls_x509_crt_check_hostname (server, "::1"));
  g_assert_false (gnutls_x509_crt_check_hostname (server, "example.org"));

  g_assert_false (ph_tls_server_is_self_signed (tls));
  g_assert_cmpint (ph_tls_server_get_expiry (tls), >, now + (PH_TLS_SERVER_DAYS - 2) * DAY);
  g_assert_cmpint (ph_tls_server_get_expiry (tls), <, now + PH_TLS_SERVER_DAYS * DAY);
  g_assert_cmpuint (strlen (ph_tls_server_get_fingerprint (tls)), ==, 32 * 3 - 1);
  g_assert_cmpint (gnutls_x509_crt_export2 (authority, GNUTLS_X509_FMT_DER, &expected), ==, 0);
  g_assert_cmpmem (g_bytes_get_data (der, NULL), g_bytes_get_size (der), expected.data, expected.size);

  gnutls_free (expected.data);
  gnutls_x509_crt_deinit (authority);
  gnutls_x509_crt_deinit (server);
  remove_tree (dir);
}

/* What is made anew, and what stays, so that nobody has to trust it again. */
static void
test_renewal (void)
{
  static const struct
  {
    const char *what;
    gint64      later;       /* µs */
    const char *names[4];    /* asked for then */
    const char *broken_file; /* overwritten before, or NULL */
    gboolean    new_authority;
    gboolean    new_server;
  } rows[] = {
    { "nothing changed", 0, { "mail.example.org", NULL }, NULL, FALSE, FALSE },
    { "in use for long", (PH_TLS_SERVER_DAYS - PH_TLS_SERVER_RENEW_DAYS - 2) * DAY, { "mail.example.org", NULL }, NULL, FALSE, FALSE },
    { "soon to expire", (PH_TLS_SERVER_DAYS - PH_TLS_SERVER_RENEW_DAYS) * DAY, { "mail.example.org", NULL }, NULL, FALSE, TRUE },
    { "expired", 2 * PH_TLS_SERVER_DAYS * DAY, { "mail.example.org", NULL }, NULL, FALSE, TRUE },
    { "the authority soon to expire", (PH_TLS_AUTHORITY_DAYS - PH_TLS_AUTHORITY_RENEW_DAYS) * DAY, { "mail.example.org", NULL }, NULL, TRUE, TRUE },
    { "the clock was wrong", -3 * DAY, { "mail.example.org", NULL }, NULL, TRUE, TRUE },
    { "another host name", 0, { "other.example.org", NULL }, NULL, FALSE, TRUE },
    { "another address", 0, { "mail.example.org", "192.0.2.8", NULL }, NULL, FALSE, TRUE },
    { "a certificate that is none", 0, { "mail.example.org", NULL }, PH_TLS_SERVER_CERTIFICATE, FALSE, TRUE },
    { "a key that is none", 0, { "mail.example.org", NULL }, PH_TLS_SERVER_KEY, FALSE, TRUE },
    { "an authority that is none", 0, { "mail.example.org", NULL }, PH_TLS_AUTHORITY_CERTIFICATE, TRUE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *dir = make_dir ();
      g_autoptr (PhTlsServer) before = make_tls (dir, names);
      g_autoptr (PhTlsServer) after = NULL;
      g_autoptr (GBytes) authority = ph_tls_authority_load (dir);
      g_autoptr (GBytes) authority_after = NULL;
      g_autofree char *certificate = g_build_filename (dir, PH_TLS_SERVER_CERTIFICATE, NULL);
      g_autofree char *key = g_build_filename (dir, PH_TLS_SERVER_KEY, NULL);
      PhTlsSource      source = { certificate, key, NULL };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", rows[i].what);
      if (rows[i].broken_file != NULL)
        {
          g_autofree char *path = g_build_filename (dir, rows[i].broken_file, NULL);

          g_assert_true (g_file_set_contents_full (path, "broken", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
        }
      g_assert_true (ph_tls_authority_ensure (dir, rows[i].names, g_get_real_time () + rows[i].later, &error));
      g_assert_no_error (error);
      after = ph_tls_server_new (&source, 1, NULL, &error);
      g_assert_no_error (error);
      authority_after = ph_tls_authority_load (dir);
      g_assert_true (g_bytes_equal (authority, authority_after) == !rows[i].new_authority);
      g_assert_true (g_str_equal (ph_tls_server_get_identity (before), ph_tls_server_get_identity (after)) == !rows[i].new_server);
      assert_private (dir, PH_TLS_SERVER_KEY);
      remove_tree (dir);
    }
}

static void
assert_refused (const PhTlsSource *source,
                const char        *word)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ph_tls_server_new (source, 1, NULL, &error));
  g_assert_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE);
  if (strstr (error->message, word) == NULL)
    g_error ("“%s” is not in “%s”", word, error->message);
}

/* V48: also the key that we made ourselves. */
static void
test_wrong (void)
{
  g_autofree char *dir = make_dir ();
  g_autofree char *other_dir = make_dir ();
  g_autofree char *certificate = g_build_filename (dir, PH_TLS_SERVER_CERTIFICATE, NULL);
  g_autofree char *key = g_build_filename (dir, PH_TLS_SERVER_KEY, NULL);
  g_autofree char *other_key = g_build_filename (other_dir, PH_TLS_SERVER_KEY, NULL);
  g_autofree char *authority_key = g_build_filename (dir, PH_TLS_AUTHORITY_KEY, NULL);
  PhTlsSource      right = { certificate, key, NULL };
  PhTlsSource      mixed = { certificate, other_key, NULL };
  PhTlsSource      alone = { certificate, NULL, NULL };
  PhTlsSource      folder = { dir, key, NULL };
  g_autoptr (GError) error = NULL;

  assert_refused (&right, key);
  g_object_unref (make_tls (dir, names));
  g_object_unref (make_tls (other_dir, names));
  assert_refused (&mixed, "does not belong");
  g_assert_cmpint (g_chmod (certificate, 0600), ==, 0);
  assert_refused (&alone, "no certificate with its key");
  assert_refused (&folder, dir);

  g_assert_cmpint (g_chmod (key, 0644), ==, 0);
  assert_refused (&right, "chmod 600");
  g_assert_false (ph_tls_authority_ensure (dir, names, g_get_real_time (), &error));
  g_assert_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE);
  g_clear_error (&error);
  g_assert_cmpint (g_chmod (key, 0640), ==, 0);
  g_object_unref (ph_tls_server_new (&right, 1, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (authority_key, 0604), ==, 0);
  g_assert_false (ph_tls_authority_ensure (dir, names, g_get_real_time (), &error));
  g_assert_nonnull (strstr (error->message, authority_key));

  g_assert_true (g_file_set_contents (certificate, "no certificate\n", -1, NULL));
  assert_refused (&right, certificate);
  remove_tree (dir);
  remove_tree (other_dir);
}

static void
test_faults (void)
{
  g_autofree char *dir = make_dir ();
  g_autoptr (PhTlsServer) tls = make_tls (dir, names);
  gint64 now = g_get_real_time ();
  const struct
  {
    const char *name;
    gint64      time;
    const char *word; /* NULL: none */
    gboolean    out_of_date;
  } rows[] = {
    { "mail.example.org", now, NULL, FALSE },
    { "", now, NULL, FALSE },
    { "other.example.org", now, "other.example.org", FALSE },
    { "mail.example.org", now + 400 * DAY, "expired", TRUE },
    { "mail.example.org", now - 2 * DAY, "not good before", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gboolean         out_of_date;
      g_autofree char *fault = ph_tls_server_find_fault (tls, rows[i].name, rows[i].time, &out_of_date);

      g_assert_true (out_of_date == rows[i].out_of_date);
      g_assert_true ((fault == NULL) == (rows[i].word == NULL));
      g_assert_true (fault == NULL || strstr (fault, rows[i].word) != NULL);
    }
  remove_tree (dir);
}

/* A certificate of the user's own, made with the tools of GnuTLS. */
static void
make_own (const char                 *path,
          const char                 *dns_name,
          gnutls_pk_algorithm_t       algorithm,
          gnutls_x509_crt_t          *certificate,
          gnutls_x509_privkey_t      *key,
          gnutls_pkcs_encrypt_flags_t flags,
          const char                 *password)
{
  gnutls_datum_t pem = { 0 };
  gnutls_datum_t key_pem = { 0 };
  g_autoptr (GString) both = g_string_new (NULL);

  gnutls_x509_privkey_init (key);
  gnutls_x509_crt_init (certificate);
  g_assert_cmpint (gnutls_x509_privkey_generate (*key, algorithm, algorithm == GNUTLS_PK_RSA ? 2048 : GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0), ==, 0);
  gnutls_x509_crt_set_version (*certificate, 3);
  gnutls_x509_crt_set_serial (*certificate, "\1", 1);
  gnutls_x509_crt_set_activation_time (*certificate, time (NULL) - 60);
  gnutls_x509_crt_set_expiration_time (*certificate, time (NULL) + 3600);
  gnutls_x509_crt_set_key (*certificate, *key);
  gnutls_x509_crt_set_subject_alt_name (*certificate, GNUTLS_SAN_DNSNAME, dns_name, (unsigned int)strlen (dns_name), GNUTLS_FSAN_SET);
  g_assert_cmpint (gnutls_x509_crt_sign2 (*certificate, *certificate, *key, GNUTLS_DIG_SHA256, 0), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_export2 (*certificate, GNUTLS_X509_FMT_PEM, &pem), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_export2_pkcs8 (*key, GNUTLS_X509_FMT_PEM, password, flags, &key_pem), ==, 0);
  g_string_append_len (both, (const char *)pem.data, pem.size);
  g_string_append_len (both, (const char *)key_pem.data, key_pem.size);
  g_assert_true (g_file_set_contents_full (path, both->str, (gssize)both->len, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  gnutls_free (pem.data);
  gnutls_free (key_pem.data);
}

static void
free_own (gnutls_x509_crt_t     certificate,
          gnutls_x509_privkey_t key)
{
  gnutls_x509_crt_deinit (certificate);
  gnutls_x509_privkey_deinit (key);
}

static void
make_pkcs12 (const char           *path,
             gnutls_x509_crt_t     certificate,
             gnutls_x509_privkey_t key,
             const char           *password)
{
  gnutls_pkcs12_t     pkcs12;
  gnutls_pkcs12_bag_t certificate_bag, key_bag;
  gnutls_datum_t      der = { 0 }, key_der = { 0 }, whole = { 0 };
  guint8              id[64];
  size_t              id_length = sizeof id;
  gnutls_datum_t      id_datum = { id, 0 };

  gnutls_pkcs12_init (&pkcs12);
  gnutls_pkcs12_bag_init (&certificate_bag);
  gnutls_pkcs12_bag_init (&key_bag);
  gnutls_x509_crt_get_key_id (certificate, 0, id, &id_length);
  id_datum.size = (unsigned int)id_length;
  g_assert_cmpint (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_DER, &der), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_DER, password, GNUTLS_PKCS_PBES2_AES_256, &key_der), ==, 0);
  g_assert_cmpint (gnutls_pkcs12_bag_set_data (certificate_bag, GNUTLS_BAG_CERTIFICATE, &der), >=, 0);
  g_assert_cmpint (gnutls_pkcs12_bag_set_data (key_bag, GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, &key_der), >=, 0);
  gnutls_pkcs12_bag_set_key_id (certificate_bag, 0, &id_datum);
  gnutls_pkcs12_bag_set_key_id (key_bag, 0, &id_datum);
  g_assert_cmpint (gnutls_pkcs12_bag_encrypt (certificate_bag, password, GNUTLS_PKCS_PBES2_AES_256), ==, 0);
  g_assert_cmpint (gnutls_pkcs12_set_bag (pkcs12, certificate_bag), ==, 0);
  g_assert_cmpint (gnutls_pkcs12_set_bag (pkcs12, key_bag), ==, 0);
  g_assert_cmpint (gnutls_pkcs12_generate_mac (pkcs12, password), ==, 0);
  g_assert_cmpint (gnutls_pkcs12_export2 (pkcs12, GNUTLS_X509_FMT_DER, &whole), ==, 0);
  g_assert_true (g_file_set_contents_full (path, (const char *)whole.data, (gssize)whole.size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  gnutls_free (der.data);
  gnutls_free (key_der.data);
  gnutls_free (whole.data);
  gnutls_pkcs12_bag_deinit (certificate_bag);
  gnutls_pkcs12_bag_deinit (key_bag);
  gnutls_pkcs12_deinit (pkcs12);
}

/* PEM with the key in the same file, locked or not, and PKCS#12. */
static void
test_forms (void)
{
  g_autofree char      *dir = make_dir ();
  g_autofree char      *pem = g_build_filename (dir, "own.pem", NULL);
  g_autofree char      *locked = g_build_filename (dir, "locked.pem", NULL);
  g_autofree char      *pkcs12 = g_build_filename (dir, "own.p12", NULL);
  gnutls_x509_crt_t     certificate, locked_certificate;
  gnutls_x509_privkey_t key, locked_key;
  const struct
  {
    PhTlsSource source;
    const char *word; /* NULL: taken */
  } rows[] = {
    { { pem, "", NULL }, NULL },
    { { pem, pem, "" }, NULL },
    { { locked, NULL, "sesame" }, NULL },
    { { locked, NULL, "open" }, "password" },
    { { locked, NULL, NULL }, locked },
    { { pkcs12, NULL, "sesame" }, NULL },
    { { pkcs12, NULL, "open" }, "password" },
    { { pkcs12, NULL, NULL }, "password" },
  };

  make_own (pem, "mail.example.org", GNUTLS_PK_ECDSA, &certificate, &key, GNUTLS_PKCS_PLAIN, NULL);
  make_own (locked, "mail.example.org", GNUTLS_PK_RSA, &locked_certificate, &locked_key, GNUTLS_PKCS_PBES2_AES_256, "sesame");
  make_pkcs12 (pkcs12, certificate, key, "sesame");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PhTlsServer) tls = NULL;

      if (rows[i].word != NULL)
        {
          assert_refused (&rows[i].source, rows[i].word);
          continue;
        }
      tls = ph_tls_server_new (&rows[i].source, 1, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (ph_tls_server_is_self_signed (tls));
    }

  g_assert_cmpint (g_chmod (pkcs12, 0644), ==, 0);
  assert_refused (&rows[5].source, "chmod 600");
  free_own (certificate, key);
  free_own (locked_certificate, locked_key);
  remove_tree (dir);
}

/* Which certificate a client with this SNI name and these algorithms is shown. */
static char *
get_shown (NetFixture *f,
           const char *sni,
           const char *priority)
{
  g_autoptr (Client) client = client_new (f);
  const gnutls_datum_t *der;
  gnutls_x509_crt_t     certificate;
  char                  name[256];
  size_t                length = sizeof name;
  unsigned int          n;
  char                 *shown;

  client->sni = sni;
  g_assert_cmpint (client_shake_hands (client, priority, NULL), ==, 0);
  client_expect (client, "hi\n");
  der = gnutls_certificate_get_peers (client->tls, &n);
  gnutls_x509_crt_init (&certificate);
  gnutls_x509_crt_import (certificate, der, GNUTLS_X509_FMT_DER);
  g_assert_cmpint (gnutls_x509_crt_get_subject_alt_name (certificate, 0, name, &length, NULL), >=, 0);
  shown = g_strdup_printf ("%s %.*s", gnutls_pk_get_name (gnutls_x509_crt_get_pk_algorithm (certificate, NULL)), (int)length, name);
  gnutls_x509_crt_deinit (certificate);

  return shown;
}

#define ECDSA_ONLY "NORMAL:-SIGN-ALL:+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SECP256R1-SHA256"
#define RSA_ONLY "NORMAL:-SIGN-ALL:+SIGN-RSA-SHA256:+SIGN-RSA-PSS-RSAE-SHA256"

/* V32: the name is looked up in the certificates that there are; others get the first. */
static void
test_sni (NetFixture   *f,
          gconstpointer data)
{
  static const struct
  {
    const char           *name;
    gnutls_pk_algorithm_t algorithm;
  } own[] = {
    { "first.test", GNUTLS_PK_ECDSA },
    { "first.test", GNUTLS_PK_RSA },
    { "*.wild.test", GNUTLS_PK_ECDSA },
    { "exact.wild.test", GNUTLS_PK_ECDSA },
    { "old.test", GNUTLS_PK_RSA },
  };
  static const struct
  {
    const char *sni;
    const char *priority;
    const char *shown;
  } rows[] = {
    { "first.test", NULL, "EC/ECDSA first.test" },
    { "FIRST.test", RSA_ONLY, "RSA first.test" },
    { "first.test", RSA_ONLY ":-VERS-ALL:+VERS-TLS1.2", "RSA first.test" },
    { "old.test", NULL, "RSA old.test" },
    { "a.wild.test", NULL, "EC/ECDSA *.wild.test" },
    { "a.wild.test", "NORMAL:-VERS-ALL:+VERS-TLS1.2", "EC/ECDSA *.wild.test" },
    { "exact.wild.test", NULL, "EC/ECDSA exact.wild.test" },
    { "a.b.wild.test", NULL, "EC/ECDSA first.test" },
    { "unknown.test", NULL, "EC/ECDSA first.test" },
    { NULL, NULL, "EC/ECDSA first.test" },
    { NULL, RSA_ONLY, "RSA first.test" },
    { "old.test", ECDSA_ONLY, "EC/ECDSA first.test" },
  };
  g_autoptr (PhTlsServer) tls = NULL;
  g_autoptr (GError) error = NULL;
  PhTlsSource sources[G_N_ELEMENTS (own)];

  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    {
      gnutls_x509_crt_t     certificate;
      gnutls_x509_privkey_t key;
      g_autofree char      *name = g_strdup_printf ("%u.pem", i);
      char                 *path = g_build_filename (f->dir, name, NULL);

      make_own (path, own[i].name, own[i].algorithm, &certificate, &key, GNUTLS_PKCS_PLAIN, NULL);
      free_own (certificate, key);
      sources[i] = (PhTlsSource){ path, NULL, NULL };
    }
  tls = ph_tls_server_new (sources, G_N_ELEMENTS (sources), NULL, &error);
  g_assert_no_error (error);
  ph_listener_set_tls (f->listener, tls, TRUE, "line");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *shown = get_shown (f, rows[i].sni, rows[i].priority);

      g_assert_cmpstr (shown, ==, rows[i].shown);
    }
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_free ((char *)sources[i].certificate_file);
}

/* A new certificate is for new connections; who is here stays, and goes on. */
static void
test_change (NetFixture   *f,
             gconstpointer data)
{
  g_autoptr (Client) before = client_new (f);
  g_autoptr (Client) after = NULL;
  g_autoptr (PhTlsServer) other = NULL;
  g_autofree char      *dir = make_dir ();
  const gnutls_datum_t *shown;
  unsigned int          n;
  g_autofree char      *fingerprint = NULL;

  g_assert_cmpint (client_shake_hands (before, NULL, NULL), ==, 0);
  client_expect (before, "hi\n");
  other = make_tls (dir, (const char *const[]){ "other.test", NULL });
  ph_listener_set_tls (f->listener, other, TRUE, "line");
  g_clear_object (&f->tls);

  client_send (before, "one\n");
  client_expect (before, "= one\n");
  after = client_new (f);
  g_assert_cmpint (client_shake_hands (after, NULL, NULL), ==, 0);
  client_expect (after, "hi\n");
  shown = gnutls_certificate_get_peers (after->tls, &n);
  fingerprint = ph_tls_notes_format_fingerprint (shown);
  g_assert_cmpstr (fingerprint, ==, ph_tls_server_get_fingerprint (other));
  remove_tree (dir);
}

/* Session tickets, with the clock of GnuTLS turned. */
static time_t now_of_gnutls;

static time_t
get_now_of_gnutls (time_t *t)
{
  if (t != NULL)
    *t = now_of_gnutls;

  return now_of_gnutls;
}

/* Whether a ticket that is so old is taken. */
static gboolean
is_resumed (NetFixture    *f,
            const char    *priority,
            gnutls_datum_t ticket)
{
  g_autoptr (Client) client = client_new (f);

  client->ticket = ticket;
  g_assert_cmpint (client_shake_hands (client, priority, NULL), ==, 0);
  client_expect (client, "hi\n");

  return gnutls_session_is_resumed (client->tls) != 0;
}

/* V31: keys of tickets change, so that an old ticket opens nothing. */
static void
test_tickets (NetFixture   *f,
              gconstpointer data)
{
  static const char *const priorities[] = { "NORMAL:-VERS-ALL:+VERS-TLS1.3", "NORMAL:-VERS-ALL:+VERS-TLS1.2" };

  now_of_gnutls = time (NULL);
  gnutls_global_set_time_function (get_now_of_gnutls);
  for (guint i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      gnutls_datum_t ticket = { 0 };
      {
        g_autoptr (Client) client = client_new (f);

        g_assert_cmpint (client_shake_hands (client, priorities[i], NULL), ==, 0);
        client_expect (client, "hi\n");
        g_assert_cmpint (gnutls_session_get_data2 (client->tls, &ticket), ==, 0);
      }
      now_of_gnutls += 60;
      g_assert_true (is_resumed (f, priorities[i], ticket));
      now_of_gnutls += 3 * 24 * 3600;
      g_assert_false (is_resumed (f, priorities[i], ticket));
      gnutls_free (ticket.data);
    }
  gnutls_global_set_time_function (time);
}

/* One note of several lines: why, and what was shown. */
static void
assert_failure_is_told (PhJournalSession *journal,
                        const char       *why)
{
  GListModel *lines = ph_journal_session_get_lines (journal);
  guint       n_blocks = 0;

  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (PhJournalLine) line = g_list_model_get_item (lines, i);
      const char *text = ph_journal_line_get_text (line);

      if (!g_str_has_prefix (text, "TLS failed\n"))
        {
          g_assert_null (strstr (text, why));
          continue;
        }
      n_blocks++;
      g_assert_nonnull (strstr (text, why));
      g_assert_nonnull (strstr (text, "\nName asked for (SNI): mail.test\n"));
      g_assert_nonnull (strstr (text, "\nOur certificate: “CN=mail.test”"));
    }
  g_assert_cmpuint (n_blocks, ==, 1);
}

/* What the person at the transcript is told. */
static void
test_notes (NetFixture   *f,
            gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);
  g_autoptr (Client) refused = NULL;
  g_autoptr (Client) alone = NULL;
  g_autofree char *text = NULL;
  g_autofree char *cause = NULL;
  g_autofree char *alert = NULL;

  g_assert_cmpint (client_shake_hands (client, NULL, "line"), ==, 0);
  client_expect (client, "hi\n");
  text = ph_journal_session_export (ph_session_get_journal (PH_SESSION (get_session (f, 0))), PH_JOURNAL_EXPORT_TEXT);
  g_assert_nonnull (strstr (text, "TLS1.3 TLS_"));
  g_assert_nonnull (strstr (text, " -- TLS begins\n"));
  g_assert_nonnull (strstr (text, " -- Name asked for (SNI): mail.test\n"));
  g_assert_nonnull (strstr (text, " -- Protocol (ALPN): line\n"));
  g_assert_nonnull (strstr (text, "Our certificate: “CN=mail.test” for mail.test, localhost, signed by “CN=Posthouse on mail.test”, until 20"));
  g_assert_nonnull (strstr (text, ph_tls_server_get_fingerprint (f->tls)));

  /* A client that does not trust it says so with an alert. */
  refused = client_new (f);
  refused->refuses = TRUE;
  g_assert_cmpint (client_shake_hands (refused, NULL, NULL), <, 0);
  wait_for (get_session (f, 1)->n_peer_closed == 1);
  ph_journal_flush (f->journal);
  g_object_get (ph_session_get_journal (PH_SESSION (get_session (f, 1))), "cause", &cause, NULL);
  g_assert_nonnull (strstr (cause, "does not trust"));
  assert_failure_is_told (ph_session_get_journal (PH_SESSION (get_session (f, 1))), cause);

  /* One with which we can't agree is sent an alert. */
  alone = client_new (f);
  g_assert_cmpint (client_shake_hands (alone, "LEGACY:-VERS-ALL:+VERS-TLS1.0", NULL), <, 0);
  wait_for (get_session (f, 2)->n_peer_closed == 1);
  ph_journal_flush (f->journal);
  alert = ph_journal_session_export (ph_session_get_journal (PH_SESSION (get_session (f, 2))), PH_JOURNAL_EXPORT_TEXT);
  g_assert_nonnull (strstr (alert, " -- Alert sent: 70, "));
}

int
main (int   argc,
      char *argv[])
{
  static const struct
  {
    const char *path;
    void (*function) (NetFixture *, gconstpointer);
  } tests[] = {
    { "/net/certificate/V32-sni", test_sni },
    { "/net/certificate/change", test_change },
    { "/net/certificate/V31-tickets", test_tickets },
    { "/net/certificate/notes", test_notes },
  };

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/net/certificate/authority", test_authority);
  g_test_add_func ("/net/certificate/renewal", test_renewal);
  g_test_add_func ("/net/certificate/V48-wrong", test_wrong);
  g_test_add_func ("/net/certificate/faults", test_faults);
  g_test_add_func ("/net/certificate/forms", test_forms);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, NetFixture, GUINT_TO_POINTER (IMPLICIT_TLS), net_fixture_set_up, tests[i].function, net_fixture_tear_down);

  return g_test_run ();
}
