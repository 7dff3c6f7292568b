#include "../note.h"
#include "imap-fixture.h"

/* Conversations over mailboxes: one client at a time. */

static const char multipart[] =
  "From: A <a@example.org>\r\nTo: b@example.org\r\nSubject: parts\r\n"
  "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
  "preamble\r\n--x\r\nContent-Type: text/plain\r\n\r\none\r\n"
  "--x\r\nContent-Type: message/rfc822\r\n\r\n"
  "Subject: inner\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\nX-Part: 2.1\r\n\r\ninner one\r\n--y--\r\n"
  "--x--\r\n";

static Talk *
talk_with (Fixture    *fixture,
           const char *message)
{
  Talk *talk;

  fixture_deliver (fixture, message);
  talk = talk_new_bob (fixture);
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS (");

  return talk;
}

static void
test_select (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autofree char *reply = talk_say (talk, "SELECT inbox");
  g_autofree char *examined = NULL;

  g_assert_nonnull (strstr (reply, "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n"
                                   "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)]"));
  g_assert_nonnull (strstr (reply, "* 0 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY "));
  g_assert_nonnull (strstr (reply, "* OK [UIDNEXT 1]"));
  g_assert_null (strstr (reply, "UNSEEN"));
  g_assert_nonnull (strstr (reply, "\r\nt OK [READ-WRITE] Selected\r\n"));

  examined = talk_say (talk, "EXAMINE \"INBOX\"");
  g_assert_nonnull (strstr (examined, "[PERMANENTFLAGS ()]"));
  g_assert_nonnull (strstr (examined, "\r\nt OK [READ-ONLY] Selected\r\n"));

  /* I16: a failed SELECT leaves nothing selected. */
  talk_expect_prefix (talk, "SELECT nothing", "* OK [CLOSED] Left the other mailbox\r\nt NO [NONEXISTENT]");
  talk_expect_prefix (talk, "FETCH 1 FLAGS", "t BAD");
  /* I30 */
  talk_expect_prefix (talk, "SELECT \"&AGEAYg-\"", "t NO [NONEXISTENT]");
  talk_expect_prefix (talk, "SELECT \"\"", "t NO [NONEXISTENT]");
  talk_expect_prefix (talk, "SELECT", "t BAD");
  talk_expect_prefix (talk, "SELECT INBOX x", "t BAD");
}

/* I11, I12, I22 */
static void
test_append (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  /* Refused before the message is asked for. */
  talk_expect_prefix (talk, "APPEND nothing {5}", "t NO [TRYCREATE]");
  talk_expect_prefix (talk, "APPEND INBOX (\\Recent) {5}", "t BAD");
  talk_expect_prefix (talk, "APPEND INBOX (\\Foo) {5}", "t BAD");
  talk_expect_prefix (talk, "APPEND INBOX () \"31-Foo-2020 00:00:00 +0000\" {5}", "t BAD");
  talk_expect_prefix (talk, "APPEND INBOX {0}", "t NO [CANNOT]");
  talk_expect_prefix (talk, "APPEND INBOX", "t BAD");
  talk_expect_prefix (talk, "APPEND INBOX (\\Seen)", "t BAD");
  talk_expect_prefix (talk, "APPEND INBOX {67108865}", "t NO [TOOBIG]");
  talk_expect_prefix (talk, "APPEND nothing {6+}\r\nx NOOP\r\n", "t NO [TRYCREATE]");

  talk_send (talk, "a APPEND {5}\r\n");
  g_assert_cmpstr (talk->output->str, ==, "+ OK\r\n");
  talk_send (talk, "INBOX (\\Seen work) \"17-Jul-1996 02:44:25 -0700\" {8}\r\n");
  g_assert_cmpstr (talk->output->str, ==, "+ OK\r\n+ OK\r\n");
  talk_send (talk, "X: y\n\nhi\r\n");
  talk_wait (talk, "a OK [APPENDUID ");
  g_string_truncate (talk->output, 0);

  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft work)\r\n");
  talk_expect (talk, "FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])",
               "* 1 FETCH (FLAGS (\\Seen \\Recent work) UID 1 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 10 BODY[] {10}\r\n"
               "X: y\r\n\r\nhi)\r\nt OK Fetched\r\n");

  /* Into the selected mailbox: news come with the answer. */
  talk_expect_prefix (talk, "APPEND INBOX {2+}\r\nhi", "* 2 EXISTS\r\n* 2 RECENT\r\nt OK [APPENDUID ");
  talk_expect_prefix (talk, "APPEND INBOX {2+}\r\nhi junk", "t BAD");
  talk_expect_prefix (talk, "NOOP", "t OK");
}

static void
test_append_nul (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  g_string_append_len (talk->input, "a APPEND INBOX {3+}\r\na\0b\r\nb STATUS INBOX (MESSAGES)\r\n", 53);
  talk_wait (talk, "b OK");
  g_assert_cmpstr (talk->output->str, ==,
                   "a NO [CANNOT] A message can't have NUL unless it is a literal8\r\n* STATUS \"INBOX\" (MESSAGES 0)\r\nb OK Status told\r\n");
}

static void
test_append_too_big (Fixture      *fixture,
                     gconstpointer data)
{
  g_autoptr (Talk) talk = NULL;

  fixture->append_size_max = 10;
  talk = talk_new_bob (fixture);
  talk_expect_prefix (talk, "APPEND INBOX {11}", "t NO [TOOBIG]");
  talk_expect_prefix (talk, "APPEND INBOX {10+}\r\n0123456789", "t OK");
  talk_send (talk, "a APPEND INBOX {11+}\r\nb LOGOUT\r\nxx\r\n");
  g_assert_cmpstr (talk->output->str, ==, "a NO [TOOBIG] Message too large\r\n* BYE [TOOBIG] Literal too large\r\n");
}

