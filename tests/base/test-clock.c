#include "ph-clock.h"

static GString *events;

static void
note_cb (gpointer data)
{
  g_string_append (events, data);
}

static void
again_cb (gpointer data)
{
  ph_clock_add_timer (data, G_USEC_PER_SEC, note_cb, (gpointer) "later ");
}

static void
test_manual (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (1000);
  guint cancelled;

  events = g_string_new (NULL);
  ph_clock_add_timer (clock, 3 * G_USEC_PER_SEC, note_cb, (gpointer) "three ");
  ph_clock_add_timer (clock, 1 * G_USEC_PER_SEC, note_cb, (gpointer) "one ");
  ph_clock_add_timer (clock, 1 * G_USEC_PER_SEC, again_cb, clock);
  cancelled = ph_clock_add_timer (clock, 2 * G_USEC_PER_SEC, note_cb, (gpointer) "never ");
  ph_clock_cancel_timer (clock, &cancelled);
  g_assert_cmpuint (cancelled, ==, 0);

  ph_clock_advance (clock, 10 * G_USEC_PER_SEC);
  g_assert_cmpstr (events->str, ==, "one later three ");
  g_assert_cmpint (ph_clock_get_real_time (clock), ==, 1000 + 10 * G_USEC_PER_SEC);
  g_string_free (events, TRUE);
}

static void
quit_cb (gpointer data)
{
  g_main_loop_quit (data);
}

static void
test_system (void)
{
  g_autoptr (PhClock) clock = ph_clock_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  gint64 before = ph_clock_get_monotonic_time (clock);

  ph_clock_add_timer (clock, 2000, quit_cb, loop);
  g_main_loop_run (loop);
  g_assert_cmpint (ph_clock_get_monotonic_time (clock) - before, >=, 2000);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/base/clock/manual", test_manual);
  g_test_add_func ("/base/clock/system", test_system);

  return g_test_run ();
}
