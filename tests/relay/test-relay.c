/* Mail that goes out, with scripted servers and a turned clock. */

#include "relay-fixture.h"

#define BOB "bob@[127.0.0.1]"

static void
test_delivery (RelayFixture *f,
               gconstpointer data)
{
  g_autofree char *id = queue (f, BOB);
  g_autofree char *message = NULL;

  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
  message = script_server_dup_message (f->server, 0);
  /* X01, RFC 5321 section 4.4: the same bytes, without the Return-Path. */
  g_assert_cmpstr (message, ==, "alice@here.test|bob@[127.0.0.1]|From: <alice@here.test>\r\nSubject: greetings\r\nMessage-ID: <1@here.test>\r\n\r\nHello\r\n.dot\r\n");
  g_assert_false (file_exists (f->relay_dir, id, ".eml"));
  g_assert_false (file_exists (f->relay_dir, id, ".env"));
  g_assert_cmpuint (f->intake->taken->len, ==, 0);
}

/* S23: 451 twice, then 250, gets the message on the third try. */
static void
test_third_try (RelayFixture *f,
                gconstpointer data)
{
  g_autofree char *id = NULL;

  script_server_add (f->server, "MAIL: 451 4.3.0 greylisted");
  script_server_add (f->server, "RCPT: 451 4.3.0 still");
  id = queue (f, BOB);

  wait_for (env_has (f, id, "Tries=1\n"));
  wait_for (get_state (ph_relay_get_queue (f->relay), 0) == PH_QUEUE_DEFERRED);
  g_assert_true (env_has (f, id, "LastReply=451 4.3.0 greylisted\n"));
  ph_clock_advance (f->clock, 4 * MINUTES);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 1);

  ph_clock_advance (f->clock, 2 * MINUTES);
  wait_for (env_has (f, id, "Tries=2\n"));
  wait_for (get_state (ph_relay_get_queue (f->relay), 0) == PH_QUEUE_DEFERRED);
  g_assert_cmpuint (script_server_count (f->server), ==, 0);

  ph_clock_advance (f->clock, 11 * MINUTES);
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 3);
  g_assert_cmpuint (f->intake->taken->len, ==, 0);
}

/* S23: by a schedule of somebody's own: after a minute, then each hour. */
static void
test_own_schedule (RelayFixture *f,
                   gconstpointer data)
{
  static const guint waits[] = { 1, 60, 60 };
  g_autofree char   *id = NULL;

  g_assert_true (ph_schedule_parse ("1 60", &f->config.schedule));
  ph_relay_configure (f->relay, &f->config);
  script_server_set (f->server, "MAIL: 451 4.3.0 never");
  id = queue (f, BOB);
  for (guint i = 0; i < G_N_ELEMENTS (waits); i++)
    {
      gint64 wait = waits[i] * MINUTES;

      wait_for (script_server_count_connections (f->server) == i + 1 && count_queue (f) == count_waiting (f));
      ph_clock_advance (f->clock, wait * 8 / 10);
      wait_for (count_queue (f) == count_waiting (f));
      g_assert_cmpuint (script_server_count_connections (f->server), ==, i + 1);
      ph_clock_advance (f->clock, wait * 4 / 10);
    }
  wait_for (script_server_count_connections (f->server) == G_N_ELEMENTS (waits) + 1);
}

/* Until nothing is being tried.  Half a line before the peer's close is waited for by the clock. */
static void
settle (RelayFixture *f)
{
  gint64 patience = g_get_monotonic_time () + G_USEC_PER_SEC / 2;

  while (count_queue (f) != count_waiting (f))
    {
      if (g_get_monotonic_time () > patience)
        {
          ph_clock_advance (f->clock, 15 * G_USEC_PER_SEC);
          patience += G_USEC_PER_SEC / 2;
        }
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (200);
    }
}

