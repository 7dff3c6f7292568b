/* What outlives the index, and what IMAP asks of it. */

#include "store-fixture.h"

#include "ph-index-rows.h"

#include <sqlite3.h>

static GArray *
load_vanished (PhMailbox *mailbox,
               guint64    since)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GArray *ranges;

  ph_mailbox_load_vanished_async (mailbox, since, NULL, ready_cb, &result);
  await (&result);
  ranges = ph_mailbox_load_vanished_finish (mailbox, result, &error);
  g_assert_no_error (error);

  return ranges;
}

/* "2:3 7" */
static void
assert_vanished (PhMailbox  *mailbox,
                 guint64     since,
                 const char *expected)
{
  g_autoptr (GArray) ranges = load_vanished (mailbox, since);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < ranges->len; i++)
    {
      const PhUidRange *range = &g_array_index (ranges, PhUidRange, i);

      g_string_append_printf (text, i > 0 ? " %u" : "%u", range->first);
      if (range->last != range->first)
        g_string_append_printf (text, ":%u", range->last);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

/* I19, I20. */
static void
test_vanished (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  const guint32 two_three[] = { 2, 3 };
  const guint32 seven = 7;
  guint64       before, between;

  for (guint i = 0; i < 8; i++)
    append (fixture, mailbox, MESSAGE (1));
  before = ph_mailbox_get_highestmodseq (mailbox);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 7)->modseq, ==, before);
  assert_vanished (mailbox, before, "");

  expunge (mailbox, two_three, 2, FALSE);
  between = ph_mailbox_get_highestmodseq (mailbox);
  g_assert_cmpuint (between, >, before);
  expunge (mailbox, &seven, 1, FALSE);

  assert_vanished (mailbox, before, "2:3 7");
  assert_vanished (mailbox, between, "7");
  assert_vanished (mailbox, ph_mailbox_get_highestmodseq (mailbox), "");
  assert_vanished (mailbox, G_MAXUINT64, "");
  /* What nobody remembers is all that is not there. */
  assert_vanished (mailbox, 0, "2:3 7");
}

static char *
emailid (PhMailbox *mailbox,
         guint      position)
{
  char text[PH_OBJECT_ID_SIZE];

  ph_object_id_format ('M', ph_mailbox_get_info (mailbox, position)->object, text);

  return g_strdup (text);
}

/* RFC 8474 */
static void
test_object_ids (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (PhMailbox) inbox = open_mailbox (fixture, "INBOX");
  g_autoptr (PhMailbox) archive = open_mailbox (fixture, "Archive");
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) copied = NULL;
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  g_autofree char *copy_of_one = NULL;
  const guint32    uids[] = { 1 };
  guint64          number;

  append (fixture, inbox, MESSAGE (1));
  append (fixture, inbox, MESSAGE (1));
  one = emailid (inbox, 0);
  two = emailid (inbox, 1);
  g_assert_cmpstr (one, !=, two);
  g_assert_true (ph_object_id_parse ('M', one, &number));
  g_assert_cmpuint (number, ==, ph_mailbox_get_info (inbox, 0)->object);
  g_assert_false (ph_object_id_parse ('T', one, &number));
  g_assert_false (ph_object_id_parse ('M', "M123", &number));

  copied = copy (inbox, uids, 1, "Archive", TRUE, NULL, &error);
  g_assert_no_error (error);
  copy_of_one = emailid (archive, 0);
  g_assert_cmpstr (copy_of_one, ==, one);

  g_assert_cmpstr (ph_mailbox_get_mailbox_id (inbox), !=, ph_mailbox_get_mailbox_id (archive));
  g_assert_cmpstr (ph_mailbox_get_mailbox_id (inbox), ==, ph_account_store_find_folder (fixture->account, "INBOX")->mailbox_id);
  g_assert_cmpstr (ph_mailbox_get_mailbox_id (inbox), ==, get_status (fixture, "INBOX").mailbox_id);

  /* Stays when it is renamed, differs when made again. */
  g_assert_true (change_folder (fixture, FOLDER_RENAME, "Archive", "Old", &error));
  g_assert_cmpstr (ph_mailbox_get_mailbox_id (archive), ==, ph_account_store_find_folder (fixture->account, "Old")->mailbox_id);
  g_assert_true (change_folder (fixture, FOLDER_CREATE, "Archive", NULL, &error));
  g_assert_cmpstr (ph_mailbox_get_mailbox_id (archive), !=, ph_account_store_find_folder (fixture->account, "Archive")->mailbox_id);
}

