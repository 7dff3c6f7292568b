#include "auth-fixture.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

static void
answer_cb (PhSaslExchange *exchange,
           PhSaslOutcome   outcome,
           const char     *text,
           PhAccount      *account,
           gpointer        data)
{
  Fixture *fixture = data;
  gsize    length;

  g_assert_false (fixture->is_answered);
  fixture->is_answered = TRUE;
  fixture->outcome = outcome;
  fixture->text = text != NULL ? (char *)g_base64_decode (text, &length) : NULL;
  if (fixture->text != NULL)
    {
      fixture->text = g_realloc (fixture->text, length + 1);
      fixture->text[length] = '\0';
    }
  g_set_object (&fixture->account, account);
  g_assert_true ((outcome == PH_SASL_SUCCEEDED) == (account != NULL));
  g_assert_true ((outcome == PH_SASL_CONTINUE) == (text != NULL));
}

static PhSaslOutcome
step_raw (Fixture        *fixture,
          PhSaslExchange *exchange,
          const char     *line)
{
  clear_answer (fixture);
  ph_sasl_exchange_step (exchange, line, -1, answer_cb, fixture);
  while (!fixture->is_answered)
    g_main_context_iteration (NULL, TRUE);

  return fixture->outcome;
}

static PhSaslOutcome
step_bytes (Fixture        *fixture,
            PhSaslExchange *exchange,
            const char     *bytes,
            gsize           length)
{
  g_autofree char *line = g_base64_encode ((const guint8 *)bytes, length);

  return step_raw (fixture, exchange, line);
}

static PhSaslOutcome
step_text (Fixture        *fixture,
           PhSaslExchange *exchange,
           const char     *text)
{
  return step_bytes (fixture, exchange, text, strlen (text));
}

static PhSaslExchange *
begin (Fixture    *fixture,
       const char *mechanism)
{
  static guint     n;
  g_autofree char *address = g_strdup_printf ("203.0.%u.%u", n / 250, n % 250);
  g_autoptr (PhPeer) peer = make_peer (address, TRUE);

  n++;

  return ph_sasl_exchange_new (fixture->authenticator, mechanism, PH_PROTOCOL_IMAP, peer);
}

static void
assert_offered (Fixture    *fixture,
                PhPeer     *peer,
                const char *expected)
{
  static const char *const all[] = { "EXTERNAL", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN", "LOGIN" };
  g_autofree const char  **names = ph_sasl_list_mechanisms (fixture->authenticator, peer);
  g_autofree char         *list = g_strjoinv (" ", (GStrv)names);

  g_assert_cmpstr (list, ==, expected);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *lower = g_ascii_strdown (all[i], -1);
      g_autoptr (PhSaslExchange) exchange = ph_sasl_exchange_new (fixture->authenticator, lower, PH_PROTOCOL_IMAP, peer);

      g_assert_true ((exchange != NULL) == g_strv_contains ((const char *const *)names, all[i]));
    }
}

/* What is offered is what the connection is good for, and nothing else is taken. */
static void
test_list (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (PhPeer) tls = make_peer (HERE, TRUE);
  g_autoptr (PhPeer) clear = make_peer (HERE, FALSE);
  g_autoptr (PhPeer) here = make_peer ("127.0.0.1", FALSE);
  const char *certificates[] = { "no fingerprint", "sha256 Fingerprint=" FINGERPRINT, NULL };

  assert_offered (fixture, tls, "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN");
  assert_offered (fixture, clear, "");
  assert_offered (fixture, here, "SCRAM-SHA-256 PLAIN LOGIN");
  assert_offered (fixture, NULL, "");
  g_clear_pointer (&tls->tls_exporter, g_bytes_unref);
  g_clear_pointer (&tls->tls_server_end_point, g_bytes_unref);
  assert_offered (fixture, tls, "SCRAM-SHA-256 PLAIN LOGIN");

  /* Only who asks for it by name has it in clear. */
  ph_authenticator_allow_clear (fixture->authenticator, TRUE);
  assert_offered (fixture, clear, "SCRAM-SHA-256 PLAIN LOGIN");
  ph_authenticator_allow_clear (fixture->authenticator, FALSE);

  /* V22: a certificate is worth something if it is bound to somebody, and to one. */
  tls->tls_certificate = g_strdup (FINGERPRINT);
  assert_offered (fixture, tls, "SCRAM-SHA-256 PLAIN LOGIN");
  g_object_set (fixture->alice, "certificates", certificates, NULL);
  g_assert_true (ph_accounts_has_certificates (fixture->accounts));
  assert_offered (fixture, tls, "EXTERNAL SCRAM-SHA-256 PLAIN LOGIN");
  g_object_set (fixture->alice, "enabled", FALSE, NULL);
  assert_offered (fixture, tls, "SCRAM-SHA-256 PLAIN LOGIN");
  g_object_set (fixture->alice, "enabled", TRUE, NULL);
  g_object_set (ph_accounts_find (fixture->accounts, "bob@a.test"), "certificates", certificates, NULL);
  assert_offered (fixture, tls, "SCRAM-SHA-256 PLAIN LOGIN");
}