/* Everything that can go wrong with one server, at each stage. */
static void
test_stages (RelayFixture *f,
             gconstpointer data)
{
  static const struct
  {
    const char *script;
    enum { DELIVERED,
           DEFERRED,
           FAILED } outcome;
    const char *status; /* of the recipient */
  } table[] = {
    { "GREETING: 421 4.3.2 busy", DEFERRED, "4.3.2" },
    { "GREETING: 451 later", DEFERRED, NULL },
    { "GREETING: 554 5.3.2 no mail here", FAILED, "5.3.2" },
    { "GREETING: !reset", DEFERRED, NULL },
    { "GREETING: !close", DEFERRED, "4.4.2" },
    { "GREETING: !half", DEFERRED, "4.4.2" },
    { "GREETING: hello there", DEFERRED, "4.5.0" },
    { "GREETING: 220-a\\n221 b", DEFERRED, "4.5.0" }, /* V16: a reply with two codes */
    { "EHLO: 421 busy", DEFERRED, NULL },
    { "EHLO: 451 later", DEFERRED, NULL },
    { "EHLO: 550 what?", DELIVERED, NULL }, /* S19: HELO */
    { "EHLO: 550 what?\nHELO: 550 no", FAILED, NULL },
    { "EHLO: !reset", DEFERRED, "4.4.2" },
    { "MAIL: 421 busy", DEFERRED, NULL },
    { "MAIL: 451 4.7.1 greylisted", DEFERRED, "4.7.1" },
    { "MAIL: 550 5.7.1 not you", FAILED, "5.7.1" },
    { "MAIL: !reset", DEFERRED, "4.4.2" },
    { "MAIL: 999 what", DEFERRED, NULL }, /* S22: what is not known is temporary */
    { "RCPT: 421 busy", DEFERRED, NULL },
    { "RCPT: 450 4.2.1 busy mailbox", DEFERRED, "4.2.1" },
    { "RCPT: 550 5.1.1 who?", FAILED, "5.1.1" },
    { "RCPT: 552 too many", DEFERRED, NULL }, /* RFC 5321 section 4.5.3.1.10 */
    { "RCPT: !close", DEFERRED, "4.4.2" },
    { "DATA: 421 busy", DEFERRED, NULL },
    { "DATA: 451 4.3.0 later", DEFERRED, "4.3.0" },
    { "DATA: 554 5.6.0 no", FAILED, "5.6.0" },
    { "DATA: 250 ok", DEFERRED, NULL }, /* V16: no success without the message */
    { "DATA: !reset", DEFERRED, "4.4.2" },
    { "DOT: 421 busy", DEFERRED, NULL },
    { "DOT: 452 4.3.1 full", DEFERRED, "4.3.1" },
    { "DOT: 554 5.7.1 spam", FAILED, "5.7.1" },
    { "DOT: !reset", DEFERRED, "4.4.2" }, /* S22: the one place where a duplicate may come of it */
    { "DOT: !close", DEFERRED, "4.4.2" },
    { "QUIT: !reset", DELIVERED, NULL },
    { "QUIT: 500 no", DELIVERED, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      guint            n_taken = f->intake->taken->len, n_bad = count_bad (f);
      g_autofree char *id = NULL;
      g_autofree char *status = g_strdup_printf ("Status=%s\n", table[i].status);

      g_test_message ("%s", table[i].script);
      let_connections_close (f);
      script_server_add (f->server, table[i].script);
      id = queue (f, BOB);
      settle (f);

      if (table[i].outcome == DEFERRED)
        {
          g_assert_true (env_has (f, id, "State=deferred\n") && env_has (f, id, "Tries=1\n"));
          g_assert_true (table[i].status == NULL || env_has (f, id, status));
          ph_clock_advance (f->clock, 6 * MINUTES);
          wait_for (count_queue (f) == 0);
        }
      g_assert_cmpuint (count_queue (f), ==, 0);

      if (table[i].outcome == FAILED)
        {
          g_autofree char *env = read_env (f->bad_dir, id);

          g_assert_cmpuint (count_bad (f), ==, n_bad + 1);
          g_assert_nonnull (strstr (env, "State=failed\n"));
          g_assert_nonnull (strstr (env, "Reason=bob@[127.0.0.1]: 5"));
          g_assert_true (file_exists (f->bad_dir, id, ".eml"));
          g_assert_cmpuint (f->intake->taken->len, ==, n_taken + 1);
          g_assert_true (g_str_has_prefix (get_taken (f, n_taken), "|alice@here.test|"));
          g_assert_true (reports (f, n_taken, "Action: failed\r\n"));
          g_assert_true (table[i].status == NULL || reports (f, n_taken, table[i].status));
        }
      else
        g_assert_cmpuint (f->intake->taken->len, ==, n_taken);
    }
}

/* S13: a server that says nothing is left after the time of RFC 5321 section 4.5.3.2. */
static void
test_stall (RelayFixture *f,
            gconstpointer data)
{
  static const char *const scripts[] = { "GREETING: !stall", "MAIL: !stall", "DATA: !stall", "DOT: !stall" };

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autofree char *id = NULL;

      script_server_add (f->server, scripts[i]);
      id = queue (f, BOB);
      wait_for (g_atomic_int_get (&f->server->n_stalled) == (gint)i + 1);
      for (guint minute = 0; minute < 12 && !env_has (f, id, "State=deferred"); minute++)
        {
          for (guint turn = 0; turn < 200; turn++)
            if (!g_main_context_iteration (NULL, FALSE))
              g_usleep (100);
          ph_clock_advance (f->clock, MINUTES);
        }
      wait_for (env_has (f, id, "State=deferred"));
      g_assert_true (env_has (f, id, "Status=4.4.2"));
      g_assert_true (ph_relay_remove (f->relay, id));
      wait_for (count_queue (f) == 0);
    }
}