#define PART_OF_THREAD(id, more) "From: a@example.org\r\nMessage-ID: <" id "@example.org>\r\n" more "Subject: x\r\n\r\nx\r\n"

static void
test_threads (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  static const char *const messages[] = {
    PART_OF_THREAD ("reply", "In-Reply-To: <root@example.org>\r\n"), /* before what it answers */
    PART_OF_THREAD ("root", ""),
    PART_OF_THREAD ("second", "References: <lost@example.org>\r\n <reply@example.org>\r\n"),
    PART_OF_THREAD ("third", "In-Reply-To: <second@example.org>\r\n"),
    PART_OF_THREAD ("root", "X-List: again\r\n"),
    PART_OF_THREAD ("other", ""),
    "Subject: no ids\r\nReferences: broken < x\r\n\r\nx\r\n",
    "Subject: no ids\r\n\r\nx\r\n",
  };
  guint64 thread;

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    append (fixture, mailbox, messages[i]);

  thread = ph_mailbox_get_info (mailbox, 0)->thread;
  g_assert_cmpuint (thread, !=, 0);
  for (guint i = 1; i < 5; i++)
    g_assert_cmpuint (ph_mailbox_get_info (mailbox, i)->thread, ==, thread);
  for (guint i = 5; i < 8; i++)
    for (guint k = 0; k < i; k++)
      g_assert_cmpuint (ph_mailbox_get_info (mailbox, i)->thread, !=, ph_mailbox_get_info (mailbox, k)->thread);
}

static PhMessageSummary *
load_summary (PhMailbox  *mailbox,
              guint32     uid,
              GPtrArray **summaries)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ph_mailbox_load_summaries_async (mailbox, &uid, 1, NULL, ready_cb, &result);
  await (&result);
  *summaries = ph_mailbox_load_summaries_finish (mailbox, result, &error);
  g_assert_no_error (error);

  return g_ptr_array_index (*summaries, 0);
}

/* RFC 8970; and a foreign message has its thread once it was read. */
static void
test_previews (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autoptr (GPtrArray) own = NULL;
  g_autoptr (GPtrArray) foreign = NULL;
  guint64 modseq;

  put_file (fixture, "new/1500000000.1.other", "Message-ID: <f@x>\n\nFrom\n outside\n");
  mailbox = open_mailbox (fixture, "INBOX");
  append (fixture, mailbox, PART_OF_THREAD ("g", "References: <f@x>\r\n"));
  g_assert_cmpstr (load_summary (mailbox, 2, &own)->preview, ==, "x");

  modseq = ph_mailbox_get_highestmodseq (mailbox);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->thread, ==, 0);
  g_assert_cmpstr (load_summary (mailbox, 1, &foreign)->preview, ==, "From outside");
  while (ph_mailbox_get_info (mailbox, 0)->thread == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->thread, ==, ph_mailbox_get_info (mailbox, 1)->thread);
  g_assert_cmpuint (ph_mailbox_get_highestmodseq (mailbox), ==, modseq);
}

static void
remove_index (Fixture *fixture)
{
  static const char *const names[] = { "index.db", "index.db-wal", "index.db-shm" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = account_path (fixture, names[i]);

      unlink (path);
    }
}

/* P02, I08, I09: UIDs, UIDVALIDITY, object ids and flags stay when the index is lost;
 * MODSEQs go on above the old ones, and what vanished is told as all that is gone. */
