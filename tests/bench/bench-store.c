/* What the store does in a second, and what a message costs in memory.  Arguments: the
 * directory to work in (made and removed), then pairs of what to time and its size:
 *   deliver WRITERS   messages of 1 kB to one account, each writer waits for its own
 *   folder MESSAGES   opening, flags, summaries, copy, expunge, search in such a folder */
#include <ftw.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ph-account-store-private.h"
#include "ph-search.h"
#include "ph-store.h"

#define ADDRESS "bench@bench.test"
#define BIG "big@bench.test"
#define SECONDS 5
#define INDEXED_MAX 10000 /* the index of texts is made of no more */
#define SEARCHED_MAX 1000000
#define REPEATS 20

typedef struct
{
  PhStore *store;
  gint64   end;
  guint    n_running;
  guint    n_done;
} Load;

static double
get_cpu_seconds (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);

  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static char *
make_text (guint n)
{
  g_autofree char *body = g_strnfill (800, 'x');

  for (guint i = 70; i + 2 < 800; i += 72)
    memcpy (body + i, "\r\n", 2);

  return g_strdup_printf ("Received: from client.example ([127.0.0.1]) by bench.test with ESMTP;\r\n Sat, 2 Jan 2027 10:00:00 +0100\r\n"
                          "Message-ID: <%u.%u@bench.test>\r\nFrom: Ann <ann@example.org>\r\nTo: bench@bench.test\r\nSubject: Number %u\r\n"
                          "Date: Sat, 2 Jan 2027 10:00:00 +0100\r\n\r\n%s\r\n",
                          g_random_int (), n, n, body);
}

static void deliver_next (Load *load);

static void
delivered_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  Load *load = user_data;
  g_autoptr (GError) error = NULL;

  if (!ph_store_deliver_finish (load->store, result, &error))
    g_error ("%s", error->message);
  load->n_done++;
  load->n_running--;
  deliver_next (load);
}

static void
deliver_next (Load *load)
{
  const char *const addresses[] = { ADDRESS, NULL };
  g_autoptr (PhSpool) spool = NULL;
  g_autofree char *text = NULL;

  if (g_get_monotonic_time () >= load->end)
    return;

  text = make_text (load->n_done);
  spool = ph_store_open_spool (load->store, NULL);
  ph_spool_write (spool, text, strlen (text), NULL);
  load->n_running++;
  ph_store_deliver_async (load->store, spool, addresses, delivered_cb, load);
}

static void
bench_deliver (PhStore *store,
               guint    n_writers)
{
  Load   load = { .store = store, .end = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC };
  double cpu = get_cpu_seconds ();
  gint64 start = g_get_monotonic_time ();
  double seconds;

  for (guint i = 0; i < n_writers; i++)
    deliver_next (&load);
  while (load.n_running > 0)
    g_main_context_iteration (NULL, TRUE);
  seconds = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;

  g_print ("deliver, %u writers: %.0f messages/s, %.2f ms CPU each\n", n_writers, load.n_done / seconds, (get_cpu_seconds () - cpu) * 1000 / load.n_done);
}

static void
ready_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

/* The longest time in which the main loop did nothing else. */
static gint64 longest, last_beat;
static double cpu_before;

static gboolean
beat (gpointer user_data)
{
  gint64 now = g_get_monotonic_time ();

  longest = MAX (longest, now - last_beat);
  last_beat = now;

  return G_SOURCE_CONTINUE;
}

static double
await (GAsyncResult **result)
{
  gint64 start = g_get_monotonic_time ();

  longest = 0;
  last_beat = start;
  cpu_before = get_cpu_seconds ();
  while (*result == NULL)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (200);
    }

  return (double)(g_get_monotonic_time () - start) / 1000;
}

/* What is reported while `n_summed` counts is summed. */
static gboolean summing;
static guint    n_summed;
static double   summed, summed_cpu;
static gint64   summed_longest;

/* Until what the last row left to the background is done: it is not the next one's. */
static void
settle (void)
{
  double before;

  do
    {
      before = get_cpu_seconds ();
      for (guint i = 0; i < 50; i++)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (1000);
        }
    }
  while (get_cpu_seconds () - before > 0.01);
}

static void
print_row (const char *what,
           double      milliseconds,
           double      cpu,
           gint64      turn)
{
  g_print ("  %-34s %9.2f ms  %9.2f ms CPU of all threads  longest turn of the main loop %.2f ms\n", what, milliseconds, cpu, (double)turn / 1000);
  settle ();
}

