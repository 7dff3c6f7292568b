#include "imap-fixture.h"

/* Many messages at once, replacing, and what is binary. */

static char *
count (Talk       *talk,
       const char *mailbox)
{
  g_autofree char *command = g_strdup_printf ("STATUS %s (MESSAGES)", mailbox);

  return talk_say (talk, command);
}

/* RFC 3502 */
static void
test_many (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autofree char *status = NULL;

  talk_expect_prefix (talk, "CREATE x", "t OK");
  talk_send (talk, "a APPEND x (\\Seen) {3}\r\n");
  talk_wait (talk, "+ OK");
  talk_send (talk, "one (\\Draft Work) \"17-Jul-1996 02:44:25 -0700\" {3}\r\n");
  talk_send (talk, "two {5+}\r\nthree\r\n");
  talk_wait (talk, "a OK [APPENDUID ");
  g_assert_true (g_str_has_suffix (talk->output->str, " 1:3] Appended\r\n"));
  g_string_truncate (talk->output, 0);

  talk_expect_prefix (talk, "SELECT x", "* FLAGS");
  talk_expect (talk, "FETCH 1:* (FLAGS BODY.PEEK[])",
               "* 1 FETCH (FLAGS (\\Seen \\Recent) BODY[] {3}\r\none)\r\n"
               "* 2 FETCH (FLAGS (\\Draft \\Recent Work) BODY[] {3}\r\ntwo)\r\n"
               "* 3 FETCH (FLAGS (\\Recent) BODY[] {5}\r\nthree)\r\nt OK Fetched\r\n");

  /* All or none (I11). */
  talk_expect_prefix (talk, "APPEND x {3+}\r\none (\\Foo) {3+}\r\ntwo", "t BAD");
  talk_expect_prefix (talk, "APPEND x {3+}\r\none {0+}\r\n", "t NO");
  talk_expect_prefix (talk, "APPEND x {3+}\r\none \"date\" {3+}\r\ntwo {5+}\r\nthree", "t BAD");
  talk_expect_prefix (talk, "APPEND x {3+}\r\none {67108865}", "t NO [TOOBIG]");
  talk_expect_prefix (talk, "APPEND x {3+}\r\none x", "t BAD");
  status = count (talk, "x");
  g_assert_nonnull (strstr (status, "(MESSAGES 3)"));
  talk_expect_prefix (talk, "NOOP", "t OK");
}

/* RFC 8508 */
static void
test_replace (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autofree char *same = NULL;
  g_autofree char *other = NULL;

  talk_expect_prefix (talk, "REPLACE 1 INBOX {3+}\r\none", "t BAD");
  for (guint i = 0; i < 3; i++)
    fixture_deliver (fixture, "x");
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");

  same = talk_say (talk, "REPLACE 2 INBOX (\\Seen) {3+}\r\nnew");
  g_assert_true (g_str_has_prefix (same, "* OK [APPENDUID "));
  g_assert_nonnull (strstr (same, " 4] The new one is there\r\n* 2 EXPUNGE\r\n* 3 EXISTS\r\n"));
  g_assert_nonnull (strstr (same, "\r\nt OK Replaced\r\n"));
  talk_expect (talk, "UID FETCH 4 BODY.PEEK[]", "* 3 FETCH (UID 4 BODY[] {3}\r\nnew)\r\nt OK Fetched\r\n");

  other = talk_say (talk, "UID REPLACE 1 Archive {5+}\r\nother");
  g_assert_nonnull (strstr (other, "* 1 EXPUNGE\r\nt OK Replaced\r\n"));
  talk_expect (talk, "STATUS Archive (MESSAGES)", "* STATUS \"Archive\" (MESSAGES 1)\r\nt OK Status told\r\n");

  talk_expect_prefix (talk, "REPLACE 9 INBOX {3+}\r\nnew", "t BAD");
  talk_expect_prefix (talk, "UID REPLACE 1 INBOX {3+}\r\nnew", "t NO [EXPUNGEISSUED]");
  talk_expect_prefix (talk, "REPLACE 1:2 INBOX {3+}\r\nnew", "t BAD");
  talk_expect_prefix (talk, "REPLACE 1 nothing {3+}\r\nnew", "t NO [TRYCREATE]");
  talk_expect_prefix (talk, "REPLACE 1 INBOX {3+}\r\nnew {3+}\r\nnew", "t BAD");
  talk_expect_prefix (talk, "EXAMINE INBOX", "* OK [CLOSED] ");
  talk_expect_prefix (talk, "REPLACE 1 INBOX {3+}\r\nnew", "t NO [READ-ONLY]");
}

