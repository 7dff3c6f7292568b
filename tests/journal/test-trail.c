#include "ph-journal.h"

#define START (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)

typedef struct
{
  PhClock          *clock;
  PhJournal        *journal;
  PhTrail          *trail;
  PhJournalSession *in;
  PhJournalSession *out;
  PhJournalSession *reader;
  guint             n_changed;
  guint             n_news;
} Fixture;

static void
changed_cb (PhTrail *trail,
            gpointer data)
{
  g_autoptr (GPtrArray) news = ph_trail_get_news (trail);

  ((Fixture *)data)->n_changed++;
  ((Fixture *)data)->n_news = news->len;
}

static void
setup (Fixture      *fixture,
       gconstpointer data)
{
  fixture->clock = ph_clock_new_manual (START);
  fixture->journal = ph_journal_new (fixture->clock);
  fixture->trail = ph_journal_get_trail (fixture->journal);
  fixture->in = ph_journal_begin (fixture->journal, "SMTP", FALSE, "192.0.2.1:25");
  fixture->out = ph_journal_begin (fixture->journal, "SMTP out", TRUE, "198.51.100.1:25");
  fixture->reader = ph_journal_begin (fixture->journal, "IMAP", FALSE, "127.0.0.1:4034");
  g_signal_connect (fixture->trail, "changed", G_CALLBACK (changed_cb), fixture);
}

static void
teardown (Fixture      *fixture,
          gconstpointer data)
{
  g_object_unref (fixture->in);
  g_object_unref (fixture->out);
  g_object_unref (fixture->reader);
  g_object_unref (fixture->journal);
  g_object_unref (fixture->clock);
}

/* What is found for a name, as "kind session …" in order. */
static char *
describe (Fixture    *fixture,
          const char *name)
{
  const char *const names[] = { name, NULL };
  g_autoptr (GPtrArray) steps = ph_trail_find (fixture->trail, names);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < steps->len; i++)
    {
      const PhTrailStep *step = steps->pdata[i];

      g_string_append_printf (text, "%s%u@%" G_GUINT64_FORMAT, i > 0 ? " " : "", step->kind, step->session);
    }

  return g_string_free (text, FALSE);
}

static void
assert_steps (Fixture    *fixture,
              const char *name,
              const char *expected)
{
  g_autofree char *text = describe (fixture, name);

  g_assert_cmpstr (text, ==, expected);
}

/* From whichever of its names one comes, the whole of a life is found, and nothing of another's. */
static void
test_whole_life (Fixture      *fixture,
                 gconstpointer data)
{
  ph_journal_session_trace (fixture->in, PH_TRAIL_RECEIVED, "1X000", NULL, "ann@example.org");
  ph_journal_session_trace (fixture->in, PH_TRAIL_DELIVERED, "1X000", NULL, "bob@demo.test");
  ph_journal_session_trace (fixture->in, PH_TRAIL_QUEUED, "1X000", "Q1", NULL);
  ph_journal_session_trace (fixture->in, PH_TRAIL_RECEIVED, "1X001", NULL, "");
  ph_clock_advance (fixture->clock, G_USEC_PER_SEC);
  ph_journal_trace (fixture->journal, PH_TRAIL_DEFERRED, "Q1", NULL, "no host");
  ph_clock_advance (fixture->clock, G_USEC_PER_SEC);
  ph_journal_session_trace (fixture->reader, PH_TRAIL_FETCHED, "1X000", NULL, NULL);
  ph_clock_advance (fixture->clock, G_USEC_PER_SEC);
  ph_journal_session_trace (fixture->out, PH_TRAIL_SENT, "Q1", NULL, "250 Ok");

  assert_steps (fixture, "1X000", "0@1 1@1 2@1 4@0 6@3 3@2");
  assert_steps (fixture, "Q1", "0@1 1@1 2@1 4@0 6@3 3@2");
  assert_steps (fixture, "1X001", "0@1");
  assert_steps (fixture, "nobody", "");
}

static void
test_details (Fixture      *fixture,
              gconstpointer data)
{
  const char *const names[] = { "1X000", NULL };
  g_autoptr (GPtrArray) steps = NULL;
  const PhTrailStep *step;

  ph_journal_session_trace (fixture->in, PH_TRAIL_RECEIVED, "1X000", NULL, "a\nb\xff");
  steps = ph_trail_find (fixture->trail, names);
  g_assert_cmpuint (steps->len, ==, 1);
  step = steps->pdata[0];
  g_assert_cmpint (step->time, ==, START);
  g_assert_cmpstr (step->service, ==, "SMTP");
  g_assert_cmpstr (step->peer, ==, "192.0.2.1:25");
  g_assert_true (g_utf8_validate (step->detail, -1, NULL));
  g_assert_null (strchr (step->detail, '\n'));
}

