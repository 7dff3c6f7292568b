#include "ph-poller.h"

#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  PhPoller    *poller;
  PhWatch     *watch;
  int          fds[2];
  guint        n_calls;
  PhPollEvents last;
  gboolean     remove_in_call;
  guint        wake_again; /* so many times, from inside the call */
  gboolean     turn_in_call;
} Fixture;

static void
turn (void)
{
  for (guint i = 0; i < 4; i++)
    g_main_context_iteration (NULL, FALSE);
}

static void
on_events (PhPollEvents events,
           gpointer     user_data)
{
  Fixture *f = user_data;

  f->n_calls++;
  f->last = events;
  if (f->turn_in_call)
    {
      guint n_calls = f->n_calls;

      turn ();
      g_assert_cmpuint (f->n_calls, ==, n_calls);
    }
  if (f->remove_in_call)
    {
      ph_poller_remove_watch (f->poller, f->watch);
      f->watch = NULL;
    }
  else if (f->wake_again > 0)
    {
      f->wake_again--;
      ph_poller_wake (f->poller, f->watch);
    }
}

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  g_autoptr (PhClock) clock = ph_clock_new ();

  f->poller = ph_poller_new (clock);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, f->fds), ==, 0);
  f->watch = ph_poller_add_watch (f->poller, f->fds[0], PH_POLL_NONE, on_events, f);
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  if (f->watch != NULL)
    ph_poller_remove_watch (f->poller, f->watch);
  close (f->fds[0]);
  close (f->fds[1]);
  g_assert_finalize_object (f->poller);
}

static void
test_events (Fixture      *f,
             gconstpointer data)
{
  g_assert_cmpint (write (f->fds[1], "x", 1), ==, 1);
  turn ();
  g_assert_cmpuint (f->n_calls, ==, 0);

  ph_poller_set_events (f->poller, f->watch, PH_POLL_IN);
  turn ();
  g_assert_cmpuint (f->n_calls, >=, 2); /* level-triggered */
  g_assert_cmpuint (f->last, ==, PH_POLL_IN);

  ph_poller_set_events (f->poller, f->watch, PH_POLL_IN | PH_POLL_OUT);
  turn ();
  g_assert_cmpuint (f->last, ==, PH_POLL_IN | PH_POLL_OUT);

  close (f->fds[1]);
  f->fds[1] = -1;
  turn ();
  g_assert_true (f->last & PH_POLL_HANGUP);

  f->n_calls = 0;
  ph_poller_set_events (f->poller, f->watch, PH_POLL_NONE);
  turn ();
  g_assert_cmpuint (f->n_calls, ==, 0);
}

static void
test_wake (Fixture      *f,
           gconstpointer data)
{
  ph_poller_wake (f->poller, f->watch);
  ph_poller_wake (f->poller, f->watch);
  g_assert_cmpuint (f->n_calls, ==, 0);
  turn ();
  g_assert_cmpuint (f->n_calls, ==, 1);
  g_assert_cmpuint (f->last, ==, PH_POLL_WOKEN);
}

static gboolean
count_cb (gpointer data)
{
  ++*(guint *)data;

  return G_SOURCE_CONTINUE;
}

/* One that always has more to do must not keep the main loop from turning (the window
 * would freeze), nor other watches from being served. */
static void
test_budget (Fixture      *f,
             gconstpointer data)
{
  Fixture other = { .poller = f->poller, .fds = { -1, -1 } };
  guint   n_idle = 0;
  guint   source = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 20, count_cb, &n_idle, NULL);

  other.watch = ph_poller_add_watch (f->poller, f->fds[1], PH_POLL_OUT, on_events, &other);
  f->wake_again = 1000;
  ph_poller_wake (f->poller, f->watch);
  g_main_context_iteration (NULL, FALSE);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (n_idle, >=, 1);
  g_source_remove (source);

  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (f->n_calls, >, 0);
  g_assert_cmpuint (f->n_calls, <=, 2 * 64); /* twice its turn: by itself, and as it had waited */
  g_assert_cmpuint (other.n_calls, >, 0);

  while (f->wake_again > 0)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (f->n_calls, >=, 1000);
  ph_poller_remove_watch (f->poller, other.watch);
}