static void
report (const char *what,
        double      milliseconds)
{
  double cpu = (get_cpu_seconds () - cpu_before) * 1000;

  if (!summing)
    {
      print_row (what, milliseconds, cpu, longest);
      return;
    }
  n_summed++;
  summed += milliseconds;
  summed_cpu += cpu;
  summed_longest = MAX (summed_longest, longest);
}

static void
begin_sum (void)
{
  summing = TRUE;
  n_summed = 0;
  summed = summed_cpu = 0;
  summed_longest = 0;
}

/* The mean of what was reported since. */
static void
end_sum (const char *what)
{
  summing = FALSE;
  print_row (what, summed / n_summed, summed_cpu / n_summed, summed_longest);
}

static void
make_files (const char *dir,
            guint       n)
{
  g_autofree char *cur = g_build_filename (dir, "mail", "bench.test", "big", "cur", NULL);

  g_mkdir_with_parents (cur, 0700);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = make_text (i);
      gsize            length = strlen (text);
      g_autofree char *name = g_strdup_printf ("%u.M%06uP1Q%u.posthouse,S=%" G_GSIZE_FORMAT ",W=%" G_GSIZE_FORMAT ":2,%s", 1500000000 + i, i % 1000000, i, length, length, i % 3 == 0 ? "S" : "");
      g_autofree char *path = g_build_filename (cur, name, NULL);
      FILE            *file = fopen (path, "w");

      fwrite (text, 1, length, file);
      fclose (file);
    }
}

static PhAccountStore *
open_account (PhStore    *store,
              const char *what)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PhAccountStore *account;

  ph_store_open_account_async (store, BIG, NULL, ready_cb, &result);
  report (what, await (&result));
  account = ph_store_open_account_finish (store, result, &error);
  g_assert_no_error (error);

  return account;
}

static PhMailbox *
open_mailbox (PhAccountStore *account,
              const char     *what)
{
  g_autoptr (GAsyncResult) result = NULL;

  ph_account_store_open_mailbox_async (account, "INBOX", NULL, ready_cb, &result);
  report (what, await (&result));

  return ph_account_store_open_mailbox_finish (account, result, NULL);
}

static void
bench_flags (PhMailbox     *mailbox,
             const char    *what,
             const guint32 *uids,
             gsize          n)
{
  g_autoptr (GAsyncResult) result = NULL;

  ph_mailbox_store_flags_async (mailbox, uids, n, PH_FLAGS_ADD, PH_FLAG_FLAGGED, NULL, G_MAXUINT64, NULL, ready_cb, &result);
  report (what, await (&result));
  ph_mailbox_store_flags_finish (mailbox, result, NULL, NULL);
}

static void
bench_summaries (PhMailbox     *mailbox,
                 const char    *what,
                 const guint32 *uids,
                 gsize          n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i += 500)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GPtrArray) summaries = NULL;

      ph_mailbox_load_summaries_async (mailbox, uids + i, MIN (500, n - i), NULL, ready_cb, &result);
      sum += await (&result);
      summaries = ph_mailbox_load_summaries_finish (mailbox, result, NULL);
    }
  report (what, sum);
}

static void
bench_copy (PhMailbox     *mailbox,
            const char    *what,
            const guint32 *uids,
            gsize          n)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GArray) copied = NULL;

  ph_mailbox_copy_async (mailbox, uids, n, "Archive", FALSE, NULL, ready_cb, &result);
  report (what, await (&result));
  copied = ph_mailbox_copy_finish (mailbox, result, NULL, NULL);
}

static void
bench_expunge (PhMailbox     *mailbox,
               const char    *what,
               const guint32 *uids,
               gsize          n)
{
  g_autoptr (GAsyncResult) result = NULL;

  ph_mailbox_expunge_async (mailbox, uids, n, FALSE, NULL, ready_cb, &result);
  report (what, await (&result));
  ph_mailbox_expunge_finish (mailbox, result, NULL);
}

static void
bench_search (PhMailbox     *mailbox,
              const char    *what,
              PhSearchOp     op,
              const guint32 *uids,
              gsize          n)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GArray) found = NULL;
  PhSearchKey *key = ph_search_key_new (op);

  key->name = g_strdup ("Subject");
  key->text = g_strdup ("Number 77");
  key->flags = PH_FLAG_SEEN;
  ph_mailbox_search_async (mailbox, key, uids, n, NULL, ready_cb, &result);
  report (what, await (&result));
  found = ph_mailbox_search_finish (mailbox, result, NULL);
}