/* Each recipient has its own result, and keeps it (S20, S26). */
static void
test_recipients (RelayFixture *f,
                 gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  script_server_add (f->server, "RCPT TO:<no@: 550 5.1.1 who?\nRCPT TO:<later@: 451 4.2.1 later");
  id = queue (f, "yes@[127.0.0.1],no@[127.0.0.1],later@[127.0.0.1],me@here.test");
  wait_for (env_has (f, id, "State=deferred"));
  wait_for (f->intake->taken->len == 2 && count_waiting (f) == 1);

  first = script_server_dup_message (f->server, 0);
  g_assert_true (g_str_has_prefix (first, "alice@here.test|yes@[127.0.0.1]|"));
  g_assert_true (g_str_has_prefix (get_taken (f, 0), "alice@here.test|me@here.test|From:"));
  g_assert_true (reports (f, 1, "no@[127.0.0.1]") && !reports (f, 1, "yes@[127.0.0.1]"));

  /* Only the one that waits is tried again; what failed stays on record and goes to bad/. */
  ph_clock_advance (f->clock, 6 * MINUTES);
  wait_for (count_queue (f) == 0);
  second = script_server_dup_message (f->server, 1);
  g_assert_true (g_str_has_prefix (second, "alice@here.test|later@[127.0.0.1]|"));
  g_assert_cmpuint (script_server_count (f->server), ==, 2);
  g_assert_cmpuint (count_bad (f), ==, 1);
  g_assert_cmpuint (f->intake->taken->len, ==, 2);
}

/* 452 in the middle of the list: the others go at once in a second transaction (S20). */
static void
test_too_many (RelayFixture *f,
               gconstpointer data)
{
  g_autofree char *id = NULL;

  script_server_add (f->server, "RCPT TO:<c@: 452 4.5.3 too many");
  id = queue (f, "a@[127.0.0.1],b@[127.0.0.1],c@[127.0.0.1]");
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 2);
}