static void
test_rebuild (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (PhMailbox) inbox = open_mailbox (fixture, "INBOX");
  g_autoptr (PhMailbox) archive = NULL;
  g_autoptr (GArray) copied = NULL;
  g_autoptr (GError) error = NULL;
  const guint32     gone[] = { 1, 6 }, second = 2;
  const char *const keywords[] = { "$Forwarded", "Blue", NULL };
  g_autofree char  *mailbox_id = g_strdup (ph_mailbox_get_mailbox_id (inbox));
  g_autofree char  *text = NULL;
  guint32           uidvalidity = ph_mailbox_get_uidvalidity (inbox);
  guint64           modseq, object;

  for (guint i = 0; i < 6; i++)
    append (fixture, inbox, MESSAGE (1));
  store_flags (inbox, &second, 1, PH_FLAGS_ADD, PH_FLAG_FLAGGED, keywords, G_MAXUINT64);
  copied = copy (inbox, &second, 1, "Archive", FALSE, NULL, &error);
  expunge (inbox, gone, 2, FALSE);
  wait_for_file (fixture, "cur", ":2,Fab", TRUE);
  wait_for_file (fixture, ".Archive/cur", ":2,Fab", TRUE);
  modseq = ph_mailbox_get_highestmodseq (inbox);
  object = ph_mailbox_get_info (inbox, 0)->object;
  g_clear_object (&inbox);
  close_whole (fixture);
  remove_index (fixture);
  put_file (fixture, "new/1400000000.1.other", MESSAGE (9));

  for (guint round = 0; round < 2; round++)
    {
      open_store (fixture);
      inbox = open_mailbox (fixture, "INBOX");
      g_assert_cmpuint (ph_mailbox_get_uidvalidity (inbox), ==, uidvalidity);
      g_assert_cmpstr (ph_mailbox_get_mailbox_id (inbox), ==, mailbox_id);
      g_assert_cmpuint (ph_mailbox_get_n_messages (inbox), ==, 5);
      for (guint i = 0; i < 4; i++)
        g_assert_cmpuint (ph_mailbox_get_info (inbox, i)->uid, ==, 2 + i);
      /* New to us, so above all that was ever given: 6 too. */
      g_assert_cmpuint (ph_mailbox_get_info (inbox, 4)->uid, >, 6);
      g_assert_cmpuint (ph_mailbox_get_info (inbox, 0)->flags, ==, PH_FLAG_FLAGGED);
      g_assert_cmpuint (ph_mailbox_get_info (inbox, 0)->keywords, ==, 3);
      g_assert_cmpstr (ph_mailbox_get_keywords (inbox, NULL)[1], ==, "Blue");
      g_assert_cmpuint (ph_mailbox_get_info (inbox, 0)->object, ==, object);
      g_assert_cmpuint (ph_mailbox_get_info (inbox, 0)->modseq, >, modseq);
      g_assert_cmpuint (ph_mailbox_get_highestmodseq (inbox), >, modseq);
      if (round == 0)
        assert_vanished (inbox, modseq, "1 6:1000");
      text = read_message (inbox, 5);
      g_assert_cmpstr (text, ==, MESSAGE (1));
      g_clear_pointer (&text, g_free);

      archive = open_mailbox (fixture, "Archive");
      g_assert_cmpuint (ph_mailbox_get_info (archive, 0)->object, ==, object);
      g_clear_object (&archive);

      modseq = ph_mailbox_get_highestmodseq (inbox);
      g_clear_object (&inbox);
      close_whole (fixture);
      remove_index (fixture);
    }
  open_store (fixture);
}

/* A directory that somebody copied, list and all, is another folder. */
static void
test_copied_directory (Fixture      *fixture,
                       gconstpointer data)
{
  g_autoptr (PhMailbox) inbox = open_mailbox (fixture, "INBOX");
  g_autofree char *list = account_path (fixture, "dovecot-uidlist");
  g_autofree char *cur = account_path (fixture, ".Taken/cur");
  g_autofree char *text = NULL;
  g_autofree char *mailbox_id = NULL;
  const PhFolder  *folder;
  guint32          uidvalidity;

  append (fixture, inbox, MESSAGE (1));
  mailbox_id = g_strdup (ph_mailbox_get_mailbox_id (inbox));
  uidvalidity = ph_mailbox_get_uidvalidity (inbox);
  g_clear_object (&inbox);
  g_assert_true (g_file_get_contents (list, &text, NULL, NULL));
  g_mkdir_with_parents (cur, 0700);
  put_file (fixture, ".Taken/dovecot-uidlist", text);
  reopen_store (fixture);
  folder = ph_account_store_find_folder (fixture->account, "Taken");
  g_assert_nonnull (folder);
  g_assert_cmpstr (folder->mailbox_id, !=, mailbox_id);
  g_assert_cmpuint (get_status (fixture, "Taken").uidvalidity, !=, uidvalidity);
}

