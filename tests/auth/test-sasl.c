#include "ph-auth-error.h"
#include "ph-sasl-exchange.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define START (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)
#define HERE "192.0.2.1"
#define ELSEWHERE "192.0.2.2"

typedef struct
{
  PhClock         *clock;
  PhWorkerPool    *workers;
  PhAccounts      *accounts;
  PhAuthenticator *authenticator;
  PhAccount       *alice;
  PhPeer          *tls; /* whom exchanges are with, where that does not matter */

  /* The last answer */
  gboolean      is_answered;
  PhSaslOutcome outcome;
  char         *text; /* decoded */
  PhAccount    *account;
} Fixture;

static void
add_account (Fixture    *fixture,
             const char *address,
             const char *password)
{
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new (password, NULL);
  g_autoptr (PhAccount) account = ph_account_new (address, credential);

  g_assert_true (ph_accounts_add (fixture->accounts, account, NULL));
}

#define EXPORTER "exporter of this connection"
#define END_POINT "hash of the certificate"
#define FINGERPRINT "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

static PhPeer *
make_peer (const char *address,
           gboolean    is_tls)
{
  PhPeer *peer = ph_peer_new (address, 40000);

  peer->is_tls = is_tls;
  if (is_tls)
    {
      peer->tls_exporter = g_bytes_new_static (EXPORTER, strlen (EXPORTER));
      peer->tls_server_end_point = g_bytes_new_static (END_POINT, strlen (END_POINT));
    }

  return peer;
}

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  fixture->clock = ph_clock_new_manual (START);
  fixture->workers = ph_worker_pool_new ("auth", 2);
  fixture->accounts = ph_accounts_new ();
  add_account (fixture, "alice@a.test", "pässword one");
  add_account (fixture, "bob@a.test", "other");
  add_account (fixture, "gone@a.test", "other");
  fixture->alice = ph_accounts_find (fixture->accounts, "alice@a.test");
  g_object_set (ph_accounts_find (fixture->accounts, "gone@a.test"), "enabled", FALSE, NULL);
  fixture->authenticator = ph_authenticator_new (fixture->accounts, fixture->clock, fixture->workers);
  fixture->tls = make_peer (HERE, TRUE);
}

static void
clear_answer (Fixture *fixture)
{
  fixture->is_answered = FALSE;
  g_clear_pointer (&fixture->text, g_free);
  g_clear_object (&fixture->account);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  clear_answer (fixture);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (fixture->authenticator);
  ph_peer_unref (fixture->tls);
  g_object_unref (fixture->accounts);
  g_object_unref (fixture->workers);
  g_object_unref (fixture->clock);
}

/* Checks */

typedef struct
{
  gboolean   is_done;
  PhAccount *account;
  GError    *error;
} Check;

static void
check_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Check *check = data;

  check->is_done = TRUE;
  check->account = ph_authenticator_check_finish (PH_AUTHENTICATOR (source), result, &check->error);
}

static void
begin_check (Fixture      *fixture,
             Check        *check,
             const char   *name,
             const char   *password,
             const char   *peer,
             GCancellable *cancellable)
{
  memset (check, 0, sizeof *check);
  ph_authenticator_check_async (fixture->authenticator, NULL, name, password, peer, cancellable, check_cb, check);
}

static gboolean
end_check (Check *check)
{
  gboolean is_right;

  while (!check->is_done)
    g_main_context_iteration (NULL, TRUE);
  is_right = check->account != NULL;
  g_assert_true (is_right == (check->error == NULL));
  g_clear_object (&check->account);
  g_clear_error (&check->error);

  return is_right;
}

/* Long enough for a hash to be done if one was begun. */
static void
settle (void)
{
  gint64 end = g_get_monotonic_time () + 60 * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static gboolean
check (Fixture    *fixture,
       const char *name,
       const char *password,
       const char *peer)
{
  Check one;

  begin_check (fixture, &one, name, password, peer, NULL);

  return end_check (&one);
}

static void
test_check (Fixture      *fixture,
            gconstpointer data)
{
  static const struct
  {
    const char *name;
    const char *password;
    gboolean    is_right;
  } rows[] = {
    { "alice@a.test", "pässword one", TRUE },
    { "ALICE@A.test", "pa\xcc\x88ssword one", TRUE },
    { "alice", "pässword one", TRUE },
    { "alice@a.test", "pässword on", FALSE },
    { "alice@a.test", "", FALSE },
    { "alice@a.test", "\xff", FALSE },
    { "bob@a.test", "pässword one", FALSE },
    { "gone@a.test", "other", FALSE },
    { "nobody@a.test", "other", FALSE },
    { "\xff", "other", FALSE },
    { "'; drop table accounts; %s", "other", FALSE }, /* V23 */
    { "", "other", FALSE },
  };
  gint64 last_login;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *peer = g_strdup_printf ("198.51.100.%u", i); /* none pays for another */

      g_assert_true (check (fixture, rows[i].name, rows[i].password, peer) == rows[i].is_right);
    }
  g_object_get (fixture->alice, "last-login", &last_login, NULL);
  g_assert_cmpint (last_login, ==, START);
}

