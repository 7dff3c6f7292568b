#include "imap-fixture.h"

/* What clients switch on, and extended forms of commands. */

static Talk *
talk_with (Fixture *fixture,
           guint    n)
{
  Talk *talk;

  for (guint i = 0; i < n; i++)
    fixture_deliver (fixture, "Subject: x\r\n\r\nx");
  talk = talk_new_bob (fixture);
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS (");

  return talk;
}

static guint64
find_number (const char *text,
             const char *before)
{
  const char *found = strstr (text, before);

  if (found == NULL)
    g_error ("No \"%s\" in \"%s\"", before, text);

  return g_ascii_strtoull (found + strlen (before), NULL, 10);
}

static guint64
get_highest (Talk *talk)
{
  g_autofree char *reply = talk_say (talk, "STATUS INBOX (HIGHESTMODSEQ)");

  return find_number (reply, "HIGHESTMODSEQ ");
}

/* I17: each way to switch it on, and what FETCH says from then on. */
static void
test_condstore_on (Fixture      *fixture,
                   gconstpointer data)
{
  static const char *const ways[] = {
    "ENABLE CONDSTORE",
    "STATUS INBOX (HIGHESTMODSEQ)",
    "LIST \"\" INBOX RETURN (STATUS (HIGHESTMODSEQ))",
    "FETCH 1 MODSEQ",
    "FETCH 1 (FLAGS) (CHANGEDSINCE 1)",
    "STORE 1 (UNCHANGEDSINCE 1000) +FLAGS (\\Seen)",
    "SEARCH MODSEQ 1",
    "SELECT INBOX (CONDSTORE)",
  };

  fixture_deliver (fixture, "x");
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (Talk) talk = talk_new_bob (fixture);
      g_autofree char *selected = talk_say (talk, "SELECT INBOX");
      g_autofree char *before = talk_say (talk, "FETCH 1 FLAGS");
      g_autofree char *reply = NULL;
      g_autofree char *after = NULL;

      g_test_message ("%s", ways[i]);
      g_assert_nonnull (strstr (selected, "* OK [HIGHESTMODSEQ "));
      g_assert_null (strstr (before, "MODSEQ"));
      reply = talk_say (talk, ways[i]);
      g_assert_nonnull (strstr (reply, "t OK"));
      after = talk_say (talk, "FETCH 1 FLAGS");
      g_assert_nonnull (strstr (after, ") MODSEQ ("));
    }
}