/* One that Dovecot served. */
static void
test_dovecot_list (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autofree char  *cur = account_path (fixture, ".Work/cur");
  const char *const names[] = { ".Work/cur/1500000003.c:2,Sbz", ".Work/cur/1500000001.a:2,", ".Work/cur/1500000002.b:2,F" };

  g_mkdir_with_parents (cur, 0700);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    put_file (fixture, names[i], MESSAGE (1));
  put_file (fixture, ".Work/dovecot-uidlist",
            "3 V1275660208 N25022 G3085f01b7f11094c501100008c4a11c1\n"
            "25006 :1500000003.c:2,\n25017 W2481 :1500000001.a\n25018 :1499999999.gone\n");
  put_file (fixture, ".Work/dovecot-keywords", "0 $Junk\n1 Blue\n3 Gap\n");
  reopen_store (fixture);

  mailbox = open_mailbox (fixture, "Work");
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->keywords, ==, 2);
  g_assert_cmpstr (ph_mailbox_get_keywords (mailbox, NULL)[1], ==, "Blue");
  g_assert_null (ph_mailbox_get_keywords (mailbox, NULL)[2]);
  g_assert_cmpuint (ph_mailbox_get_uidvalidity (mailbox), ==, 1275660208);
  g_assert_cmpstr (ph_mailbox_get_mailbox_id (mailbox), ==, "F3085f01b7f11094c501100008c4a11c1");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 3);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->uid, ==, 25006);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->flags, ==, PH_FLAG_SEEN);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 1)->uid, ==, 25017);
  g_assert_cmpuint (ph_mailbox_get_info (mailbox, 2)->uid, ==, 25022);
  g_assert_cmpuint (append (fixture, mailbox, MESSAGE (2)), ==, 25023);

  /* I09: made again, it has a higher UIDVALIDITY. */
  g_clear_object (&mailbox);
  g_assert_true (change_folder (fixture, FOLDER_DELETE, "Work", NULL, NULL));
  g_assert_true (change_folder (fixture, FOLDER_CREATE, "Work", NULL, NULL));
  g_assert_cmpuint (get_status (fixture, "Work").uidvalidity, >, 1275660208);
}

/* Lists with anything in them are read without harm, as far as they make sense (V44). */
static void
test_bad_lists (Fixture      *fixture,
                gconstpointer data)
{
  static const struct
  {
    const char *list;
    guint32     uid; /* of the one message */
  } cases[] = {
    { "", 1 },
    { "3 V5", 1 },
    { "3 V0 N2\n1 :1500000001.a\n", 1 },
    { "3 V99999999999 N2\n1 :1500000001.a\n", 1 },
    { "1 V5 N2\n7 :1500000001.a\n", 1 },
    { "3 V5 N8 Gxyz\n7 :1500000001.a\n", 7 },
    { "3 V6 N9\n7 :1500000001.a", 9 },                        /* cut */
    { "3 V7 N9\n7 :x\n7 :1500000001.a\n", 9 },                /* twice */
    { "3 V8 N9\n4294967295 :1500000001.a\n", 9 },             /* no UID */
    { "3 V9 N2\n7 :1500000001.a\n", 7 },                      /* N too low */
    { "3 V10 N9\n7 G :../../x\n8 : \n8 :1500000001.a\n", 9 }, /* no names */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PhMailbox) mailbox = NULL;
      g_autofree char *name = g_strdup_printf ("Work%u", i);
      g_autofree char *sub = g_strdup_printf (".%s/cur", name);
      g_autofree char *cur = account_path (fixture, sub);
      g_autofree char *file = g_strdup_printf (".%s/cur/1500000001.a:2,", name);
      g_autofree char *list = g_strdup_printf (".%s/dovecot-uidlist", name);

      g_mkdir_with_parents (cur, 0700);
      put_file (fixture, file, MESSAGE (1));
      put_file (fixture, list, cases[i].list);
      reopen_store (fixture);
      mailbox = open_mailbox (fixture, name);
      g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 1);
      g_assert_cmpuint (ph_mailbox_get_info (mailbox, 0)->uid, ==, cases[i].uid);
      g_assert_cmpuint (append (fixture, mailbox, MESSAGE (1)), ==, cases[i].uid + 1);
    }
}

