/* What is broken, cut, open to others or in use; and a disk that takes no more. */

#include "store-fixture.h"

#include "ph-index.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* V47 */
static void
test_data_directory (void)
{
  g_autofree char *dir = g_dir_make_tmp ("posthouse-data-XXXXXX", NULL);
  g_autofree char *open_dir = g_build_filename (dir, "open", NULL);
  g_autofree char *link = g_build_filename (dir, "link", NULL);
  g_autofree char *foreign = g_build_filename (dir, "foreign", NULL);
  g_autofree char *file = g_build_filename (dir, "file", NULL);
  g_autofree char *good = g_build_filename (dir, "good", NULL);
  g_autofree char *mail = g_build_filename (good, "mail", NULL);
  g_autofree char *intake = g_build_filename (good, "intake", NULL);
  g_autoptr (PhClock) clock = ph_clock_new ();
  const char *const refused[] = { open_dir, link, foreign, file, good };

  mkdir (open_dir, 0755);
  chmod (open_dir, 0755);
  mkdir (good, 0700);
  g_assert_cmpint (symlink (good, link), ==, 0);
  mkdir (foreign, 0700);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  mkdir (mail, 0700);
  /* A part of it that is a link or open to others is no better. */
  g_assert_cmpint (symlink (open_dir, intake), ==, 0);

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PhStore) store = NULL;

      if (refused[i] == foreign && chown (foreign, 12345, 12345) < 0)
        continue; /* only root can give one away */
      store = ph_store_new (refused[i], clock, &error);
      g_assert_null (store);
      g_assert_nonnull (error);
    }
  nftw (dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* The second server is told who the first is. */
static void
test_locked (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *process = g_strdup_printf ("process %d", (int)getpid ());
  PhStore         *second = ph_store_new (fixture->dir, fixture->clock, &error);

  g_assert_null (second);
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_LOCKED);
  g_assert_nonnull (strstr (error->message, process));
  g_assert_nonnull (strstr (error->message, fixture->dir));
}

/* What a message's file has lost is not made up; others are served. */
static void
test_cut_file (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autofree char *names = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMessage) message = NULL;
  char piece[4096];

  mailbox = open_mailbox (fixture, "Sent");
  append (fixture, mailbox, MESSAGE (1));
  ph_mailbox_open_message_async (mailbox, 1, NULL, ready_cb, &result);
  await (&result);
  message = ph_mailbox_open_message_finish (mailbox, result, &error);
  g_assert_no_error (error);

  names = list_files (fixture, ".Sent/cur");
  g_free (path);
  path = g_strconcat (".Sent/cur/", names, NULL);
  g_assert_nonnull (path);
  {
    g_autofree char *full = account_path (fixture, path);

    g_assert_cmpint (truncate (full, 20), ==, 0);
  }
  g_assert_cmpint (ph_message_read (message, 0, piece, sizeof piece, &error), ==, -1);
  g_assert_nonnull (error);

  append (fixture, mailbox, MESSAGE (2));
  text = read_message (mailbox, ph_mailbox_get_info (mailbox, ph_mailbox_get_n_messages (mailbox) - 1)->uid);
  g_assert_nonnull (text);
}

static guint
count_whole (PhMailbox *mailbox)
{
  guint n = 0;

  for (guint i = 0; i < ph_mailbox_get_n_messages (mailbox); i++)
    {
      g_autofree char *text = read_message (mailbox, ph_mailbox_get_info (mailbox, i)->uid);

      n += g_strcmp0 (text, MESSAGE (1)) == 0;
    }

  return n;
}