/* S23: the times of all tries until it is given up at 5 d; the delay notice at 4 h (T16). */
static void
test_schedule (RelayFixture *f,
               gconstpointer data)
{
  static const guint minutes[] = { 0, 5, 15, 30, 60, 120, 300, 480, 660 };
  g_autofree char   *id = NULL;
  GArray            *times = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64             told = 0;

  script_server_set (f->server, "MAIL: 451 4.3.0 never");
  id = queue (f, BOB);
  for (guint minute = 0; minute <= 5 * 24 * 60 + 5; minute++)
    {
      guint n = times->len;

      wait_for (count_queue (f) == count_waiting (f));
      if (script_server_count_connections (f->server) > n)
        {
          gint64 now = (ph_clock_get_real_time (f->clock) - START) / MINUTES;

          g_array_append_val (times, now);
        }
      if (f->intake->taken->len == 1 && told == 0)
        told = minute;
      if (count_queue (f) == 0)
        break;
      ph_clock_advance (f->clock, MINUTES);
    }

  for (guint i = 0; i < G_N_ELEMENTS (minutes); i++)
    {
      g_assert_cmpint (g_array_index (times, gint64, i), >=, (gint64)minutes[i] * 9 / 10 - 1);
      g_assert_cmpint (g_array_index (times, gint64, i), <=, (gint64)minutes[i] * 11 / 10 + (gint64)i + 1);
    }
  g_assert_cmpint (told, >=, 4 * 60);
  g_assert_cmpint (told, <=, 4 * 60 + 1);
  g_assert_true (reports (f, 0, "Action: delayed\r\n") && reports (f, 0, "Will-Retry-Until: "));
  wait_for (f->intake->taken->len == 2);
  g_assert_true (reports (f, 1, "Action: failed\r\n") && reports (f, 1, "Status: 5.4.7\r\n"));
  g_assert_cmpint (g_array_index (times, gint64, times->len - 1), >=, 5 * 24 * 60 - 1);
  g_assert_cmpuint (times->len, <, 55);
  wait_for (count_bad (f) == 1);
  g_array_unref (times);
}

/* S10, S25, V26, V29: who is told, and who is not. */
static void
test_who_is_told (RelayFixture *f,
                  gconstpointer data)
{
  static const struct
  {
    const char *sender;
    PhDsnNotify notify;
    guint       n_reports;
  } table[] = {
    { "alice@here.test", PH_DSN_NOTIFY_DEFAULT, 1 },
    { "alice@here.test", PH_DSN_NOTIFY_FAILURE, 1 },
    { "alice@here.test", PH_DSN_NOTIFY_NEVER, 0 },
    { "alice@here.test", PH_DSN_NOTIFY_SUCCESS, 0 },
    { "alice@here.test", PH_DSN_NOTIFY_SUCCESS | PH_DSN_NOTIFY_DELAY, 0 },
    { "", PH_DSN_NOTIFY_DEFAULT, 0 },
    { "", PH_DSN_NOTIFY_FAILURE, 0 },
    { "stranger@elsewhere.test", PH_DSN_NOTIFY_DEFAULT, 0 },
    { "nobody@here.test", PH_DSN_NOTIFY_DEFAULT, 0 }, /* was somebody, once */
  };

  script_server_set (f->server, "RCPT: 550 5.1.1 who?");
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      PhSmtpEnvelope  *envelope = ph_smtp_envelope_new (table[i].sender);
      g_autofree char *id = NULL;
      guint            n = f->intake->taken->len;

      ph_smtp_envelope_add (envelope, BOB)->notify = table[i].notify;
      id = queue_envelope (f, envelope, MESSAGE_TEXT);
      wait_for (count_bad (f) == i + 1);
      g_assert_cmpuint (count_queue (f), ==, 0);
      g_assert_cmpuint (f->intake->taken->len, ==, n + table[i].n_reports);
    }
}

/* V29: one report of bounded size, however many recipients failed, with however much text. */
static void
test_one_report (RelayFixture *f,
                 gconstpointer data)
{
  PhSmtpEnvelope  *envelope = ph_smtp_envelope_new ("alice@here.test");
  g_autofree char *words = g_strnfill (800, 'x');
  g_autofree char *script = g_strdup_printf ("RCPT: 550 5.1.1 %s", words);
  g_autofree char *id = NULL;

  script_server_set (f->server, script);
  for (guint i = 0; i < PH_QUEUE_RECIPIENTS_MAX; i++)
    {
      g_autofree char *address = g_strdup_printf ("u%u@[127.0.0.1]", i);

      ph_smtp_envelope_add (envelope, address);
    }
  id = queue_envelope (f, envelope, MESSAGE_TEXT);
  wait_for (count_bad (f) == 1);
  g_assert_cmpuint (f->intake->taken->len, ==, 1);
  g_assert_cmpuint (strlen (get_taken (f, 0)), <, 512 * 1024);
  g_assert_true (reports (f, 0, "u999@[127.0.0.1]"));
}