/* The list follows what happens; and stays small. */
static void
test_list_follows (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "Sent");
  g_autofree char *path = account_path (fixture, ".Sent/dovecot-uidlist");
  g_autofree char *text = NULL;
  g_autofree char *again = NULL;
  g_autofree char *start = g_strdup_printf ("3 V%010u N0000001001 G%s\n", ph_mailbox_get_uidvalidity (mailbox), ph_mailbox_get_mailbox_id (mailbox) + 1);

  append (fixture, mailbox, MESSAGE (1));
  append (fixture, mailbox, MESSAGE (2));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_true (g_str_has_prefix (text, start));
  g_assert_nonnull (strstr (text, "\n2 :"));

  /* A crash has cut the last line, and left out another. */
  g_assert_cmpint (truncate (path, (off_t)strlen (text) - 5), ==, 0);
  g_clear_object (&mailbox);
  reopen_store (fixture);
  g_assert_true (g_file_get_contents (path, &again, NULL, NULL));
  g_assert_cmpstr (again, ==, text);
}

/* Version 1 of the schema, as the first Posthouse made it. */
static const char version_1[] =
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE folders (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
  " special_use INTEGER NOT NULL, uidvalidity INTEGER NOT NULL, uidnext INTEGER NOT NULL,"
  " recent INTEGER NOT NULL, modseq INTEGER NOT NULL);"
  "CREATE TABLE messages (folder INTEGER NOT NULL, uid INTEGER NOT NULL, flags INTEGER NOT NULL,"
  " keywords INTEGER NOT NULL, modseq INTEGER NOT NULL, internal_date INTEGER NOT NULL,"
  " internal_zone INTEGER NOT NULL, save_date INTEGER NOT NULL, size INTEGER NOT NULL,"
  " file_size INTEGER NOT NULL, object INTEGER NOT NULL, base TEXT NOT NULL, letters TEXT NOT NULL,"
  " sub INTEGER NOT NULL, stale INTEGER NOT NULL, PRIMARY KEY (folder, uid)) WITHOUT ROWID;"
  "CREATE INDEX messages_object ON messages (object);"
  "CREATE INDEX messages_stale ON messages (folder, uid) WHERE stale = 1;"
  "CREATE TABLE summaries (object INTEGER PRIMARY KEY, envelope BLOB, body BLOB, bodystructure BLOB);"
  "CREATE TABLE expunged (folder INTEGER NOT NULL, uid INTEGER NOT NULL, modseq INTEGER NOT NULL,"
  " PRIMARY KEY (folder, uid)) WITHOUT ROWID;"
  "CREATE TABLE keywords (folder INTEGER NOT NULL, bit INTEGER NOT NULL, name TEXT NOT NULL,"
  " PRIMARY KEY (folder, bit)) WITHOUT ROWID;"
  "CREATE TABLE subscriptions (name TEXT PRIMARY KEY) WITHOUT ROWID;"
  "CREATE TABLE pending (id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL,"
  " folder INTEGER NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL);"
  "INSERT INTO meta VALUES ('schema', 1), ('uidvalidity', 77), ('object', 3), ('used', 300);"
  "INSERT INTO folders VALUES (1, 'INBOX', 0, 76, 9, 1, 40), (2, 'Sent', 4, 77, 5, 1, 4);"
  "INSERT INTO messages VALUES (1, 3, 1, 1, 10, 1500000000, 60, 1500000001, 100, 100, 1, '1500000000.a', 'S', 0, 0),"
  " (1, 8, 0, 0, 40, 1500000000, 60, 1500000001, 100, 100, 2, '1500000000.b', '', 0, 0),"
  " (2, 4, 0, 0, 4, 1500000000, 60, 1500000001, 100, 100, 1, '1500000000.c', '', 0, 0);"
  "INSERT INTO expunged VALUES (1, 5, 20);"
  "INSERT INTO keywords VALUES (1, 0, 'Blue');"
  "INSERT INTO subscriptions VALUES ('INBOX');";

static void
test_upgrade (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (PhMailbox) inbox = NULL;
  g_autoptr (PhMailbox) sent = NULL;
  g_autoptr (GString) text = g_string_new (MESSAGE (1));
  g_autofree char  *path = account_path (fixture, "index.db");
  const char *const names[] = { "cur/1500000000.a:2,S", "cur/1500000000.b:2,", ".Sent/cur/1500000000.c:2," };
  guint             n;
  sqlite3          *db;

  close_whole (fixture);
  remove_index (fixture);
  g_string_set_size (text, 100);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    put_file (fixture, names[i], text->str);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, version_1, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);

  open_store (fixture);
  inbox = open_mailbox (fixture, "INBOX");
  sent = open_mailbox (fixture, "Sent");
  g_assert_cmpuint (ph_mailbox_get_uidvalidity (inbox), ==, 76);
  g_assert_cmpuint (ph_mailbox_get_n_messages (inbox), ==, 2);
  g_assert_cmpuint (ph_mailbox_get_info (inbox, 0)->uid, ==, 3);
  g_assert_cmpuint (ph_mailbox_get_info (inbox, 0)->modseq, ==, 10);
  g_assert_cmpuint (ph_mailbox_get_info (inbox, 0)->keywords, ==, 1);
  g_assert_cmpstr (ph_mailbox_get_keywords (inbox, &n)[0], ==, "Blue");
  g_assert_cmpuint (ph_mailbox_get_highestmodseq (inbox), ==, 40);
  g_assert_cmpuint (ph_mailbox_get_info (inbox, 0)->object, ==, ph_mailbox_get_info (sent, 0)->object);
  g_assert_cmpuint (ph_mailbox_get_info (inbox, 0)->object, !=, ph_mailbox_get_info (inbox, 1)->object);
  g_assert_cmpuint (strlen (ph_mailbox_get_mailbox_id (inbox)), ==, 33);
  assert_vanished (inbox, 10, "5");
  g_assert_cmpuint (append (fixture, inbox, MESSAGE (1)), ==, 9);

  /* And its UIDs are now kept outside, as a new one's are. */
  g_clear_object (&inbox);
  g_clear_object (&sent);
  close_whole (fixture);
  remove_index (fixture);
  open_store (fixture);
  inbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_uidvalidity (inbox), ==, 76);
  g_assert_cmpuint (ph_mailbox_get_info (inbox, 1)->uid, ==, 8);
}

