/* Which way mail may take, with scripted servers: the guard, rules, smarthosts with their passwords, and TLS. */

#include "ph-dispatcher.h"
#include "relay-fixture.h"

#define BOB "bob@[127.0.0.1]"

/* The egress guard: what it keeps back waits, marked, and goes when it opens. */
static void
test_guard (RelayFixture *f,
            gconstpointer data)
{
  g_autofree char *id = NULL;

  f->config.guard = PH_RELAY_GUARD_LOCAL;
  ph_relay_configure (f->relay, &f->config);
  id = queue (f, BOB);
  wait_for (get_state (ph_relay_get_queue (f->relay), 0) == PH_QUEUE_GUARDED);
  g_assert_true (env_has (f, id, "State=guarded\n"));

  /* It does not grow old there, and comes through a restart. */
  ph_clock_advance (f->clock, 10 * 24 * HOURS);
  relay_fixture_stop (f);
  relay_fixture_start (f);
  wait_for (count_queue (f) == 1);
  g_assert_cmpint (get_state (ph_relay_get_queue (f->relay), 0), ==, PH_QUEUE_GUARDED);

  f->config.guard = PH_RELAY_GUARD_SMARTHOST; /* there is none */
  ph_relay_configure (f->relay, &f->config);
  for (guint i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 0);

  use_smarthost (f, f->server->port, PH_SMTP_TLS_NEVER, NULL, NULL);
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
  g_assert_cmpuint (f->intake->taken->len, ==, 0);
}

/* The guard closes while it waits for its next try. */
static void
test_guard_closes (RelayFixture *f,
                   gconstpointer data)
{
  g_autofree char *id = NULL;

  script_server_add (f->server, "MAIL: 451 later");
  id = queue (f, BOB);
  wait_for (env_has (f, id, "State=deferred\n"));
  f->config.guard = PH_RELAY_GUARD_LOCAL;
  ph_relay_configure (f->relay, &f->config);
  ph_clock_advance (f->clock, 6 * MINUTES);
  wait_for (env_has (f, id, "State=guarded\n"));
  f->config.guard = PH_RELAY_GUARD_ANYWHERE;
  ph_relay_configure (f->relay, &f->config);
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 2);
}

/* S17, V28: addresses that are this computer. */
static void
test_no_way_to_self (RelayFixture *f,
                     gconstpointer data)
{
  static const char *const addresses[] = { "a@[127.0.0.1]", "a@[127.8.9.10]", "a@[0.0.0.0]", "a@[IPv6:::1]", "a@[IPv6:::]", "a@[IPv6:::ffff:127.0.0.1]" };

  f->config.allow_loopback = FALSE;
  ph_relay_configure (f->relay, &f->config);
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      G_GNUC_UNUSED g_autofree char *id = queue (f, addresses[i]);

      wait_for (count_bad (f) == i + 1);
      g_assert_true (reports (f, i, "Status: 5.4.6\r\n"));
    }
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 0);
}

/* Nothing listens there. */
static void
test_unreachable (RelayFixture *f,
                  gconstpointer data)
{
  g_autofree char *id = NULL;

  f->config.remote_port = 1;
  ph_relay_configure (f->relay, &f->config);
  id = queue (f, BOB);
  wait_for (env_has (f, id, "Status=4.4.1\n") && count_waiting (f) == 1);
  f->config.remote_port = f->server->port;
  ph_relay_configure (f->relay, &f->config);

  /* What somebody presses. */
  g_assert_true (ph_relay_try_now (f->relay, id));
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
}

/* S19: TLS that fails, then without, in a new session; and the next time without at once. */
static void
test_tls_fails (RelayFixture *f,
                gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  script_server_offer (f->server, "250-script\n250 STARTTLS");
  script_server_set (f->server, "STARTTLS: !garbage");
  first = queue (f, BOB);
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 2);

  let_connections_close (f);
  second = queue (f, BOB);
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 3);
}

