/* bench-window [SECONDS]: how long the window makes its user wait for a frame while the
 * server works in the same process, with the live log open, and what the window costs the
 * server.  Run it below build-aux/with-display.  Three rows of figures:
 *   smtp-source -s 20 at full speed with the window closed, then with the log open,
 *   then 50,000 lines a second into the journal.
 * bench-window scroll: a transcript of a million lines and a folder of 100,000 messages, scrolled for ten seconds each.
 * bench-window compare [PAIRS]: only what the window costs the server: pairs of runs with the window hidden and with the log
 * open, in turn, each drawing only what changes, as it does for a person. */

#include "../support/remove-tree.h"
#include "ph-server.h"
#include "ph-window.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <sys/resource.h>

#define LINES_PER_SECOND 50000
#define MESSAGES_PER_SECOND 700 /* about what it takes with the window open: the run lasts about as long as asked */
#define TICK_MS 10
#define LATE_MS 100
#define SETTLE_MS 1500

typedef struct
{
  PhServer  *server;
  GtkWidget *window;
  guint      n_frames;
  guint      n_late;
  gint64     last_frame;
  gint64     longest_gap;
  gint64     start_cpu, last_cpu, longest_cpu; /* µs of work of this thread: what a machine with nothing else to do would take */
} Bench;

static gint64
get_cpu (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);

  return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static void
spin_until (gboolean *done)
{
  while (!*done)
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
set_done_cb (gpointer data)
{
  *(gboolean *)data = TRUE;

  return G_SOURCE_REMOVE;
}

static void
spin_for (guint milliseconds)
{
  gboolean done = FALSE;

  g_timeout_add (milliseconds, set_done_cb, &done);
  spin_until (&done);
}

static void
async_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  *(gboolean *)data = TRUE;
}

/* Frames */

static void
after_paint_cb (GdkFrameClock *clock,
                Bench         *bench)
{
  gint64 now = g_get_monotonic_time (), cpu = get_cpu ();

  bench->n_frames++;
  if (bench->last_frame != 0)
    {
      bench->longest_gap = MAX (bench->longest_gap, now - bench->last_frame);
      bench->longest_cpu = MAX (bench->longest_cpu, cpu - bench->last_cpu);
      if (now - bench->last_frame > LATE_MS * 1000)
        bench->n_late++;
    }
  bench->last_frame = now;
  bench->last_cpu = cpu;
}

/* A frame is wanted always, so that every gap is one that a user would feel. */
static gboolean
tick_cb (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       data)
{
  gtk_widget_queue_draw (widget);

  return G_SOURCE_CONTINUE;
}

static void
begin (Bench *bench)
{
  bench->n_frames = bench->n_late = 0;
  bench->last_frame = bench->longest_gap = bench->longest_cpu = 0;
  bench->start_cpu = get_cpu ();
}

static void
report (Bench      *bench,
        const char *what,
        double      seconds,
        double      amount,
        const char *unit)
{
  g_print ("%-34s %7.0f %s/s  CPU %4.0f ms/s", what, amount / seconds, unit, (double)(get_cpu () - bench->start_cpu) / 1000 / seconds);
  if (bench->window != NULL)
    g_print ("  %5.1f frames/s  longest gap %4.0f ms, of CPU %3.0f ms  later than %d ms: %u", bench->n_frames / seconds,
             (double)bench->longest_gap / 1000, (double)bench->longest_cpu / 1000, LATE_MS, bench->n_late);
  g_print ("\n");
}

/* What works */

static PhServer *
open_server (const char *directory)
{
  g_autofree char *path = g_build_filename (directory, "posthouse.ini", NULL);
  g_autofree char *data_dir = g_build_filename (directory, "data", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSettings) settings = ph_settings_new (path, &error);
  g_autoptr (PhClock) clock = ph_clock_new ();
  PhServer *server;
  gboolean  done = FALSE;

  g_assert_no_error (error);
  ph_settings_use_free_ports (settings);
  server = ph_server_new (settings, data_dir, clock, &error);
  g_assert_no_error (error);
  ph_server_add_account_async (server, "bench@demo.test", "Bench", "bench bench bench", NULL, async_cb, &done);
  spin_until (&done);
  done = FALSE;
  ph_server_start_async (server, NULL, async_cb, &done);
  spin_until (&done);

  return server;
}

/* A smtp-source that waits for a line before it sends.  Made before the window is: to fork
 * makes each page that this process has cost a fault once more, which would be taken for
 * the window's own slowness. */
