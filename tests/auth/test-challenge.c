/* APOP and CRAM-MD5: the arithmetic, and the login of accounts that ask for it. */

#include "ph-auth-error.h"
#include "ph-sasl-exchange.h"

#include <string.h>

#define ADDRESS "old@a.test"
#define PASSWORD "tanstaaftanstaaf"

/* The examples of RFC 1939 section 7 and RFC 2195 section 2. */
static void
test_examples (void)
{
  static const char apop[] = "<1896.697170952@dbc.mtview.ca.us>", cram[] = "<1896.697170952@postoffice.reston.mci.net>";

  g_assert_true (ph_challenge_fits (PH_CHALLENGE_APOP, apop, "tanstaaf", "c4c9334bac560ecc979e58001b3e22fb"));
  g_assert_true (ph_challenge_fits (PH_CHALLENGE_APOP, apop, "tanstaaf", "C4C9334BAC560ECC979E58001B3E22FB"));
  g_assert_false (ph_challenge_fits (PH_CHALLENGE_APOP, apop, "tanstaaf", "c4c9334bac560ecc979e58001b3e22fc"));
  g_assert_false (ph_challenge_fits (PH_CHALLENGE_CRAM_MD5, apop, "tanstaaf", "c4c9334bac560ecc979e58001b3e22fb"));
  g_assert_true (ph_challenge_fits (PH_CHALLENGE_CRAM_MD5, cram, PASSWORD, "b913a602c7eda7a495b4e6e7334d3890"));
  g_assert_false (ph_challenge_fits (PH_CHALLENGE_CRAM_MD5, cram, "tanstaaftanstaag", "b913a602c7eda7a495b4e6e7334d3890"));
}

static void
test_challenges (void)
{
  g_autofree char *one = ph_challenge_new ("mail.example.org"), *other = ph_challenge_new ("mail.example.org");

  g_assert_true (g_regex_match_simple ("^<[0-9a-f]{24}\\.[0-9]+@mail\\.example\\.org>$", one, 0, 0));
  g_assert_cmpstr (one, !=, other);
  g_assert_true (ph_challenge_is_digest ("b913a602c7eda7a495b4e6e7334d3890", 32));
  g_assert_false (ph_challenge_is_digest ("b913a602c7eda7a495b4e6e7334d389", 31));
  g_assert_false (ph_challenge_is_digest ("b913a602c7eda7a495b4e6e7334d389g", 32));
  g_assert_false (ph_challenge_is_digest ("b913a602c7eda7a495b4e6e7334d38900", 33));
}

typedef struct
{
  PhClock         *clock;
  PhWorkerPool    *workers;
  PhAccounts      *accounts;
  PhAuthenticator *authenticator;
  PhAccount       *account;
  PhPeer          *peer; /* without TLS, from elsewhere */

  gboolean      is_answered;
  PhSaslOutcome outcome;
  char         *challenge;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new (PASSWORD, NULL);
  g_autoptr (PhAccount) other = ph_account_new ("new@a.test", credential);

  fixture->clock = ph_clock_new_manual (G_USEC_PER_SEC);
  fixture->workers = ph_worker_pool_new ("auth", 1);
  fixture->accounts = ph_accounts_new ();
  fixture->account = ph_account_new (ADDRESS, credential);
  g_assert_true (ph_accounts_add (fixture->accounts, fixture->account, NULL));
  g_assert_true (ph_accounts_add (fixture->accounts, other, NULL));
  fixture->authenticator = ph_authenticator_new (fixture->accounts, fixture->clock, fixture->workers);
  fixture->peer = ph_peer_new ("127.0.0.1", 40000);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_free (fixture->challenge);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (fixture->authenticator);
  g_object_unref (fixture->account);
  g_object_unref (fixture->accounts);
  g_object_unref (fixture->workers);
  g_object_unref (fixture->clock);
  ph_peer_unref (fixture->peer);
}

/* Off unless an account that may log in asks for it; and only where a password may go as well. */
static void
test_offer (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (PhPeer) away = ph_peer_new ("192.0.2.1", 40000);

  g_assert_false (ph_authenticator_takes_challenges (fixture->authenticator, fixture->peer));
  g_assert_null (ph_sasl_exchange_new (fixture->authenticator, "CRAM-MD5", PH_PROTOCOL_IMAP, fixture->peer));

  g_object_set (fixture->account, "clear-password", PASSWORD, NULL);
  g_assert_true (ph_authenticator_takes_challenges (fixture->authenticator, fixture->peer));
  {
    g_autofree const char **names = ph_sasl_list_mechanisms (fixture->authenticator, fixture->peer);

    g_assert_true (g_strv_contains (names, "CRAM-MD5"));
  }

  /* Who listens could guess at it. */
  g_assert_false (ph_authenticator_takes_challenges (fixture->authenticator, away));
  g_assert_null (ph_sasl_exchange_new (fixture->authenticator, "CRAM-MD5", PH_PROTOCOL_IMAP, away));
  {
    g_autofree const char **names = ph_sasl_list_mechanisms (fixture->authenticator, away);

    g_assert_null (names[0]);
  }
  ph_authenticator_allow_clear (fixture->authenticator, TRUE);
  g_assert_true (ph_authenticator_takes_challenges (fixture->authenticator, away));
  ph_authenticator_allow_clear (fixture->authenticator, FALSE);
  away->is_tls = TRUE;
  g_assert_true (ph_authenticator_takes_challenges (fixture->authenticator, away));

  /* A service that wants TLS wants it from this computer, too, and whatever is allowed elsewhere. */
  fixture->peer->must_use_tls = away->must_use_tls = TRUE;
  ph_authenticator_allow_clear (fixture->authenticator, TRUE);
  g_assert_false (ph_authenticator_protects (fixture->authenticator, fixture->peer));
  g_assert_false (ph_authenticator_takes_challenges (fixture->authenticator, fixture->peer));
  g_assert_true (ph_authenticator_protects (fixture->authenticator, away));
  ph_authenticator_allow_clear (fixture->authenticator, FALSE);
  fixture->peer->must_use_tls = FALSE;

  g_object_set (fixture->account, "enabled", FALSE, NULL);
  g_assert_false (ph_authenticator_takes_challenges (fixture->authenticator, fixture->peer));
}