static void
test_remove_in_call (Fixture      *f,
                     gconstpointer data)
{
  Fixture other = { .poller = f->poller, .fds = { -1, -1 }, .remove_in_call = TRUE };

  /* Each takes the other's place in what was fetched already. */
  other.watch = ph_poller_add_watch (f->poller, f->fds[1], PH_POLL_OUT, on_events, &other);
  f->remove_in_call = TRUE;
  ph_poller_set_events (f->poller, f->watch, PH_POLL_OUT);
  ph_poller_wake (f->poller, f->watch);
  turn ();
  g_assert_cmpuint (f->n_calls, ==, 1);
  g_assert_cmpuint (other.n_calls, ==, 1);
}

/* V32: of costly watches a dispatch serves a few; a plain one is served in between. */
/* A main loop that runs inside a call does not call again, and does not end the calls. */
static void
test_turn_in_call (Fixture      *f,
                   gconstpointer data)
{
  f->turn_in_call = TRUE;
  ph_poller_set_events (f->poller, f->watch, PH_POLL_IN);
  g_assert_cmpint (write (f->fds[1], "x", 1), ==, 1);
  turn ();
  g_assert_cmpuint (f->n_calls, >=, 2);
  g_assert_cmpint (f->last, ==, PH_POLL_IN);
}

static void
test_costly (Fixture      *f,
             gconstpointer data)
{
  enum {
    N = 40
  };
  Fixture costly[N] = { 0 };
  guint   limit = 2 * g_get_num_processors ();
  guint   n_served = 0;

  for (guint i = 0; i < N; i++)
    {
      costly[i].poller = f->poller;
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, costly[i].fds), ==, 0);
      costly[i].watch = ph_poller_add_watch (f->poller, costly[i].fds[0], PH_POLL_NONE, on_events, &costly[i]);
      ph_poller_set_costly (f->poller, costly[i].watch, TRUE);
      ph_poller_set_events (f->poller, costly[i].watch, PH_POLL_OUT);
    }
  ph_poller_set_events (f->poller, f->watch, PH_POLL_OUT);

  while (f->n_calls == 0)
    g_main_context_iteration (NULL, FALSE);
  for (guint i = 0; i < N; i++)
    n_served += costly[i].n_calls;
  g_assert_cmpuint (n_served, <=, limit * 2);

  /* Level-triggered, each comes again and again, as a plain one does. */
  for (guint i = 0; i < 200; i++)
    g_main_context_iteration (NULL, FALSE);
  for (guint i = 0; i < N; i++)
    {
      g_assert_cmpuint (costly[i].n_calls, >=, 2);
      ph_poller_set_costly (f->poller, costly[i].watch, FALSE);
      ph_poller_remove_watch (f->poller, costly[i].watch);
      close (costly[i].fds[0]);
      close (costly[i].fds[1]);
    }
}

/* Deadlines */

typedef struct
{
  PhDeadline   deadline;
  PhClock     *clock;
  PhDeadlines *deadlines;
  gint64       fired; /* monotonic time */
  guint        n_fired;
  guint        again; /* seconds; 0 not */
  PhDeadline  *clear;
} Timed;

static void
on_deadline (gpointer user_data)
{
  Timed *timed = user_data;

  timed->fired = ph_clock_get_monotonic_time (timed->clock);
  timed->n_fired++;
  if (timed->again > 0)
    ph_deadlines_set (timed->deadlines, &timed->deadline, timed->again);
  if (timed->clear != NULL)
    ph_deadlines_clear (timed->deadlines, timed->clear);
}

static void
test_deadlines (void)
{
  static const guint seconds[] = { 1, 2, 5, 300, 511, 512, 513, 1800, 5000 };
  g_autoptr (PhClock) clock = ph_clock_new_manual (0);
  g_autoptr (PhDeadlines) deadlines = ph_deadlines_new (clock);
  Timed  timed[G_N_ELEMENTS (seconds)] = { 0 };
  gint64 start;

  ph_clock_advance (clock, 123456);
  start = ph_clock_get_monotonic_time (clock);
  for (guint i = 0; i < G_N_ELEMENTS (seconds); i++)
    {
      timed[i].deadline = (PhDeadline){ .function = on_deadline, .user_data = &timed[i] };
      timed[i].clock = clock;
      timed[i].deadlines = deadlines;
      ph_deadlines_set (deadlines, &timed[i].deadline, seconds[i]);
    }

  ph_clock_advance (clock, (gint64)6000 * G_USEC_PER_SEC);
  for (guint i = 0; i < G_N_ELEMENTS (seconds); i++)
    {
      g_assert_cmpuint (timed[i].n_fired, ==, 1);
      g_assert_cmpint (timed[i].fired - start, >=, (gint64)seconds[i] * G_USEC_PER_SEC);
      g_assert_cmpint (timed[i].fired - start, <=, (gint64)(seconds[i] + 1) * G_USEC_PER_SEC);
    }
}