/* Where TLS is required, nothing falls back to clear; a password is not sent in clear either. */
static void
test_smarthost_tls (RelayFixture *f,
                    gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autofree char *log = NULL;

  use_smarthost (f, f->server->port, PH_SMTP_TLS_REQUIRED, "me", "canary");
  script_server_add (f->server, "EHLO: 250-script\\n250 AUTH PLAIN");
  script_server_add (f->server, "EHLO: 250-script\\n250-AUTH PLAIN\\n250 STARTTLS\nSTARTTLS: !garbage");
  id = queue (f, "someone@anywhere.test");
  wait_for (env_has (f, id, "Status=4.7.4\n") && count_waiting (f) == 1);
  ph_clock_advance (f->clock, 6 * MINUTES);
  wait_for (env_has (f, id, "Tries=2\n") && count_waiting (f) == 1);
  log = script_server_dup_log (f->server);
  g_assert_null (strstr (log, "AUTH"));
  g_assert_null (strstr (log, "MAIL"));
  g_assert_false (env_has (f, id, "canary"));
}

/* A rule leads mail for a domain to a host of the user's choice, wherever that is, without DNS. */
static void
test_rule (RelayFixture *f,
           gconstpointer data)
{
  g_autofree char *routes = g_strdup_printf ("lab.test=127.0.0.1:%u", f->server->port);
  g_autofree char *id = NULL;
  g_autofree char *kept = NULL;

  f->config.allow_loopback = FALSE;
  f->config.remote_port = 1;
  f->config.rules = ph_relay_rules_new (routes, "", NULL);
  ph_relay_configure (f->relay, &f->config);
  id = queue (f, "bob@lab.test");
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);

  /* Not around the smarthost, where all must go through it. */
  f->config.guard = PH_RELAY_GUARD_SMARTHOST;
  use_smarthost (f, 1, PH_SMTP_TLS_REQUIRED, NULL, NULL);
  kept = queue (f, "bob@lab.test");
  wait_for (env_has (f, kept, "Status=4.4.1\n") && count_waiting (f) == 1);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 1);
  ph_relay_rules_unref (f->config.rules);
}

/* Where a rule or the sender requires TLS with a proven name, nothing goes without. */
static void
test_required_tls (RelayFixture *f,
                   gconstpointer data)
{
  PhSmtpEnvelope  *envelope = ph_smtp_envelope_new ("alice@here.test");
  g_autofree char *by_rule = NULL;
  g_autofree char *by_sender = NULL;
  g_autofree char *log = NULL;

  f->config.rules = ph_relay_rules_new ("", "[127.0.0.1]", NULL);
  ph_relay_configure (f->relay, &f->config);
  ph_relay_rules_unref (g_steal_pointer (&f->config.rules));
  by_rule = queue (f, BOB);
  wait_for (env_has (f, by_rule, "Status=4.7.4\n") && count_waiting (f) == 1);

  script_server_offer (f->server, "250-script\n250-REQUIRETLS\n250 STARTTLS");
  script_server_set (f->server, "STARTTLS: !garbage");
  envelope->requiretls = TRUE;
  ph_smtp_envelope_add (envelope, "carol@[127.0.0.1]");
  g_assert_true (ph_relay_try_now (f->relay, by_rule));
  wait_for (env_has (f, by_rule, "Tries=2\n") && count_waiting (f) == 1);
  by_sender = queue_envelope (f, envelope, MESSAGE_TEXT);
  wait_for (count_bad (f) == 1); /* RFC 8689 section 4.2.1: it does not wait for better times */
  g_assert_true (reports (f, 0, "Status: 5.7.10\r\n"));
  g_assert_cmpuint (count_waiting (f), ==, 1);
  log = script_server_dup_log (f->server);
  g_assert_null (strstr (log, "MAIL"));
}

/* The smarthost gets mail for everybody in one transaction, with the login; a refused one waits. */
static void
test_smarthost (RelayFixture *f,
                gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autofree char *log = NULL;

  use_smarthost (f, f->server->port, PH_SMTP_TLS_NEVER, "me", "secret");
  script_server_offer (f->server, "250-script\n250 AUTH PLAIN LOGIN");
  script_server_add (f->server, "AUTH: 535 5.7.8 no");
  script_server_add (f->server, "AUTH: 235 2.7.0 welcome");
  id = queue (f, "a@one.test,b@two.test");
  wait_for (env_has (f, id, "Status=4.7.8\n") && count_waiting (f) == 1);
  g_assert_cmpuint (count_bad (f), ==, 0);

  ph_clock_advance (f->clock, 6 * MINUTES);
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
  log = script_server_dup_log (f->server);
  g_assert_nonnull (strstr (log, "AUTH PLAIN AG1lAHNlY3JldA==\r\n"));
}