#define LITERAL(text) text, sizeof text - 1

/* RFC 4616 */
static void
test_plain (Fixture      *fixture,
            gconstpointer data)
{
  static const struct
  {
    const char   *bytes;
    gsize         length;
    PhSaslOutcome outcome;
  } rows[] = {
    { LITERAL ("\0alice@a.test\0pässword one"), PH_SASL_SUCCEEDED },
    { LITERAL ("alice@a.test\0alice@a.test\0pässword one"), PH_SASL_SUCCEEDED },
    { LITERAL ("\0alice\0wrong"), PH_SASL_FAILED },
    { LITERAL ("bob@a.test\0alice@a.test\0pässword one"), PH_SASL_FAILED }, /* V22 */
    { LITERAL ("\0nobody\0other"), PH_SASL_FAILED },
    { LITERAL ("\0gone@a.test\0other"), PH_SASL_FAILED },
    { LITERAL (""), PH_SASL_MALFORMED },
    { LITERAL ("\0"), PH_SASL_MALFORMED },
    { LITERAL ("\0\0"), PH_SASL_MALFORMED },
    { LITERAL ("\0alice"), PH_SASL_MALFORMED },
    { LITERAL ("\0alice\0"), PH_SASL_MALFORMED },
    { LITERAL ("\0\0other"), PH_SASL_MALFORMED },
    { LITERAL ("\0alice\0pässword one\0"), PH_SASL_MALFORMED },
    { LITERAL ("\0alice\0pässword\0one"), PH_SASL_MALFORMED },
    { LITERAL ("\0\xff\0other"), PH_SASL_MALFORMED }, /* V21: CVE-2019-10691 */
    { LITERAL ("\xff\0alice\0other"), PH_SASL_MALFORMED },
    { LITERAL ("\0alice\0\xff"), PH_SASL_MALFORMED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint later = 0; later < 2; later++)
      {
        g_autoptr (PhSaslExchange) exchange = begin (fixture, "PLAIN");
        g_autofree char *line = g_base64_encode ((const guint8 *)rows[i].bytes, rows[i].length);

        if (later)
          {
            g_assert_cmpuint (step_raw (fixture, exchange, NULL), ==, PH_SASL_CONTINUE);
            g_assert_cmpstr (fixture->text, ==, "");
          }
        g_assert_cmpuint (step_raw (fixture, exchange, line), ==, rows[i].outcome);
        if (rows[i].outcome == PH_SASL_SUCCEEDED)
          g_assert_true (fixture->account == fixture->alice);

        /* What is over is over. */
        g_assert_cmpuint (step_raw (fixture, exchange, line), ==, PH_SASL_MALFORMED);
      }
}

static void
test_login (Fixture      *fixture,
            gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PhSaslExchange) exchange = begin (fixture, "LOGIN");

      if (i == 0)
        {
          g_assert_cmpuint (step_raw (fixture, exchange, NULL), ==, PH_SASL_CONTINUE);
          g_assert_cmpstr (fixture->text, ==, "Username:");
        }
      g_assert_cmpuint (step_text (fixture, exchange, "alice"), ==, PH_SASL_CONTINUE);
      g_assert_cmpstr (fixture->text, ==, "Password:");
      g_assert_cmpuint (step_text (fixture, exchange, i == 0 ? "pässword one" : "wrong"), ==, i == 0 ? PH_SASL_SUCCEEDED : PH_SASL_FAILED);
    }
}

