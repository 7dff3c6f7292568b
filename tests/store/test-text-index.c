/* The index of texts: it excludes nothing wrongly, fills by itself, bounded and after the mail, and a
 * search finds the same at every moment of it. */

#include "store-fixture.h"

#include "ph-account-store-private.h"
#include "ph-text-index.h"
#include "ph-text.h"

static char *
build_path (Fixture *fixture)
{
  return account_path (fixture, PH_TEXT_INDEX_NAME);
}

static gboolean
has_file (Fixture *fixture)
{
  g_autofree char *path = build_path (fixture);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static guint64
count_indexed (Fixture *fixture)
{
  g_autofree char *path = build_path (fixture);
  g_autoptr (PhTextIndex) index = ph_text_index_open (path);

  return index != NULL ? ph_text_index_count (index) : 0;
}

static PhTextIndexer *
get_indexer (Fixture *fixture)
{
  return ph_account_store_get_text_indexer (fixture->account);
}

/* The worker's turn ends; the next does not begin. */
static void
let_turn_end (Fixture *fixture)
{
  for (guint i = 0; i < 200; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (100);
    }
}

/* Until it has nothing to do. */
static void
settle (Fixture *fixture)
{
  while (!ph_text_indexer_is_idle (get_indexer (fixture)))
    {
      ph_clock_advance (fixture->clock, G_USEC_PER_SEC);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (200);
    }
}

/* How many of the folder's messages have that in their text. */
static guint
count_matching (PhMailbox  *mailbox,
                PhSearchOp  op,
                const char *name, /* of a header field, or NULL */
                const char *text)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) found = NULL;
  PhSearchKey *key = ph_search_key_new (op);

  key->name = g_strdup (name);
  key->text = g_strdup (text);
  for (guint i = 0; i < ph_mailbox_get_n_messages (mailbox); i++)
    g_array_append_val (uids, ph_mailbox_get_info (mailbox, i)->uid);
  ph_mailbox_search_async (mailbox, key, (gconstpointer)uids->data, uids->len, NULL, ready_cb, &result);
  await (&result);
  found = ph_mailbox_search_finish (mailbox, result, &error);
  g_assert_no_error (error);

  return found->len;
}

static guint
count_found (PhMailbox  *mailbox,
             PhSearchOp  op,
             const char *text)
{
  return count_matching (mailbox, op, NULL, text);
}