/* Until nothing of it is left in the log beside it. */
static void
close_index (Fixture *fixture)
{
  g_autofree char *wal = account_path (fixture, "index.db-wal");

  close_store (fixture);
  for (guint i = 0; i < 30000 && access (wal, F_OK) == 0; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

/* V44: whatever byte of the index is flipped, the account opens and has all its mail. */
static void
test_flipped_index (Fixture      *fixture,
                    gconstpointer data)
{
  g_autofree char *path = account_path (fixture, "index.db");
  g_autofree char *wal = account_path (fixture, "index.db-wal");
  g_autofree char *shm = account_path (fixture, "index.db-shm");
  g_autofree char *contents = NULL;
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  gsize  length;
  GRand *rand = g_rand_new_with_seed (7);

  for (guint i = 0; i < 20; i++)
    append (fixture, mailbox, MESSAGE (1));
  g_clear_object (&mailbox);
  reopen_store (fixture);
  close_store (fixture);
  open_store (fixture);
  close_index (fixture);
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));

  for (guint i = 0; i < 40; i++)
    {
      gsize at = i < 20 ? i * 5 : (gsize)g_rand_int_range (rand, 0, (gint32)length);
      FILE *file;

      g_test_message ("byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, at, length);
      unlink (wal);
      unlink (shm);
      contents[at] ^= 0x55;
      file = fopen (path, "w");
      fwrite (contents, 1, length, file);
      fclose (file);
      contents[at] ^= 0x55;

      open_store (fixture);
      mailbox = open_mailbox (fixture, "INBOX");
      g_assert_cmpuint (count_whole (mailbox), ==, 20);
      g_clear_object (&mailbox);
      close_index (fixture);
    }
  g_rand_free (rand);
  open_store (fixture);
}

/* Its first page is what no page can be. */
static void
spoil_table (Fixture    *fixture,
             const char *table)
{
  g_autofree char *path = account_path (fixture, "index.db");
  g_autofree char *page = g_strnfill (4096, '\377');
  g_autoptr (GError) error = NULL;
  PhIndex *index = ph_index_open (path, TRUE, &error);
  gint64   root;
  int      fd;

  g_assert_no_error (error);
  g_assert_true (ph_index_get_number (index, &root, 0, &error, "SELECT rootpage FROM sqlite_master WHERE name = ?", "s", table));
  ph_index_close (index);
  fd = open (path, O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (pwrite (fd, page, 4096, (root - 1) * 4096), ==, 4096);
  close (fd);
}

/* V44: damage that shows late is the end of that index: the next to open it has all mail again. */
static void
test_late_damage (Fixture      *fixture,
                  gconstpointer data)
{
  g_autofree char *path = account_path (fixture, "index.db");
  g_autofree char *kept = account_path (fixture, "index.db.damaged");
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autoptr (GError) error = NULL;
  guint32  uidvalidity = ph_mailbox_get_uidvalidity (mailbox);
  PhIndex *index;
  gint64   n;

  for (guint i = 0; i < 20; i++)
    append (fixture, mailbox, MESSAGE (1));
  g_clear_object (&mailbox);
  close_index (fixture);

  spoil_table (fixture, "messages");
  index = ph_index_open (path, TRUE, &error);
  g_assert_no_error (error);
  g_assert_false (ph_index_get_number (index, &n, 0, &error, "SELECT total(size) FROM messages", ""));
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_DAMAGED);
  ph_index_close (index);

  g_clear_error (&error);
  index = ph_index_open (path, FALSE, &error);
  g_assert_null (index);
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_DAMAGED);
  open_store (fixture);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (count_whole (mailbox), ==, 20);
  g_assert_cmpuint (ph_mailbox_get_uidvalidity (mailbox), ==, uidvalidity);
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
  g_clear_object (&mailbox);
  reopen_store (fixture);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (count_whole (mailbox), ==, 20);
}

static void
ended_cb (PhAccountStore *account,
          const char     *reason,
          guint          *n_ended)
{
  g_assert_nonnull (strstr (reason, "damaged"));
  (*n_ended)++;
}

/* V44: whoever has the account when it shows is told to let go, and until they have, nobody gets it; then it is
 * there with all its mail, UIDs and flags. */
static void
test_open_damage (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (GError) error = NULL;
  guint32 uidvalidity = ph_mailbox_get_uidvalidity (mailbox), last = 0;
  guint   n_ended = 0;

  for (guint i = 0; i < 20; i++)
    last = append (fixture, mailbox, MESSAGE (1));
  g_clear_pointer (&(GArray *){ store_flags (mailbox, &last, 1, PH_FLAGS_ADD, PH_FLAG_SEEN, NULL, G_MAXUINT64) }, g_array_unref);
  g_clear_object (&mailbox);
  close_index (fixture);
  open_store (fixture);
  g_signal_connect (fixture->account, "ended", G_CALLBACK (ended_cb), &n_ended);
  mailbox = open_mailbox (fixture, "INBOX");
  spoil_table (fixture, "messages");

  ph_mailbox_open_message_async (mailbox, 1, NULL, ready_cb, &result);
  await (&result);
  g_assert_null (ph_mailbox_open_message_finish (mailbox, result, &error));
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_DAMAGED);
  while (n_ended == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_ended, ==, 1);

  ph_store_open_account_async (fixture->store, ALICE, NULL, ready_cb, &opened);
  for (guint i = 0; i < 50; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_null (opened);
  g_clear_object (&result); /* has the mailbox */
  g_clear_object (&mailbox);
  g_clear_object (&fixture->account);
  await (&opened);
  g_clear_error (&error);
  fixture->account = ph_store_open_account_finish (fixture->store, opened, &error);
  g_assert_no_error (error);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (count_whole (mailbox), ==, 20);
  g_assert_cmpuint (ph_mailbox_get_uidvalidity (mailbox), ==, uidvalidity);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 19)->uid, ==, last);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 19)->flags, ==, PH_FLAG_SEEN);
  g_assert_cmpuint (n_ended, ==, 1);
}

typedef struct
{
  guint n_told;
  guint n_done;
  guint n_total;
} Told;