/* V21, I24: cancelled, malformed or dropped at each step of each mechanism. */
static void
test_mistakes (Fixture      *fixture,
               gconstpointer data)
{
  static const char *const mechanisms[] = { "SCRAM-SHA-256", "PLAIN", "LOGIN" };
  static const char *const bad[] = { "A", "AAA", "****", "AA==AAAA", "AB==", "YWxpY2U", " YWxpY2U=", "YWxpY2U=\r", "AA==" };
  g_autofree char         *too_long = g_strnfill (12292, 'A');

  for (guint i = 0; i < G_N_ELEMENTS (mechanisms); i++)
    for (guint n_steps = 0; n_steps < 3; n_steps++)
      for (guint j = 0; j < G_N_ELEMENTS (bad) + 4; j++)
        {
          g_autoptr (PhSaslExchange) exchange = begin (fixture, mechanisms[i]);

          if (n_steps > 0)
            g_assert_cmpuint (step_raw (fixture, exchange, NULL), ==, PH_SASL_CONTINUE);
          if (n_steps > 1 && i == 1)
            continue;
          if (n_steps > 1)
            g_assert_cmpuint (step_text (fixture, exchange, i == 0 ? "n,,n=alice,r=abc" : "alice"), ==, PH_SASL_CONTINUE);

          if (j < G_N_ELEMENTS (bad))
            g_assert_cmpuint (step_raw (fixture, exchange, bad[j]), ==, PH_SASL_MALFORMED);
          else if (j == G_N_ELEMENTS (bad))
            g_assert_cmpuint (step_raw (fixture, exchange, "*"), ==, PH_SASL_CANCELLED);
          else if (j == G_N_ELEMENTS (bad) + 1)
            g_assert_cmpuint (step_raw (fixture, exchange, "="), ==, PH_SASL_MALFORMED);
          else if (j == G_N_ELEMENTS (bad) + 2)
            g_assert_cmpuint (step_raw (fixture, exchange, too_long), ==, PH_SASL_MALFORMED);
        }
}

/* V21: dropped while a worker hashes: no answer, no leak. */
static void
test_dispose (Fixture      *fixture,
              gconstpointer data)
{
  for (guint i = 0; i < 20; i++)
    {
      PhSaslExchange  *exchange = begin (fixture, "PLAIN");
      g_autofree char *line = g_base64_encode ((const guint8 *)LITERAL ("\0alice\0wrong"));

      clear_answer (fixture);
      ph_sasl_exchange_step (exchange, line, -1, answer_cb, fixture);
      g_usleep (i * 500);
      g_assert_finalize_object (exchange);
      settle ();
      g_assert_false (fixture->is_answered);
    }
}

static void
drop_cb (PhSaslExchange *exchange,
         PhSaslOutcome   outcome,
         const char     *text,
         PhAccount      *account,
         gpointer        data)
{
  g_clear_object ((PhSaslExchange **)data);
}

/* Sessions may drop the exchange when it answers. */
static void
test_dispose_in_answer (Fixture      *fixture,
                        gconstpointer data)
{
  static const char *const lines[] = { NULL, "*", "A", "AGFsaWNlAHdyb25n" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      PhSaslExchange *exchange = begin (fixture, "PLAIN");

      ph_sasl_exchange_step (exchange, lines[i], -1, drop_cb, &exchange);
      while (exchange != NULL)
        g_main_context_iteration (NULL, TRUE);
    }
}

/* A SCRAM client, after RFC 5802 section 3. */
typedef struct
{
  const char *header;  /* gs2-header sent */
  const char *claimed; /* that in "c=", with what it binds to */
  const char *name;
  const char *password;
  const char *nonce_suffix; /* added to the nonce that the server sent */
} Client;