/* NOTIFY=SUCCESS where the next server makes no reports (S25); with DSN it is that server's business. */
static void
test_success (RelayFixture *f,
              gconstpointer data)
{
  for (guint with_dsn = 0; with_dsn < 2; with_dsn++)
    {
      PhSmtpEnvelope  *envelope = ph_smtp_envelope_new ("alice@here.test");
      PhSmtpRecipient *recipient = ph_smtp_envelope_add (envelope, BOB);
      g_autofree char *id = NULL;
      g_autofree char *log = NULL;

      let_connections_close (f);
      if (with_dsn)
        script_server_offer (f->server, "250-script\n250 DSN");
      envelope->envid = g_strdup ("my id");
      envelope->ret = PH_DSN_RET_HDRS;
      recipient->notify = PH_DSN_NOTIFY_SUCCESS;
      recipient->orcpt = g_strdup ("rfc822;robert@example.org");
      id = queue_envelope (f, envelope, MESSAGE_TEXT);
      wait_for (count_queue (f) == 0);
      log = script_server_dup_log (f->server);
      g_assert_cmpint (strstr (log, " RET=HDRS ENVID=my+20id\r\n") != NULL, ==, with_dsn);
      g_assert_cmpint (strstr (log, " NOTIFY=SUCCESS ORCPT=rfc822;robert@example.org\r\n") != NULL, ==, with_dsn);
    }
  g_assert_cmpuint (f->intake->taken->len, ==, 1);
  g_assert_true (reports (f, 0, "Action: relayed\r\n") && reports (f, 0, "Original-Envelope-Id: my id\r\n"));
  g_assert_true (reports (f, 0, "Original-Recipient: rfc822;robert@example.org\r\n"));
}

/* A report that can't be delivered just now is not forgotten. */
static void
test_report_waits (RelayFixture *f,
                   gconstpointer data)
{
  g_autofree char *id = NULL;

  f->intake->n_fails = 1;
  script_server_add (f->server, "RCPT: 550 5.1.1 who?");
  id = queue (f, BOB);
  wait_for (f->intake->n_fails == 0);
  wait_for (env_has (f, id, "Report=failed\n") && env_has (f, id, "NextTry="));
  g_assert_cmpuint (count_bad (f), ==, 0);

  /* Nor by a restart. */
  relay_fixture_stop (f);
  relay_fixture_start (f);
  wait_for (count_queue (f) == 1);
  ph_clock_advance (f->clock, 6 * MINUTES);
  wait_for (count_bad (f) == 1);
  g_assert_cmpuint (f->intake->taken->len, ==, 1);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 1);
}

/* S20: no more than its share of connections for one destination, and all get through. */
static void
test_many (RelayFixture *f,
           gconstpointer data)
{
  for (guint i = 0; i < 300; i++)
    {
      G_GNUC_UNUSED g_autofree char *id = queue (f, BOB);
    }
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 300);
  g_assert_cmpuint (f->server->most_open, <=, 20);
  g_assert_cmpuint (f->server->most_open, >, 1);
}

/* What people do. */
static void
test_actions (RelayFixture *f,
              gconstpointer data)
{
  g_autofree char *id = NULL;
  GListModel      *list = ph_relay_get_queue (f->relay);

  script_server_set (f->server, "MAIL: 451 later");
  id = queue (f, BOB);
  wait_for (env_has (f, id, "State=deferred\n") && count_waiting (f) == 1);

  /* Held, it stays, whatever the time; released, it is tried at once. */
  g_assert_true (ph_relay_hold (f->relay, id));
  wait_for (env_has (f, id, "State=held\n"));
  g_assert_cmpint (get_state (list, 0), ==, PH_QUEUE_HELD);
  ph_clock_advance (f->clock, 6 * 24 * HOURS);
  relay_fixture_stop (f);
  relay_fixture_start (f);
  list = ph_relay_get_queue (f->relay);
  wait_for (count_queue (f) == 1);
  g_assert_cmpint (get_state (list, 0), ==, PH_QUEUE_HELD);
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 1);
  g_assert_true (ph_relay_release (f->relay, id));
  wait_for (script_server_count_connections (f->server) == 2 && count_waiting (f) == 1);
  g_assert_true (env_has (f, id, "State=deferred\n"));

  /* Given up by hand: reported and kept. */
  g_assert_true (ph_relay_bounce (f->relay, id));
  wait_for (count_bad (f) == 1 && count_queue (f) == 0);
  g_assert_true (reports (f, 0, "Action: failed\r\n"));
  g_assert_true (file_exists (f->bad_dir, id, ".eml") && !file_exists (f->relay_dir, id, ".eml"));
  g_assert_false (ph_relay_bounce (f->relay, id));

  /* Put back, it begins anew. */
  script_server_set (f->server, NULL);
  g_assert_true (ph_relay_requeue (f->relay, id));
  wait_for (count_bad (f) == 0 && count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
  g_assert_false (file_exists (f->bad_dir, id, ".env"));

  g_assert_false (ph_relay_requeue (f->relay, id));
  g_assert_false (ph_relay_remove (f->relay, id));
  g_assert_false (ph_relay_try_now (f->relay, "../../etc/passwd"));
}