static void
bench_append (PhStore        *store,
              PhAccountStore *account,
              const char     *what)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (PhSpool) spool = ph_store_open_spool (store, NULL);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_append_item_free);
  g_autofree char *text = make_text (0);

  ph_spool_write (spool, text, strlen (text), NULL);
  g_ptr_array_add (items, ph_append_item_new (spool, 0, NULL, 1, 0));
  ph_account_store_append_async (account, "INBOX", items, NULL, 0, NULL, ready_cb, &result);
  report (what, await (&result));
  g_array_unref (ph_account_store_append_finish (account, result, NULL, NULL));
}

/* It takes its time: it pauses three times as long as it works. */
static void
bench_text_index (PhStore        *store,
                  PhAccountStore *account)
{
  gint64 start = g_get_monotonic_time ();

  longest = 0;
  last_beat = start;
  cpu_before = get_cpu_seconds ();
  ph_store_set_search_index (store, BIG, TRUE);
  while (!ph_text_indexer_is_idle (ph_account_store_get_text_indexer (account)))
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (200);
    }
  report ("index of texts, in the background", (double)(g_get_monotonic_time () - start) / 1000);
}

/* The mean of some each. */
static void
bench_single (PhStore        *store,
              PhAccountStore *account,
              PhMailbox      *mailbox,
              guint           n)
{
  begin_sum ();
  for (guint i = 0; i < REPEATS; i++)
    bench_append (store, account, NULL);
  end_sum ("append one");
  begin_sum ();
  for (guint32 uid = n / 2; uid < n / 2 + REPEATS; uid++)
    bench_flags (mailbox, NULL, &uid, 1);
  end_sum ("flag one");
  begin_sum ();
  for (guint32 uid = n / 2; uid < n / 2 + REPEATS; uid++)
    bench_copy (mailbox, NULL, &uid, 1);
  end_sum ("copy one");
  begin_sum ();
  for (guint32 uid = n / 2; uid < n / 2 + REPEATS; uid++)
    bench_expunge (mailbox, NULL, &uid, 1);
  end_sum ("expunge one");
}

static void
bench_folder (PhStore    *store,
              const char *dir,
              guint       n)
{
  g_autoptr (PhAccountStore) account = NULL;
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autofree guint32 *uids = g_new (guint32, n);
  guint               source = g_idle_add (beat, NULL);
  gsize               before;

  make_files (dir, n);
  for (guint i = 0; i < n; i++)
    uids[i] = i + 1;

  g_print ("folder of %u messages\n", n);
  ph_store_set_search_index (store, BIG, FALSE);
  account = open_account (store, "index made from the directory");
  before = mallinfo2 ().uordblks;
  mailbox = open_mailbox (account, "open");
  g_print ("  memory for each message: %.1f bytes\n", (double)(mallinfo2 ().uordblks - before) / n);
  g_clear_object (&mailbox);
  mailbox = open_mailbox (account, "open again");
  bench_single (store, account, mailbox, n);
  bench_flags (mailbox, "flag all", uids, n);
  bench_summaries (mailbox, "summaries of the last 1000, made", uids + n - MIN (n, 1000), MIN (n, 1000));
  bench_summaries (mailbox, "summaries of the last 1000, kept", uids + n - MIN (n, 1000), MIN (n, 1000));
  bench_copy (mailbox, "copy 1000", uids, MIN (n, 1000));
  bench_search (mailbox, "search unseen", PH_SEARCH_FLAGS, uids, n);
  if (n <= SEARCHED_MAX)
    {
      bench_search (mailbox, "search subject", PH_SEARCH_HEADER, uids, n);
      bench_search (mailbox, "search body", PH_SEARCH_BODY, uids, n);
    }
  if (n <= INDEXED_MAX)
    {
      bench_text_index (store, account);
      bench_search (mailbox, "search body, indexed", PH_SEARCH_BODY, uids, n);
    }
  bench_expunge (mailbox, "expunge 1000", uids, MIN (n, 1000));
  if (n <= SEARCHED_MAX)
    bench_expunge (mailbox, "expunge half", uids, n / 2);
  g_source_remove (source);
}

static int
remove_entry (const char        *path,
              const struct stat *st,
              int                kind,
              struct FTW        *where)
{
  return remove (path);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (PhClock) clock = ph_clock_new ();
  g_autoptr (GError) error = NULL;

  for (int i = 2; i + 1 < argc; i += 2)
    {
      PhStore *store = ph_store_new (argv[1], clock, &error);
      guint    size = (guint)atoi (argv[i + 1]);

      if (store == NULL)
        g_error ("%s", error->message);
      if (g_str_equal (argv[i], "deliver"))
        bench_deliver (store, size);
      else
        bench_folder (store, argv[1], size);
      g_object_unref (store);
      while (g_main_context_iteration (NULL, FALSE))
        continue;
      g_usleep (200000);
      nftw (argv[1], remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    }

  return 0;
}