static char *
make_final (const Client *client,
            const char   *server_first,
            guint8        server_signature[32])
{
  g_auto (GStrv) parts = g_strsplit (server_first, ",", -1);
  g_autofree char   *binding = g_base64_encode ((const guint8 *)client->claimed, strlen (client->claimed));
  g_autofree char   *without_proof = g_strdup_printf ("c=%s,r=%s%s", binding, parts[0] + 2, client->nonce_suffix);
  g_autofree char   *message = g_strdup_printf ("n=%s,r=clientnonce,%s,%s", client->name, server_first, without_proof);
  g_autofree char   *proof = NULL;
  gsize              salt_length;
  g_autofree guint8 *salt = g_base64_decode (parts[1] + 2, &salt_length);
  gnutls_datum_t     password = { (guint8 *)client->password, (guint)strlen (client->password) };
  gnutls_datum_t     salt_datum = { salt, (guint)salt_length };
  guint8             salted[32], client_key[32], stored_key[32], server_key[32], signature[32];

  g_assert_true (g_str_has_prefix (parts[0], "r=clientnonce"));
  g_assert_cmpuint (strlen (parts[0]), ==, strlen ("r=clientnonce") + 24);
  g_assert_cmpstr (parts[2], ==, "i=10000");
  gnutls_pbkdf2 (GNUTLS_MAC_SHA256, &password, &salt_datum, 10000, salted, 32);
  gnutls_hmac_fast (GNUTLS_MAC_SHA256, salted, 32, "Client Key", 10, client_key);
  gnutls_hash_fast (GNUTLS_DIG_SHA256, client_key, 32, stored_key);
  gnutls_hmac_fast (GNUTLS_MAC_SHA256, stored_key, 32, message, strlen (message), signature);
  for (guint i = 0; i < 32; i++)
    client_key[i] ^= signature[i];
  gnutls_hmac_fast (GNUTLS_MAC_SHA256, salted, 32, "Server Key", 10, server_key);
  gnutls_hmac_fast (GNUTLS_MAC_SHA256, server_key, 32, message, strlen (message), server_signature);
  proof = g_base64_encode (client_key, 32);

  return g_strdup_printf ("%s,p=%s", without_proof, proof);
}

