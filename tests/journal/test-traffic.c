#include "ph-traffic.h"

#define MINUTE (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)
#define START (G_GINT64_CONSTANT (28333200) * MINUTE) /* a multiple of an hour */

static void
assert_counts (PhTraffic    *traffic,
               PhTrafficKind kind,
               gint64        now,
               guint         minutes,
               guint         before,
               guint         last)
{
  guint counts[2];

  ph_traffic_get (traffic, kind, now, minutes, counts, 2);
  g_assert_cmpuint (counts[0], ==, before);
  g_assert_cmpuint (counts[1], ==, last);
}

static void
test_minutes (void)
{
  g_autoptr (PhTraffic) traffic = ph_traffic_new ();

  assert_counts (traffic, PH_TRAFFIC_RECEIVED, START, 1, 0, 0);
  ph_traffic_add (traffic, PH_TRAFFIC_RECEIVED, START);
  ph_traffic_add (traffic, PH_TRAFFIC_RECEIVED, START + MINUTE - 1);
  ph_traffic_add (traffic, PH_TRAFFIC_SENT, START + MINUTE);
  ph_traffic_add (traffic, PH_TRAFFIC_RECEIVED, START + MINUTE);
  assert_counts (traffic, PH_TRAFFIC_RECEIVED, START + MINUTE, 1, 2, 1);
  assert_counts (traffic, PH_TRAFFIC_SENT, START + MINUTE, 1, 0, 1);
  assert_counts (traffic, PH_TRAFFIC_FAILED, START + MINUTE, 1, 0, 0);

  /* Time goes on, though nothing comes. */
  assert_counts (traffic, PH_TRAFFIC_RECEIVED, START + 2 * MINUTE, 1, 1, 0);
  assert_counts (traffic, PH_TRAFFIC_RECEIVED, START + 9 * MINUTE, 1, 0, 0);

  /* Spans of several minutes. */
  assert_counts (traffic, PH_TRAFFIC_RECEIVED, START + 14 * MINUTE, 15, 0, 3);
  assert_counts (traffic, PH_TRAFFIC_RECEIVED, START + 15 * MINUTE, 15, 3, 0);
}

static void
test_a_day_later (void)
{
  g_autoptr (PhTraffic) traffic = ph_traffic_new ();

  ph_traffic_add (traffic, PH_TRAFFIC_RECEIVED, START);
  ph_traffic_add (traffic, PH_TRAFFIC_RECEIVED, START + PH_TRAFFIC_MINUTES * MINUTE);
  assert_counts (traffic, PH_TRAFFIC_RECEIVED, START + PH_TRAFFIC_MINUTES * MINUTE, 1, 0, 1);
  assert_counts (traffic, PH_TRAFFIC_RECEIVED, START, 1, 0, 0);

  /* Months, and a clock that is set back: it counts on where it was. */
  ph_traffic_add (traffic, PH_TRAFFIC_RECEIVED, START + 100 * PH_TRAFFIC_MINUTES * MINUTE);
  ph_traffic_add (traffic, PH_TRAFFIC_RECEIVED, START);
  ph_traffic_add (traffic, PH_TRAFFIC_RECEIVED, -1);
  assert_counts (traffic, PH_TRAFFIC_RECEIVED, START + 100 * PH_TRAFFIC_MINUTES * MINUTE, 1, 0, 3);
  assert_counts (traffic, PH_TRAFFIC_RECEIVED, 0, 1, 0, 0);
}

/* What the journal counts. */
static void
test_journal (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (START);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) in = ph_journal_begin (journal, "SMTP", FALSE, "192.0.2.1:1");
  g_autoptr (PhJournalSession) out = ph_journal_begin (journal, "SMTP out", TRUE, "192.0.2.2:25");
  PhTraffic *traffic = ph_journal_get_traffic (journal);

  ph_journal_session_trace (in, PH_TRAIL_RECEIVED, "1X000", NULL, NULL);
  ph_journal_session_trace (in, PH_TRAIL_DELIVERED, "1X000", NULL, NULL);
  ph_journal_session_add_refusal (in);
  ph_journal_session_end (in, NULL);
  ph_clock_advance (clock, MINUTE);
  ph_journal_session_trace (out, PH_TRAIL_SENT, "1X000", NULL, NULL);
  ph_journal_session_end (out, "it broke off");
  assert_counts (traffic, PH_TRAFFIC_CONNECTIONS, START + MINUTE, 1, 1, 0);
  assert_counts (traffic, PH_TRAFFIC_RECEIVED, START + MINUTE, 1, 1, 0);
  assert_counts (traffic, PH_TRAFFIC_SENT, START + MINUTE, 1, 0, 1);
  assert_counts (traffic, PH_TRAFFIC_FAILED, START + MINUTE, 1, 0, 1);
  assert_counts (traffic, PH_TRAFFIC_REFUSED, START + MINUTE, 1, 1, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/traffic/minutes", test_minutes);
  g_test_add_func ("/traffic/a-day-later", test_a_day_later);
  g_test_add_func ("/traffic/journal", test_journal);

  return g_test_run ();
}
