/* What other programs do in the directories while a folder is open. */

#include "store-fixture.h"

#include "ph-folder-scan.h"

#include <glib/gstdio.h>

/* Ours to wait for; the watch promises a second, other tests run beside this one. */
#define SOON (10 * G_USEC_PER_SEC)

static void
wait_for_count (PhMailbox *mailbox,
                guint      n)
{
  gint64 end = g_get_monotonic_time () + SOON;

  while (ph_mailbox_get_n_messages (mailbox) != n && g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, n);
}

static void
wait_for_flags (PhMailbox *mailbox,
                guint      position,
                PhFlags    flags)
{
  gint64 end = g_get_monotonic_time () + SOON;

  while (ph_mailbox_get_info (mailbox, position)->flags != flags && g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, position)->flags, ==, flags);
}

static void
settle (void)
{
  for (guint i = 0; i < 100; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

/* As Maildir has it: written in tmp, then renamed. */
static void
drop_in (Fixture    *fixture,
         const char *folder,
         const char *name,
         const char *text)
{
  g_autofree char *tmp = g_build_filename (folder, "tmp/dropped", NULL);
  g_autofree char *new = g_build_filename (folder, "new", name, NULL);
  g_autofree char *from = account_path (fixture, tmp);
  g_autofree char *to = account_path (fixture, new);

  put_file (fixture, tmp, text);
  g_assert_cmpint (rename (from, to), ==, 0);
}

static void
rename_in (Fixture    *fixture,
           const char *from,
           const char *to)
{
  g_autofree char *old_path = account_path (fixture, from);
  g_autofree char *new_path = account_path (fixture, to);

  g_assert_cmpint (rename (old_path, new_path), ==, 0);
}

static void
test_put_flag_remove (Fixture      *fixture,
                      gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autofree char  *gone = account_path (fixture, "cur/1500000000.1.other:2,FS");
  const char *const keywords[] = { "Blue", NULL };
  const guint32     one = 1;
  guint64           modseq;

  drop_in (fixture, "", "1500000000.1.other", MESSAGE (1));
  wait_for_count (mailbox, 1);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->uid, ==, 1);
  wait_for_file (fixture, "cur", "1500000000.1.other:2,", TRUE);
  modseq = ph_mailbox_get_highestmodseq (mailbox);

  rename_in (fixture, "cur/1500000000.1.other:2,", "cur/1500000000.1.other:2,FS");
  wait_for_flags (mailbox, 0, PH_FLAG_FLAGGED | PH_FLAG_SEEN);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->uid, ==, 1);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->modseq, >, modseq);

  /* A keyword by its letter, and one that nobody has named. */
  store_flags (mailbox, &one, 1, PH_FLAGS_ADD, 0, keywords, G_MAXUINT64);
  wait_for_file (fixture, "cur", "1500000000.1.other:2,FSa", TRUE);
  rename_in (fixture, "cur/1500000000.1.other:2,FSa", "cur/1500000000.1.other:2,FSz");
  for (guint i = 0; i < 100 && ph_mailbox_get_info (mailbox, 0)->keywords != 0; i++)
    settle ();
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->keywords, ==, 0);
  rename_in (fixture, "cur/1500000000.1.other:2,FSz", "cur/1500000000.1.other:2,FS");

  g_assert_cmpint (unlink (gone), ==, 0);
  wait_for_count (mailbox, 0);
  drop_in (fixture, "", "1500000001.1.other", MESSAGE (1));
  wait_for_count (mailbox, 1);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->uid, ==, 2);
}

/* Our own changes are not taken for theirs, and make no second message. */
static void
test_own (Fixture      *fixture,
          gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autoptr (PhMailbox) archive = open_mailbox (fixture, "Archive");
  g_autoptr (GArray) moved = NULL;
  g_autoptr (GError) error = NULL;
  const guint32 uids[] = { 1, 2, 3 };
  guint64       modseq;

  for (guint i = 0; i < 20; i++)
    append (fixture, mailbox, MESSAGE (1));
  store_flags (mailbox, uids, 3, PH_FLAGS_ADD, PH_FLAG_SEEN, NULL, G_MAXUINT64);
  moved = copy (mailbox, uids, 2, "Archive", TRUE, NULL, &error);
  modseq = ph_mailbox_get_highestmodseq (mailbox);
  settle ();

  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 18);
  g_assert_cmpuint (ph_mailbox_get_n_messages (archive), ==, 2);
  g_assert_cmpuint (ph_mailbox_get_uidnext (mailbox), ==, 21);
  g_assert_cmpuint (ph_mailbox_get_highestmodseq (mailbox), ==, modseq);
}