/* RFC 7677; V22: the header is what the client meant, the nonce is ours. */
static void
test_scram (Fixture      *fixture,
            gconstpointer data)
{
  static const struct
  {
    Client   client;
    gboolean is_right;
  } rows[] = {
    { { "n,,", "n,,", "alice@a.test", "pässword one", "" }, TRUE },
    { { "n,a=alice@a.test,", "n,a=alice@a.test,", "alice", "pässword one", "" }, TRUE },
    { { "n,a=bob@a.test,", "n,a=bob@a.test,", "alice", "pässword one", "" }, FALSE },
    { { "n,,", "n,,", "alice", "wrong", "" }, FALSE },
    { { "n,,", "y,,", "alice", "pässword one", "" }, FALSE },
    { { "y,,", "n,,", "alice", "pässword one", "" }, FALSE },
    { { "n,,", "p=tls-exporter,,", "alice", "pässword one", "" }, FALSE },
    { { "n,,", "n,,", "alice", "pässword one", "x" }, FALSE },
    { { "n,,", "n,,", "nobody", "pässword one", "" }, FALSE },
    { { "n,,", "n,,", "gone@a.test", "other", "" }, FALSE },
    { { "n,,", "n,,", "b=2Cb=3D", "other", "" }, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const Client *client = &rows[i].client;
      g_autoptr (PhSaslExchange) exchange = begin (fixture, "SCRAM-SHA-256");
      g_autofree char *first = g_strdup_printf ("%sn=%s,r=clientnonce", client->header, client->name);
      g_autofree char *final = NULL, *expected = NULL, *signature_text = NULL;
      guint8           signature[32];

      g_assert_cmpuint (step_text (fixture, exchange, first), ==, PH_SASL_CONTINUE);
      final = make_final (client, fixture->text, signature);
      g_assert_cmpuint (step_text (fixture, exchange, final), ==, rows[i].is_right ? PH_SASL_CONTINUE : PH_SASL_FAILED);
      if (!rows[i].is_right)
        continue;

      signature_text = g_base64_encode (signature, sizeof signature);
      expected = g_strconcat ("v=", signature_text, NULL);
      g_assert_cmpstr (fixture->text, ==, expected);
      g_assert_cmpuint (step_raw (fixture, exchange, ""), ==, PH_SASL_SUCCEEDED);
      g_assert_true (fixture->account == fixture->alice);
    }
}

/* V22: the binding is that of this connection, the flag is what the client meant, and each
 * mechanism takes its own: right, wrong, cut away, downgraded. */
static void
test_scram_binding (Fixture      *fixture,
                    gconstpointer data)
{
  static const struct
  {
    const char   *mechanism;
    Client        client;
    PhSaslOutcome first;
    PhSaslOutcome last;
  } rows[] = {
#define PLUS "SCRAM-SHA-256-PLUS"
#define BARE "SCRAM-SHA-256"
#define CLIENT(header, claimed) { header, claimed, "alice", "pässword one", "" }
    { PLUS, CLIENT ("p=tls-exporter,,", "p=tls-exporter,," EXPORTER), PH_SASL_CONTINUE, PH_SASL_CONTINUE },
    { PLUS, CLIENT ("p=tls-server-end-point,,", "p=tls-server-end-point,," END_POINT), PH_SASL_CONTINUE, PH_SASL_CONTINUE },
    { PLUS, CLIENT ("p=tls-exporter,a=alice@a.test,", "p=tls-exporter,a=alice@a.test," EXPORTER), PH_SASL_CONTINUE, PH_SASL_CONTINUE },
    { PLUS, CLIENT ("p=tls-exporter,,", "p=tls-exporter,,exporter of that connection"), PH_SASL_CONTINUE, PH_SASL_FAILED },
    { PLUS, CLIENT ("p=tls-exporter,,", "p=tls-exporter,," END_POINT), PH_SASL_CONTINUE, PH_SASL_FAILED },
    { PLUS, CLIENT ("p=tls-exporter,,", "p=tls-exporter,,"), PH_SASL_CONTINUE, PH_SASL_FAILED },
    { PLUS, CLIENT ("p=tls-exporter,,", "p=tls-server-end-point,," END_POINT), PH_SASL_CONTINUE, PH_SASL_FAILED },
    { PLUS, CLIENT ("p=tls-exporter,,", "n,,"), PH_SASL_CONTINUE, PH_SASL_FAILED },
    { PLUS, CLIENT ("p=tls-exporter,,", "y,,"), PH_SASL_CONTINUE, PH_SASL_FAILED },
    { PLUS, { "p=tls-exporter,,", "p=tls-exporter,," EXPORTER, "alice", "wrong", "" }, PH_SASL_CONTINUE, PH_SASL_FAILED },
    { PLUS, CLIENT ("n,,", "n,,"), PH_SASL_MALFORMED, 0 },
    { PLUS, CLIENT ("y,,", "y,,"), PH_SASL_MALFORMED, 0 },
    { PLUS, CLIENT ("p=tls-unique,,", ""), PH_SASL_MALFORMED, 0 },
    { PLUS, CLIENT ("p=,,", ""), PH_SASL_MALFORMED, 0 },
    { PLUS, CLIENT ("p=tls-exporter", ""), PH_SASL_MALFORMED, 0 },
    { BARE, CLIENT ("n,,", "n,,"), PH_SASL_CONTINUE, PH_SASL_CONTINUE },
    { BARE, CLIENT ("y,,", "y,,"), PH_SASL_CONTINUE, PH_SASL_FAILED }, /* somebody hid -PLUS */
    { BARE, CLIENT ("p=tls-exporter,,", "p=tls-exporter,," EXPORTER), PH_SASL_MALFORMED, 0 },
#undef CLIENT
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const Client *client = &rows[i].client;
      g_autoptr (PhSaslExchange) exchange = begin (fixture, rows[i].mechanism);
      g_autofree char *first = g_strdup_printf ("%sn=%s,r=clientnonce", client->header, client->name);
      g_autofree char *final = NULL;
      guint8           signature[32];

      g_assert_cmpuint (step_text (fixture, exchange, first), ==, rows[i].first);
      if (rows[i].first != PH_SASL_CONTINUE)
        continue;
      final = make_final (client, fixture->text, signature);
      g_assert_cmpuint (step_text (fixture, exchange, final), ==, rows[i].last);
      /* Who does not even know the password is no sign of somebody in between. */
      g_assert_cmpint (ph_sasl_exchange_get_warning (exchange) != NULL, ==, rows[i].last == PH_SASL_FAILED && !g_str_equal (client->password, "wrong"));
      if (rows[i].last == PH_SASL_CONTINUE)
        g_assert_cmpuint (step_raw (fixture, exchange, ""), ==, PH_SASL_SUCCEEDED);
    }
}

/* Where there is nothing to bind to, "y" is the truth. */
static void
test_scram_clear (Fixture      *fixture,
                  gconstpointer data)
{
  const Client client = { "y,,", "y,,", "alice", "pässword one", "" };
  g_autoptr (PhPeer) here = make_peer ("127.0.0.1", FALSE);
  g_autoptr (PhSaslExchange) exchange = ph_sasl_exchange_new (fixture->authenticator, "SCRAM-SHA-256", PH_PROTOCOL_IMAP, here);
  g_autofree char *final = NULL;
  guint8           signature[32];

  g_assert_cmpuint (step_text (fixture, exchange, "y,,n=alice,r=clientnonce"), ==, PH_SASL_CONTINUE);
  final = make_final (&client, fixture->text, signature);
  g_assert_cmpuint (step_text (fixture, exchange, final), ==, PH_SASL_CONTINUE);
}

/* Each secret opens the account, by PLAIN and by SCRAM; who takes one back shuts that one out,
 * and when each was used is known. */
static void
test_app_passwords (Fixture      *fixture,
                    gconstpointer data)
{
  const PhScramCredential *main_credential = ph_account_get_credential (fixture->alice);
  g_autoptr (PhScramCredential) phone_credential = ph_scram_credential_new_like (main_credential, "phone secret", NULL);
  g_autoptr (PhScramCredential) other_salt = ph_scram_credential_new ("other salt", NULL);
  g_autoptr (PhAppPassword) phone = ph_app_password_new (NULL, "Phone", phone_credential, START);
  g_autoptr (PhAppPassword) odd = ph_app_password_new (NULL, "Odd", other_salt, START);
  const Client client = { "n,,", "n,,", "alice", "phone secret", "" };

  g_assert_true (ph_account_add_app_password (fixture->alice, phone));
  g_assert_false (ph_account_add_app_password (fixture->alice, odd));
  g_assert_cmpint (ph_app_password_get_last_used (phone), ==, 0);
  g_assert_true (check (fixture, "alice", "pässword one", HERE));
  g_assert_cmpint (ph_app_password_get_last_used (phone), ==, 0);
  ph_clock_advance (fixture->clock, G_USEC_PER_SEC);
  g_assert_true (check (fixture, "alice", "phone secret", HERE));
  g_assert_cmpint (ph_app_password_get_last_used (phone), ==, START + G_USEC_PER_SEC);
  g_assert_false (check (fixture, "alice", "other salt", "198.51.100.1"));
  g_assert_false (check (fixture, "bob@a.test", "phone secret", "198.51.100.2"));

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PhSaslExchange) exchange = begin (fixture, "SCRAM-SHA-256");
      g_autofree char *final = NULL;
      guint8           signature[32];

      g_assert_cmpuint (step_text (fixture, exchange, "n,,n=alice,r=clientnonce"), ==, PH_SASL_CONTINUE);
      final = make_final (&client, fixture->text, signature);

      /* Taken back between the two steps: no. */
      if (i == 1)
        g_assert_true (ph_account_remove_app_password (fixture->alice, ph_app_password_get_id (phone)));
      g_assert_cmpuint (step_text (fixture, exchange, final), ==, i == 0 ? PH_SASL_CONTINUE : PH_SASL_FAILED);
    }
  g_assert_false (check (fixture, "alice", "phone secret", "198.51.100.3"));
  g_assert_false (ph_account_remove_app_password (fixture->alice, ph_app_password_get_id (phone)));
  g_assert_true (check (fixture, "alice", "pässword one", ELSEWHERE));
}