/* I18 */
static void
test_unchangedsince (Fixture      *fixture,
                     gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with (fixture, 3);
  g_autoptr (Talk) other = talk_new_bob (fixture);
  guint64          modseq = get_highest (talk);
  g_autofree char *command = g_strdup_printf ("STORE 1:3 (UNCHANGEDSINCE %" G_GUINT64_FORMAT ") +FLAGS.SILENT (\\Flagged)", modseq);
  g_autofree char *by_uid = g_strdup_printf ("UID STORE 1:3 (UNCHANGEDSINCE %" G_GUINT64_FORMAT ") +FLAGS (\\Draft)", modseq);
  g_autofree char *reply = NULL;
  g_autofree char *second = NULL;
  g_autofree char *none = NULL;

  talk_expect_prefix (other, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (other, "STORE 2 +FLAGS (\\Seen)", "* 2 FETCH (FLAGS (\\Seen");

  reply = talk_say (talk, command);
  g_assert_nonnull (strstr (reply, "* 1 FETCH (UID 1 MODSEQ ("));
  g_assert_nonnull (strstr (reply, "* 3 FETCH (UID 3 MODSEQ ("));
  g_assert_nonnull (strstr (reply, "* 2 FETCH (UID 2 FLAGS (\\Seen"));
  g_assert_nonnull (strstr (reply, "t OK [MODIFIED 2] "));

  second = talk_say (talk, by_uid);
  g_assert_nonnull (strstr (second, "t OK [MODIFIED 1:3] "));
  none = talk_say (talk, "STORE 1 (UNCHANGEDSINCE 0) +FLAGS (\\Draft)");
  g_assert_nonnull (strstr (none, "t OK [MODIFIED 1] "));

  /* What changes nothing leaves the modseq. */
  modseq = get_highest (talk);
  talk_expect_prefix (talk, "STORE 1 +FLAGS.SILENT (\\Flagged)", "* 1 FETCH (UID 1 MODSEQ (");
  g_assert_cmpuint (get_highest (talk), ==, modseq);

  talk_expect_prefix (talk, "STORE 1 (UNCHANGEDSINCE) +FLAGS (\\Draft)", "t BAD");
  talk_expect_prefix (talk, "STORE 1 (FROB 1) +FLAGS (\\Draft)", "t BAD");
}

/* I20, I21 */
static void
test_changedsince (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with (fixture, 3);
  guint64          modseq = get_highest (talk);
  g_autofree char *fetch = g_strdup_printf ("FETCH 1:* (UID) (CHANGEDSINCE %" G_GUINT64_FORMAT ")", modseq);
  g_autofree char *search = g_strdup_printf ("SEARCH MODSEQ %" G_GUINT64_FORMAT, modseq + 1);
  g_autofree char *entry = g_strdup_printf ("SEARCH RETURN (COUNT) MODSEQ \"/flags/\\\\Seen\" all %" G_GUINT64_FORMAT, modseq + 1);
  g_autofree char *expected = NULL;
  g_autofree char *counted = NULL;

  talk_expect (talk, fetch, "t OK Fetched\r\n");
  talk_expect (talk, search, "* SEARCH\r\nt OK Searched\r\n");
  talk_expect_prefix (talk, "STORE 2 +FLAGS (\\Seen)", "* 2 FETCH (UID 2 FLAGS");

  modseq = get_highest (talk);
  expected = g_strdup_printf ("* 2 FETCH (MODSEQ (%" G_GUINT64_FORMAT ") UID 2)\r\nt OK Fetched\r\n", modseq);
  talk_expect (talk, fetch, expected);
  g_free (expected);
  expected = g_strdup_printf ("* SEARCH 2 (MODSEQ %" G_GUINT64_FORMAT ")\r\nt OK Searched\r\n", modseq);
  talk_expect (talk, search, expected);
  counted = talk_say (talk, entry);
  g_assert_cmpuint (find_number (counted, " COUNT 1 MODSEQ "), ==, modseq);

  talk_expect_prefix (talk, "FETCH 1 (FLAGS) (VANISHED)", "t BAD");
  talk_expect_prefix (talk, "UID FETCH 1 (FLAGS) (CHANGEDSINCE 1 VANISHED)", "t BAD");
  talk_expect_prefix (talk, "FETCH 1 (FLAGS) (CHANGEDSINCE x)", "t BAD");
}

/* I40: "$" follows what happens to its messages. */
static void
test_saved_search (Fixture      *fixture,
                   gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with (fixture, 5);
  g_autoptr (Talk) other = talk_new_bob (fixture);

  talk_expect (talk, "SEARCH $", "* SEARCH\r\nt OK Searched\r\n");
  talk_expect (talk, "SEARCH RETURN (SAVE) 2:4", "t OK Searched\r\n");
  talk_expect (talk, "SEARCH $", "* SEARCH 2 3 4\r\nt OK Searched\r\n");
  talk_expect (talk, "UID SEARCH NOT $", "* SEARCH 1 5\r\nt OK Searched\r\n");
  talk_expect (talk, "FETCH $ UID", "* 2 FETCH (UID 2)\r\n* 3 FETCH (UID 3)\r\n* 4 FETCH (UID 4)\r\nt OK Fetched\r\n");

  talk_expect_prefix (other, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (other, "STORE 3 +FLAGS.SILENT (\\Deleted)", "t OK");
  talk_expect_prefix (other, "EXPUNGE", "* 3 EXPUNGE");
  talk_expect_prefix (talk, "NOOP", "* 3 EXPUNGE");
  talk_expect (talk, "UID FETCH $ UID", "* 2 FETCH (UID 2)\r\n* 3 FETCH (UID 4)\r\nt OK Fetched\r\n");

  talk_expect_prefix (talk, "UID SEARCH RETURN (SAVE MIN MAX) ALL", "* ESEARCH (TAG ");
  talk_expect (talk, "UID SEARCH $", "* SEARCH 1 5\r\nt OK Searched\r\n");
  talk_expect_prefix (talk, "UID SEARCH RETURN (SAVE MIN COUNT) ALL", "* ESEARCH (TAG ");
  talk_expect (talk, "UID SEARCH $", "* SEARCH 1 2 4 5\r\nt OK Searched\r\n");
  talk_expect (talk, "SEARCH RETURN (SAVE) CHARSET x ALL", "t NO [BADCHARSET (UTF-8)] Charset unknown\r\n");
  talk_expect (talk, "SEARCH $", "* SEARCH\r\nt OK Searched\r\n");
  talk_expect_prefix (talk, "SEARCH RETURN (SAVE) 1", "t OK");
  talk_expect_prefix (talk, "SELECT INBOX", "* OK [CLOSED] ");
  talk_expect (talk, "COPY $ Archive", "t OK No such messages\r\n");
}

/* RFC 9394 */
static void
test_partial (Fixture      *fixture,
              gconstpointer data)
{
  static const struct
  {
    const char *partial;
    const char *result;
  } cases[] = {
    { "1:2", "1:2 1:2" },
    { "2:1", "1:2 1:2" },
    { "4:9", "4:9 4:5" },
    { "6:9", "6:9 NIL" },
    { "-1:-2", "-1:-2 4:5" },
    { "-2:-1", "-1:-2 4:5" },
    { "-4:-99", "-4:-99 1:2" },
    { "-6:-99", "-6:-99 NIL" },
  };
  g_autoptr (Talk) talk = talk_with (fixture, 5);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *command = g_strdup_printf ("UID SEARCH RETURN (PARTIAL %s) ALL", cases[i].partial);
      g_autofree char *expected = g_strdup_printf (" UID PARTIAL (%s)\r\nt OK Searched\r\n", cases[i].result);
      g_autofree char *reply = talk_say (talk, command);

      g_assert_true (g_str_has_suffix (reply, expected));
    }
  talk_expect_prefix (talk, "SEARCH RETURN (PARTIAL 0:1) ALL", "t BAD");
  talk_expect_prefix (talk, "SEARCH RETURN (PARTIAL 1:-1) ALL", "t BAD");
  talk_expect_prefix (talk, "SEARCH RETURN (ALL PARTIAL 1:1) ALL", "t BAD");
  talk_expect (talk, "UID FETCH 2:* (UID) (PARTIAL -1:-2)", "* 4 FETCH (UID 4)\r\n* 5 FETCH (UID 5)\r\nt OK Fetched\r\n");
  talk_expect_prefix (talk, "FETCH 2:* (UID) (PARTIAL -1:-2)", "t BAD");
}

/* I23, I30: names and quoted strings in UTF-8, once that is enabled. */
static void
test_utf8 (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autoptr (Talk) old = talk_new_bob (fixture);

  talk_expect_prefix (talk, "CREATE \"M\xc3\xa4rz\"", "t BAD");
  talk_expect (talk, "ENABLE utf8=accept", "* ENABLED UTF8=ACCEPT\r\nt OK Done\r\n");
  talk_expect_prefix (talk, "CREATE \"M\xc3\xa4rz & \\\"x\\\"\"", "t OK");
  talk_expect (talk, "LIST \"\" \"M\xc3\xa4*\"", "* LIST (\\HasNoChildren) \"/\" \"M\xc3\xa4rz & \\\"x\\\"\"\r\nt OK Listed\r\n");
  talk_expect (talk, "STATUS \"M\xc3\xa4rz & \\\"x\\\"\" (MESSAGES)", "* STATUS \"M\xc3\xa4rz & \\\"x\\\"\" (MESSAGES 0)\r\nt OK Status told\r\n");
  talk_expect (old, "LIST \"\" M*", "* LIST (\\HasNoChildren) \"/\" \"M&AOQ-rz &- \\\"x\\\"\"\r\nt OK Listed\r\n");
  talk_expect_prefix (talk, "CREATE \"\xff\"", "t BAD");
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (talk, "SEARCH SUBJECT \"M\xc3\xa4rz\"", "* SEARCH\r\n");
  talk_expect_prefix (talk, "SEARCH CHARSET UTF-8 ALL", "t BAD");
}

/* RFC 9586 */
static void
test_uidonly (Fixture      *fixture,
              gconstpointer data)
{
  static const char *const refused[] = {
    "FETCH 1 FLAGS",
    "STORE 1 FLAGS (\\Seen)",
    "SEARCH ALL",
    "COPY 1 Archive",
    "MOVE 1 Archive",
    "UID SEARCH 1:*",
    "UID SEARCH NOT (OR SEEN *)",
    "SORT (DATE) UTF-8 ALL",
    "REPLACE 1 INBOX {1+}\r\nx",
  };
  g_autoptr (Talk) talk = talk_with (fixture, 4);
  g_autoptr (Talk) other = talk_new_bob (fixture);
  g_autofree char *stored = NULL;

  talk_expect_prefix (talk, "ENABLE UIDONLY", "* ENABLED UIDONLY\r\nt OK");
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    talk_expect_prefix (talk, refused[i], "t BAD [UIDREQUIRED] ");
  talk_expect (talk, "UID FETCH 2:3 (UID RFC822.SIZE)", "* 2 UIDFETCH (RFC822.SIZE 15)\r\n* 3 UIDFETCH (RFC822.SIZE 15)\r\nt OK Fetched\r\n");
  stored = talk_say (talk, "UID STORE 2 +FLAGS (\\Deleted)");
  g_assert_true (g_str_has_prefix (stored, "* 2 UIDFETCH (FLAGS (\\Deleted"));
  talk_expect_prefix (other, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (other, "STORE 1 +FLAGS.SILENT (\\Flagged)", "t OK");
  talk_expect_prefix (talk, "NOOP", "* 1 UIDFETCH (FLAGS (\\Flagged");
  talk_expect (talk, "EXPUNGE", "* VANISHED 2\r\nt OK Expunged\r\n");
  talk_expect (talk, "UID SEARCH UID 2:*", "* SEARCH 3 4\r\nt OK Searched\r\n");
}

/* I07, I40, I16: IMAP4rev2, once enabled. */
static void
test_rev2 (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autofree char *selected = NULL;
  g_autofree char *again = NULL;
  g_autofree char *found = NULL;

  fixture_deliver (fixture, "x");
  talk_expect (talk, "ENABLE IMAP4rev2 X", "* ENABLED IMAP4rev2\r\nt OK Done\r\n");
  talk_expect (talk, "ENABLE IMAP4rev2", "* ENABLED\r\nt OK Done\r\n");
  selected = talk_say (talk, "SELECT INBOX");
  g_assert_null (strstr (selected, "RECENT"));
  g_assert_null (strstr (selected, "UNSEEN"));
  g_assert_nonnull (strstr (selected, "* LIST () \"/\" \"INBOX\"\r\n"));
  again = talk_say (talk, "SELECT Sent");
  g_assert_true (g_str_has_prefix (again, "* OK [CLOSED] "));
  g_assert_nonnull (strstr (again, "* LIST (\\Sent) \"/\" \"Sent\"\r\n"));
  talk_expect_prefix (talk, "SELECT INBOX", "* OK [CLOSED] ");
  talk_expect (talk, "FETCH 1 FLAGS", "* 1 FETCH (FLAGS ())\r\nt OK Fetched\r\n");
  found = talk_say (talk, "SEARCH ALL");
  g_assert_nonnull (strstr (found, "\") ALL 1\r\nt OK"));
  fixture_deliver (fixture, "x");
  talk_expect (talk, "NOOP", "* 2 EXISTS\r\nt OK Done\r\n");
}

/* I41 */
static void
test_sort (Fixture      *fixture,
           gconstpointer data)
{
  static const char *const messages[] = {
    "Subject: Re: beta\r\nFrom: Zoe <carol@x.org>\r\nTo: m@x.org\r\nDate: Mon, 1 Jan 2024 10:00:00 +0000\r\nMessage-ID: <1@x>\r\n\r\nlonger body\r\n",
    "Subject: alpha\r\nFrom: =?utf-8?q?=C3=84nne?= <alice@x.org>\r\nTo: k@x.org\r\nDate: Mon, 1 Jan 2024 09:00:00 -0500\r\nMessage-ID: <2@x>\r\nReferences: <1@x>\r\n\r\nb\r\n",
    "Subject: [list] Beta (fwd)\r\nFrom: bob@x.org\r\nTo: l@x.org\r\nDate: nonsense\r\nMessage-ID: <3@x>\r\nIn-Reply-To: <2@x>\r\n\r\nc\r\n",
  };
  static const struct
  {
    const char *command;
    const char *reply;
  } cases[] = {
    { "SORT (SUBJECT) UTF-8 ALL", "* SORT 2 1 3\r\n" },
    { "SORT (SUBJECT REVERSE ARRIVAL) UTF-8 ALL", "* SORT 2 " },
    { "SORT (REVERSE SUBJECT) US-ASCII ALL", "* SORT 1 3 2\r\n" },
    { "SORT (FROM) UTF-8 ALL", "* SORT 2 3 1\r\n" },
    { "SORT (DISPLAYFROM) UTF-8 ALL", "* SORT 3 1 2\r\n" },
    { "SORT (TO) UTF-8 ALL", "* SORT 2 3 1\r\n" },
    { "SORT (DATE) UTF-8 ALL", "* SORT 1 2 3\r\n" },
    { "SORT (REVERSE SIZE) UTF-8 1:2", "* SORT " },
    { "UID SORT (CC) UTF-8 NOT 2", "* SORT 1 3\r\n" },
    { "SORT (DATE) UTF-8 SEEN", "* SORT\r\n" },
    { "SORT RETURN (COUNT MIN) (REVERSE DATE) UTF-8 ALL", "* ESEARCH (TAG \"" },
    { "SORT (DATE) KOI8-R ALL", "t NO [BADCHARSET " },
    { "SORT (FROB) UTF-8 ALL", "t BAD" },
    { "SORT () UTF-8 ALL", "t BAD" },
    { "SORT (REVERSE) UTF-8 ALL", "t BAD" },
    { "SORT (DATE) UTF-8", "t BAD" },
    { "THREAD REFERENCES UTF-8 ALL", "* THREAD (1 2 3)\r\n" },
    { "UID THREAD ORDEREDSUBJECT UTF-8 ALL", "* THREAD (1 3)(2)\r\n" },
    { "THREAD REFERENCES UTF-8 SEEN", "* THREAD\r\n" },
    { "THREAD REFS UTF-8 ALL", "t BAD" },
  };
  g_autoptr (Talk) talk = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    fixture_deliver (fixture, messages[i]);
  talk = talk_new_bob (fixture);
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    talk_expect_prefix (talk, cases[i].command, cases[i].reply);

  talk_expect_prefix (talk, "SORT RETURN (SAVE MAX) (REVERSE SUBJECT) UTF-8 ALL", "* ESEARCH");
  talk_expect (talk, "SEARCH $", "* SEARCH 2\r\nt OK Searched\r\n");
}

/* I19 */
static void
test_qresync (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with (fixture, 6);
  g_autoptr (Talk) other = talk_new_bob (fixture);
  g_autofree char *selected = talk_say (other, "SELECT INBOX");
  guint64          validity = find_number (selected, "[UIDVALIDITY ");
  guint64          modseq = find_number (selected, "[HIGHESTMODSEQ ");
  g_autofree char *command = g_strdup_printf ("SELECT INBOX (QRESYNC (%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "))", validity, modseq);
  g_autofree char *known = g_strdup_printf ("SELECT INBOX (QRESYNC (%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " 1:3,6 (1,2 1,2)))", validity, modseq);
  g_autofree char *stale = g_strdup_printf ("SELECT INBOX (QRESYNC (%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "))", validity + 1, modseq);
  g_autofree char *fetch = g_strdup_printf ("UID FETCH 2:* (UID) (CHANGEDSINCE %" G_GUINT64_FORMAT " VANISHED)", modseq);
  g_autofree char *reply = NULL;
  g_autofree char *some = NULL;
  g_autofree char *plain = NULL;
  g_autofree char *expunged = NULL;
  const char      *vanished;

  /* Another session removes 2 and 6 and marks 4. */
  talk_expect_prefix (talk, "STORE 2,6 +FLAGS.SILENT (\\Deleted)", "t OK");
  talk_expect_prefix (talk, "EXPUNGE", "* 6 EXPUNGE\r\n* 2 EXPUNGE\r\n");
  talk_expect_prefix (talk, "UID STORE 4 +FLAGS.SILENT (\\Flagged)", "t OK");

  talk_expect_prefix (other, command, "t BAD");
  talk_expect_prefix (other, "ENABLE QRESYNC", "* ENABLED QRESYNC\r\n* OK [HIGHESTMODSEQ ");
  reply = talk_say (other, command);
  g_assert_true (g_str_has_prefix (reply, "* OK [CLOSED] "));
  vanished = strstr (reply, "* VANISHED (EARLIER) 2,6\r\n* 3 FETCH (UID 4 FLAGS (\\Flagged");
  g_assert_nonnull (vanished);
  g_assert_nonnull (strstr (vanished, "\r\nt OK [READ-WRITE]"));
  g_assert_null (strstr (strstr (vanished, "FETCH") + 1, "FETCH"));

  some = talk_say (other, known);
  g_assert_nonnull (strstr (some, "* VANISHED (EARLIER) 2,6\r\nt OK"));
  plain = talk_say (other, stale);
  g_assert_null (strstr (plain, "VANISHED"));
  g_assert_null (strstr (plain, "FETCH"));

  g_free (reply);
  reply = talk_say (other, fetch);
  g_assert_true (g_str_has_prefix (reply, "* VANISHED (EARLIER) 2,6\r\n* 3 FETCH (MODSEQ ("));

  talk_expect_prefix (other, "UID STORE 1,3:4 +FLAGS.SILENT (\\Deleted)", "* 1 FETCH (UID 1 MODSEQ (");
  expunged = talk_say (other, "EXPUNGE");
  g_assert_true (g_str_has_prefix (expunged, "* VANISHED 1,3:4\r\nt OK [HIGHESTMODSEQ "));

  talk_expect_prefix (other, "SELECT INBOX (QRESYNC (1))", "t BAD");
  talk_expect_prefix (other, "SELECT INBOX (QRESYNC (0 1))", "t BAD");
  talk_expect_prefix (other, "SELECT INBOX (QRESYNC (1 2 *:$))", "t BAD");
}

