/* Folders and their names. */

#include "store-fixture.h"

#include "ph-path.h"

/* V17, V36 */
static void
test_names (void)
{
  static const struct
  {
    const char *name;
    const char *normal; /* NULL: refused */
  } cases[] = {
    { "Work", "Work" },
    { "inbox", "INBOX" },
    { "InBoX/x", "INBOX/x" },
    { "Work/inbox", "Work/inbox" },
    { "..", ".." },
    { ".", "." },
    { "a/../b", "a/../b" },
    { "a.b", "a.b" },
    { "a\\b", "a\\b" },
    { "Entw\xc3\xbcrfe", "Entw\xc3\xbcrfe" },
    { "Entwu\xcc\x88rfe", "Entw\xc3\xbcrfe" }, /* NFC */
    { "\xf0\x9f\x93\xa7", "\xf0\x9f\x93\xa7" },
    { "a & b", "a & b" },
    { "", NULL },
    { "/", NULL },
    { "/a", NULL },
    { "a/", NULL },
    { "a//b", NULL },
    { "a\nb", NULL },
    { "a\x7f", NULL },
    { "a\xc2\x85", NULL },
    { "a\xe2\x80\xa8", NULL },
    { "\xff", NULL },
    { "\xed\xa0\x80", NULL }, /* a surrogate */
    { "\xc0\xaf", NULL },     /* an overlong "/" */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *normal = ph_folder_name_normalize (cases[i].name);
      g_autofree char *directory = normal != NULL ? ph_path_encode_folder (normal) : NULL;
      g_autofree char *again = directory != NULL ? ph_path_decode_folder (directory) : NULL;

      g_assert_cmpstr (normal, ==, cases[i].normal);
      g_assert_cmpstr (again, ==, cases[i].normal);
      if (directory == NULL)
        continue;
      /* One component, that is not the parent. */
      g_assert_null (strchr (directory, '/'));
      g_assert_cmpstr (directory, !=, "..");
      g_assert_cmpint (directory[0], ==, '.');
    }
}

static void
test_name_limits (void)
{
  g_autoptr (GString) deep = g_string_new ("a");
  g_autofree char *level = g_strnfill (256, 'a');
  g_autofree char *fits = g_strnfill (254, 'a');
  g_autofree char *escapes = g_strnfill (100, '.');
  g_autofree char *none = NULL;
  g_autofree char *good = NULL;
  g_autofree char *cut = NULL;

  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *normal = ph_folder_name_normalize (deep->str);

      g_assert_true ((normal != NULL) == (i < PH_FOLDER_LEVELS_MAX));
      g_string_append (deep, "/a");
    }

  none = ph_folder_name_normalize (level);
  g_assert_null (none);
  good = ph_folder_name_normalize (fits);
  g_assert_cmpstr (good, ==, fits);
  /* As a directory it would be longer than a file system takes. */
  cut = ph_folder_name_normalize (escapes);
  g_assert_null (cut);
}

/* A directory that our encoder would not have made is no folder: two names would be one. */
static void
test_directories (void)
{
  static const char *const bad[] = { "", "Work", "..", ".a..b", ".a.", ".&AGE-", ".&", ".&-x&", ".a\\2", ".a\\zz", ".\\61", ".INBOX", ".inbox", ".&2AA-", ".a/b", ".&AC8-" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *name = ph_path_decode_folder (bad[i]);

      g_assert_cmpstr (name, ==, NULL);
    }
}