/* V22: EXTERNAL is who the certificate is bound to, and nobody else. */
static void
test_external (Fixture      *fixture,
               gconstpointer data)
{
  static const struct
  {
    const char   *bytes;
    gsize         length;
    PhSaslOutcome outcome;
  } rows[] = {
    { "", 0, PH_SASL_SUCCEEDED },
    { "alice@a.test", 12, PH_SASL_SUCCEEDED },
    { "ALICE@a.test", 12, PH_SASL_SUCCEEDED },
    { "bob@a.test", 10, PH_SASL_FAILED },
    { "nobody", 6, PH_SASL_FAILED },
    { "alice\0", 6, PH_SASL_MALFORMED },
    { "\xff", 1, PH_SASL_MALFORMED },
  };
  const char *certificates[] = { FINGERPRINT, NULL };

  g_object_set (fixture->alice, "certificates", certificates, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *address = g_strdup_printf ("198.51.100.%u", i);
      g_autoptr (PhPeer) peer = make_peer (address, TRUE);
      g_autoptr (PhSaslExchange) exchange = NULL;

      peer->tls_certificate = g_strdup (FINGERPRINT);
      exchange = ph_sasl_exchange_new (fixture->authenticator, "EXTERNAL", PH_PROTOCOL_IMAP, peer);
      g_assert_cmpuint (step_bytes (fixture, exchange, rows[i].bytes, rows[i].length), ==, rows[i].outcome);
      if (rows[i].outcome == PH_SASL_SUCCEEDED)
        g_assert_true (fixture->account == fixture->alice);
    }
}