/* RFC 8474, 8970, 8514 */
static void
test_ids_and_previews (Fixture      *fixture,
                       gconstpointer data)
{
  static const char message[] = "Subject: x\r\nMessage-ID: <a@b>\r\n\r\nHello,\r\nthis is  the text.\r\n";
  g_autoptr (Talk) talk = NULL;
  g_autofree char *created = NULL;
  g_autofree char *selected = NULL;
  g_autofree char *status = NULL;
  g_autofree char *first = NULL;
  g_autofree char *copied = NULL;
  g_autofree char *id = NULL;
  g_autofree char *search = NULL;
  g_autofree char *dates = NULL;
  const char      *start;

  fixture_deliver (fixture, message);
  talk = talk_new_bob (fixture);
  created = talk_say (talk, "CREATE new");
  start = strstr (created, "[MAILBOXID (");
  g_assert_nonnull (start);
  id = g_strndup (start, strcspn (start, "]"));
  selected = talk_say (talk, "SELECT new");
  g_assert_nonnull (strstr (selected, id));
  talk_expect_prefix (talk, "RENAME new newer", "t OK");
  status = talk_say (talk, "STATUS newer (MAILBOXID)");
  g_assert_nonnull (strstr (status, id + 1));

  /* A copy is the same message. */
  talk_expect_prefix (talk, "SELECT INBOX", "* OK [CLOSED] Left the other mailbox\r\n* FLAGS");
  talk_expect_prefix (talk, "COPY 1 newer", "t OK");
  first = talk_say (talk, "FETCH 1 (EMAILID THREADID)");
  g_assert_true (g_str_has_prefix (first, "* 1 FETCH (EMAILID (M"));
  g_assert_nonnull (strstr (first, " THREADID (T"));
  start = strstr (first, "(M") + 1;
  search = g_strdup_printf ("SEARCH EMAILID %.*s", (int)strcspn (start, ")"), start);
  talk_expect (talk, search, "* SEARCH 1\r\nt OK Searched\r\n");
  talk_expect (talk, "SEARCH EMAILID Mnonsense", "* SEARCH\r\nt OK Searched\r\n");
  talk_expect_prefix (talk, "SELECT newer", "* OK [CLOSED] Left the other mailbox\r\n* FLAGS");
  copied = talk_say (talk, "FETCH 1 (EMAILID THREADID)");
  g_assert_cmpstr (copied, ==, first);

  talk_expect (talk, "FETCH 1 (PREVIEW (LAZY) UID)", "* 1 FETCH (UID 1 PREVIEW \"Hello, this is the text.\")\r\nt OK Fetched\r\n");
  talk_expect_prefix (talk, "FETCH 1 PREVIEW", "* 1 FETCH (PREVIEW \"");
  talk_expect_prefix (talk, "FETCH 1 PREVIEW (FUZZY)", "t BAD");
  dates = talk_say (talk, "FETCH 1 SAVEDATE");
  g_assert_true (g_str_has_prefix (dates, "* 1 FETCH (SAVEDATE \""));
  talk_expect (talk, "SEARCH SAVEDATESUPPORTED", "* SEARCH 1\r\nt OK Searched\r\n");
}

#define ADD(name, function) g_test_add ("/imap/extensions/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("condstore-on", test_condstore_on);
  ADD ("unchangedsince", test_unchangedsince);
  ADD ("changedsince", test_changedsince);
  ADD ("saved-search", test_saved_search);
  ADD ("partial", test_partial);
  ADD ("sort", test_sort);
  ADD ("qresync", test_qresync);
  ADD ("ids-and-previews", test_ids_and_previews);
  ADD ("utf8", test_utf8);
  ADD ("uidonly", test_uidonly);
  ADD ("rev2", test_rev2);

  return g_test_run ();
}