/* I15 */
static void
test_seen (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with (fixture, "A: b\r\n\r\nbody\r\n");

  talk_expect (talk, "FETCH 1 RFC822.HEADER", "* 1 FETCH (RFC822.HEADER {8}\r\nA: b\r\n\r\n)\r\nt OK Fetched\r\n");
  talk_expect (talk, "FETCH 1 BODY.PEEK[TEXT]", "* 1 FETCH (BODY[TEXT] {6}\r\nbody\r\n)\r\nt OK Fetched\r\n");
  talk_expect (talk, "FETCH 1 FLAGS", "* 1 FETCH (FLAGS (\\Recent))\r\nt OK Fetched\r\n");
  talk_expect_prefix (talk, "EXAMINE INBOX", "* OK [CLOSED] Left the other mailbox\r\n* FLAGS");
  talk_expect (talk, "FETCH 1 RFC822.TEXT", "* 1 FETCH (RFC822.TEXT {6}\r\nbody\r\n)\r\nt OK Fetched\r\n");
  talk_expect_prefix (talk, "STORE 1 FLAGS (\\Seen)", "t NO [READ-ONLY]");
  talk_expect_prefix (talk, "EXPUNGE", "t NO [READ-ONLY]");
  talk_expect_prefix (talk, "SELECT INBOX", "* OK [CLOSED] Left the other mailbox\r\n* FLAGS");
  talk_expect (talk, "UID FETCH 1 RFC822.TEXT",
               "* 1 FETCH (FLAGS (\\Seen) UID 1 RFC822.TEXT {6}\r\nbody\r\n)\r\nt OK Fetched\r\n");
  talk_expect (talk, "UID FETCH 1 BODY[TEXT]", "* 1 FETCH (UID 1 BODY[TEXT] {6}\r\nbody\r\n)\r\nt OK Fetched\r\n");
}

/* I35 */
static void
test_sections (Fixture      *fixture,
               gconstpointer data)
{
  static const struct
  {
    const char *item;
    const char *reply;
  } cases[] = {
    { "1", "BODY[1] {3}\r\none" },
    { "1.MIME", "BODY[1.MIME] {28}\r\nContent-Type: text/plain\r\n\r\n" },
    { "2.HEADER.FIELDS (subject)", "BODY[2.HEADER.FIELDS (subject)] {18}\r\nSubject: inner\r\n\r\n" },
    { "2.1", "BODY[2.1] {9}\r\ninner one" },
    { "2.1.MIME", "BODY[2.1.MIME] {15}\r\nX-Part: 2.1\r\n\r\n" },
    { "3", "BODY[3] NIL" },
    { "1.1.1", "BODY[1.1.1] NIL" },
    { "HEADER.FIELDS (TO X-None)", "BODY[HEADER.FIELDS (TO X-None)] {21}\r\nTo: b@example.org\r\n\r\n" },
    { "HEADER.FIELDS.NOT (to from content-type)",
      "BODY[HEADER.FIELDS.NOT (to from content-type)] {18}\r\nSubject: parts\r\n\r\n" },
    { "HEADER.FIELDS (X-None)", "BODY[HEADER.FIELDS (X-None)] {2}\r\n\r\n" },
    { "]<0.4", "BODY[]<0> {4}\r\nFrom" },
    { "]<2.3", "BODY[]<2> {3}\r\nom:" },
    { "]<100000.3", "BODY[]<100000> {0}\r\n" },
    { "TEXT]<0.8", "BODY[TEXT]<0> {8}\r\npreamble" },
    { "1]<1.4294967295", "BODY[1]<1> {2}\r\nne" },
  };
  g_autoptr (Talk) talk = talk_with (fixture, multipart);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *command = g_strdup_printf ("FETCH 1 BODY.PEEK[%s%s", cases[i].item,
                                                  strchr (cases[i].item, '<') != NULL ? ">" : "]");
      g_autofree char *expected = g_strdup_printf ("* 1 FETCH (%s)\r\nt OK Fetched\r\n", cases[i].reply);

      talk_expect (talk, command, expected);
    }
  talk_expect_prefix (talk, "FETCH 1 BODY[]<0.0>", "t BAD");
}