/* Somebody writes into new/ itself: what he has not written yet is not there yet, and a
 * file that changes is another message (I12). */
static void
test_written_in_place (Fixture      *fixture,
                       gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autofree char *path = account_path (fixture, "new/1500000000.1.slow");
  g_autofree char *text = NULL;
  FILE            *file = fopen (path, "w");

  settle ();
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 0);
  fputs (MESSAGE (1), file);
  fclose (file);
  wait_for_count (mailbox, 1);
  wait_for_file (fixture, "cur", "1500000000.1.slow:2,", TRUE);
  settle ();

  g_free (path);
  path = account_path (fixture, "cur/1500000000.1.slow:2,");
  file = fopen (path, "a");
  fputs ("more\r\n", file);
  fclose (file);
  for (guint i = 0; i < 10000 && ph_mailbox_get_info (mailbox, 0)->uid == 1; i++)
    settle ();
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 1);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->uid, ==, 2);
  text = read_message (mailbox, 2);
  g_assert_cmpstr (text, ==, MESSAGE (1) "more\r\n");
}

/* A folder that is closed is looked at when it is opened, one that is renamed goes on. */
static void
test_renamed_folder (Fixture      *fixture,
                     gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "Archive");
  g_autoptr (GError) error = NULL;

  g_assert_true (change_folder (fixture, FOLDER_RENAME, "Archive", "Old", &error));
  drop_in (fixture, ".Old", "1500000000.1.other", MESSAGE (1));
  wait_for_count (mailbox, 1);
  g_clear_object (&mailbox);

  drop_in (fixture, ".Old", "1500000001.1.other", MESSAGE (1));
  mailbox = open_mailbox (fixture, "Old");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 2);
}

static void
wait_for_folder (Fixture    *fixture,
                 const char *name,
                 gboolean    there)
{
  for (guint i = 0; i < 200 && (ph_account_store_find_folder (fixture->account, name) != NULL) != there; i++)
    {
      settle ();
      ph_clock_advance (fixture->clock, G_USEC_PER_SEC / 2);
    }
  g_assert_true ((ph_account_store_find_folder (fixture->account, name) != NULL) == there);
}

static void
test_folders (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autofree char *cur = account_path (fixture, ".Made/cur");
  g_autofree char *made = account_path (fixture, ".Made");
  g_autofree char *away = account_path (fixture, "away");

  g_mkdir_with_parents (cur, 0700);
  wait_for_folder (fixture, "Made", TRUE);
  mailbox = open_mailbox (fixture, "Made");
  g_assert_false (ph_mailbox_get_deleted (mailbox));

  g_assert_cmpint (rename (made, away), ==, 0);
  wait_for_folder (fixture, "Made", FALSE);
  g_assert_true (ph_mailbox_get_deleted (mailbox));
}

/* While files of the folder are still to be renamed and removed. */
static void
test_gone_before_it_is_swept (Fixture      *fixture,
                              gconstpointer data)
{
  enum {
    N = 1000
  };
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autofree char    *directory = account_path (fixture, ".Made");
  g_autofree char    *away = account_path (fixture, "away");
  g_autofree guint32 *uids = g_new (guint32, N);
  g_autoptr (GError) error = NULL;

  g_assert_true (change_folder (fixture, FOLDER_CREATE, "Made", NULL, &error));
  for (guint i = 0; i < N; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.1.other", 1500000000 + i);

      drop_in (fixture, ".Made", name, MESSAGE (1));
      uids[i] = i + 1;
    }
  mailbox = open_mailbox (fixture, "Made");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, N);
  g_assert_null (store_flags (mailbox, uids, N, PH_FLAGS_ADD, PH_FLAG_SEEN, NULL, G_MAXUINT64));
  expunge (mailbox, uids, N / 2, FALSE);

  g_assert_cmpint (rename (directory, away), ==, 0);
  wait_for_folder (fixture, "Made", FALSE);
  g_assert_true (ph_mailbox_get_deleted (mailbox));
}

