#include "ph-journal-file.h"
#include "ph-journal.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define START (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)

typedef struct
{
  char             *folder;
  char             *path;
  PhClock          *clock;
  PhJournal        *journal;
  PhJournalSession *session;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("journal-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "log", "posthouse.log", NULL);
  fixture->clock = ph_clock_new_manual (START);
  fixture->journal = ph_journal_new (fixture->clock);
  fixture->session = ph_journal_begin (fixture->journal, "SMTP out", TRUE, "192.0.2.1:25");
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_object_unref (fixture->session);
  g_object_unref (fixture->journal);
  g_object_unref (fixture->clock);
  dir = g_dir_open (folder, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static mode_t
get_mode (const char *path)
{
  struct stat status;

  g_assert_cmpint (stat (path, &status), ==, 0);

  return status.st_mode & 07777;
}

static void
test_format (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  ph_journal_session_note (fixture->session, "before");
  g_assert_true (ph_journal_set_file (fixture->journal, fixture->path, 1024 * 1024, 3, &error));
  g_assert_no_error (error);

  ph_journal_session_add (fixture->session, PH_JOURNAL_CLIENT, "EHLO\r\nx\xff", 8);
  ph_clock_advance (fixture->clock, 1234567);
  ph_journal_session_add_masked (fixture->session, PH_JOURNAL_CLIENT, "AUTH PLAIN Canary", 17, 11, 6);
  ph_journal_session_add (fixture->session, PH_JOURNAL_SERVER, "250 ok", 6);
  ph_journal_session_add_part (fixture->session, PH_JOURNAL_SERVER, "250-a", 5, FALSE);
  ph_journal_session_add_part (fixture->session, PH_JOURNAL_SERVER, "250 b", 5, TRUE);
  ph_journal_session_note (fixture->session, "done");
  ph_journal_sync_file (fixture->journal);

  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, &error));
  g_assert_cmpstr (text, ==,
                   "2023-11-14T22:13:20.000000Z 1 SMTP-out 192.0.2.1:25 C: EHLO␍␊x\\xff\n"
                   "2023-11-14T22:13:21.234567Z 1 SMTP-out 192.0.2.1:25 C: AUTH PLAIN ••••••\n"
                   "2023-11-14T22:13:21.234567Z 1 SMTP-out 192.0.2.1:25 S: 250 ok\n"
                   "2023-11-14T22:13:21.234567Z 1 SMTP-out 192.0.2.1:25 S: 250-a\n"
                   "2023-11-14T22:13:21.234567Z 1 SMTP-out 192.0.2.1:25 S: 250 b\n"
                   "2023-11-14T22:13:21.234567Z 1 SMTP-out 192.0.2.1:25 -- done\n");
  g_assert_cmpuint (get_mode (fixture->path), ==, 0600);

  g_assert_true (ph_journal_set_file (fixture->journal, NULL, 0, 0, NULL));
  ph_journal_session_note (fixture->session, "after");
  g_clear_pointer (&text, g_free);
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, &error));
  g_assert_null (strstr (text, "after"));
}

static void
test_rotation (Fixture      *fixture,
               gconstpointer data)
{
  g_autofree char *fourth = g_strconcat (fixture->path, ".3", NULL);
  guint            expected = 999;

  g_assert_true (ph_journal_set_file (fixture->journal, fixture->path, 4000, 3, NULL));
  for (guint i = 0; i < 1000; i++)
    {
      ph_journal_session_note (fixture->session, "line %u", i);
      if (i % 100 == 0)
        ph_journal_sync_file (fixture->journal);
    }
  ph_journal_sync_file (fixture->journal);

  /* Backwards through the files: whole lines, none twice, none left out. */
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *path = i == 0 ? g_strdup (fixture->path) : g_strdup_printf ("%s.%u", fixture->path, i);
      g_autofree char *text = NULL;
      g_auto (GStrv) lines = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (path, &text, &length, NULL));
      g_assert_cmpuint (get_mode (path), ==, 0600);
      g_assert_cmpuint (length, <=, 4000);
      g_assert_true (g_str_has_suffix (text, "\n"));
      lines = g_strsplit (g_strchomp (text), "\n", -1);
      for (guint j = g_strv_length (lines); j-- > 0; expected--)
        g_assert_cmpint (atoi (strstr (lines[j], "line ") + 5), ==, (gint)expected);
    }
  g_assert_false (g_file_test (fourth, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (expected, <, 999 - 100);
}

/* A wide file of before is made narrow; what is no file is refused. */
static void
test_refusals (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *link_path = g_strconcat (fixture->path, ".link", NULL);
  g_autofree char *fifo_path = g_strconcat (fixture->path, ".fifo", NULL);
  g_autofree char *text = NULL;

  g_assert_true (ph_journal_set_file (fixture->journal, fixture->path, 4000, 1, NULL));
  g_assert_true (ph_journal_set_file (fixture->journal, NULL, 0, 0, NULL));
  g_assert_cmpint (chmod (fixture->path, 0644), ==, 0);
  g_assert_true (ph_journal_set_file (fixture->journal, fixture->path, 4000, 1, NULL));
  g_assert_cmpuint (get_mode (fixture->path), ==, 0600);

  g_assert_cmpint (symlink (fixture->path, link_path), ==, 0);
  g_assert_false (ph_journal_set_file (fixture->journal, link_path, 4000, 1, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_cmpint (mkfifo (fifo_path, 0600), ==, 0);
  g_assert_false (ph_journal_set_file (fixture->journal, fifo_path, 4000, 1, &error));
  g_assert_nonnull (error);

  /* The one in use stays so. */
  ph_journal_session_note (fixture->session, "still here");
  ph_journal_sync_file (fixture->journal);
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "still here"));
}

/* A disk that stands still costs lines of the file, not time; and it says so. */
static void
test_full_queue (Fixture      *fixture,
                 gconstpointer data)
{
  g_autofree char *line = g_strnfill (2000, 'x');
  g_autofree char *text = NULL;
  g_autofree char *expected = NULL;
  PhJournalFile   *file = ph_journal_file_open (fixture->path, 100 * 1024 * 1024, 2, NULL);
  guint64          n_dropped;

  ph_journal_file_set_held (file, TRUE);
  for (guint i = 0; i < 3000; i++)
    ph_journal_file_add (file, START, fixture->session, PH_JOURNAL_CLIENT, &(PhJournalWords){ line, 2000, 2000, 1 });
  n_dropped = ph_journal_file_get_n_dropped (file);
  g_assert_cmpuint (n_dropped, >, 800);
  g_assert_cmpuint (n_dropped, <, 1200);
  ph_journal_file_set_held (file, FALSE);
  ph_journal_file_sync (file);
  ph_journal_file_add (file, START, fixture->session, PH_JOURNAL_CLIENT, &(PhJournalWords){ "again", 5, 5, 1 });
  ph_journal_file_free (file);

  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  expected = g_strdup_printf ("\n%" G_GUINT64_FORMAT " lines were dropped here\n", n_dropped);
  g_assert_nonnull (strstr (text, expected));
  g_assert_true (g_str_has_suffix (text, " C: again\n"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/journal/file/format", Fixture, NULL, set_up, test_format, tear_down);
  g_test_add ("/journal/file/rotation", Fixture, NULL, set_up, test_rotation, tear_down);
  g_test_add ("/journal/file/refusals", Fixture, NULL, set_up, test_refusals, tear_down);
  g_test_add ("/journal/file/full-queue", Fixture, NULL, set_up, test_full_queue, tear_down);

  return g_test_run ();
}