/* Each way to prove it learns that the protocol is switched off; one that proves nothing does not (V20). */
static void
test_forbidden (Fixture      *fixture,
                gconstpointer data)
{
  const char  *certificates[] = { FINGERPRINT, NULL };
  const Client client = { "n,,", "n,,", "alice", "pässword one", "" };
  guint8       signature[32];

  g_object_set (fixture->alice, "certificates", certificates, "protocols", (guint)PH_PROTOCOL_POP3, NULL);
  fixture->tls->tls_certificate = g_strdup (FINGERPRINT);
  for (PhProtocols protocol = PH_PROTOCOL_IMAP; protocol <= PH_PROTOCOL_POP3; protocol <<= 1)
    {
      gboolean         is_forbidden = protocol == PH_PROTOCOL_IMAP;
      PhSaslOutcome    right = is_forbidden ? PH_SASL_FORBIDDEN : PH_SASL_SUCCEEDED;
      g_autofree char *final = NULL;
      g_autoptr (PhSaslExchange) plain = ph_sasl_exchange_new (fixture->authenticator, "PLAIN", protocol, fixture->tls);
      g_autoptr (PhSaslExchange) external = ph_sasl_exchange_new (fixture->authenticator, "EXTERNAL", protocol, fixture->tls);
      g_autoptr (PhSaslExchange) scram = ph_sasl_exchange_new (fixture->authenticator, "SCRAM-SHA-256", protocol, fixture->tls);

      g_assert_cmpuint (step_bytes (fixture, plain, LITERAL ("\0alice\0pässword one")), ==, right);
      g_assert_true (is_forbidden == (ph_sasl_exchange_get_warning (plain) != NULL));
      g_assert_cmpuint (step_bytes (fixture, external, "", 0), ==, right);
      g_assert_cmpuint (step_text (fixture, scram, "n,,n=alice,r=clientnonce"), ==, PH_SASL_CONTINUE);
      final = make_final (&client, fixture->text, signature);
      g_assert_cmpuint (step_text (fixture, scram, final), ==, is_forbidden ? PH_SASL_FORBIDDEN : PH_SASL_CONTINUE);
    }

  {
    g_autoptr (PhSaslExchange) wrong = ph_sasl_exchange_new (fixture->authenticator, "PLAIN", PH_PROTOCOL_IMAP, fixture->tls);

    g_assert_cmpuint (step_bytes (fixture, wrong, LITERAL ("\0alice\0wrong")), ==, PH_SASL_FAILED);
    g_assert_null (ph_sasl_exchange_get_warning (wrong));
  }
}