/* BODY[] = HEADER + TEXT, and RFC822.SIZE is its length (I12, I35, I37), whatever the mail. */
static void
test_malformed (Fixture      *fixture,
                gconstpointer data)
{
  static const char *const messages[] = {
    "\r\n",
    "no header at all",
    "Subject: only a header",
    "Subject: x\r\n\r\n",
    "Subject: x\r\n\r\nbare \n and \r and \xff\x80 bytes",
    "Content-Type: multipart/mixed\r\n\r\nno boundary\r\n",
    "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n--a\r\n--a",
    "Content-Type: multipart/mixed; boundary=a\r\n\r\nnone of it\r\n",
    "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\nx\r\n----\r\n",
    "Content-Type: message/rfc822\r\n\r\n",
    "Content-Type: ;;;=\"\r\nFrom: ((((\r\nTo: a:b:c:;;;<@@>\r\n\r\nx\r\n",
    "From: \"a\"b\r\nTo: <@x,@y:z@w>, undisclosed:;\r\nSubject: \xe4\xf6 \"quoted\\\r\n folded\r\n\r\nx\r\n",
    "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary=ab\r\n\r\n--ab\r\n\r\nx\r\n--a--\r\n",
  };
  g_autoptr (Talk) talk = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    fixture_deliver (fixture, messages[i]);
  talk = talk_new_bob (fixture);
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS (");

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autofree char *ask_all = g_strdup_printf ("FETCH %u (RFC822.SIZE BODY.PEEK[])", i + 1);
      g_autofree char *ask_parts = g_strdup_printf ("FETCH %u (BODY.PEEK[HEADER] BODY.PEEK[TEXT])", i + 1);
      g_autofree char *all = talk_say (talk, ask_all);
      g_autofree char *parts = talk_say (talk, ask_parts);
      unsigned         size;
      unsigned         length;
      unsigned         header;
      unsigned         text;
      char            *body;
      char            *rest;

      g_assert_cmpint (sscanf (strstr (all, "RFC822.SIZE"), "RFC822.SIZE %u BODY[] {%u}", &size, &length), ==, 2);
      g_assert_cmpuint (size, ==, length);
      body = strstr (all, "}\r\n") + 3;
      g_assert_true (g_str_has_prefix (body + length, ")\r\nt OK"));

      g_assert_cmpint (sscanf (strstr (parts, "BODY[HEADER]"), "BODY[HEADER] {%u}", &header), ==, 1);
      rest = strstr (parts, "}\r\n") + 3;
      g_assert_cmpmem (rest, header, body, header);
      g_assert_cmpint (sscanf (rest + header, " BODY[TEXT] {%u}", &text), ==, 1);
      g_assert_cmpuint (header + text, ==, size);
      rest = strstr (rest + header, "}\r\n") + 3;
      g_assert_cmpmem (rest, text, body + header, text);
    }
}

/* Follows strings, literals and parentheses; TRUE if a response is well-formed (I33, I34). */
static gboolean
is_balanced (const char *text)
{
  int depth = 0;

  for (const char *c = text; *c != '\0'; c++)
    switch (*c)
      {
      case '(':
        depth++;
        break;
      case ')':
        if (--depth < 0)
          return FALSE;
        break;
      case '"':
        for (c++; *c != '"'; c++)
          {
            if (*c == '\0' || *c == '\r' || *c == '\n' || (*c & 0x80) != 0)
              return FALSE;
            if (*c == '\\' && *++c != '"' && *c != '\\')
              return FALSE;
          }
        break;
        case '{': {
          unsigned length;

          if (sscanf (c, "{%u}\r\n", &length) != 1)
            return FALSE;
          c = strchr (c, '\n') + length;
        }
        break;
      case '\r':
        return depth == 0 && strcmp (c, "\r\n") == 0;
      default:
        if ((*c & 0x80) != 0)
          return FALSE;
      }

  return FALSE;
}