/* V46: the last UID is given, then the folder begins again; nothing is lost. */
static void
test_uids_used_up (Fixture      *fixture,
                   gconstpointer data)
{
  g_autofree char *path = account_path (fixture, "index.db");
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "Sent");
  g_autoptr (GError) error = NULL;
  const char *const keywords[] = { "Kept", NULL };
  const guint32     one = 1;
  g_autofree char  *text = NULL;
  guint32           uidvalidity = ph_mailbox_get_uidvalidity (mailbox);
  sqlite3          *db;

  append_full (fixture, mailbox, MESSAGE (1), PH_FLAG_FLAGGED, keywords, 1, &error);
  append (fixture, mailbox, MESSAGE (2));
  expunge (mailbox, &one, 1, FALSE);
  append_full (fixture, mailbox, MESSAGE (3), PH_FLAG_FLAGGED, keywords, 1, &error);
  g_assert_no_error (error);
  g_clear_object (&mailbox);
  close_whole (fixture);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_busy_timeout (db, 5000);
  g_assert_cmpint (sqlite3_exec (db, "UPDATE folders SET uidnext = 4294967294 WHERE name = 'Sent'", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);

  open_store (fixture);
  mailbox = open_mailbox (fixture, "Sent");
  g_assert_cmpuint (append (fixture, mailbox, MESSAGE (4)), ==, 4294967294);
  g_assert_cmpuint (append (fixture, mailbox, MESSAGE (5)), ==, 4);
  g_assert_true (ph_mailbox_get_deleted (mailbox));
  g_clear_object (&mailbox);

  for (guint round = 0; round < 2; round++)
    {
      mailbox = open_mailbox (fixture, "Sent");
      g_assert_cmpuint (ph_mailbox_get_uidvalidity (mailbox), >, uidvalidity);
      g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 4);
      g_assert_cmpuint (ph_mailbox_get_info (mailbox, 1)->uid, ==, 2);
      g_assert_cmpuint (ph_mailbox_get_info (mailbox, 1)->flags, ==, PH_FLAG_FLAGGED);
      text = read_message (mailbox, 2);
      g_assert_cmpstr (text, ==, MESSAGE (3));
      g_clear_pointer (&text, g_free);
      g_clear_object (&mailbox);
      close_whole (fixture);
      if (round == 0)
        remove_index (fixture);
      open_store (fixture);
    }
}