/* V22 */
static void
test_authzid (Fixture      *fixture,
              gconstpointer data)
{
  static const struct
  {
    const char *authzid;
    gboolean    is_right;
  } rows[] = { { "", TRUE }, { "Alice@a.test", TRUE }, { "alice", TRUE }, { "bob@a.test", FALSE }, { "nobody", FALSE }, { "gone@a.test", FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *peer = g_strdup_printf ("198.51.100.%u", i);
      Check            one = { FALSE };

      ph_authenticator_check_async (fixture->authenticator, rows[i].authzid, "alice@a.test", "pässword one", peer, NULL, check_cb, &one);
      g_assert_true (end_check (&one) == rows[i].is_right);
    }
}

/* V19: the next attempt waits 2, 4, 8, 15, 15 s; others notice nothing. */
static void
test_throttle (Fixture      *fixture,
               gconstpointer data)
{
  static const guint seconds[] = { 2, 4, 8, 15, 15 };
  Check              one, other;

  g_assert_false (check (fixture, "alice", "wrong", HERE));
  for (guint i = 0; i < G_N_ELEMENTS (seconds); i++)
    {
      begin_check (fixture, &one, "alice", i == G_N_ELEMENTS (seconds) - 1 ? "pässword one" : "wrong", HERE, NULL);
      ph_clock_advance (fixture->clock, seconds[i] * G_USEC_PER_SEC - 1);
      settle ();
      g_assert_false (one.is_done);
      g_assert_true (check (fixture, "alice", "pässword one", ELSEWHERE));
      ph_clock_advance (fixture->clock, 1);
      g_assert_true (end_check (&one) == (i == G_N_ELEMENTS (seconds) - 1));
    }

  /* The right password forgave what failed for the same account. */
  g_assert_true (check (fixture, "alice", "pässword one", HERE));

  /* But not what failed for others: that would be a free guess for each login. */
  g_assert_false (check (fixture, "bob@a.test", "wrong", HERE));
  begin_check (fixture, &one, "alice", "pässword one", HERE, NULL);
  ph_clock_advance (fixture->clock, 2 * G_USEC_PER_SEC);
  g_assert_true (end_check (&one));
  g_assert_false (check (fixture, "bob@a.test", "wrong", HERE));
  begin_check (fixture, &other, "bob@a.test", "wrong", HERE, NULL);
  ph_clock_advance (fixture->clock, 4 * G_USEC_PER_SEC - 1);
  settle ();
  g_assert_false (other.is_done);
  ph_clock_advance (fixture->clock, 1);
  g_assert_false (end_check (&other));

  /* And all is forgotten after a while. */
  ph_clock_advance (fixture->clock, 301 * G_USEC_PER_SEC);
  g_assert_true (check (fixture, "alice", "pässword one", HERE));
}

/* V19: many connections at once are no way around it, nor are the addresses of one
 * network, nor IPv4 in the form of IPv6. */
static void
test_throttle_parallel (Fixture      *fixture,
                        gconstpointer data)
{
  static const char *const peers[] = { "2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:2:3:4:5:6" };
  Check                    checks[100];
  guint                    n_done = 0;

  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    begin_check (fixture, &checks[i], "alice", "wrong", peers[i % 3], NULL);
  settle ();
  settle ();
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    n_done += checks[i].is_done;
  g_assert_cmpuint (n_done, ==, 8 + 100 - 8 - 64); /* ran before one failed; refused as too many */
  g_assert_true (check (fixture, "alice", "pässword one", "2001:db8:1:3::1"));

  /* One for each 15 s, in turn. */
  for (guint n_expected = 8 + 28 + 1; n_expected <= G_N_ELEMENTS (checks); n_expected++)
    {
      ph_clock_advance (fixture->clock, 15 * G_USEC_PER_SEC);
      do
        {
          g_main_context_iteration (NULL, TRUE);
          n_done = 0;
          for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
            n_done += checks[i].is_done;
        }
      while (n_done < n_expected);
      g_assert_cmpuint (n_done, ==, n_expected);
    }
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    g_assert_false (end_check (&checks[i]));

  g_assert_false (check (fixture, "alice", "wrong", "::ffff:192.0.2.1"));
  begin_check (fixture, &checks[0], "alice", "wrong", HERE, NULL);
  settle ();
  g_assert_false (checks[0].is_done);
  ph_clock_advance (fixture->clock, 2 * G_USEC_PER_SEC);
  g_assert_false (end_check (&checks[0]));
}

/* Who hangs up leaves no place taken, neither in the queue nor while hashing. */
static void
test_cancel (Fixture      *fixture,
             gconstpointer data)
{
  Check checks[80];
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  begin_check (fixture, &checks[0], "alice", "pässword one", HERE, cancellable);
  g_cancellable_cancel (cancellable);
  while (!checks[0].is_done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (checks[0].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  end_check (&checks[0]);
  begin_check (fixture, &checks[0], "alice", "pässword one", HERE, cancellable); /* cancelled before */
  g_assert_false (end_check (&checks[0]));

  g_assert_false (check (fixture, "alice", "wrong", HERE));
  g_cancellable_reset (cancellable);
  for (guint i = 0; i < 64; i++)
    begin_check (fixture, &checks[i], "alice", "wrong", HERE, cancellable);
  settle ();
  g_assert_false (checks[0].is_done);
  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < 64; i++)
    {
      while (!checks[i].is_done)
        g_main_context_iteration (NULL, TRUE);
      g_assert_error (checks[i].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      end_check (&checks[i]);
    }

  begin_check (fixture, &checks[0], "alice", "pässword one", HERE, NULL);
  ph_clock_advance (fixture->clock, 2 * G_USEC_PER_SEC);
  g_assert_true (end_check (&checks[0]));
}

/* A change while the hash is computed counts. */
static void
test_changed_meanwhile (Fixture      *fixture,
                        gconstpointer data)
{
  g_autoptr (PhScramCredential) credential = ph_scram_credential_new ("new", NULL);
  Check one;

  begin_check (fixture, &one, "alice", "pässword one", HERE, NULL);
  g_object_set (fixture->alice, "credential", credential, NULL);
  g_assert_false (end_check (&one));
  begin_check (fixture, &one, "bob", "other", ELSEWHERE, NULL);
  g_assert_true (ph_accounts_remove (fixture->accounts, "bob@a.test"));
  g_assert_false (end_check (&one));
}

/* V20: one hash for each, so the same time within what a busy machine allows. */
static void
test_same_work (Fixture      *fixture,
                gconstpointer data)
{
  static const char *const names[] = { "alice@a.test", "nobody@a.test", "gone@a.test" };
  gint64                   best[] = { G_MAXINT64, G_MAXINT64, G_MAXINT64 };

  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *peer = g_strdup_printf ("198.51.100.%u", i);
      gint64           start = g_get_monotonic_time ();

      g_assert_false (check (fixture, names[i % 3], "wrong", peer));
      best[i % 3] = MIN (best[i % 3], g_get_monotonic_time () - start);
    }
  for (guint i = 1; i < 3; i++)
    {
      g_assert_cmpint (best[i], >, best[0] / 2);
      g_assert_cmpint (best[i], <, best[0] * 2);
    }
}

/* Exchanges */

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

  return ph_sasl_exchange_new (fixture->authenticator, mechanism, peer);
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
      g_autoptr (PhSaslExchange) exchange = ph_sasl_exchange_new (fixture->authenticator, lower, peer);

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
  g_autoptr (PhSaslExchange) exchange = ph_sasl_exchange_new (fixture->authenticator, "SCRAM-SHA-256", here);
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
      exchange = ph_sasl_exchange_new (fixture->authenticator, "EXTERNAL", peer);
      g_assert_cmpuint (step_bytes (fixture, exchange, rows[i].bytes, rows[i].length), ==, rows[i].outcome);
      if (rows[i].outcome == PH_SASL_SUCCEEDED)
        g_assert_true (fixture->account == fixture->alice);
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

#define ADD(path, function) g_test_add ("/auth/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("authenticator/check", test_check);
  ADD ("authenticator/authzid", test_authzid);
  ADD ("authenticator/throttle", test_throttle);
  ADD ("authenticator/throttle-parallel", test_throttle_parallel);
  ADD ("authenticator/cancel", test_cancel);
  ADD ("authenticator/changed-meanwhile", test_changed_meanwhile);
  ADD ("authenticator/same-work", test_same_work);
  ADD ("sasl/list", test_list);
  ADD ("sasl/plain", test_plain);
  ADD ("sasl/login", test_login);
  ADD ("sasl/mistakes", test_mistakes);
  ADD ("sasl/dispose", test_dispose);
  ADD ("sasl/dispose-in-answer", test_dispose_in_answer);
  ADD ("sasl/scram", test_scram);
  ADD ("sasl/V22-scram-binding", test_scram_binding);
  ADD ("sasl/scram-clear", test_scram_clear);
  ADD ("sasl/app-passwords", test_app_passwords);
  ADD ("sasl/V22-external", test_external);
  ADD ("sasl/scram-replay", test_scram_replay);
  ADD ("sasl/scram-malformed", test_scram_malformed);

  return g_test_run ();
}