static void
test_remove (RelayFixture *f,
             gconstpointer data)
{
  g_autofree char *queued = NULL;
  g_autofree char *failed = NULL;

  script_server_add (f->server, "MAIL: 451 later");
  script_server_add (f->server, "MAIL: 550 never");
  queued = queue (f, BOB);
  wait_for (count_waiting (f) == 1);
  failed = queue (f, BOB);
  wait_for (count_bad (f) == 1);

  g_assert_true (ph_relay_remove (f->relay, queued));
  g_assert_true (ph_relay_remove (f->relay, failed));
  wait_for (count_queue (f) == 0 && count_bad (f) == 0);
  g_assert_false (file_exists (f->relay_dir, queued, ".eml") || file_exists (f->relay_dir, queued, ".env"));
  g_assert_false (file_exists (f->bad_dir, failed, ".eml") || file_exists (f->bad_dir, failed, ".env"));
}

/* A wish about what is just being sent is fulfilled afterwards. */
static void
test_action_while_trying (RelayFixture *f,
                          gconstpointer data)
{
  g_autofree char *id = NULL;

  script_server_add (f->server, "MAIL: !stall");
  id = queue (f, BOB);
  wait_for (script_server_count_connections (f->server) == 1);
  g_assert_cmpint (get_state (ph_relay_get_queue (f->relay), 0), ==, PH_QUEUE_TRYING);
  g_assert_true (ph_relay_hold (f->relay, id));
  g_usleep (20000);
  ph_clock_advance (f->clock, 6 * MINUTES);
  wait_for (env_has (f, id, "State=held\n"));
}

/* Taken back before it was promised to anybody: it never leaves. */
static void
test_withdraw (RelayFixture *f,
               gconstpointer data)
{
  g_autoptr (PhSmtpEnvelope) envelope = ph_smtp_envelope_new ("alice@here.test");
  g_autoptr (PhSpool) spool = ph_store_open_spool (f->store, NULL);
  g_autofree char *id = NULL;

  ph_smtp_envelope_add (envelope, BOB);
  g_assert_true (ph_spool_write (spool, MESSAGE_TEXT, strlen (MESSAGE_TEXT), NULL));
  ph_relay_enqueue_async (f->relay, spool, envelope, NULL, enqueued_cb, &id);
  wait_for (id != NULL);
  ph_clock_advance (f->clock, 2 * MINUTES);
  ph_relay_withdraw (f->relay, id);
  wait_for (count_queue (f) == 0 && !file_exists (f->relay_dir, id, ".env"));
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 0);
}

/* Stopped in the middle, and started again: what was being sent is tried again, and nothing else has
 * changed. */
static void
test_restart (RelayFixture *f,
              gconstpointer data)
{
  g_autofree char *stalled = NULL;
  g_autofree char *deferred = NULL;

  script_server_add (f->server, "MAIL: 451 later");
  deferred = queue (f, BOB);
  wait_for (count_waiting (f) == 1);
  script_server_add (f->server, "DATA: !stall");
  stalled = queue (f, BOB);
  wait_for (script_server_count_connections (f->server) == 2);
  g_usleep (20000);

  relay_fixture_stop (f);
  g_assert_true (env_has (f, stalled, "State=due\n") && !env_has (f, stalled, "Tries="));
  g_assert_true (env_has (f, deferred, "Tries=1\n"));
  relay_fixture_start (f);
  wait_for (count_queue (f) == 1 && script_server_count (f->server) == 1);
  ph_clock_advance (f->clock, 6 * MINUTES);
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 2);
}