static void
test_summaries (Fixture      *fixture,
                gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with (fixture, multipart);
  g_autofree char *reply = talk_say (talk, "FETCH 1 (ENVELOPE BODY BODYSTRUCTURE)");
  char            *end = strstr (reply, "t OK");

  g_assert_nonnull (end);
  *end = '\0';
  g_assert_true (is_balanced (reply));
  g_assert_nonnull (strstr (reply, "* 1 FETCH (ENVELOPE (NIL \"parts\" ((\"A\" NIL \"a\" \"example.org\"))"));
  g_assert_nonnull (strstr (reply, " BODY ((\"TEXT\" \"PLAIN\" "));
  g_assert_nonnull (strstr (reply, " BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" "));
}

/* I06 */
static void
test_numbers (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (talk, "FETCH 1 FLAGS", "t BAD");
  talk_expect_prefix (talk, "FETCH * FLAGS", "t BAD");
  talk_expect (talk, "UID FETCH 1:* FLAGS", "t OK Fetched\r\n");
  talk_expect (talk, "UID STORE * FLAGS ()", "t OK Nothing to store\r\n");
  talk_expect (talk, "SEARCH *", "* SEARCH\r\nt OK Searched\r\n");

  talk_expect_prefix (talk, "APPEND INBOX {1+}\r\nx", "* 1 EXISTS");
  talk_expect_prefix (talk, "APPEND INBOX {1+}\r\ny", "* 2 EXISTS");
  talk_expect (talk, "FETCH 1:* UID", "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 2)\r\nt OK Fetched\r\n");
  talk_expect (talk, "FETCH *:1 UID", "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 2)\r\nt OK Fetched\r\n");
  talk_expect (talk, "UID FETCH 7:* UID", "* 2 FETCH (UID 2)\r\nt OK Fetched\r\n");
  talk_expect (talk, "UID FETCH 4294967295 UID", "t OK Fetched\r\n");
  talk_expect_prefix (talk, "UID FETCH 4294967296 UID", "t BAD");
  talk_expect_prefix (talk, "FETCH 0 UID", "t BAD");
  talk_expect_prefix (talk, "FETCH 3 UID", "t BAD");
  talk_expect_prefix (talk, "FETCH 1:3 UID", "t BAD");
}

/* I13, I14 */
static void
test_store (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with (fixture, "A: b\r\n\r\n");
  g_autoptr (GString) many = g_string_new ("STORE 1 FLAGS (");
  g_autofree char *filler = g_strnfill (65, 'k');
  g_autofree char *longer = g_strdup_printf ("STORE 1 +FLAGS (%s)", filler);

  talk_expect (talk, "STORE 1 +FLAGS (\\Seen)", "* 1 FETCH (FLAGS (\\Seen \\Recent))\r\nt OK Stored\r\n");
  talk_expect (talk, "UID STORE 1 -FLAGS \\SEEN \\Flagged", "* 1 FETCH (UID 1 FLAGS (\\Recent))\r\nt OK Stored\r\n");
  talk_expect (talk, "STORE 1 FLAGS.SILENT (\\Draft)", "t OK Stored\r\n");
  talk_expect (talk, "FETCH 1 FLAGS", "* 1 FETCH (FLAGS (\\Draft \\Recent))\r\nt OK Fetched\r\n");
  talk_expect (talk, "STORE 1 +FLAGS (Work)",
               "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work)\r\n"
               "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Work \\*)] These stay\r\n"
               "* 1 FETCH (FLAGS (\\Draft \\Recent Work))\r\nt OK Stored\r\n");
  talk_expect (talk, "STORE 1 -FLAGS (wORK)", "* 1 FETCH (FLAGS (\\Draft \\Recent))\r\nt OK Stored\r\n");
  talk_expect_prefix (talk, "STORE 1 FLAGS (\\Recent)", "t BAD");
  talk_expect_prefix (talk, "STORE 1 FLAGS (\\Foo)", "t BAD");
  talk_expect_prefix (talk, "STORE 1 FROBS (\\Seen)", "t BAD");
  talk_expect_prefix (talk, "STORE 1 FLAGS", "t BAD");
  talk_expect_prefix (talk, longer, "t NO [LIMIT]");

  for (guint i = 0; i < PH_MAILBOX_KEYWORDS_MAX; i++)
    g_string_append_printf (many, "%sk%u", i > 0 ? " " : "", i);
  g_string_append_c (many, ')');
  talk_expect_prefix (talk, many->str, "t NO [LIMIT]");
  talk_expect (talk, "FETCH 1 FLAGS", "* 1 FETCH (FLAGS (\\Draft \\Recent))\r\nt OK Fetched\r\n");
}

/* I03, I16 */
static void
test_expunge (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (Talk) talk = NULL;

  for (guint i = 0; i < 5; i++)
    fixture_deliver (fixture, "x");
  talk = talk_new_bob (fixture);
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  talk_expect (talk, "STORE 1,3,5 +FLAGS.SILENT (\\Deleted)", "t OK Stored\r\n");
  talk_expect (talk, "UID EXPUNGE 2:3", "* 3 EXPUNGE\r\nt OK Expunged\r\n");
  talk_expect (talk, "EXPUNGE", "* 4 EXPUNGE\r\n* 1 EXPUNGE\r\nt OK Expunged\r\n");
  talk_expect (talk, "EXPUNGE", "t OK Expunged\r\n");
  talk_expect (talk, "FETCH 1:* UID", "* 1 FETCH (UID 2)\r\n* 2 FETCH (UID 4)\r\nt OK Fetched\r\n");

  talk_expect (talk, "STORE 1 +FLAGS.SILENT (\\Deleted)", "t OK Stored\r\n");
  talk_expect_prefix (talk, "UNSELECT", "t OK");
  talk_expect_prefix (talk, "EXAMINE INBOX", "* FLAGS");
  talk_expect_prefix (talk, "CLOSE", "t OK");
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (talk, "SELECT INBOX", "* OK [CLOSED] Left the other mailbox\r\n* FLAGS");
  talk_expect_prefix (talk, "FETCH 1:* UID", "* 1 FETCH (UID 2)");
  talk_expect (talk, "CLOSE", "t OK Closed\r\n");
  talk_expect (talk, "STATUS INBOX (MESSAGES UIDNEXT)", "* STATUS \"INBOX\" (MESSAGES 1 UIDNEXT 6)\r\nt OK Status told\r\n");
}

/* I02; RFC 2180 4.1.2 and 4.2: what another session expunged keeps its number, and is nobody else. */
static void
test_gone (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = NULL;
  g_autoptr (Talk) other = NULL;

  for (guint i = 0; i < 3; i++)
    fixture_deliver (fixture, "x");
  talk = talk_new_bob (fixture);
  other = talk_new_bob (fixture);
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (other, "SELECT INBOX", "* FLAGS");
  talk_expect (other, "STORE 2 +FLAGS.SILENT (\\Deleted)", "t OK Stored\r\n");
  talk_expect_prefix (other, "EXPUNGE", "* 2 EXPUNGE");

  talk_expect (talk, "FETCH 2:3 UID", "* 3 FETCH (UID 3)\r\nt NO [EXPUNGEISSUED] Some of the messages have been deleted\r\n");
  talk_expect (talk, "STORE 2:3 +FLAGS (\\Seen)", "* 3 FETCH (FLAGS (\\Seen \\Recent))\r\nt NO [EXPUNGEISSUED] Some of the messages have been deleted\r\n");
  talk_expect (talk, "STORE 2:3 +FLAGS.SILENT (\\Flagged)", "t OK [EXPUNGEISSUED] Stored\r\n");
  talk_expect (talk, "UID STORE 2:3 +FLAGS (\\Draft)", "* 3 FETCH (UID 3 FLAGS (\\Flagged \\Seen \\Draft \\Recent))\r\n* 2 EXPUNGE\r\nt OK Stored\r\n");
}

/* I11 */
static void
test_copy (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = NULL;
  g_autofree char *copied = NULL;
  g_autofree char *moved = NULL;

  for (guint i = 0; i < 4; i++)
    fixture_deliver (fixture, "x");
  talk = talk_new_bob (fixture);
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (talk, "STORE 2 FLAGS.SILENT (\\Flagged Work)", "");
  talk_expect_prefix (talk, "COPY 1 nothing", "t NO [TRYCREATE]");
  talk_expect_prefix (talk, "COPY 5 Archive", "t BAD");
  talk_expect_prefix (talk, "UID COPY 99 Archive", "t OK");

  copied = talk_say (talk, "COPY 1:2,4 Archive");
  g_assert_true (g_str_has_prefix (copied, "t OK [COPYUID "));
  g_assert_nonnull (strstr (copied, " 1:2,4 1:3] Copied\r\n"));
  moved = talk_say (talk, "UID MOVE 3:4 Archive");
  g_assert_true (g_str_has_prefix (moved, "* OK [COPYUID "));
  g_assert_nonnull (strstr (moved, " 3:4 4:5] Moved\r\n* 4 EXPUNGE\r\n* 3 EXPUNGE\r\nt OK Done\r\n"));

  talk_expect_prefix (talk, "SELECT Archive", "* OK [CLOSED] Left the other mailbox\r\n* FLAGS");
  talk_expect (talk, "FETCH 2 (UID FLAGS)", "* 2 FETCH (FLAGS (\\Flagged \\Recent Work) UID 2)\r\nt OK Fetched\r\n");
  talk_expect_prefix (talk, "EXAMINE Archive", "* OK [CLOSED] Left the other mailbox\r\n* FLAGS");
  talk_expect_prefix (talk, "MOVE 1 INBOX", "t NO [READ-ONLY]");
}

/* What the directory shows when a mailbox is opened is no new mail, whatever was just moved. */
static void
test_move_in_place (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (Talk) talk = NULL;

  for (guint i = 0; i < 4; i++)
    fixture_deliver (fixture, "x");
  talk = talk_new_bob (fixture);
  for (guint i = 0; i < 10; i++)
    {
      talk_expect_prefix (talk, "SELECT INBOX", i == 0 ? "* FLAGS" : "* OK [CLOSED] Left the other mailbox\r\n* FLAGS");
      talk_expect_prefix (talk, "MOVE 1:2 INBOX", "* OK [COPYUID ");
      talk_expect_prefix (talk, "STATUS INBOX (MESSAGES)", "* STATUS \"INBOX\" (MESSAGES 4)");
    }
}

/* I27, I28, I30, I31, V17, V36 */
static void
test_folders (Fixture      *fixture,
              gconstpointer data)
{
  static const char *const impossible[] = {
    "CREATE \"\"",
    "CREATE /",
    "CREATE a//b",
    "CREATE /a",
    "CREATE \"a\x01\"",
    "CREATE \"&AGE-\"",
    "CREATE \"&\"",
    "CREATE \"&AC8-\"",
    "CREATE \"a&-&-\" b",
    "CREATE \"&2D0-\"",
  };
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  talk_expect (talk, "LIST \"\" \"\"", "* LIST (\\Noselect) \"/\" \"\"\r\nt OK That is the delimiter\r\n");
  talk_expect (talk, "LIST \"\" %",
               "* LIST (\\HasNoChildren) \"/\" \"INBOX\"\r\n"
               "* LIST (\\HasNoChildren \\Archive) \"/\" \"Archive\"\r\n"
               "* LIST (\\HasNoChildren \\Drafts) \"/\" \"Drafts\"\r\n"
               "* LIST (\\HasNoChildren \\Junk) \"/\" \"Junk\"\r\n"
               "* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent\"\r\n"
               "* LIST (\\HasNoChildren \\Trash) \"/\" \"Trash\"\r\n"
               "t OK Listed\r\n");
  talk_expect_prefix (talk, "CREATE a/b/", "t OK");
  talk_expect_prefix (talk, "CREATE a/b", "t NO [ALREADYEXISTS]");
  talk_expect_prefix (talk, "CREATE inbox", "t NO [ALREADYEXISTS]");
  talk_expect (talk, "LIST a/ %", "* LIST (\\HasNoChildren) \"/\" \"a/b\"\r\nt OK Listed\r\n");
  talk_expect (talk, "LIST \"\" a%", "* LIST (\\HasChildren) \"/\" \"a\"\r\nt OK Listed\r\n");
  talk_expect_prefix (talk, "CREATE \"M&AOQ-rz &-\"", "t OK");
  talk_expect (talk, "LIST \"\" M*", "* LIST (\\HasNoChildren) \"/\" \"M&AOQ-rz &-\"\r\nt OK Listed\r\n");
  talk_expect_prefix (talk, "DELETE \"M&AOQ-rz &-\"", "t OK");
  for (guint i = 0; i < G_N_ELEMENTS (impossible); i++)
    {
      g_autofree char *reply = talk_say (talk, impossible[i]);

      g_assert_true (g_str_has_prefix (reply, "t NO ") || g_str_has_prefix (reply, "t BAD "));
    }
  talk_expect_prefix (talk, "CREATE ../../etc", "t OK");
  talk_expect_prefix (talk, "DELETE ../../etc", "t OK");

  talk_expect_prefix (talk, "DELETE INBOX", "t NO [CANNOT]");
  talk_expect_prefix (talk, "DELETE nothing", "t NO [NONEXISTENT]");
  talk_expect_prefix (talk, "DELETE a", "t OK");
  talk_expect (talk, "LIST \"\" a*",
               "* LIST (\\Noselect \\NonExistent \\HasChildren) \"/\" \"a\"\r\n"
               "* LIST (\\HasNoChildren) \"/\" \"a/b\"\r\nt OK Listed\r\n");
  talk_expect_prefix (talk, "SELECT a", "t NO [NONEXISTENT]");
  talk_expect_prefix (talk, "SELECT a/b", "* FLAGS");
  talk_expect_prefix (talk, "DELETE a/b", "t OK");
  talk_expect_prefix (talk, "FETCH 1 FLAGS", "t BAD");
  talk_expect (talk, "LIST \"\" a*", "t OK Listed\r\n");
}

static void
test_special_use (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  talk_expect_prefix (talk, "CREATE Old (USE (\\Archive))", "t NO [USEATTR]");
  talk_expect_prefix (talk, "CREATE Old (USE (\\Frob))", "t NO [USEATTR]");
  talk_expect_prefix (talk, "CREATE Old (FOO (\\Archive))", "t BAD");
  talk_expect_prefix (talk, "DELETE Archive", "t OK");
  talk_expect_prefix (talk, "CREATE Old (USE (\\Archive))", "t OK");
  talk_expect (talk, "LIST (SPECIAL-USE) \"\" O*", "* LIST (\\HasNoChildren \\Archive) \"/\" \"Old\"\r\nt OK Listed\r\n");
}

/* I10 */
static void
test_rename (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with (fixture, "x");

  talk_expect_prefix (talk, "CREATE a/b", "t OK");
  talk_expect_prefix (talk, "RENAME a a/b/c", "t NO [CANNOT]");
  talk_expect_prefix (talk, "RENAME nothing x", "t NO [NONEXISTENT]");
  talk_expect_prefix (talk, "RENAME a Sent", "t NO [ALREADYEXISTS]");
  talk_expect_prefix (talk, "RENAME a INBOX", "t NO [ALREADYEXISTS]");
  talk_expect_prefix (talk, "RENAME a new/top", "t OK");
  talk_expect (talk, "LIST \"\" n*",
               "* LIST (\\HasChildren) \"/\" \"new\"\r\n* LIST (\\HasChildren) \"/\" \"new/top\"\r\n"
               "* LIST (\\HasNoChildren) \"/\" \"new/top/b\"\r\nt OK Listed\r\n");
  talk_expect_prefix (talk, "RENAME INBOX old-inbox", "* 1 EXPUNGE\r\nt OK");
  talk_expect (talk, "STATUS INBOX (MESSAGES)", "* STATUS \"INBOX\" (MESSAGES 0)\r\nt OK Status told\r\n");
  talk_expect (talk, "STATUS old-inbox (MESSAGES)", "* STATUS \"old-inbox\" (MESSAGES 1)\r\nt OK Status told\r\n");
}

/* I28, I29 */
static void
test_subscriptions (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autofree char *all = talk_say (talk, "LSUB \"\" *");
  char           **lines = g_strsplit (all, "\r\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "* LSUB"))
      {
        g_autofree char *command = g_strdup_printf ("UNSUBSCRIBE %s", strrchr (lines[i], ' ') + 1);

        talk_expect_prefix (talk, command, "t OK");
      }
  g_strfreev (lines);

  talk_expect_prefix (talk, "CREATE p/q/r", "t OK");
  talk_expect_prefix (talk, "SUBSCRIBE p/q/r", "t OK");
  talk_expect_prefix (talk, "SUBSCRIBE not/there", "t OK");
  talk_expect (talk, "LSUB \"\" *",
               "* LSUB (\\Noselect) \"/\" \"not/there\"\r\n* LSUB () \"/\" \"p/q/r\"\r\nt OK Subscriptions listed\r\n");
  talk_expect (talk, "LSUB \"\" %",
               "* LSUB (\\Noselect) \"/\" \"not\"\r\n* LSUB (\\Noselect) \"/\" \"p\"\r\nt OK Subscriptions listed\r\n");
  talk_expect (talk, "LIST (SUBSCRIBED) \"\" *",
               "* LIST (\\NonExistent \\HasNoChildren \\Subscribed) \"/\" \"not/there\"\r\n"
               "* LIST (\\HasNoChildren \\Subscribed) \"/\" \"p/q/r\"\r\nt OK Listed\r\n");
  talk_expect (talk, "LIST (SUBSCRIBED RECURSIVEMATCH) \"\" p%",
               "* LIST (\\HasChildren) \"/\" \"p\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\nt OK Listed\r\n");
  /* RFC 5258 3.1: not where the pattern reaches the child. */
  talk_expect (talk, "LIST (RECURSIVEMATCH SUBSCRIBED) \"\" (p p/q/%)",
               "* LIST (\\HasNoChildren \\Subscribed) \"/\" \"p/q/r\"\r\nt OK Listed\r\n");
  talk_expect (talk, "LIST \"\" (p p/q) RETURN (SUBSCRIBED CHILDREN)",
               "* LIST (\\HasChildren) \"/\" \"p\"\r\n* LIST (\\HasChildren) \"/\" \"p/q\"\r\nt OK Listed\r\n");
  talk_expect_prefix (talk, "LIST (RECURSIVEMATCH) \"\" *", "t BAD");
  talk_expect (talk, "LIST \"\" p/q/% RETURN (STATUS (MESSAGES SIZE))",
               "* LIST (\\HasNoChildren) \"/\" \"p/q/r\"\r\n* STATUS \"p/q/r\" (MESSAGES 0 SIZE 0)\r\nt OK Listed\r\n");
  talk_expect (talk, "LIST \"\" not*", "t OK Listed\r\n");
}

/* I32 */
static void
test_status (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with (fixture, "hello\r\n");

  talk_expect_prefix (talk, "APPEND INBOX (\\Seen) {2+}\r\nhi", "* 2 EXISTS");
  talk_expect (talk, "STATUS inbox (UNSEEN MESSAGES SIZE DELETED APPENDLIMIT)",
               "* STATUS \"INBOX\" (MESSAGES 2 UNSEEN 1 DELETED 0 SIZE 9 APPENDLIMIT 67108864)\r\nt OK Status told\r\n");
  talk_expect_prefix (talk, "STATUS nothing (MESSAGES)", "t NO [NONEXISTENT]");
  talk_expect_prefix (talk, "STATUS INBOX ()", "t BAD");
  talk_expect_prefix (talk, "STATUS INBOX (FROBS)", "t BAD");
}

/* I39, I40 */
static void
test_search (Fixture      *fixture,
             gconstpointer data)
{
  static const struct
  {
    const char *keys;
    const char *found;
  } cases[] = {
    { "ALL", " 1 2 3" },
    { "2:*", " 2 3" },
    { "UID 1,3", " 1 3" },
    { "9", "" },
    { "SEEN", " 2" },
    { "UNSEEN", " 1 3" },
    { "NOT SEEN", " 1 3" },
    { "OR SEEN 1", " 1 2" },
    { "(OR (1) (NOT NOT 3)) UNSEEN", " 1 3" },
    { "KEYWORD work", " 2" },
    { "UNKEYWORD work", " 1 3" },
    { "NEW", " 1 3" },
    { "OLD", "" },
    { "RECENT", " 1 2 3" },
    { "SUBJECT apple", " 1" },
    { "SUBJECT M\"\"", NULL },
    { "SUBJECT {5+}\r\nM\xc3\xa4rz", " 3" },
    { "CHARSET UTF-8 SUBJECT {5+}\r\nm\xc3\x84rZ", " 3" },
    { "FROM alice", " 2" },
    { "FROM a@b.c", " 2" },
    { "TO a@b.c", "" },
    { "HEADER X-Test \"\"", " 1" },
    { "BODY banana", " 1" },
    { "TEXT banana", " 1 2" },
    { "LARGER 100", "" },
    { "SMALLER 100000", " 1 2 3" },
    { "SENTON 1-Feb-2020", " 2" },
    { "SENTBEFORE 1-Feb-2020", "" },
    { "SENTSINCE \"2-Feb-2020\" HEADER Date \"\"", "" },
    { "SENTSINCE \"1-Feb-2020\" HEADER Date \"\"", " 2" },
    { "BEFORE 1-Jan-1990", "" },
    { "SINCE 1-Jan-1990", " 1 2 3" },
    { "YOUNGER 100000", " 1 2 3" },
    { "OLDER 100000", "" },
    { "SAVEDSINCE 1-Jan-1990", " 1 2 3" },
    { "CHARSET KOI8-R ALL", NULL },
    { "", NULL },
    { "FROB", NULL },
    { "OR 1", NULL },
    { "NOT", NULL },
    { "(1", NULL },
    { "1)", NULL },
    { "()", NULL },
    { "SUBJECT {1+}\r\n\xff", NULL },
    { "YOUNGER 0", NULL },
    { "ON 1-Foo-2020", NULL },
  };
  g_autoptr (Talk) talk = talk_with (fixture, "Subject: Apple\r\nX-Test: y\r\n\r\nBANANA\r\n");
  g_autoptr (GString) deep = g_string_new ("SEARCH ");

  talk_expect_prefix (talk, "APPEND INBOX (\\Seen work) {86+}\r\nDate: Sat, 1 Feb 2020 23:59:00 -0500\r\nFrom: Alice <a (!) @ b.c>\r\nSubject: banana\r\n\r\n.", "");
  talk_expect_prefix (talk, "APPEND INBOX {38+}\r\nSubject: =?utf-8?q?M=C3=A4rz?=\r\n\r\nxxx\r\n", "* 3 EXISTS");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *command = g_strdup_printf ("SEARCH %s", cases[i].keys);
      g_autofree char *expected = g_strdup_printf ("* SEARCH%s\r\nt OK Searched\r\n", cases[i].found);
      g_autofree char *reply = talk_say (talk, command);

      note (command);
      if (cases[i].found != NULL)
        g_assert_cmpstr (reply, ==, expected);
      else
        g_assert_true (g_str_has_prefix (reply, "t BAD ") || g_str_has_prefix (reply, "t NO [BADCHARSET (UTF-8)]"));
    }

  talk_expect_prefix (talk, "UID SEARCH RETURN () 1:2", "* ESEARCH (TAG \"t");
  talk_expect_prefix (talk, "SEARCH RETURN (FROB) ALL", "t BAD");

  /* V06 */
  for (guint i = 0; i < 60; i++)
    g_string_append (deep, "NOT ");
  g_string_append (deep, "ALL");
  talk_expect_prefix (talk, deep->str, "t BAD Search nested too deep");
}

static void
test_extended_search (Fixture      *fixture,
                      gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  for (guint i = 0; i < 4; i++)
    fixture_deliver (fixture, "x");
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  talk_send (talk, "a SEARCH RETURN (MIN MAX COUNT) 2:3\r\nb UID SEARCH RETURN () ALL\r\nc SEARCH RETURN (ALL COUNT) SEEN\r\n");
  talk_wait (talk, "c OK");
  g_assert_cmpstr (talk->output->str, ==,
                   "* ESEARCH (TAG \"a\") MIN 2 MAX 3 COUNT 2\r\na OK Searched\r\n"
                   "* ESEARCH (TAG \"b\") UID ALL 1:4\r\nb OK Searched\r\n"
                   "* ESEARCH (TAG \"c\") COUNT 0\r\nc OK Searched\r\n");
}

/* I38, V38: a peer that does not read holds the rest back, not in memory. */
static void
test_slow_reader (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr (Talk) talk = NULL;
  g_autofree char *message = g_strnfill (1024 * 1024, 'm');
  gsize            total = 0;

  fixture_deliver (fixture, message);
  talk = talk_new_bob (fixture);
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");

  g_string_append (talk->input, "a FETCH 1 BODY[]\r\nb NOOP\r\n");
  for (guint i = 0; i < 1000 && total < strlen (message); i++)
    {
      PhBuffer *output = ph_session_get_output (talk->session);
      gsize     taken = ph_session_feed (talk->session, (const guint8 *)talk->input->str, talk->input->len);

      g_string_erase (talk->input, 0, (gssize)taken);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (500);
      g_assert_cmpuint (ph_buffer_get_length (output), <, PH_SESSION_OUTPUT_HIGH + 64 * 1024);
      g_string_append_len (talk->output, (const char *)ph_buffer_get_data (output), (gssize)ph_buffer_get_length (output));
      total += ph_buffer_get_length (output);
      ph_buffer_consume (output, G_MAXSIZE);
      ph_session_drained (talk->session);
    }
  talk_wait (talk, "b OK");
  g_assert_nonnull (strstr (talk->output->str, "mm)\r\na OK Fetched\r\nb OK"));
}

/* I31: the mailbox goes while others have it selected, whatever they do then. */
static void
test_deleted_under (Fixture      *fixture,
                    gconstpointer data)
{
  static const char *const commands[] = { "NOOP", "FETCH 1 BODY[]", "STORE 1 +FLAGS (\\Seen)", "SEARCH ALL", "EXPUNGE", "CLOSE", "COPY 1 INBOX", "IDLE" };
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (Talk) other = talk_new_bob (fixture);
      g_autoptr (Talk) idler = talk_new_bob (fixture);

      talk_expect_prefix (talk, "CREATE doomed", "t OK");
      talk_expect_prefix (talk, "APPEND doomed {1+}\r\nx", "t OK");
      talk_expect_prefix (other, "SELECT doomed", "* FLAGS");
      talk_expect_prefix (idler, "SELECT doomed", "* FLAGS");
      talk_send (idler, "i IDLE\r\n");
      talk_expect_prefix (talk, "DELETE doomed", "t OK");

      talk_expect_prefix (other, commands[i], "* BYE ");
      g_assert_true (ph_session_wants_close (other->session));
      ph_clock_advance (fixture->manual, G_USEC_PER_SEC);
      talk_take_output (idler);
      g_assert_nonnull (strstr (idler->output->str, "* BYE "));

      /* One of that name is another one. */
      talk_expect_prefix (talk, "CREATE doomed", "t OK");
      talk_expect (talk, "STATUS doomed (MESSAGES)", "* STATUS \"doomed\" (MESSAGES 0)\r\nt OK Status told\r\n");
      talk_expect_prefix (talk, "SELECT doomed", "* FLAGS");
      talk_expect_prefix (talk, "DELETE doomed", "t OK");
      talk_expect_prefix (talk, "FETCH 1 FLAGS", "t BAD");
    }
}

/* A rename moves no message: who has it selected goes on. */
static void
test_renamed_under (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autoptr (Talk) other = talk_new_bob (fixture);

  talk_expect_prefix (talk, "CREATE before", "t OK");
  talk_expect_prefix (talk, "APPEND before {1+}\r\nx", "t OK");
  talk_expect_prefix (other, "SELECT before", "* FLAGS");
  talk_expect_prefix (talk, "RENAME before after/all", "t OK");
  talk_expect_prefix (other, "FETCH 1 BODY.PEEK[]", "* 1 FETCH (BODY[] {1}\r\nx)\r\nt OK");
  talk_expect_prefix (talk, "APPEND after/all {1+}\r\ny", "t OK");
  talk_expect_prefix (other, "NOOP", "* 2 EXISTS\r\n");
}

/* V24: what another account has is not there. */
static void
test_other_account (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (Talk) bob = talk_new_bob (fixture);
  g_autoptr (Talk) alice = talk_new (fixture, "127.0.0.1");

  talk_log_in_as (alice, ALICE);
  talk_expect_prefix (bob, "CREATE secret", "t OK");
  talk_expect (alice, "LIST \"\" s*", "t OK Listed\r\n");
  talk_expect (alice, "SELECT secret", "t NO [NONEXISTENT] No such mailbox\r\n");
  talk_expect (alice, "SELECT \"../bob/secret\"", "t NO [NONEXISTENT] No such mailbox\r\n");
  talk_expect_prefix (alice, "APPEND secret {2}", "t NO [TRYCREATE]");
}

#define ADD(name, function) g_test_add ("/imap/mailbox/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("select", test_select);
  ADD ("append", test_append);
  ADD ("append-nul", test_append_nul);
  ADD ("append-too-big", test_append_too_big);
  ADD ("seen", test_seen);
  ADD ("sections", test_sections);
  ADD ("malformed", test_malformed);
  ADD ("summaries", test_summaries);
  ADD ("numbers", test_numbers);
  ADD ("store", test_store);
  ADD ("expunge", test_expunge);
  ADD ("gone", test_gone);
  ADD ("copy", test_copy);
  ADD ("move-in-place", test_move_in_place);
  ADD ("folders", test_folders);
  ADD ("special-use", test_special_use);
  ADD ("rename", test_rename);
  ADD ("subscriptions", test_subscriptions);
  ADD ("status", test_status);
  ADD ("search", test_search);
  ADD ("extended-search", test_extended_search);
  ADD ("slow-reader", test_slow_reader);
  ADD ("deleted-under", test_deleted_under);
  ADD ("renamed-under", test_renamed_under);
  ADD ("other-account", test_other_account);

  return g_test_run ();
}