/* Without a single event: the directory's times tell, at the latest after five minutes. */
static void
test_without_events (Fixture      *fixture,
                     gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");

  settle ();
  drop_in (fixture, "", "1500000000.1.other", MESSAGE (1));
  /* The worker's turn comes before any event is read. */
  ph_clock_advance (fixture->clock, 301 * G_USEC_PER_SEC);
  wait_for_count (mailbox, 1);
}

static void
test_many (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");

  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.1.other", 1500000000 + i);

      drop_in (fixture, "", name, MESSAGE (1));
    }
  wait_for_count (mailbox, 2000);
  settle ();
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 2000);
  for (guint i = 0; i < 2000; i++)
    g_assert_cmpuint (ph_mailbox_get_info (mailbox, i)->uid, ==, i + 1);
}

#define ADD(name, function) ADD_STORE_TEST ("/store/other-hands/" name, function)

/* A folder whose directory has the same times as when all of it agreed is not listed again; what
 * changes after that is seen all the same. */
static void
test_while_closed (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  g_autofree char *cur = account_path (fixture, "cur");
  gint64           end = g_get_monotonic_time () + 30 * G_USEC_PER_SEC;
  GStatBuf         st = { 0 };

  append (fixture, mailbox, MESSAGE (1));
  g_clear_object (&mailbox);
  put_file (fixture, "cur/1400000000.1.other:2,S", MESSAGE (2));
  /* Until its times are old enough to be trusted. */
  do
    {
      g_usleep (100 * 1000);
      g_assert_cmpint (g_stat (cur, &st), ==, 0);
    }
  while (g_get_real_time () / G_USEC_PER_SEC - st.st_ctim.tv_sec < 5 && g_get_monotonic_time () < end);

  for (guint i = 0; i < 3; i++)
    {
      mailbox = open_mailbox (fixture, "INBOX");
      g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 2);
      g_clear_object (&mailbox);
    }
  rename_in (fixture, "cur/1400000000.1.other:2,S", "cur/1400000000.1.other:2,FS");
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 1)->flags, ==, PH_FLAG_SEEN | PH_FLAG_FLAGGED);
  g_clear_object (&mailbox);
  drop_in (fixture, ".", "1500000000.1.other", MESSAGE (3));
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 3);
}

/* Times that say nothing are not kept. */
static void
test_looks (void)
{
  g_autoptr (GHashTable) looks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  PhWriter            writer = { .looks = looks };
  const gint64        now = G_GINT64_CONSTANT (1500000000) * G_USEC_PER_SEC;
  const PhFolderTimes old = { (now - 10 * G_USEC_PER_SEC) * 1000 + 7, (now - 20 * G_USEC_PER_SEC) * 1000 };
  const PhFolderTimes others[] = {
    { now * 1000, old.new },
    { old.cur, (now - G_USEC_PER_SEC) * 1000 },
    { (now + G_USEC_PER_SEC) * 1000, old.new },
    { 0, old.new },
    { old.cur, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      ph_folder_looks_add (&writer, 3, &others[i], now);
      g_assert_false (ph_folder_looks_hold (&writer, 3, &others[i]));
    }
  ph_folder_looks_add (&writer, 3, &old, now);
  g_assert_true (ph_folder_looks_hold (&writer, 3, &old));
  g_assert_false (ph_folder_looks_hold (&writer, 4, &old));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (ph_folder_looks_hold (&writer, 3, &others[i]));
  writer.looks = NULL;
  ph_folder_looks_add (&writer, 3, &old, now);
  g_assert_false (ph_folder_looks_hold (&writer, 3, &old));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("put-flag-remove", test_put_flag_remove);
  ADD ("own", test_own);
  ADD ("written-in-place", test_written_in_place);
  ADD ("renamed-folder", test_renamed_folder);
  ADD ("folders", test_folders);
  ADD ("gone-before-it-is-swept", test_gone_before_it_is_swept);
  ADD ("without-events", test_without_events);
  ADD ("many", test_many);
  ADD ("while-closed", test_while_closed);
  g_test_add_func ("/store/other-hands/looks", test_looks);

  return g_test_run ();
}