/* "UID=…" of each that POP3 knows by another name than its UID, with "V" for the first UIDVALIDITY. */
static void
assert_uidls (PhMailbox  *mailbox,
              guint32     uidvalidity,
              const char *expected)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GHashTable) uidls = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *number = g_strdup_printf ("=%u.", uidvalidity);

  ph_mailbox_load_uidls_async (mailbox, NULL, ready_cb, &result);
  await (&result);
  uidls = ph_mailbox_load_uidls_finish (mailbox, result, NULL);
  for (guint i = 0; i < ph_mailbox_get_n_messages (mailbox); i++)
    {
      guint32     uid = ph_mailbox_get_info (mailbox, i)->uid;
      const char *uidl = g_hash_table_lookup (uidls, GUINT_TO_POINTER (uid));

      if (uidl != NULL)
        g_string_append_printf (text, "%s%u=%s", text->len > 0 ? " " : "", uid, uidl);
    }
  g_string_replace (text, number, "=V.", 0);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
move (Fixture    *fixture,
      const char *from,
      guint32     uid,
      const char *to)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, from);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) copied = copy (mailbox, &uid, 1, to, TRUE, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (copied->len, ==, 1);
}

/* P02: what POP3 knows a message by stays, wherever it goes, when the index is lost, and when all UIDs are new. */
static void
test_uidls (Fixture      *fixture,
            gconstpointer data)
{
  g_autofree char *path = account_path (fixture, "index.db");
  g_autoptr (PhMailbox) inbox = open_mailbox (fixture, "INBOX");
  guint32  uidvalidity = ph_mailbox_get_uidvalidity (inbox);
  sqlite3 *db;

  append (fixture, inbox, MESSAGE (1));
  append (fixture, inbox, MESSAGE (2));
  move (fixture, "INBOX", 1, "Archive");
  move (fixture, "Archive", 1, "Sent");
  move (fixture, "Sent", 1, "INBOX");
  move (fixture, "INBOX", 2, "Archive");
  assert_uidls (inbox, uidvalidity, "3=V.1");
  g_clear_object (&inbox);

  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (PhMailbox) archive = open_mailbox (fixture, "Archive");

      assert_uidls (archive, uidvalidity, "2=V.2");
      inbox = open_mailbox (fixture, "INBOX");
      assert_uidls (inbox, uidvalidity, "3=V.1");
      g_clear_object (&archive);
      g_clear_object (&inbox);
      close_whole (fixture);
      if (round == 0)
        remove_index (fixture);
      else
        {
          g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
          sqlite3_busy_timeout (db, 5000);
          g_assert_cmpint (sqlite3_exec (db, "UPDATE folders SET uidnext = 4294967294 WHERE name = 'INBOX'", NULL, NULL, NULL), ==, SQLITE_OK);
          sqlite3_close (db);
        }
      open_store (fixture);
    }

  inbox = open_mailbox (fixture, "INBOX");
  append (fixture, inbox, MESSAGE (3));
  append (fixture, inbox, MESSAGE (4));
  g_clear_object (&inbox);
  inbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_uidvalidity (inbox), !=, uidvalidity);
  assert_uidls (inbox, uidvalidity, "1=V.1 2=V.4294967294");
}

