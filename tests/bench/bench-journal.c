/* What the journal costs: lines a second through it, with the views told 20 times
 * a second, and the memory it takes.  Arguments: lines, sessions at once, "file". */
#include "ph-journal.h"

#include <glib/gstdio.h>
#include <string.h>
#include <time.h>

static guint n_signals;
static guint n_rows;

static double
get_cpu_seconds (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);

  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* As a view that follows: makes the last rows anew. */
static void
changed_cb (GListModel *model,
            guint       position,
            guint       removed,
            guint       added,
            gpointer    data)
{
  guint n = g_list_model_get_n_items (model);

  n_signals++;
  for (guint i = n > 50 ? n - 50 : 0; i < n; i++)
    {
      g_autoptr (PhJournalLine) line = g_list_model_get_item (model, i);

      n_rows += ph_journal_line_get_text (line) != NULL;
    }
}

static void
report_memory (void)
{
  g_autofree char *status = NULL;
  const char      *peak;

  if (g_file_get_contents ("/proc/self/status", &status, NULL, NULL) && (peak = strstr (status, "VmHWM:")) != NULL)
    g_print ("peak memory %.*s\n", (int)strcspn (peak + 6, "\n"), peak + 6);
}

int
main (int   argc,
      char *argv[])
{
  guint n_lines = argc > 1 ? (guint)atoi (argv[1]) : 2000000;
  guint n_sessions = argc > 2 ? (guint)atoi (argv[2]) : 20;
  g_autoptr (PhClock) clock = ph_clock_new_manual (0);
  g_autoptr (PhJournal) journal = ph_journal_new (clock);
  g_autoptr (GPtrArray) sessions = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char  *folder = NULL, *path = NULL;
  static const char line[] = "RCPT TO:<somebody@somewhere.example> NOTIFY=FAILURE";
  double            cpu = get_cpu_seconds ();
  gint64            longest = 0, start = g_get_monotonic_time (), end;

  if (argc > 3)
    {
      folder = g_dir_make_tmp ("bench-XXXXXX", NULL);
      path = g_build_filename (folder, "log", NULL);
      ph_journal_set_file (journal, path, 64 * 1024 * 1024, 1, NULL);
    }
  g_signal_connect (ph_journal_get_all_lines (journal), "items-changed", G_CALLBACK (changed_cb), NULL);
  for (guint i = 0; i < n_sessions; i++)
    g_ptr_array_add (sessions, ph_journal_begin (journal, "SMTP", FALSE, "127.0.0.1:40000"));

  for (guint i = 0; i < n_lines; i++)
    {
      guint which = i % n_sessions;

      ph_journal_session_add (g_ptr_array_index (sessions, which), i & 1 ? PH_JOURNAL_SERVER : PH_JOURNAL_CLIENT, line, sizeof line - 1);
      if (which != 0 && i / n_sessions % 12 == 11)
        {
          ph_journal_session_end (g_ptr_array_index (sessions, which), NULL);
          g_object_unref (sessions->pdata[which]);
          sessions->pdata[which] = ph_journal_begin (journal, "SMTP", FALSE, "127.0.0.1:40000");
        }
      if (i % 2500 == 0) /* 50,000 lines a second */
        {
          gint64 before = g_get_monotonic_time ();

          ph_clock_advance (clock, 50 * 1000);
          longest = MAX (longest, g_get_monotonic_time () - before);
        }
    }
  end = g_get_monotonic_time ();
  cpu = get_cpu_seconds () - cpu;

  g_print ("%u lines: %.0f lines/s, %.3f µs of CPU each (%.0f ms a second at 50,000/s), %u signals, %u rows made, longest batch %.1f ms\n",
           n_lines, n_lines / ((double)(end - start) / G_USEC_PER_SEC), cpu * 1e6 / n_lines, cpu / n_lines * 50000 * 1000, n_signals, n_rows, (double)longest / 1000);
  if (path != NULL)
    {
      guint64 n_unfiled;

      ph_journal_sync_file (journal);
      g_object_get (journal, "n-unfiled-lines", &n_unfiled, NULL);
      g_print ("not in the file: %" G_GUINT64_FORMAT "\n", n_unfiled);
      g_unlink (path);
      g_rmdir (folder);
    }
  report_memory ();

  return 0;
}