static void
filling_cb (PhStore    *store,
            const char *address,
            guint       n_done,
            guint       n_total,
            Told       *told)
{
  g_assert_cmpstr (address, ==, ALICE);
  if (n_total > 0)
    {
      g_assert_cmpuint (n_done, >, told->n_done);
      g_assert_cmpuint (n_done, <=, n_total);
      told->n_done = n_done;
    }
  told->n_told++;
  told->n_total = n_total;
}

/* An index that is made of much mail tells how far it is, while others are served. */
static void
test_progress (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autofree char *path = account_path (fixture, "index.db");
  g_autofree char *cur = account_path (fixture, "cur");
  Told             told = { 0 };

  append (fixture, mailbox, MESSAGE (1));
  g_clear_object (&mailbox);
  close_index (fixture);
  g_assert_cmpint (unlink (path), ==, 0);
  for (guint i = 0; i < 9000; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%u.M1P1.host,S=3,W=4:2,S", cur, 1700000000 + i);

      g_assert_true (g_file_set_contents_full (name, "A\n\n", 3, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }

  claim_store (fixture);
  g_signal_connect (fixture->store, "filling", G_CALLBACK (filling_cb), &told);
  fixture->account = open_account (fixture, ALICE);
  g_assert_cmpuint (told.n_told, ==, 3);
  g_assert_cmpuint (told.n_done, ==, 8192);
  g_assert_cmpuint (told.n_total, ==, 0);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 9001);
}

/* V42: a limit on files is like a full disk: refused, nothing half, and it goes on. */
static void
test_file_limit (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autoptr (PhSpool) spool = NULL;
  g_autoptr (GError) error = NULL;
  struct rlimit    limit, small;
  g_autofree char *big = g_strnfill (3 * 1024 * 1024, 'x');
  gboolean         read_only;

  append (fixture, mailbox, MESSAGE (1));
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &limit);
  small = limit;
  small.rlim_cur = 2 * 1024 * 1024;
  setrlimit (RLIMIT_FSIZE, &small);

  spool = ph_store_open_spool (fixture->store, &error);
  g_assert_no_error (error);
  g_assert_false (ph_spool_write (spool, big, strlen (big), &error));
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NO_SPACE);
  setrlimit (RLIMIT_FSIZE, &limit);

  g_object_get (fixture->store, "read-only", &read_only, NULL);
  g_assert_false (read_only);
  g_assert_cmpuint (append (fixture, mailbox, MESSAGE (1)), ==, 2);
}

/* T01 in small: a process that works in the store is killed at any moment. */
static void
test_killed (void)
{
  g_autofree char *dir = g_dir_make_tmp ("posthouse-killed-XXXXXX", NULL);
  g_autoptr (PhClock) clock = ph_clock_new ();
  guint32 last = 0;

  for (guint cycle = 0; cycle < 10; cycle++)
    {
      Fixture fixture = { .dir = dir, .clock = clock };
      g_autoptr (PhMailbox) mailbox = NULL;
      int     status, ready[2];
      char    told[4096];
      ssize_t n;
      pid_t   child;

      g_assert_cmpint (pipe (ready), ==, 0);
      child = fork ();
      if (child == 0)
        {
          PhMailbox *inbox;

          open_store (&fixture);
          inbox = open_mailbox (&fixture, "INBOX");
          for (;;)
            {
              append (&fixture, inbox, MESSAGE (1));
              if (write (ready[1], "x", 1) != 1)
                _exit (1);
            }
        }
      close (ready[1]);
      g_usleep (20000 + cycle * 11000);
      kill (child, SIGKILL);
      waitpid (child, &status, 0);
      n = read (ready[0], told, sizeof told);
      close (ready[0]);

      open_store (&fixture);
      mailbox = open_mailbox (&fixture, "INBOX");
      g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), >=, last + (guint)MAX (n, 0));
      last = ph_mailbox_get_n_messages (mailbox);
      for (guint i = 0; i < last; i++)
        g_assert_cmpuint (ph_mailbox_get_info (mailbox, i)->uid, >, i);
      g_assert_cmpuint (count_whole (mailbox), ==, last);
      g_clear_object (&mailbox);
      close_store (&fixture);
      for (guint i = 0; i < 20; i++)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (500);
        }
    }
  nftw (dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#define ADD(name, function) ADD_STORE_TEST ("/store/damage/" name, function)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/store/damage/killed", test_killed);
  g_test_add_func ("/store/damage/data-directory", test_data_directory);
  ADD ("locked", test_locked);
  ADD ("cut-file", test_cut_file);
  ADD ("flipped-index", test_flipped_index);
  ADD ("late-damage", test_late_damage);
  ADD ("open-damage", test_open_damage);
  ADD ("progress", test_progress);
  ADD ("file-limit", test_file_limit);

  return g_test_run ();
}