/* RFC 8689 section 4.2.1: a report of mail with REQUIRETLS is not lost where there is no TLS; the extension has it told to send
 * headers alone (section 5). */
static void
test_required_tls_report (RelayFixture *f,
                          gconstpointer data)
{
  PhSmtpEnvelope  *report = ph_smtp_envelope_new ("");
  PhSmtpEnvelope  *message = ph_smtp_envelope_new ("alice@here.test");
  g_autofree char *id = NULL;
  g_autofree char *refused = NULL;
  g_autofree char *log = NULL;

  report->requiretls = message->requiretls = TRUE;
  message->ret = PH_DSN_RET_FULL;
  ph_smtp_envelope_add (report, BOB);
  ph_smtp_envelope_add (message, BOB);
  id = queue_envelope (f, report, MESSAGE_TEXT);
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
  log = script_server_dup_log (f->server);
  g_assert_null (strstr (log, "REQUIRETLS"));

  refused = queue_envelope (f, message, MESSAGE_TEXT);
  wait_for (count_bad (f) == 1);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
  g_assert_true (reports (f, 0, "Subject: greetings"));
  g_assert_false (reports (f, 0, ".dot"));
}

/* What was sent by the server since `start`, and how far the log goes now. */
static char *
dup_new_log (RelayFixture *f,
             gsize        *start)
{
  g_autofree char *log = script_server_dup_log (f->server);
  char            *part = g_strdup (log + *start);

  *start = strlen (log);

  return part;
}

static PhRelayTarget *
new_target (RelayFixture *f,
            const char   *user,
            const char   *password,
            gboolean      is_token)
{
  return ph_relay_target_new (&(PhRelayTarget){
    .host = (char *)"127.0.0.1",
    .port = f->server->port,
    .tls = PH_SMTP_TLS_NEVER,
    .user = (char *)user,
    .password = (char *)password,
    .is_token = is_token,
  });
}

/* A smarthost of their own for single domains, each with its login; all others go on as before, and nobody else sees a password. */
static void
test_smarthosts_by_domain (RelayFixture *f,
                           gconstpointer data)
{
  static const struct
  {
    const char *recipients;
    const char *login; /* NULL: none */
  } table[] = {
    { "a@one.test", "AUTH PLAIN AGZpcnN0AHNlY3JldCBvZiBvbmU=\r\n" },
    { "b@eu.two.test", "AUTH PLAIN AGZpcnN0AHNlY3JldCBvZiBvbmU=\r\n" },
    { "c@three.test", "AUTH XOAUTH2 dXNlcj1zZWNvbmQBYXV0aD1CZWFyZXIgdG9rZW4gb2YgdGhyZWUBAQ==\r\n" },
    { "d@route.test", NULL },
    { "e@other.test", "AUTH PLAIN AGFsbABzZWNyZXQgb2YgYWxs\r\n" },
    { "f@two.test", "AUTH PLAIN AGFsbABzZWNyZXQgb2YgYWxs\r\n" }, /* .two.test is what is below it */
  };
  g_autofree char *routes = g_strdup_printf ("route.test=127.0.0.1:%u", f->server->port);
  g_autoptr (PhRelayTarget) first = new_target (f, "first", "secret of one", FALSE);
  g_autoptr (PhRelayTarget) second = new_target (f, "second", "token of three", TRUE);
  g_autofree char *wrong = NULL;
  gsize            start = 0;

  f->config.rules = ph_relay_rules_new (routes, "", NULL);
  ph_relay_rules_add_target (f->config.rules, "one.test .two.test", first, &wrong);
  g_assert_null (wrong);
  ph_relay_rules_add_target (f->config.rules, "three.test one.test", second, &wrong);
  g_assert_cmpstr (wrong, ==, "one.test"); /* it has its server */
  use_smarthost (f, f->server->port, PH_SMTP_TLS_NEVER, "all", "secret of all");
  script_server_offer (f->server, "250-script\n250 AUTH PLAIN XOAUTH2");
  script_server_set (f->server, "AUTH: 235 2.7.0 welcome");

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *id = queue (f, table[i].recipients);
      g_autofree char *log = NULL;
      const char      *login;

      wait_for (count_queue (f) == 0);
      let_connections_close (f);
      log = dup_new_log (f, &start);
      login = strstr (log, "AUTH ");
      g_test_message ("%s: %s", id, log);
      if (table[i].login != NULL)
        g_assert_true (login != NULL && g_str_has_prefix (login, table[i].login));
      else
        g_assert_null (login);
      g_assert_cmpuint (script_server_count (f->server), ==, i + 1);
    }
  ph_relay_rules_unref (f->config.rules);
}