/* As another program would: message n has "even" or "odd", and "wordN". */
static void
put_messages (Fixture *fixture,
              guint    first,
              guint    n)
{
  for (guint i = first; i < first + n; i++)
    {
      g_autofree char *name = g_strdup_printf ("new/%u.put", 1700000000 + i);
      g_autofree char *path = account_path (fixture, name);
      g_autofree char *text = g_strdup_printf ("From: a@example.org\r\nSubject: put\r\n\r\n%s word%u.\r\n", i % 2 == 0 ? "even" : "odd", i);

      g_assert_true (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
}

/* All that a search can ask, while `n` messages are there. */
static void
check_exact (PhMailbox *mailbox,
             guint      n)
{
  g_assert_cmpuint (count_found (mailbox, PH_SEARCH_BODY, "EVEN"), ==, (n + 1) / 2);
  g_assert_cmpuint (count_found (mailbox, PH_SEARCH_TEXT, "odd"), ==, n / 2);
  g_assert_cmpuint (count_found (mailbox, PH_SEARCH_BODY, "word7."), ==, n > 7);
  g_assert_cmpuint (count_found (mailbox, PH_SEARCH_BODY, "nowhere"), ==, 0);
  g_assert_cmpuint (count_found (mailbox, PH_SEARCH_BODY, "d w"), ==, n / 2);
  g_assert_cmpuint (count_found (mailbox, PH_SEARCH_TEXT, "a@"), ==, n);
}

/* Mail that was there before: turn after turn, each of them bounded, and every search exact between two of them. */
static void
test_fills_by_itself (Fixture      *fixture,
                      gconstpointer data)
{
  const guint n = 1000;
  g_autoptr (PhMailbox) mailbox = NULL;
  guint64 before = 0;
  guint   n_turns = 0;

  put_messages (fixture, 0, n);
  mailbox = open_mailbox (fixture, "INBOX");
  g_assert_cmpuint (ph_mailbox_get_n_messages (mailbox), ==, n);
  let_turn_end (fixture);
  g_assert_cmpuint (count_indexed (fixture), ==, 0);

  for (; !ph_text_indexer_is_idle (get_indexer (fixture)); n_turns++)
    {
      guint64 now;

      ph_clock_advance (fixture->clock, 2 * G_USEC_PER_SEC);
      let_turn_end (fixture);
      now = count_indexed (fixture);
      g_assert_cmpuint (now - before, <=, 2 * 200); /* on a busy machine the one before ended only now */
      before = now;
      if (n_turns % 3 == 0)
        check_exact (mailbox, n);
    }
  g_assert_cmpuint (n_turns, >=, n / 200);
  g_assert_cmpuint (count_indexed (fixture), ==, n);
  check_exact (mailbox, n);
}

/* It is no part of a delivery: nothing of it happens until no mail has come for a moment, nor
 * when mail never ends, but for a while. */
static void
test_after_the_mail (Fixture      *fixture,
                     gconstpointer data)
{
  const char *const addresses[] = { ALICE, NULL };
  guint             seconds = 0;

  settle (fixture);
  for (; count_indexed (fixture) == 0 && seconds < 300; seconds++)
    {
      g_autoptr (GError) error = NULL;

      deliver (fixture, MESSAGE (1), addresses, &error);
      g_assert_no_error (error);
      let_turn_end (fixture);
      if (seconds < 50)
        g_assert_cmpuint (count_indexed (fixture), ==, 0);
      ph_clock_advance (fixture->clock, G_USEC_PER_SEC);
    }
  g_assert_cmpuint (seconds, <, 100);
  settle (fixture);
  g_assert_cmpuint (count_indexed (fixture), ==, seconds);
}

/* Off: no file, and the same answers. On again, open or not: filled with what came meanwhile. */
static void
test_is_optional (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = NULL;

  put_messages (fixture, 0, 20);
  mailbox = open_mailbox (fixture, "INBOX");
  settle (fixture);
  g_assert_cmpuint (count_indexed (fixture), ==, 20);

  ph_store_set_search_index (fixture->store, ALICE, FALSE);
  settle (fixture);
  g_assert_false (has_file (fixture));
  check_exact (mailbox, 20);
  g_clear_object (&mailbox);
  put_messages (fixture, 20, 20);
  mailbox = open_mailbox (fixture, "INBOX");
  settle (fixture);
  check_exact (mailbox, 40);
  g_assert_false (has_file (fixture));

  ph_store_set_search_index (fixture->store, ALICE, TRUE);
  check_exact (mailbox, 40);
  settle (fixture);
  g_assert_cmpuint (count_indexed (fixture), ==, 40);
  check_exact (mailbox, 40);

  /* What it was before is told at the start, as the settings do. */
  g_clear_object (&mailbox);
  close_store (fixture);
  claim_store (fixture);
  ph_store_set_search_index (fixture->store, ALICE, FALSE);
  fixture->account = open_account (fixture, ALICE);
  settle (fixture);
  g_assert_false (has_file (fixture));

  /* Switched on while nobody has the account open: it is opened for that. */
  close_store (fixture);
  claim_store (fixture);
  ph_store_set_search_index (fixture->store, ALICE, FALSE);
  ph_store_set_search_index (fixture->store, ALICE, TRUE);
  for (guint i = 0; i < 30000 && !has_file (fixture); i++)
    {
      ph_clock_advance (fixture->clock, 10 * G_TIME_SPAN_MILLISECOND);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_true (has_file (fixture));
  fixture->account = open_account (fixture, ALICE);
}

/* What was done is not done again; what goes on is ended with the store, and goes on later. */
static void
test_goes_on_after_restart (Fixture      *fixture,
                            gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = NULL;
  guint64 indexed;

  put_messages (fixture, 0, 600);
  mailbox = open_mailbox (fixture, "INBOX");
  /* It may only begin to wait for its turn when what is missing has been looked up. */
  while ((indexed = count_indexed (fixture)) == 0)
    {
      ph_clock_advance (fixture->clock, 2 * G_USEC_PER_SEC);
      let_turn_end (fixture);
    }
  g_assert_cmpuint (indexed, >, 0);
  g_assert_cmpuint (indexed, <, 600);
  g_clear_object (&mailbox);
  reopen_store (fixture);
  g_assert_cmpuint (count_indexed (fixture), ==, indexed);
  settle (fixture);
  g_assert_cmpuint (count_indexed (fixture), ==, 600);
  mailbox = open_mailbox (fixture, "INBOX");
  check_exact (mailbox, 600);
}

/* Copies have their text once; what was removed is no harm; a folder that is made again is another. */
static void
test_copies_and_removals (Fixture      *fixture,
                          gconstpointer data)
{
  g_autoptr (PhMailbox) inbox = NULL;
  g_autoptr (PhMailbox) archive = open_mailbox (fixture, "Archive");
  g_autoptr (GArray) uids = NULL;
  g_autoptr (GError) error = NULL;
  guint32 first = 1, uidvalidity;

  put_messages (fixture, 0, 10);
  inbox = open_mailbox (fixture, "INBOX");
  uids = copy (inbox, &first, 1, "Archive", FALSE, &uidvalidity, &error);
  g_assert_no_error (error);
  settle (fixture);
  g_assert_cmpuint (count_indexed (fixture), ==, 10);
  g_assert_cmpuint (count_found (archive, PH_SEARCH_BODY, "word0."), ==, 1);

  expunge (inbox, &first, 1, FALSE);
  g_assert_cmpuint (count_found (inbox, PH_SEARCH_BODY, "word0."), ==, 0);
  g_assert_cmpuint (count_found (archive, PH_SEARCH_BODY, "word0."), ==, 1);
  change_folder (fixture, FOLDER_CREATE, "Again", NULL, &error);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PhMailbox) again = open_mailbox (fixture, "Again");

      append (fixture, again, "Subject: x\r\n\r\nunheard of\r\n");
      settle (fixture);
      g_assert_cmpuint (count_indexed (fixture), ==, 11 + i);
      g_assert_cmpuint (count_found (again, PH_SEARCH_BODY, "unheard"), ==, 1);
      change_folder (fixture, FOLDER_DELETE, "Again", NULL, &error);
      change_folder (fixture, FOLDER_CREATE, "Again", NULL, &error);
      g_assert_no_error (error);
    }
}

/* One that is too large to be indexed is read, each time. */
static void
test_large_message (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = NULL;
  g_autoptr (GString) text = g_string_new ("Subject: large\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nneedle\r\n--b\r\nContent-Type: image/png\r\n\r\n");

  while (text->len <= PH_TEXT_INDEXER_FILE_MAX)
    g_string_append (text, "0123456789012345678901234567890123456789012345678901234567890123456789\r\n");
  g_string_append (text, "--b--\r\n");
  put_file (fixture, "new/1700000000.large", text->str);
  mailbox = open_mailbox (fixture, "INBOX");
  settle (fixture);
  g_assert_cmpuint (count_indexed (fixture), ==, 1);
  g_assert_cmpuint (count_found (mailbox, PH_SEARCH_BODY, "needle"), ==, 1);
  g_assert_cmpuint (count_found (mailbox, PH_SEARCH_BODY, "thread"), ==, 0);
}

typedef struct
{
  const char *name;
  const char *text;
  guint       n; /* messages that have it in that field */
} FieldRow;

/* Without the index, then with it. */
static void
check_fields (Fixture        *fixture,
              const FieldRow *rows,
              guint           n_rows,
              guint           n_messages)
{
  g_autoptr (PhMailbox) mailbox = NULL;

  ph_text_indexer_set_enabled (get_indexer (fixture), FALSE);
  mailbox = open_mailbox (fixture, "INBOX");
  for (guint turn = 0; turn < 2; turn++)
    {
      for (guint i = 0; i < n_rows; i++)
        {
          guint n = count_matching (mailbox, PH_SEARCH_HEADER, rows[i].name, rows[i].text);

          if (n != rows[i].n)
            g_error ("turn %u: “%s” was found in %s %u times", turn, rows[i].text, rows[i].name, n);
        }
      ph_text_indexer_set_enabled (get_indexer (fixture), TRUE);
      settle (fixture);
      g_assert_cmpuint (count_indexed (fixture), ==, n_messages);
    }
}

/* HEADER finds with it what it finds without it, however a field is written, and whatever stands beside it. */
static void
test_headers (Fixture      *fixture,
              gconstpointer data)
{
  static const FieldRow rows[] = { { "X-Colour", "green leaves", 2 }, { "X-Colour", "gr\303\274ne", 4 }, { "X-Colour", "GR\303\234NE BL", 4 }, { "X-Colour", "caf\303\251", 1 }, { "X-Colour", "leaves, all", 2 }, { "X-Colour", "nowhere", 0 }, { "X-Colour", "", 7 }, { "X-Colour", "X-Colour", 0 } };

  put_file (fixture, "new/1700000000.a", "Subject: a\r\nX-Colour: green leaves,\r\n all of them\r\n\r\nx\r\n");
  put_file (fixture, "new/1700000001.b", "Subject: b\r\nX-Colour:=?utf-8?Q?gr=C3=BCne?= =?utf-8?Q?_Bl=C3=A4tter?=\r\n\r\nx\r\n");
  put_file (fixture, "new/1700000002.c", "X-Latin: \351\374\r\nX-Colour: gr\303\274ne Bl\303\244tter\r\n\r\nx\r\n");
  put_file (fixture, "new/1700000003.d", "X-Utf: gr\303\274n\r\nX-Colour: caf\351\r\n\r\nx\r\n");
  put_file (fixture, "new/1700000004.e", "Subject: e\r\nX-Colour: =?iso-8859-1?Q?gr=FC?=\r\n =?iso-8859-1?Q?ne_Bl=E4tter?=\r\n\r\nx\r\n");
  put_file (fixture, "new/1700000005.f", "Subject: =?utf-8?Q?=C3=A4?=\r\nX-Colour: green\r\n leaves, all\r\n\r\nx\r\n");
  put_file (fixture, "new/1700000006.g", "Subject: g\r\nX-Other: =?utf-8?Q?x?=\r\nX-Colour:=?utf-8?B?Z3LDvG5lIEJsw6R0dGVy?=\r\n\r\nx\r\n");

  check_fields (fixture, rows, G_N_ELEMENTS (rows), 7);
}

/* So do the fields of an ENVELOPE, in which an address is put together from whatever stands in the field. */
static void
test_addresses (Fixture      *fixture,
                gconstpointer data)
{
  static const FieldRow rows[] = {
    { "From", "joe@example.org", 5 },
    { "From", "JOE@EXAMPLE", 5 },
    { "From", "Joe Public <joe@example.org>", 3 },
    { "From", "j\303\266rg M\303\274ller", 1 },
    { "From", "\"Joe Public\"", 2 },
    { "From", "(at work)", 0 },
    { "From", "nobody", 0 },
    { "From", "subject", 0 },
    { "To", "joe@example.org", 0 },
    { "To", "friends", 1 },
    { "Cc", "ann@example.net", 1 },
    { "Reply-To", "list@example.org", 1 },
    { "Sender", "robot@", 1 },
    { "Subject", "quite long subject", 2 },
    { "Message-ID", "one@id.example", 1 },
    { "In-Reply-To", "zero@id.example", 1 },
  };

  put_file (fixture, "new/1700000000.a", "From: Joe Public <joe@example.org>\r\nTo: friends: ann@example.org, bob@example.org;\r\nSubject: a quite\r\n long subject\r\nMessage-ID: <one@id.example>\r\n\r\nx\r\n");
  put_file (fixture, "new/1700000001.b", "From: \"Joe Public\"\r\n <joe (at work) @ example . org>\r\nReply-To: list\r\n @example.org\r\nIn-Reply-To: <zero@id.example>\r\n\r\nx\r\n");
  put_file (fixture, "new/1700000002.c", "From: \"Joe Public\" <joe@example.org>, someone@example.net\r\nSender: robot@example.org\r\nCc: ann@example.net\r\n\r\nx\r\n");
  put_file (fixture, "new/1700000003.d", "From: =?utf-8?Q?J=C3=B6rg?= =?utf-8?Q?_M=C3=BCller?= <jm@example.org>\r\nSubject: a =?utf-8?Q?quite_long?= subject\r\nSubject: =?utf-8?Q?quite?=\r\n =?utf-8?Q?_long_subject?=\r\n\r\nx\r\n");
  put_file (fixture, "new/1700000004.e", "From: joe@example.org\r\n\r\nx\r\n");
  put_file (fixture, "new/1700000005.f", "From: ann@example.net\r\nFrom: <@relay.example:\"joe\"@example.org>\r\n\r\nx\r\n");

  check_fields (fixture, rows, G_N_ELEMENTS (rows), 6);
}

/* A damaged one answers nothing wrong, and is made anew. */
static void
test_damaged (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *path = build_path (fixture);
  g_autoptr (PhMailbox) mailbox = NULL;

  put_messages (fixture, 0, 20);
  mailbox = open_mailbox (fixture, "INBOX");
  settle (fixture);
  g_clear_object (&mailbox);
  close_whole (fixture);
  g_assert_true (g_file_set_contents (path, "damaged, and long enough to be taken for something that it is not: SQLite looks at the first hundred bytes", -1, NULL));
  open_store (fixture);
  put_messages (fixture, 20, 1);
  mailbox = open_mailbox (fixture, "INBOX");
  check_exact (mailbox, 21);
  settle (fixture);
  g_assert_cmpuint (count_indexed (fixture), ==, 21);
  check_exact (mailbox, 21);
}

/* Never is a text excluded that is in a message: any pieces of any texts, folded or not. */
static void
test_excludes_rightly (void)
{
  static const char *const letters[] = { "a", "B", "c", " ", "\n", "\"", "\303\204", "\303\237", "\314\201", "e", "\357\254\201", "\343\202\242", "\360\237\230\200", "1" };
  g_autofree char         *dir = g_dir_make_tmp ("ph-text-XXXXXX", NULL), *path = g_build_filename (dir, PH_TEXT_INDEX_NAME, NULL);
  g_autoptr (PhTextIndex) index = ph_text_index_make (path);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  guint n_excluded = 0;

  g_assert_nonnull (index);
  g_assert_true (ph_text_index_begin (index));
  for (guint i = 0; i < 200; i++)
    {
      GString *text = g_string_new (NULL);
      g_autoptr (GPtrArray) one = g_ptr_array_new ();

      for (gint n = g_test_rand_int_range (0, 60); n > 0; n--)
        g_string_append (text, letters[g_test_rand_int_range (0, G_N_ELEMENTS (letters))]);
      g_ptr_array_add (texts, g_string_free (text, FALSE));
      g_ptr_array_add (one, g_ptr_array_index (texts, i));
      g_assert_true (ph_text_index_add (index, i + 1, one));
      g_assert_true (ph_text_index_add (index, i + 1, one));
    }
  g_assert_true (ph_text_index_commit (index));
  g_assert_cmpuint (ph_text_index_count (index), ==, 200);
  g_assert_false (ph_text_index_has (index, 201));

  for (guint i = 0; i < 1000; i++)
    {
      const char      *source = g_ptr_array_index (texts, (guint)g_test_rand_int_range (0, 200));
      glong            length = g_utf8_strlen (source, -1);
      glong            from = length > 0 ? g_test_rand_int_range (0, (gint)length) : 0;
      g_autofree char *piece = g_utf8_substring (source, from, MIN (length, from + g_test_rand_int_range (0, 12)));
      g_autofree char *wanted = i % 2 == 0 ? g_utf8_strup (piece, -1) : g_strdup (piece);
      g_autoptr (PhTextPattern) pattern = ph_text_pattern_new (wanted);
      PhTextCandidates *candidates = ph_text_index_find (index, wanted);

      for (guint n = 0; candidates != NULL && n < 200; n++)
        {
          const char *text = g_ptr_array_index (texts, n);
          gboolean    excluded = ph_text_index_excludes (index, candidates, n + 1);

          n_excluded += excluded;
          if (excluded && ph_text_pattern_matches (pattern, text, strlen (text)))
            g_error ("“%s” is in “%s” and was excluded", wanted, text);
        }
      g_assert_false (candidates != NULL && ph_text_index_excludes (index, candidates, 201));
      ph_text_candidates_free (candidates);
    }
  g_assert_cmpuint (n_excluded, >, 10000);
  g_assert_true (ph_text_index_clear (index));
  g_assert_cmpuint (ph_text_index_count (index), ==, 0);
  nftw (dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* What is added while a search looks is not excluded by what it found before. */
static void
test_while_it_grows (void)
{
  g_autofree char *dir = g_dir_make_tmp ("ph-text-XXXXXX", NULL), *path = g_build_filename (dir, PH_TEXT_INDEX_NAME, NULL);
  g_autoptr (PhTextIndex) writer = ph_text_index_make (path);
  g_autoptr (PhTextIndex) reader = ph_text_index_make (path);
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();
  PhTextCandidates *candidates;

  g_ptr_array_add (texts, (gpointer) "hello");
  g_assert_true (ph_text_index_hold (reader, 1));
  candidates = ph_text_index_find (reader, "hello");
  g_assert_true (ph_text_index_begin (writer) && ph_text_index_add (writer, 1, texts) && ph_text_index_commit (writer));
  g_assert_true (ph_text_index_has (writer, 1));
  g_assert_false (ph_text_index_excludes (reader, candidates, 1));
  ph_text_candidates_free (candidates);
  nftw (dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/store/text-index/excludes-rightly", test_excludes_rightly);
  g_test_add_func ("/store/text-index/while-it-grows", test_while_it_grows);
  ADD_STORE_TEST ("/store/text-index/fills-by-itself", test_fills_by_itself);
  ADD_STORE_TEST ("/store/text-index/after-the-mail", test_after_the_mail);
  ADD_STORE_TEST ("/store/text-index/is-optional", test_is_optional);
  ADD_STORE_TEST ("/store/text-index/goes-on-after-restart", test_goes_on_after_restart);
  ADD_STORE_TEST ("/store/text-index/copies-and-removals", test_copies_and_removals);
  ADD_STORE_TEST ("/store/text-index/large-message", test_large_message);
  ADD_STORE_TEST ("/store/text-index/headers", test_headers);
  ADD_STORE_TEST ("/store/text-index/addresses", test_addresses);
  ADD_STORE_TEST ("/store/text-index/damaged", test_damaged);

  return g_test_run ();
}