static GSubprocess *
prepare (Bench *bench,
         guint  n_messages)
{
  g_autofree char *target = g_strdup_printf ("127.0.0.1:%u", ph_service_get_port (ph_server_find_service (bench->server, "smtp")));
  g_autofree char *count = g_strdup_printf ("%u", n_messages);
  g_autoptr (GError) error = NULL;
  GSubprocess *source;

  source = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE, &error, "sh", "-c", "read go; exec smtp-source \"$@\"", "sh", "-s", "20", "-m", count,
                             "-l", "1024", "-f", "ann@example.org", "-t", "bench@demo.test", target, NULL);
  g_assert_no_error (error);

  return source;
}

static void
send (Bench       *bench,
      const char  *what,
      GSubprocess *source,
      guint        n_messages)
{
  gboolean done = FALSE;
  gint64   start = g_get_monotonic_time ();

  begin (bench);
  g_output_stream_write_all (g_subprocess_get_stdin_pipe (source), "\n", 1, NULL, NULL, NULL);
  g_subprocess_wait_async (source, NULL, async_cb, &done);
  spin_until (&done);
  report (bench, what, (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC, n_messages, "messages");
}

typedef struct
{
  PhJournalSession *session;
  gint64            start;
  guint64           n_lines;
} Flood;

static gboolean
flood_cb (gpointer data)
{
  Flood  *flood = data;
  guint64 wanted = (guint64)(g_get_monotonic_time () - flood->start) * LINES_PER_SECOND / G_USEC_PER_SEC;
  char    line[96];

  /* A late tick makes up for what it missed, within reason. */
  for (guint i = 0; flood->n_lines < wanted && i < LINES_PER_SECOND / 10; i++, flood->n_lines++)
    {
      int length = g_snprintf (line, sizeof line, "RCPT TO:<user%" G_GUINT64_FORMAT "@example.org> NOTIFY=NEVER", flood->n_lines);

      ph_journal_session_add (flood->session, flood->n_lines % 2, line, (gsize)length);
    }

  return G_SOURCE_CONTINUE;
}

static void
flood (Bench *bench,
       guint  seconds)
{
  PhJournal *journal = ph_server_get_journal (bench->server);
  guint64    n_before, n_dropped;
  guint      tick, n_shown_before, n_shown;
  Flood      flood = { .start = g_get_monotonic_time () };

  ph_journal_flush (journal); /* what is dropped and shown still would be counted twice */
  n_shown_before = g_list_model_get_n_items (ph_journal_get_all_lines (journal));
  g_object_get (journal, "n-dropped-lines", &n_before, NULL);
  flood.session = ph_journal_begin (journal, "SMTP", FALSE, "192.0.2.1:25");
  begin (bench);
  tick = g_timeout_add (TICK_MS, flood_cb, &flood);
  spin_for (seconds * 1000);
  g_source_remove (tick);
  report (bench, "50,000 lines/s, log open", (double)(g_get_monotonic_time () - flood.start) / G_USEC_PER_SEC, (double)flood.n_lines, "lines   ");

  /* No line is lost without being counted.  (The last messages of before add a few of their own.) */
  ph_journal_session_end (flood.session, NULL);
  ph_journal_flush (journal);
  g_object_get (journal, "n-dropped-lines", &n_dropped, NULL);
  n_shown = g_list_model_get_n_items (ph_journal_get_all_lines (journal));
  g_print ("lines made %" G_GUINT64_FORMAT ", there before %u, dropped and counted %" G_GUINT64_FORMAT ", there now %u: %s\n", flood.n_lines,
           n_shown_before, n_dropped - n_before, n_shown, flood.n_lines + n_shown_before <= n_dropped - n_before + n_shown ? "none lost" : "SOME LOST");
  g_object_unref (flood.session);
}

/* What the window costs */

#define COMPARE_MESSAGES 3000
#define COMPARE_PAIRS 7

typedef struct
{
  double rate; /* messages a second */
  double cpu;  /* ms of this process for a message */
} Sample;

static double
get_process_cpu (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);

  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static Sample
measure (GSubprocess *source)
{
  gboolean done = FALSE;
  gint64   start = g_get_monotonic_time ();
  double   cpu = get_process_cpu ();

  g_output_stream_write_all (g_subprocess_get_stdin_pipe (source), "\n", 1, NULL, NULL, NULL);
  g_subprocess_wait_async (source, NULL, async_cb, &done);
  spin_until (&done);

  return (Sample){ COMPARE_MESSAGES / ((double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC), (get_process_cpu () - cpu) / COMPARE_MESSAGES };
}

static int
compare_doubles (gconstpointer a,
                 gconstpointer b)
{
  double first = *(const double *)a, second = *(const double *)b;

  return first < second ? -1 : first > second;
}

static double
get_median (double *values,
            guint   n)
{
  qsort (values, n, sizeof *values, compare_doubles);

  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void
compare (Bench          *bench,
         GtkApplication *application,
         GSubprocess   **sources,
         guint           n_pairs)
{
  g_autofree double *rates = g_new (double, n_pairs), *costs = g_new (double, n_pairs);

  bench->window = ph_window_new (application, bench->server);
  gtk_window_present (GTK_WINDOW (bench->window));
  gtk_widget_activate_action (bench->window, "win.view", "s", "sessions");
  spin_for (SETTLE_MS);
  for (guint i = 0; i < n_pairs; i++)
    {
      Sample hidden, open;

      gtk_widget_hide (bench->window);
      spin_for (SETTLE_MS);
      hidden = measure (sources[2 * i]);
      gtk_widget_show (bench->window);
      spin_for (SETTLE_MS);
      open = measure (sources[2 * i + 1]);
      rates[i] = open.rate / hidden.rate;
      costs[i] = open.cpu / hidden.cpu;
      g_print ("hidden %5.0f messages/s, %.2f ms of CPU each; log open %5.0f, %.2f: %.0f %%\n", hidden.rate, hidden.cpu, open.rate, open.cpu, 100 * rates[i]);
    }
  g_print ("median of %u pairs: throughput %.0f %% of that with the window hidden, CPU of the process %.0f %%\n", n_pairs, 100 * get_median (rates, n_pairs),
           100 * get_median (costs, n_pairs));
}

/* How long a person waits */

static void
time_frames (Bench          *bench,
             GtkApplication *application,
             GSubprocess   **sources,
             guint           seconds)
{
  guint n_messages = seconds * MESSAGES_PER_SECOND;

  send (bench, "smtp-source -s 20, window closed", sources[0], n_messages);
  bench->window = ph_window_new (application, bench->server);
  gtk_window_present (GTK_WINDOW (bench->window));
  gtk_widget_activate_action (bench->window, "win.view", "s", "sessions");
  spin_for (SETTLE_MS);
  g_signal_connect_after (gtk_widget_get_frame_clock (bench->window), "after-paint", G_CALLBACK (after_paint_cb), bench);
  gtk_widget_add_tick_callback (bench->window, tick_cb, NULL, NULL);

  send (bench, "smtp-source -s 20, log open", sources[1], n_messages);
  flood (bench, seconds);
}

/* Long lists */

#define SCROLL_LINES 1000000
#define SCROLL_MESSAGES 100000
#define SCROLL_SECONDS 10
#define SCROLL_STEP 60 /* pixels in a frame, as by a wheel that is turned fast */

/* In the folder before anybody has opened it. */
static void
fill_folder (const char *directory)
{
  g_autofree char *cur = g_build_filename (directory, "data", "mail", "demo.test", "bench", "cur", NULL);

  g_mkdir_with_parents (cur, 0700);
  for (guint i = 0; i < SCROLL_MESSAGES; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u.M%uP1Q%u.bench:2,", cur, 1700000000 + i, i, i);
      g_autofree char *text = g_strdup_printf ("From: Sender %u <s%u@example.org>\r\nSubject: Message number %u\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n\r\nHello\r\n", i % 977, i % 977, i);

      g_assert_true (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
}

static double
get_range (GtkAdjustment *adjustment)
{
  return gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
}

/* Of all lists on the screen the longest. */
static void
find_longest (GtkWidget      *widget,
              GtkAdjustment **longest)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_SCROLLED_WINDOW (widget))
    {
      GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (widget));

      if (*longest == NULL || get_range (adjustment) > get_range (*longest))
        *longest = adjustment;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    find_longest (child, longest);
}

typedef struct
{
  GtkAdjustment *adjustment;
  guint          n;
} Scroll;

/* A while up and down by the wheel, then to anywhere, as by the bar. */
static gboolean
scroll_cb (GtkWidget     *widget,
           GdkFrameClock *clock,
           gpointer       data)
{
  Scroll *scroll = data;
  double  range = get_range (scroll->adjustment), value = gtk_adjustment_get_value (scroll->adjustment);

  if (scroll->n++ % 240 < 120)
    value = value + SCROLL_STEP < range ? value + SCROLL_STEP : 0;
  else if (scroll->n % 10 == 0)
    value = range * ((double)(scroll->n * 7919 % 1000) / 1000);
  gtk_adjustment_set_value (scroll->adjustment, value);
  gtk_widget_queue_draw (widget);

  return G_SOURCE_CONTINUE;
}

static void
scroll_longest (Bench      *bench,
                const char *what,
                double      at_least)
{
  Scroll scroll = { NULL, 0 };
  guint  id;

  for (guint i = 0; i < 600 && (scroll.adjustment == NULL || get_range (scroll.adjustment) < at_least); i++)
    {
      spin_for (100);
      find_longest (bench->window, &scroll.adjustment);
    }
  g_assert_cmpfloat (get_range (scroll.adjustment), >=, at_least);
  spin_for (SETTLE_MS);

  begin (bench);
  id = gtk_widget_add_tick_callback (bench->window, scroll_cb, &scroll, NULL);
  spin_for (SCROLL_SECONDS * 1000);
  gtk_widget_remove_tick_callback (bench->window, id);
  report (bench, what, SCROLL_SECONDS, bench->n_frames, "frames  ");
}

static void
scroll_lists (Bench          *bench,
              GtkApplication *application)
{
  PhJournal *journal = ph_server_get_journal (bench->server);
  g_autoptr (PhJournalSession) session = NULL;

  ph_journal_set_limits (journal, 2000, 2 * SCROLL_LINES, (gsize)1 << 30);
  session = ph_journal_begin (journal, "SMTP", FALSE, "192.0.2.1:1");
  for (guint i = 0; i < SCROLL_LINES; i++)
    ph_journal_session_note (session, "Line %u of many", i);
  ph_journal_session_end (session, NULL);
  ph_journal_flush (journal);

  bench->window = ph_window_new (application, bench->server);
  gtk_window_present (GTK_WINDOW (bench->window));
  gtk_widget_activate_action (bench->window, "win.view", "s", "sessions");
  spin_for (SETTLE_MS);
  g_signal_connect_after (gtk_widget_get_frame_clock (bench->window), "after-paint", G_CALLBACK (after_paint_cb), bench);
  scroll_longest (bench, "1,000,000 lines", SCROLL_LINES * 10.0);
  gtk_widget_activate_action (bench->window, "win.view", "s", "mail");
  scroll_longest (bench, "100,000 messages", SCROLL_MESSAGES * 10.0);
}

int
main (int   argc,
      char *argv[])
{
  gboolean         scrolls = argc > 1 && g_str_equal (argv[1], "scroll");
  gboolean         compares = argc > 1 && g_str_equal (argv[1], "compare");
  guint            n_pairs = compares ? (argc > 2 ? (guint)CLAMP (atoi (argv[2]), 1, 100) : COMPARE_PAIRS) : 0;
  g_autofree char *directory = g_dir_make_tmp ("ph-bench-XXXXXX", NULL);
  guint            seconds = argc > 1 ? (guint)atoi (argv[1]) : 10;
  guint            n_messages = seconds * MESSAGES_PER_SECOND;
  g_autoptr (AdwApplication) application = NULL;
  g_autoptr (GPtrArray) sources = NULL;
  Bench    bench = { 0 };
  gboolean done = FALSE;

  adw_init ();
  application = adw_application_new ("org.posthouse.Bench", G_APPLICATION_NON_UNIQUE);
  g_application_register (G_APPLICATION (application), NULL, NULL);
  if (scrolls)
    fill_folder (directory);
  bench.server = open_server (directory);

  sources = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < (compares ? 2 * n_pairs : scrolls ? 0
                                                          : 2);
       i++)
    g_ptr_array_add (sources, prepare (&bench, compares ? COMPARE_MESSAGES : n_messages));
  if (scrolls)
    scroll_lists (&bench, GTK_APPLICATION (application));
  else if (compares)
    compare (&bench, GTK_APPLICATION (application), (GSubprocess **)sources->pdata, n_pairs);
  else
    time_frames (&bench, GTK_APPLICATION (application), (GSubprocess **)sources->pdata, seconds);

  gtk_window_destroy (GTK_WINDOW (bench.window));
  ph_server_stop_async (bench.server, NULL, async_cb, &done);
  spin_until (&done);
  g_object_unref (bench.server);
  remove_tree (directory);

  return 0;
}