/* P02: nor does it change where INBOX is renamed, and the message comes back. */
static void
test_uidls_renamed (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (PhMailbox) inbox = open_mailbox (fixture, "INBOX");
  g_autoptr (PhMailbox) old = NULL;
  guint32 uidvalidity = ph_mailbox_get_uidvalidity (inbox);

  append (fixture, inbox, MESSAGE (1));
  g_assert_true (change_folder (fixture, FOLDER_RENAME, "INBOX", "Old", NULL));
  old = open_mailbox (fixture, "Old");
  assert_uidls (old, uidvalidity, "1=V.1");
  move (fixture, "Old", 1, "INBOX");
  assert_uidls (inbox, uidvalidity, "2=V.1");
}

/* One from the future is not written to. */
static void
test_newer (Fixture      *fixture,
            gconstpointer data)
{
  g_autofree char *path = account_path (fixture, "index.db");
  g_autofree char *aside = account_path (fixture, "index.db.damaged");
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "INBOX");
  sqlite3 *db;

  append (fixture, mailbox, MESSAGE (1));
  g_clear_object (&mailbox);
  close_whole (fixture);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_busy_timeout (db, 5000);
  g_assert_cmpint (sqlite3_exec (db, "UPDATE meta SET value = 99 WHERE key = 'schema'", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);

  open_store (fixture);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, 1);
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
}

#define ADD(name, function) ADD_STORE_TEST ("/store/index/" name, function)

/* What one change of a file costs does not depend on how many others there are: not in time, which no test can say, but in
 * steps of SQLite's machine. */
static void
test_find_by_file (Fixture      *fixture,
                   gconstpointer data)
{
  g_autofree char *path = account_path (fixture, "steps.db");
  g_autoptr (GError) error = NULL;
  g_autoptr (PhIndex) index = ph_index_open (path, FALSE, &error);
  g_auto (PhMessageRow) row = { 0 };
  sqlite3      *db;
  sqlite3_stmt *statement = NULL;
  int           steps = 0;

  g_assert_no_error (error);
  g_assert_true (ph_index_execute (index, "WITH RECURSIVE n (uid) AS (VALUES (1) UNION ALL SELECT uid + 1 FROM n WHERE uid < 5000)"
                                          " INSERT INTO messages SELECT 1, uid, 0, 0, uid, 0, 0, 0, 1, 1, uid, 'file' || uid, '', 0, 0, NULL, 0, 0, NULL FROM n;",
                                   &error));
  g_assert_no_error (error);
  g_assert_cmpint (ph_message_row_find (index, 1, "file4000", &row, &error), ==, 1);
  g_assert_cmpuint (row.info.uid, ==, 4000);
  g_assert_cmpint (ph_message_row_find (index, 1, "other", &row, &error), ==, 0);
  g_assert_cmpint (ph_message_row_find (index, 2, "file4000", &row, &error), ==, 0);

  db = sqlite3_db_handle (ph_index_query (index, &error, "SELECT 1", ""));
  while ((statement = sqlite3_next_stmt (db, statement)) != NULL)
    if (strstr (sqlite3_sql (statement), "base = ?") != NULL)
      steps += sqlite3_stmt_status (statement, SQLITE_STMTSTATUS_VM_STEP, FALSE);
  g_assert_cmpint (steps, >, 0);
  g_assert_cmpint (steps, <, 500);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("vanished", test_vanished);
  ADD ("object-ids", test_object_ids);
  ADD ("threads", test_threads);
  ADD ("previews", test_previews);
  ADD ("rebuild", test_rebuild);
  ADD ("copied-directory", test_copied_directory);
  ADD ("dovecot-list", test_dovecot_list);
  ADD ("bad-lists", test_bad_lists);
  ADD ("list-follows", test_list_follows);
  ADD ("upgrade", test_upgrade);
  ADD ("uids-used-up", test_uids_used_up);
  ADD ("P02/uidls", test_uidls);
  ADD ("P02/renamed", test_uidls_renamed);
  ADD ("newer", test_newer);
  ADD ("find-by-file", test_find_by_file);

  return g_test_run ();
}