/* The transcript: one session for each connection, with what was asked of DNS and said. */
static void
test_journal (RelayFixture *f,
              gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autoptr (PhJournalSession) session = NULL;
  g_autofree char *text = NULL;
  g_autofree char *peer = g_strdup_printf ("127.0.0.1:%u", f->server->port);

  script_server_add (f->server, "RCPT: 451 4.2.1 later");
  id = queue (f, BOB);
  wait_for (count_waiting (f) == 1);
  ph_journal_flush (f->journal);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->journal)), ==, 1);
  session = g_list_model_get_item (G_LIST_MODEL (f->journal), 0);
  g_assert_true (ph_journal_session_is_outgoing (session));
  g_assert_cmpstr (ph_journal_session_get_service (session), ==, "SMTP out");
  g_assert_cmpstr (ph_journal_session_get_peer (session), ==, peer);
  text = ph_journal_session_export (session, PH_JOURNAL_EXPORT_TEXT);
  g_assert_nonnull (strstr (text, id));
  g_assert_nonnull (strstr (text, "RCPT TO:<bob@[127.0.0.1]>"));
  g_assert_nonnull (strstr (text, "451 4.2.1 later"));
}

/* What the window shows of a message. */
static void
test_item (RelayFixture *f,
           gconstpointer data)
{
  g_autofree char *id = NULL;
  g_autoptr (PhQueueItem) item = NULL;
  g_autoptr (GListModel) recipients = NULL;
  g_autofree char *subject = NULL;
  g_autofree char *summary = NULL;
  g_autofree char *reply = NULL;
  g_autofree char *sender = NULL;
  guint            tries;
  gint64           next_try;

  script_server_add (f->server, "RCPT: 451 4.2.1 later");
  id = queue (f, BOB ",carol@[127.0.0.1]");
  wait_for (count_waiting (f) == 1);
  item = g_list_model_get_item (ph_relay_get_queue (f->relay), 0);
  g_assert_cmpstr (ph_queue_item_get_id (item), ==, id);
  do
    {
      g_main_context_iteration (NULL, TRUE);
      g_clear_pointer (&subject, g_free);
      g_object_get (item, "subject", &subject, "tries", &tries, NULL);
    }
  while (subject == NULL || tries == 0);
  g_object_get (item, "summary", &summary, "tries", &tries, "next-try", &next_try, "last-reply", &reply, "sender", &sender, "recipients", &recipients, NULL);
  g_assert_cmpstr (subject, ==, "greetings");
  g_assert_cmpstr (summary, ==, "bob@[127.0.0.1] and 1 more");
  g_assert_cmpstr (reply, ==, "451 4.2.1 later");
  g_assert_cmpstr (sender, ==, "alice@here.test");
  g_assert_cmpuint (tries, ==, 1);
  g_assert_cmpint (next_try, >, START + 4 * MINUTES);
  g_assert_cmpuint (g_list_model_get_n_items (recipients), ==, 2);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/relay/" name, RelayFixture, NULL, relay_fixture_set_up, function, relay_fixture_tear_down)
  ADD ("delivery", test_delivery);
  ADD ("third-try", test_third_try);
  ADD ("S18,S22/stages", test_stages);
  ADD ("S13/stall", test_stall);
  ADD ("S20/recipients", test_recipients);
  ADD ("S20/too-many", test_too_many);
  ADD ("S23/schedule", test_schedule);
  ADD ("S23/own-schedule", test_own_schedule);
  ADD ("S10,S25,V26/who-is-told", test_who_is_told);
  ADD ("V29/one-report", test_one_report);
  ADD ("S25/success", test_success);
  ADD ("S26/report-waits", test_report_waits);
  ADD ("S20/many", test_many);
  ADD ("actions", test_actions);
  ADD ("remove", test_remove);
  ADD ("action-while-trying", test_action_while_trying);
  ADD ("withdraw", test_withdraw);
  ADD ("S26/restart", test_restart);
  ADD ("journal", test_journal);
  ADD ("item", test_item);

  return g_test_run ();
}