static void
test_components (void)
{
  static const char *const texts[][2] = {
    { "alice", "alice" },
    { "..", "%2E." },
    { "a/b", "a%2Fb" },
    { "a b", "a%20b" },
    { "%2F", "%252F" },
    { "\"q\"", "%22q%22" },
    { "\xc3\xbc", "\xc3\xbc" },
    { "", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *encoded = ph_path_encode_component (texts[i][0]);

      g_assert_cmpstr (encoded, ==, texts[i][1]);
    }
}

static void
assert_fails (Fixture     *fixture,
              FolderCall   call,
              const char  *name,
              const char  *to,
              PhStoreError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (change_folder (fixture, call, name, to, &error));
  g_assert_error (error, PH_STORE_ERROR, (gint)code);
}

static void
assert_works (Fixture    *fixture,
              FolderCall  call,
              const char *name,
              const char *to)
{
  g_autoptr (GError) error = NULL;

  change_folder (fixture, call, name, to, &error);
  g_assert_no_error (error);
}

/* I10, I27, I31 */
static void
test_operations (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autoptr (PhMailbox) child = NULL;
  const PhFolder *folder;
  guint32         uidvalidity;

  assert_works (fixture, FOLDER_CREATE, "One/Two/Three", NULL);
  g_assert_true (ph_account_store_find_folder (fixture->account, "One/Two")->exists);
  assert_fails (fixture, FOLDER_CREATE, "One", NULL, PH_STORE_ERROR_EXISTS);
  assert_fails (fixture, FOLDER_CREATE, "inbox", NULL, PH_STORE_ERROR_EXISTS);
  assert_fails (fixture, FOLDER_CREATE, "a//b", NULL, PH_STORE_ERROR_INVALID);
  assert_fails (fixture, FOLDER_DELETE, "Nothing", NULL, PH_STORE_ERROR_NOT_FOUND);
  assert_fails (fixture, FOLDER_DELETE, "INBOX", NULL, PH_STORE_ERROR_NOT_ALLOWED);
  assert_fails (fixture, FOLDER_RENAME, "Nothing", "Other", PH_STORE_ERROR_NOT_FOUND);
  assert_fails (fixture, FOLDER_RENAME, "One", "Sent", PH_STORE_ERROR_EXISTS);
  assert_fails (fixture, FOLDER_RENAME, "One", "One/Four", PH_STORE_ERROR_NOT_ALLOWED);
  assert_fails (fixture, FOLDER_RENAME, "One", "inbox", PH_STORE_ERROR_EXISTS);

  mailbox = open_mailbox (fixture, "One");
  child = open_mailbox (fixture, "One/Two/Three");
  append (fixture, child, MESSAGE (1));
  uidvalidity = ph_mailbox_get_uidvalidity (child);
  assert_works (fixture, FOLDER_SUBSCRIBE, "One/Two", NULL);
  assert_works (fixture, FOLDER_RENAME, "One", "New/Parent");
  g_assert_cmpstr (ph_mailbox_get_name (child), ==, "New/Parent/Two/Three");
  g_assert_cmpuint (get_status (fixture, "New/Parent/Two/Three").uidvalidity, ==, uidvalidity);
  g_assert_cmpuint (append (fixture, child, MESSAGE (2)), ==, 2);
  /* The subscription is to the name (RFC 3501 6.3.6). */
  folder = ph_account_store_find_folder (fixture->account, "One/Two");
  g_assert_true (folder->subscribed && !folder->exists);
  g_assert_true (ph_account_store_find_folder (fixture->account, "New")->exists);

  assert_works (fixture, FOLDER_DELETE, "New/Parent", NULL);
  g_assert_true (ph_mailbox_get_deleted (mailbox));
  g_assert_false (ph_mailbox_get_deleted (child));
  g_assert_false (ph_account_store_find_folder (fixture->account, "New/Parent")->exists);
  assert_works (fixture, FOLDER_UNSUBSCRIBE, "One/Two", NULL);
  g_assert_null (ph_account_store_find_folder (fixture->account, "One/Two"));

  g_clear_object (&mailbox);
  g_clear_object (&child);
  reopen_store (fixture);
  g_assert_cmpuint (get_status (fixture, "New/Parent/Two/Three").messages, ==, 2);
}

/* I10: the messages go, with flags and keywords; INBOX and its children stay. */
static void
test_rename_inbox (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (PhMailbox) inbox = open_mailbox (fixture, "INBOX");
  g_autoptr (PhMailbox) moved = NULL;
  const char *const keywords[] = { "Blue", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  guint32          uidvalidity = ph_mailbox_get_uidvalidity (inbox);
  guint            n;

  assert_works (fixture, FOLDER_CREATE, "INBOX/Child", NULL);
  append_full (fixture, inbox, MESSAGE (1), PH_FLAG_FLAGGED, keywords, 1, &error);
  append (fixture, inbox, MESSAGE (2));
  assert_fails (fixture, FOLDER_RENAME, "INBOX", "Sent", PH_STORE_ERROR_EXISTS);
  g_assert_cmpuint (ph_mailbox_get_n_messages (inbox), ==, 2);

  assert_works (fixture, FOLDER_RENAME, "INBOX", "Old/2026");
  g_assert_cmpuint (ph_mailbox_get_n_messages (inbox), ==, 0);
  g_assert_cmpuint (ph_mailbox_get_uidvalidity (inbox), ==, uidvalidity);
  g_assert_false (ph_mailbox_get_deleted (inbox));
  g_assert_true (ph_account_store_find_folder (fixture->account, "INBOX/Child")->exists);
  g_assert_null (ph_account_store_find_folder (fixture->account, "Old/2026/Child"));

  moved = open_mailbox (fixture, "Old/2026");
  g_assert_cmpuint (ph_mailbox_get_n_messages (moved), ==, 2);
  g_assert_cmpuint (ph_mailbox_get_info (moved, 0)->flags, ==, PH_FLAG_FLAGGED);
  g_assert_cmpstr (ph_mailbox_get_keywords (moved, &n)[0], ==, "Blue");
  text = read_message (moved, 1);
  g_assert_cmpstr (text, ==, MESSAGE (1));
  g_assert_cmpuint (append (fixture, inbox, MESSAGE (3)), ==, 3);
}

/* RFC 6154: one folder for each use. */
static void
test_special_use (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr (GAsyncResult) refused = NULL;
  g_autoptr (GAsyncResult) made = NULL;
  g_autoptr (GError) error = NULL;

  ph_account_store_create_folder_async (fixture->account, "Outbox", PH_SPECIAL_SENT, NULL, ready_cb, &refused);
  await (&refused);
  g_assert_false (ph_account_store_finish (fixture->account, refused, &error));
  g_assert_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  g_assert_null (ph_account_store_find_folder (fixture->account, "Outbox"));

  assert_works (fixture, FOLDER_DELETE, "Sent", NULL);
  ph_account_store_create_folder_async (fixture->account, "Outbox", PH_SPECIAL_SENT, NULL, ready_cb, &made);
  await (&made);
  g_assert_true (ph_account_store_finish (fixture->account, made, &error));
  assert_works (fixture, FOLDER_RENAME, "Outbox", "Gone out");
  g_assert_cmpint (ph_account_store_find_folder (fixture->account, "Gone out")->special_use, ==, PH_SPECIAL_SENT);
}

/* Something that is no folder has the name: no mail is lost, and the rest goes on. */
static void
test_in_the_way (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = account_path (fixture, ".Way");
  g_autofree char *file = account_path (fixture, ".Sent/cur/sub");

  put_file (fixture, ".Way", "a file");
  g_assert_false (change_folder (fixture, FOLDER_CREATE, "Way", NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  g_assert_null (ph_account_store_find_folder (fixture->account, "Way"));

  mailbox = open_mailbox (fixture, "Archive");
  append (fixture, mailbox, MESSAGE (1));
  change_folder (fixture, FOLDER_RENAME, "Archive", "Way", &error);
  g_clear_object (&mailbox);
  g_clear_error (&error);
  reopen_store (fixture);
  if (ph_account_store_find_folder (fixture->account, "Archive") != NULL)
    g_assert_cmpuint (get_status (fixture, "Archive").messages, ==, 1);
  else
    g_assert_cmpuint (get_status (fixture, "Way").messages, ==, 1);

  /* A directory within cur/ is no message, and is not removed with the folder. */
  g_mkdir_with_parents (file, 0700);
  g_assert_cmpuint (get_status (fixture, "Sent").messages, ==, 0);
  change_folder (fixture, FOLDER_DELETE, "Sent", NULL, &error);
  g_assert_true (g_file_test (file, G_FILE_TEST_IS_DIR));
}

/* V17: nothing is reached through a link. */
static void
test_links (Fixture      *fixture,
            gconstpointer data)
{
  g_autofree char *secret = g_build_filename (fixture->dir, "secret", NULL);
  g_autofree char *message = account_path (fixture, "cur/1500000000.1.link:2,");
  g_autofree char *folder = account_path (fixture, ".Linked");
  g_autofree char *target = account_path (fixture, ".Sent");

  g_assert_true (g_file_set_contents (secret, "secret", -1, NULL));
  g_assert_cmpint (symlink (secret, message), ==, 0);
  g_assert_cmpint (symlink (target, folder), ==, 0);
  reopen_store (fixture);
  g_assert_cmpuint (get_status (fixture, "INBOX").messages, ==, 0);
  g_assert_null (ph_account_store_find_folder (fixture->account, "Linked"));
}

/* What is chosen holds for accounts that are made from then on; the place of what has no folder is INBOX. */
static void
test_standard (Fixture      *fixture,
               gconstpointer data)
{
  const guint all = 1u << PH_SPECIAL_ARCHIVE | 1u << PH_SPECIAL_DRAFTS | 1u << PH_SPECIAL_JUNK | 1u << PH_SPECIAL_SENT | 1u << PH_SPECIAL_TRASH;
  static const struct
  {
    const char *address;
    guint       chosen;
  } accounts[] = { { ALICE, G_MAXUINT }, { BOB, 1u << PH_SPECIAL_SENT | 1u << PH_SPECIAL_TRASH }, { "carol@demo.test", 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (accounts); i++)
    {
      g_autoptr (PhAccountStore) account = NULL;
      g_autoptr (GPtrArray) folders = NULL;
      guint found = 0;

      ph_store_set_standard_folders (fixture->store, accounts[i].chosen);
      account = open_account (fixture, accounts[i].address);
      folders = g_ptr_array_ref (ph_account_store_get_folders (account));
      for (guint j = 0; j < folders->len; j++)
        {
          const PhFolder *folder = g_ptr_array_index (folders, j);

          g_assert_true (folder->subscribed);
          found |= folder->special_use != PH_SPECIAL_NONE ? 1u << folder->special_use : 0;
        }
      g_assert_cmpuint (found, ==, accounts[i].chosen & all);
      g_assert_nonnull (ph_account_store_find_folder (account, "INBOX"));
    }
}

#define ADD(name, function) ADD_STORE_TEST ("/store/folders/" name, function)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/store/folders/names", test_names);
  g_test_add_func ("/store/folders/name-limits", test_name_limits);
  g_test_add_func ("/store/folders/directories", test_directories);
  g_test_add_func ("/store/folders/components", test_components);
  ADD ("operations", test_operations);
  ADD ("rename-inbox", test_rename_inbox);
  ADD ("special-use", test_special_use);
  ADD ("standard", test_standard);
  ADD ("in-the-way", test_in_the_way);
  ADD ("links", test_links);

  return g_test_run ();
}