/* A client that reads one message in pieces fetched it once; another message in between makes it two. */
static void
test_pieces (Fixture      *fixture,
             gconstpointer data)
{
  for (guint i = 0; i < 5; i++)
    ph_journal_session_trace (fixture->reader, PH_TRAIL_FETCHED, "1X000", NULL, NULL);
  assert_steps (fixture, "1X000", "6@3");
  ph_journal_session_trace (fixture->reader, PH_TRAIL_FETCHED, "1X001", NULL, NULL);
  ph_journal_session_trace (fixture->reader, PH_TRAIL_FETCHED, "1X000", NULL, NULL);
  assert_steps (fixture, "1X000", "6@3 6@3");
}

/* Whoever takes in a whole mailbox does not push out how its messages came. */
static void
test_bounds (Fixture      *fixture,
             gconstpointer data)
{
  ph_journal_session_trace (fixture->in, PH_TRAIL_RECEIVED, "first", NULL, NULL);
  for (guint i = 0; i < PH_TRAIL_STEPS_MAX + 10; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      ph_journal_session_trace (fixture->reader, PH_TRAIL_FETCHED, name, NULL, NULL);
    }
  assert_steps (fixture, "first", "0@1");
  assert_steps (fixture, "9", "");
  assert_steps (fixture, "10", "6@3");

  for (guint i = 0; i < PH_TRAIL_STEPS_MAX; i++)
    ph_journal_session_trace (fixture->in, PH_TRAIL_DELIVERED, "many", NULL, NULL);
  assert_steps (fixture, "first", "");
  {
    const char *const names[] = { "many", NULL };
    g_autoptr (GPtrArray) steps = ph_trail_find (fixture->trail, names);

    g_assert_cmpuint (steps->len, ==, PH_TRAIL_FOUND_MAX);
  }
}

static void
test_sessions (Fixture      *fixture,
               gconstpointer data)
{
  g_auto (GStrv) all = NULL;
  g_auto (GStrv) one = NULL;
  g_auto (GStrv) none = NULL;

  ph_journal_session_trace (fixture->in, PH_TRAIL_RECEIVED, "1X000", NULL, NULL);
  ph_journal_session_trace (fixture->in, PH_TRAIL_DELIVERED, "1X000", NULL, NULL);
  ph_journal_session_trace (fixture->in, PH_TRAIL_RECEIVED, "1X001", NULL, NULL);
  all = ph_trail_list_messages (fixture->trail, 1, 10);
  one = ph_trail_list_messages (fixture->trail, 1, 1);
  none = ph_trail_list_messages (fixture->trail, 2, 10);
  g_assert_cmpuint (g_strv_length (all), ==, 2);
  g_assert_cmpstr (all[0], ==, "1X000");
  g_assert_cmpstr (all[1], ==, "1X001");
  g_assert_cmpuint (g_strv_length (one), ==, 1);
  g_assert_cmpuint (g_strv_length (none), ==, 0);

  g_assert_null (ph_journal_find_session (fixture->journal, 1));
  ph_journal_flush (fixture->journal);
  g_assert_true (ph_journal_find_session (fixture->journal, 1) == fixture->in);
  g_assert_true (ph_journal_find_session (fixture->journal, 3) == fixture->reader);
  g_assert_null (ph_journal_find_session (fixture->journal, 0));
  g_assert_null (ph_journal_find_session (fixture->journal, 4));
}

/* Views are told with the batches, not for each step. */
static void
test_batches (Fixture      *fixture,
              gconstpointer data)
{
  for (guint i = 0; i < 100; i++)
    ph_journal_session_trace (fixture->in, PH_TRAIL_DELIVERED, "1X000", NULL, NULL);
  g_assert_cmpuint (fixture->n_changed, ==, 0);
  ph_clock_advance (fixture->clock, 50 * 1000);
  g_assert_cmpuint (fixture->n_changed, ==, 1);
  g_assert_cmpuint (fixture->n_news, ==, 100);
  ph_journal_flush (fixture->journal);
  g_assert_cmpuint (fixture->n_changed, ==, 1);
}

static void
test_null (void)
{
  ph_journal_session_trace (NULL, PH_TRAIL_SENT, "x", NULL, NULL);
  ph_journal_trace (NULL, PH_TRAIL_SENT, "x", NULL, NULL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/trail/whole-life", Fixture, NULL, setup, test_whole_life, teardown);
  g_test_add ("/trail/details", Fixture, NULL, setup, test_details, teardown);
  g_test_add ("/trail/pieces", Fixture, NULL, setup, test_pieces, teardown);
  g_test_add ("/trail/bounds", Fixture, NULL, setup, test_bounds, teardown);
  g_test_add ("/trail/sessions", Fixture, NULL, setup, test_sessions, teardown);
  g_test_add ("/trail/batches", Fixture, NULL, setup, test_batches, teardown);
  g_test_add_func ("/trail/null", test_null);

  return g_test_run ();
}