/* V22: what was once right is worth nothing in another exchange. */
static void
test_scram_replay (Fixture      *fixture,
                   gconstpointer data)
{
  const Client client = { "n,,", "n,,", "alice", "pässword one", "" };
  g_autoptr (PhSaslExchange) exchange = begin (fixture, "SCRAM-SHA-256");
  g_autoptr (PhSaslExchange) second = begin (fixture, "SCRAM-SHA-256");
  g_autofree char *final = NULL;
  guint8           signature[32];

  g_assert_cmpuint (step_text (fixture, exchange, "n,,n=alice,r=clientnonce"), ==, PH_SASL_CONTINUE);
  final = make_final (&client, fixture->text, signature);
  g_assert_cmpuint (step_text (fixture, exchange, final), ==, PH_SASL_CONTINUE);
  g_assert_cmpuint (step_text (fixture, second, "n,,n=alice,r=clientnonce"), ==, PH_SASL_CONTINUE);
  g_assert_cmpuint (step_text (fixture, second, final), ==, PH_SASL_FAILED);
}

static void
test_scram_malformed (Fixture      *fixture,
                      gconstpointer data)
{
  static const char *const firsts[] = {
    "",
    "n",
    "n,",
    "n,,",
    "x,,n=a,r=b",
    "p=tls-unique,,n=a,r=b",
    "n,,n=,r=b",
    "n,,n=a,r=",
    "n,,n=a",
    "n,,r=b,n=a",
    "n,,m=x,n=a,r=b",
    "n,,n=a=,r=b",
    "n,,n=a=2c,r=b",
    "n,,n=a=41,r=b",
    "n,a=,n=a,r=b",
    "n,a=x",
    "n,b=x,n=a,r=b",
    "n,,n=a,r=b c",
    "n,,n=a,r=\xc3\xa9",
    "n,,n=\xff,r=b",
    "N,,n=a,r=b",
  };
  static const char *const finals[] = {
    "",
    "c=biws",
    "c=biws,r=abc",
    "r=abc,c=biws,p=AAAA",
    "c=biws,r=abc,p=",
    "c=biws,r=abc,p=AAAA",
    "c=biws,r=abc,p=****",
    "c=biws,r=abc,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ",
    "c=biws,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  };

  for (guint i = 0; i < G_N_ELEMENTS (firsts); i++)
    {
      g_autoptr (PhSaslExchange) exchange = begin (fixture, "SCRAM-SHA-256");

      g_assert_cmpuint (step_text (fixture, exchange, firsts[i]), ==, PH_SASL_MALFORMED);
    }
  for (guint i = 0; i < G_N_ELEMENTS (finals); i++)
    {
      g_autoptr (PhSaslExchange) exchange = begin (fixture, "SCRAM-SHA-256");

      g_assert_cmpuint (step_text (fixture, exchange, "n,,n=alice,r=abc"), ==, PH_SASL_CONTINUE);
      g_assert_cmpuint (step_text (fixture, exchange, finals[i]), ==, PH_SASL_MALFORMED);
    }
}

#define ADD(name, function) g_test_add ("/auth/sasl/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("list", test_list);
  ADD ("plain", test_plain);
  ADD ("login", test_login);
  ADD ("mistakes", test_mistakes);
  ADD ("dispose", test_dispose);
  ADD ("dispose-in-answer", test_dispose_in_answer);
  ADD ("scram", test_scram);
  ADD ("V22-scram-binding", test_scram_binding);
  ADD ("scram-clear", test_scram_clear);
  ADD ("app-passwords", test_app_passwords);
  ADD ("V22-external", test_external);
  ADD ("V20-forbidden", test_forbidden);
  ADD ("scram-replay", test_scram_replay);
  ADD ("scram-malformed", test_scram_malformed);

  return g_test_run ();
}