static void
answered_cb (PhSaslExchange *exchange,
             PhSaslOutcome   outcome,
             const char     *text,
             PhAccount      *account,
             gpointer        user_data)
{
  Fixture *fixture = user_data;
  gsize    length;

  fixture->is_answered = TRUE;
  fixture->outcome = outcome;
  g_assert_cmpint (account != NULL, ==, outcome == PH_SASL_SUCCEEDED);
  if (text == NULL)
    return;
  g_free (fixture->challenge);
  fixture->challenge = (char *)g_base64_decode (text, &length);
}

static PhSaslOutcome
step (Fixture        *fixture,
      PhSaslExchange *exchange,
      const char     *text) /* NULL: no initial response */
{
  g_autofree char *line = text != NULL ? g_base64_encode ((const guint8 *)text, strlen (text)) : NULL;

  fixture->is_answered = FALSE;
  ph_sasl_exchange_step (exchange, line, -1, answered_cb, fixture);
  while (!fixture->is_answered)
    {
      if (!g_main_context_iteration (NULL, FALSE))
        ph_clock_advance (fixture->clock, G_USEC_PER_SEC);
    }

  return fixture->outcome;
}

/* What comes of an answer by somebody who knows `password`. */
static PhSaslOutcome
log_in (Fixture    *fixture,
        const char *name,
        const char *password)
{
  g_autoptr (PhSaslExchange) exchange = ph_sasl_exchange_new (fixture->authenticator, "CRAM-MD5", PH_PROTOCOL_IMAP, fixture->peer);
  g_autofree char *digest = NULL, *response = NULL;

  g_assert_cmpint (step (fixture, exchange, NULL), ==, PH_SASL_CONTINUE);
  digest = g_compute_hmac_for_string (G_CHECKSUM_MD5, (const guchar *)password, strlen (password), fixture->challenge, -1);
  response = g_strdup_printf ("%s %s", name, digest);

  return step (fixture, exchange, response);
}

/* Only the account that asks for it, only with its password, and whoever else is told the same. */
static void
test_login (Fixture      *fixture,
            gconstpointer data)
{
  g_object_set (fixture->account, "clear-password", PASSWORD, NULL);
  g_assert_cmpint (log_in (fixture, ADDRESS, PASSWORD), ==, PH_SASL_SUCCEEDED);
  g_assert_cmpint (log_in (fixture, ADDRESS, "wrong"), ==, PH_SASL_FAILED);
  g_assert_cmpint (log_in (fixture, "new@a.test", PASSWORD), ==, PH_SASL_FAILED);
  g_assert_cmpint (log_in (fixture, "nobody@a.test", PASSWORD), ==, PH_SASL_FAILED);
  g_assert_cmpint (log_in (fixture, "nobody@a.test", "nobody's password"), ==, PH_SASL_FAILED); /* V20 */
}

/* V21: what is no answer, an answer that comes unasked, and one to another challenge (V22). */
static void
test_malformed (Fixture      *fixture,
                gconstpointer data)
{
  static const char *const responses[] = { "", "x", " b913a602c7eda7a495b4e6e7334d3890", ADDRESS " b913", ADDRESS " b913a602c7eda7a495b4e6e7334d389g",
                                           ADDRESS "  b913a602c7eda7a495b4e6e7334d38900", "\xff b913a602c7eda7a495b4e6e7334d3890" };

  g_object_set (fixture->account, "clear-password", PASSWORD, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (responses); i++)
    {
      g_autoptr (PhSaslExchange) exchange = ph_sasl_exchange_new (fixture->authenticator, "CRAM-MD5", PH_PROTOCOL_IMAP, fixture->peer);

      g_assert_cmpint (step (fixture, exchange, NULL), ==, PH_SASL_CONTINUE);
      g_assert_cmpint (step (fixture, exchange, responses[i]), ==, PH_SASL_MALFORMED);
    }
  {
    g_autoptr (PhSaslExchange) exchange = ph_sasl_exchange_new (fixture->authenticator, "CRAM-MD5", PH_PROTOCOL_IMAP, fixture->peer);

    g_assert_cmpint (step (fixture, exchange, ADDRESS " b913a602c7eda7a495b4e6e7334d3890"), ==, PH_SASL_MALFORMED);
  }
  {
    g_autoptr (PhSaslExchange) exchange = ph_sasl_exchange_new (fixture->authenticator, "CRAM-MD5", PH_PROTOCOL_IMAP, fixture->peer);

    g_assert_cmpint (step (fixture, exchange, NULL), ==, PH_SASL_CONTINUE);
    g_assert_cmpint (step (fixture, exchange, ADDRESS " b913a602c7eda7a495b4e6e7334d3890"), ==, PH_SASL_FAILED);
  }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/auth/challenge/examples", test_examples);
  g_test_add_func ("/auth/challenge/challenges", test_challenges);
#define ADD(name, function) g_test_add ("/auth/cram-md5/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("offer", test_offer);
  ADD ("login", test_login);
  ADD ("V21/malformed", test_malformed);
#undef ADD

  return g_test_run ();
}