static void
test_deadlines_change (void)
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (0);
  g_autoptr (PhDeadlines) deadlines = ph_deadlines_new (clock);
  Timed a = { .deadline = { on_deadline, &a }, .clock = clock, .deadlines = deadlines };
  Timed b = { .deadline = { on_deadline, &b }, .clock = clock, .deadlines = deadlines };

  /* Put off, then cleared; one clears the other in the same second. */
  ph_deadlines_set (deadlines, &a.deadline, 10);
  ph_clock_advance (clock, 8 * G_USEC_PER_SEC);
  ph_deadlines_set (deadlines, &a.deadline, 10);
  ph_clock_advance (clock, 8 * G_USEC_PER_SEC);
  g_assert_cmpuint (a.n_fired, ==, 0);
  ph_deadlines_clear (deadlines, &a.deadline);
  ph_clock_advance (clock, 20 * G_USEC_PER_SEC);
  g_assert_cmpuint (a.n_fired, ==, 0);

  a.clear = &b.deadline;
  b.clear = &a.deadline;
  ph_deadlines_set (deadlines, &a.deadline, 3);
  ph_deadlines_set (deadlines, &b.deadline, 3);
  ph_clock_advance (clock, 20 * G_USEC_PER_SEC);
  g_assert_cmpuint (a.n_fired + b.n_fired, ==, 1);

  /* Set again from inside; an earlier one set later comes first. */
  a.clear = b.clear = NULL;
  a.n_fired = b.n_fired = 0;
  a.again = 10;
  ph_deadlines_set (deadlines, &a.deadline, 1000);
  ph_deadlines_set (deadlines, &b.deadline, 1);
  ph_clock_advance (clock, 3 * G_USEC_PER_SEC);
  g_assert_cmpuint (b.n_fired, ==, 1);
  ph_clock_advance (clock, 1100 * G_USEC_PER_SEC);
  g_assert_cmpuint (a.n_fired, >=, 9);
  g_assert_cmpuint (a.n_fired, <=, 11);
  ph_deadlines_clear (deadlines, &a.deadline); /* set again, and gone before them */
}

static gboolean
draw (gpointer user_data)
{
  g_usleep (2000);

  return G_SOURCE_CONTINUE;
}

/* A window that draws without end, as one does that is slower to draw than its animation: each turn of the socket is
 * served all the same, and soon. */
static void
test_kept_waiting (Fixture      *f,
                   gconstpointer data)
{
  guint drawing = g_idle_add_full (PH_POLLER_PRIORITY - 5, draw, NULL, NULL);

  ph_poller_set_events (f->poller, f->watch, PH_POLL_IN);
  for (guint turn = 1; turn <= 3; turn++)
    {
      gint64 end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
      char   buffer[1];

      g_assert_cmpint (write (f->fds[1], "x", 1), ==, 1);
      while (f->n_calls < turn && g_get_monotonic_time () < end)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (f->n_calls, ==, turn);
      g_assert_cmpint (read (f->fds[0], buffer, 1), ==, 1);
    }
  g_source_remove (drawing);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/net/poller/events", Fixture, NULL, set_up, test_events, tear_down);
  g_test_add ("/net/poller/wake", Fixture, NULL, set_up, test_wake, tear_down);
  g_test_add ("/net/poller/budget", Fixture, NULL, set_up, test_budget, tear_down);
  g_test_add ("/net/poller/kept-waiting", Fixture, NULL, set_up, test_kept_waiting, tear_down);
  g_test_add ("/net/poller/remove-in-call", Fixture, NULL, set_up, test_remove_in_call, tear_down);
  g_test_add ("/net/poller/turn-in-call", Fixture, NULL, set_up, test_turn_in_call, tear_down);
  g_test_add ("/net/poller/costly", Fixture, NULL, set_up, test_costly, tear_down);
  g_test_add_func ("/net/deadlines/all", test_deadlines);
  g_test_add_func ("/net/deadlines/change", test_deadlines_change);

  return g_test_run ();
}
