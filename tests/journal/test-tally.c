#include "ph-journal.h"
#include "ph-tally.h"

/* Berlin, so that days of 23 hours come: 2026-03-29 00:00 there. */
#define DAY (G_GINT64_CONSTANT (1774738800) * G_USEC_PER_SEC)
#define HOUR (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

static void
add (PhTally *tally,
     guint    messages,
     gint64   time)
{
  ph_tally_add (tally, &(PhTallyCounts){ .messages = messages, .bytes_in = messages * 10, .bytes_out = messages * 100 }, time);
}

static void
assert_counts (PhTally *tally,
               gint64   now,
               guint    messages)
{
  PhTallyCounts counts = ph_tally_get (tally, now);

  g_assert_cmpuint (counts.messages, ==, messages);
  g_assert_cmpuint (counts.bytes_in, ==, messages * 10);
  g_assert_cmpuint (counts.bytes_out, ==, messages * 100);
}

static void
test_midnight (void)
{
  g_autoptr (PhTally) tally = ph_tally_new ();

  assert_counts (tally, DAY, 0);
  add (tally, 1, DAY);
  add (tally, 2, DAY + 23 * HOUR - 1);
  assert_counts (tally, DAY + 23 * HOUR - 1, 3);

  /* The day on which the clocks go forward has 23 hours. */
  add (tally, 4, DAY + 23 * HOUR);
  assert_counts (tally, DAY + 23 * HOUR, 4);

  /* A look is enough to begin a day; a clock that was set back begins one, too. */
  assert_counts (tally, DAY + 47 * HOUR, 0);
  add (tally, 8, DAY + 47 * HOUR);
  add (tally, 1, DAY);
  assert_counts (tally, DAY, 1);
}

/* A session counts for itself, and for the service that it belongs to; also once it has ended. */
static void
test_session (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (DAY);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (PhJournalSession) session = ph_journal_begin (journal, "IMAP", FALSE, "192.0.2.1:1");
  g_autoptr (PhJournalSession) other = ph_journal_begin (journal, "IMAP", FALSE, "192.0.2.1:2");
  g_autoptr (PhTally) tally = ph_tally_new ();

  ph_journal_session_set_tally (session, tally);
  ph_journal_session_add_bytes (session, 10, 100);
  ph_journal_session_add_message (session);
  ph_journal_session_add_bytes (other, 10, 100);
  ph_journal_session_add_message (other);
  assert_counts (tally, DAY, 1);

  ph_journal_session_end (session, NULL);
  ph_journal_session_add_bytes (session, 0, 5);
  g_assert_cmpuint (ph_tally_get (tally, DAY).bytes_out, ==, 105);
}

int
main (int   argc,
      char *argv[])
{
  g_setenv ("TZ", "Europe/Berlin", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/tally/midnight", test_midnight);
  g_test_add_func ("/tally/session", test_session);

  return g_test_run ();
}