/* RFC 3516 4.4, 6855 4: literal8.  What the store can't keep as it is, is encoded (I37). */
static void
test_binary (Fixture      *fixture,
             gconstpointer data)
{
  static const char nul[] = "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\na\0b\n\xff";
  static const char bad[] = "Subject: a\0b\r\n\r\nx";
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autofree char *body = NULL;

  talk_expect_prefix (talk, "APPEND INBOX ~{9+}\r\nA: b\r\n\r\nc", "t OK [APPENDUID ");
  talk_expect_prefix (talk, "APPEND INBOX UTF8 (~{9+}\r\nA: b\r\n\r\nc)", "t OK [APPENDUID ");
  talk_expect_prefix (talk, "APPEND INBOX UTF8 ({9+}\r\nA: b\r\n\r\nc)", "t BAD");
  talk_expect_prefix (talk, "APPEND INBOX UTF8 (~{9+}\r\nA: b\r\n\r\nc", "t BAD");

  g_string_append_printf (talk->input, "a APPEND INBOX ~{%zu+}\r\n", sizeof nul - 1);
  g_string_append_len (talk->input, nul, sizeof nul - 1);
  g_string_append (talk->input, "\r\n");
  talk_wait (talk, "a OK [APPENDUID ");
  g_string_append_printf (talk->input, "b APPEND INBOX ~{%zu+}\r\n", sizeof bad - 1);
  g_string_append_len (talk->input, bad, sizeof bad - 1);
  g_string_append (talk->input, "\r\n");
  talk_wait (talk, "b NO [UNKNOWN-CTE]");
  g_string_truncate (talk->output, 0);

  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  body = talk_say (talk, "FETCH 3 (BODY.PEEK[1])");
  g_assert_nonnull (strstr (body, "YQBiCv8="));
}

/* I36 */
static void
test_fetch_binary (Fixture      *fixture,
                   gconstpointer data)
{
  static const char message[] =
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n"
    "--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nM=C3=A4rz=\r\n!\r\n--b\r\nContent-Transfer-Encoding: x-what\r\n\r\nx\r\n"
    "--b\r\nContent-Transfer-Encoding: base64\r\n\r\nYQBi\r\n--b--\r\n";
  g_autoptr (Talk) talk = NULL;
  static const char expected[] = "* 1 FETCH (BINARY[4] ~{3}\r\na\0b)\r\na OK Fetched\r\n";

  fixture_deliver (fixture, message);
  talk = talk_new_bob (fixture);
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");

  talk_expect (talk, "FETCH 1 BINARY.PEEK[1]", "* 1 FETCH (BINARY[1] {5}\r\nhello)\r\nt OK Fetched\r\n");
  talk_expect (talk, "FETCH 1 (BINARY.SIZE[1] BINARY.SIZE[2] BINARY.PEEK[1]<1.3>)",
               "* 1 FETCH (BINARY.SIZE[1] 5 BINARY.SIZE[2] 6 BINARY[1]<1> {3}\r\nell)\r\nt OK Fetched\r\n");
  talk_expect (talk, "FETCH 1 (UID BINARY.PEEK[2])", "* 1 FETCH (UID 1 BINARY[2] {6}\r\nM\xc3\xa4rz!)\r\nt OK Fetched\r\n");
  talk_expect (talk, "FETCH 1 FLAGS", "* 1 FETCH (FLAGS (\\Recent))\r\nt OK Fetched\r\n");
  talk_expect_prefix (talk, "FETCH 1 BINARY.PEEK[3]", "* 1 FETCH (BINARY[3] NIL)\r\nt NO [UNKNOWN-CTE]");
  talk_expect_prefix (talk, "FETCH 1 BINARY.PEEK[9]", "* 1 FETCH (BINARY[9] NIL)\r\nt OK");
  talk_expect_prefix (talk, "FETCH 1 BINARY[1]", "* 1 FETCH (FLAGS (\\Seen \\Recent) BINARY[1] {5}\r\nhello)\r\nt OK");
  talk_expect_prefix (talk, "FETCH 1 BINARY.PEEK[]", "* 1 FETCH (BINARY[] {");
  talk_expect_prefix (talk, "FETCH 1 BINARY.PEEK[1.TEXT]", "t BAD");
  talk_expect_prefix (talk, "FETCH 1 BINARY.SIZE[1]<0.1>", "t BAD");
  talk_expect_prefix (talk, "FETCH 1 BINARY", "t BAD");

  talk_send (talk, "a FETCH 1 BINARY.PEEK[4]\r\n");
  while (talk->output->len < sizeof expected - 1)
    {
      g_main_context_iteration (NULL, TRUE);
      talk_pump (talk);
    }
  g_assert_cmpmem (talk->output->str, talk->output->len, expected, sizeof expected - 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/imap/append/many", Fixture, NULL, fixture_set_up, test_many, fixture_tear_down);
  g_test_add ("/imap/append/replace", Fixture, NULL, fixture_set_up, test_replace, fixture_tear_down);
  g_test_add ("/imap/append/binary", Fixture, NULL, fixture_set_up, test_binary, fixture_tear_down);

  g_test_add ("/imap/append/fetch-binary", Fixture, NULL, fixture_set_up, test_fetch_binary, fixture_tear_down);

  return g_test_run ();
}