/* The smarthost of a domain, too, gets no password in clear, and nothing where it must have TLS. */
static void
test_domain_smarthost_tls (RelayFixture *f,
                           gconstpointer data)
{
  g_autoptr (PhRelayTarget) target = ph_relay_target_new (&(PhRelayTarget){
    .host = (char *)"127.0.0.1", .port = f->server->port, .tls = PH_SMTP_TLS_REQUIRED, .user = (char *)"me", .password = (char *)"canary" });
  g_autofree char *id = NULL;
  g_autofree char *log = NULL;

  f->config.rules = ph_relay_rules_new ("", "", NULL);
  ph_relay_rules_add_target (f->config.rules, "one.test", target, NULL);
  ph_relay_configure (f->relay, &f->config);
  script_server_add (f->server, "EHLO: 250-script\\n250 AUTH PLAIN");
  id = queue (f, "someone@one.test");
  wait_for (env_has (f, id, "Status=4.7.4\n") && count_waiting (f) == 1);
  log = script_server_dup_log (f->server);
  g_assert_null (strstr (log, "AUTH"));
  g_assert_null (strstr (log, "MAIL"));
  g_assert_false (env_has (f, id, "canary"));
  ph_relay_rules_unref (f->config.rules);
}

/* A smarthost with TLS if offered, whose TLS fails: in clear, once, as with an MX host (S19). */
static void
test_smarthost_tls_fails (RelayFixture *f,
                          gconstpointer data)
{
  g_autofree char *id = NULL;

  use_smarthost (f, f->server->port, PH_SMTP_TLS_OPPORTUNISTIC, NULL, NULL);
  script_server_offer (f->server, "250-script\n250 STARTTLS");
  script_server_set (f->server, "STARTTLS: !garbage");
  id = queue (f, "someone@anywhere.test");
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 2);
}

/* The guard closes while mail waits for its turn at a busy server: it has not begun, so it stays. */
static void
test_guard_closes_on_turns (RelayFixture *f,
                            gconstpointer data)
{
  guint n_guarded = 0, n = PH_DISPATCHER_PER_DESTINATION + 15;

  script_server_set (f->server, "MAIL: !stall");
  for (guint i = 0; i < n; i++)
    {
      G_GNUC_UNUSED g_autofree char *id = queue (f, BOB);
    }
  wait_for (g_atomic_int_get (&f->server->n_stalled) == PH_DISPATCHER_PER_DESTINATION);
  f->config.guard = PH_RELAY_GUARD_LOCAL;
  ph_relay_configure (f->relay, &f->config);
  wait_for (count_waiting (f) == 15);
  for (guint i = 0; i < n; i++)
    n_guarded += get_state (ph_relay_get_queue (f->relay), i) == PH_QUEUE_GUARDED;
  g_assert_cmpuint (n_guarded, ==, 15);

  /* And goes when it opens. */
  script_server_set (f->server, NULL);
  f->config.guard = PH_RELAY_GUARD_ANYWHERE;
  ph_relay_configure (f->relay, &f->config);
  ph_clock_advance (f->clock, 11 * MINUTES); /* what stalled ends */
  wait_for (script_server_count (f->server) >= 15);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/ways/" name, RelayFixture, NULL, relay_fixture_set_up, function, relay_fixture_tear_down)
  ADD ("guard", test_guard);
  ADD ("guard-closes", test_guard_closes);
  ADD ("S17,V28/no-way-to-self", test_no_way_to_self);
  ADD ("unreachable", test_unreachable);
  ADD ("S19/tls-fails", test_tls_fails);
  ADD ("S27/smarthost-tls", test_smarthost_tls);
  ADD ("rule", test_rule);
  ADD ("required-tls", test_required_tls);
  ADD ("S27/smarthost", test_smarthost);
  ADD ("required-tls-report", test_required_tls_report);
  ADD ("S27/smarthosts-by-domain", test_smarthosts_by_domain);
  ADD ("S27/domain-smarthost-tls", test_domain_smarthost_tls);
  ADD ("S27/smarthost-tls-fails", test_smarthost_tls_fails);
  ADD ("guard-closes-on-turns", test_guard_closes_on_turns);

  return g_test_run ();
}
