/* Mail that waits in the queue for the time that its sender asked for (RFC 4865). */

#include "relay-fixture.h"

#define BOB "bob@[127.0.0.1]"
#define CAROL "carol@here.test"

static char *
queue_for_later (RelayFixture *f,
                 const char   *recipient,
                 gint64        wait)
{
  PhSmtpEnvelope *envelope = ph_smtp_envelope_new ("alice@here.test");

  envelope->release = ph_clock_get_real_time (f->clock) + wait;
  envelope->hold = g_strdup ("for;3600");
  ph_smtp_envelope_add (envelope, recipient);

  return queue_envelope (f, envelope, MESSAGE_TEXT);
}

static gboolean
is_alices (const char *sender,
           gpointer    user_data)
{
  return strcmp (sender, "alice@here.test") == 0;
}

static guint
count_kept (RelayFixture *f)
{
  guint total;

  g_assert_cmpuint (ph_relay_count_kept (f->relay, is_alices, NULL, &total), ==, total);

  return total;
}

static void
turn_loop (void)
{
  for (guint i = 0; i < 50; i++)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

/* Not a second before, and then to everybody, here and elsewhere; a restart changes nothing. */
static void
test_waits (RelayFixture *f,
            gconstpointer data)
{
  g_autofree char               *there = queue_for_later (f, BOB, HOURS);
  G_GNUC_UNUSED g_autofree char *here = queue_for_later (f, CAROL, HOURS);

  g_assert_cmpuint (count_kept (f), ==, 2);
  g_assert_cmpint (get_state (ph_relay_get_queue (f->relay), 0), ==, PH_QUEUE_DEFERRED);
  g_assert_true (env_has (f, there, "Hold=for;3600\n") && env_has (f, there, "ReleaseAt=20"));

  ph_clock_advance (f->clock, HOURS / 2);
  turn_loop ();
  relay_fixture_stop (f);
  relay_fixture_start (f);
  wait_for (count_queue (f) == 2);
  g_assert_cmpuint (count_kept (f), ==, 2);
  ph_clock_advance (f->clock, HOURS / 2 - G_USEC_PER_SEC);
  turn_loop ();
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 0);
  g_assert_cmpuint (f->intake->taken->len, ==, 0);

  ph_clock_advance (f->clock, G_USEC_PER_SEC);
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
  g_assert_cmpuint (f->intake->taken->len, ==, 1);
  g_assert_true (g_str_has_prefix (get_taken (f, 0), "alice@here.test|" CAROL "|"));
  g_assert_cmpuint (count_kept (f), ==, 0);
}

/* The egress guard is asked when the time has come; what is taken back counts no more. */
static void
test_guard_and_removal (RelayFixture *f,
                        gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  f->config.guard = PH_RELAY_GUARD_LOCAL;
  ph_relay_configure (f->relay, &f->config);
  first = queue_for_later (f, BOB, HOURS);
  second = queue_for_later (f, BOB, HOURS);
  g_assert_true (env_has (f, first, "State=deferred\n"));
  g_assert_true (ph_relay_remove (f->relay, second));
  wait_for (count_queue (f) == 1);
  g_assert_cmpuint (count_kept (f), ==, 1);

  ph_clock_advance (f->clock, HOURS + G_USEC_PER_SEC);
  wait_for (get_state (ph_relay_get_queue (f->relay), 0) == PH_QUEUE_GUARDED);
  f->config.guard = PH_RELAY_GUARD_ANYWHERE;
  ph_relay_configure (f->relay, &f->config);
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
}

/* Held by a person and released: the sender's time counts all the same.  "Try now" is a person's word. */
static void
test_actions (RelayFixture *f,
              gconstpointer data)
{
  g_autofree char *id = queue_for_later (f, BOB, HOURS);

  g_assert_true (ph_relay_hold (f->relay, id));
  wait_for (env_has (f, id, "State=held\n"));
  g_assert_true (ph_relay_release (f->relay, id));
  wait_for (env_has (f, id, "State=deferred\n"));
  turn_loop ();
  g_assert_cmpuint (script_server_count_connections (f->server), ==, 0);

  g_assert_true (ph_relay_try_now (f->relay, id));
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
}

/* Section 5.1.2: a report says what was asked for; and the schedule counts from the release. */
static void
test_report (RelayFixture *f,
             gconstpointer data)
{
  g_autofree char *id = NULL;

  script_server_add (f->server, "RCPT: 550 5.1.1 who?");
  id = queue_for_later (f, BOB, 6 * 24 * HOURS);
  ph_clock_advance (f->clock, 6 * 24 * HOURS);
  wait_for (count_bad (f) == 1);
  g_assert_nonnull (strstr (get_taken (f, 0), "\r\nArrival-Date: "));
  g_assert_nonnull (strstr (get_taken (f, 0), "\r\nFuture-Release-Request: for;3600\r\n"));
}

/* Five days after it came it is still tried, where it was kept for six. */
static void
test_schedule (RelayFixture *f,
               gconstpointer data)
{
  g_autofree char *id = NULL;

  script_server_add (f->server, "RCPT: 451 4.2.1 later");
  id = queue_for_later (f, BOB, 6 * 24 * HOURS);
  ph_clock_advance (f->clock, 6 * 24 * HOURS);
  wait_for (env_has (f, id, "Tries=1\n"));
  g_assert_cmpuint (f->intake->taken->len, ==, 0);
  ph_clock_advance (f->clock, 6 * MINUTES);
  wait_for (count_queue (f) == 0);
  g_assert_cmpuint (script_server_count (f->server), ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/relay/kept/" name, RelayFixture, NULL, relay_fixture_set_up, function, relay_fixture_tear_down)
  ADD ("waits", test_waits);
  ADD ("guard-and-removal", test_guard_and_removal);
  ADD ("actions", test_actions);
  ADD ("report", test_report);
  ADD ("schedule", test_schedule);
#undef ADD

  return g_test_run ();
}
