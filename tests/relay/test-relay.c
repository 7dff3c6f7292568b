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

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/relay/" name, RelayFixture, NULL, relay_fixture_set_up, function, relay_fixture_tear_down)
  ADD ("delivery", test_delivery);
  ADD ("third-try", test_third_try);

  return g_test_run ();
}
