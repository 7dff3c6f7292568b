#include "imap-fixture.h"

/* Odd but legal: what a suite of somebody else would ask, and what the RFC says to it. */

/* RFC 5258 3: only the plain form asks for the delimiter with an empty pattern. */
static void
test_empty_patterns (Fixture      *fixture,
                     gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  talk_expect_prefix (talk, "LIST \"\" \"\"", "* LIST (\\Noselect) \"/\" \"\"\r\nt OK");
  talk_expect_prefix (talk, "LIST Sent \"\"", "* LIST (\\Noselect) \"/\" \"\"\r\nt OK");
  talk_expect_prefix (talk, "LIST (SUBSCRIBED) \"\" \"\"", "t OK");
  talk_expect_prefix (talk, "LIST () \"\" \"\"", "t OK");
  talk_expect_prefix (talk, "LIST \"\" \"\" RETURN (CHILDREN)", "t OK");
  talk_expect_prefix (talk, "LIST Sent (\"\")", "t OK");
  talk_expect_prefix (talk, "LIST \"\" (\"\" Sent)", "* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent\"\r\nt OK");
}

/* RFC 9051 6.3.9.7: a name that was not spelled as the store spells it. */
static void
test_oldname (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autofree char *before = talk_say (talk, "SELECT inbox");
  g_autofree char *inbox = NULL;
  g_autofree char *exact = NULL;
  g_autofree char *created = NULL;

  g_assert_null (strstr (before, "* LIST"));
  talk_expect_prefix (talk, "ENABLE IMAP4rev2", "* ENABLED IMAP4rev2");
  inbox = talk_say (talk, "SELECT inbox");
  g_assert_nonnull (strstr (inbox, "* LIST () \"/\" \"INBOX\" (\"OLDNAME\" (\"inbox\"))\r\n"));
  exact = talk_say (talk, "EXAMINE INBOX");
  g_assert_nonnull (strstr (exact, "* LIST () \"/\" \"INBOX\"\r\n"));

  /* "u" and a diaeresis after it */
  created = talk_say (talk, "CREATE \"u\xcc\x88\"");
  g_assert_true (g_str_has_prefix (created, "* LIST () \"/\" \"\xc3\xbc\" (\"OLDNAME\" (\"u\xcc\x88\"))\r\nt OK [MAILBOXID ("));
  talk_expect_prefix (talk, "CREATE x", "t OK [MAILBOXID (");
  talk_expect_prefix (talk, "RENAME x \"o\xcc\x88\"", "* LIST () \"/\" \"\xc3\xb6\" (\"OLDNAME\" (\"x\"))\r\nt OK");
  talk_expect_prefix (talk, "RENAME \"\xc3\xb6\" y", "t OK");
  talk_expect_prefix (talk, "DELETE \"u\xcc\x88\"", "* LIST (\\NonExistent) \"/\" \"\xc3\xbc\" (\"OLDNAME\" (\"u\xcc\x88\"))\r\nt OK");
}

/* RFC 9051 6.4.4: TEXT sees the headers of parts; that of a message in the message is its body. */
static void
test_search_in_parts (Fixture      *fixture,
                      gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  fixture_deliver (fixture, "Subject: outer\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                            "--b\r\nContent-Disposition: attachment; filename=report.txt\r\n\r\nx\r\n"
                            "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: =?utf-8?q?in=6Eer?=\r\n\r\ny\r\n--b--\r\n");
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  for (guint i = 0; i < 2; i++) /* then with the text index */
    {
      talk_expect_prefix (talk, "SEARCH TEXT report.txt", "* SEARCH 1\r\n");
      talk_expect_prefix (talk, "SEARCH BODY report.txt", "* SEARCH\r\n");
      talk_expect_prefix (talk, "SEARCH TEXT inner", "* SEARCH 1\r\n");
      talk_expect_prefix (talk, "SEARCH BODY inner", "* SEARCH 1\r\n");
      talk_expect_prefix (talk, "SEARCH SUBJECT inner", "* SEARCH\r\n");
      talk_expect_prefix (talk, "SEARCH BODY outer", "* SEARCH\r\n");
    }
}

/* It is answered at once, without the index; one that changes something waits for it. */
static void
test_store_of_what_is_so (Fixture      *fixture,
                          gconstpointer data)
{
  g_autoptr (Talk) talk = NULL;

  fixture_deliver (fixture, "x");
  talk = talk_new_bob (fixture);
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  talk_send (talk, "a STORE 1 +FLAGS (\\Seen)\r\n");
  g_assert_cmpstr (talk->output->str, ==, "");
  talk_wait (talk, "a OK");
  g_free (talk_steal_output (talk));
  talk_send (talk, "b STORE 1 +FLAGS (\\Seen)\r\n");
  g_assert_cmpstr (talk->output->str, ==, "* 1 FETCH (FLAGS (\\Seen \\Recent))\r\nb OK Stored\r\n");
  g_free (talk_steal_output (talk));
  talk_send (talk, "c STORE 1 -FLAGS.SILENT (\\Flagged)\r\n");
  g_assert_cmpstr (talk->output->str, ==, "c OK Stored\r\n");
}

/* I13: a FETCH that is the first to show a keyword which another session made names it before. */
static void
test_keyword_of_another (Fixture      *fixture,
                         gconstpointer data)
{
  g_autoptr (Talk) talk = NULL;
  g_autoptr (Talk) other = NULL;
  g_autofree char *reply = NULL;

  fixture_deliver (fixture, "x");
  talk = talk_new_bob (fixture);
  other = talk_new_bob (fixture);
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (other, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (other, "STORE 1 +FLAGS.SILENT (New)", "* FLAGS");
  reply = talk_say (talk, "FETCH 1 FLAGS");
  g_assert_true (g_str_has_prefix (reply, "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft New)\r\n"));
  g_assert_nonnull (strstr (reply, "* 1 FETCH (FLAGS (\\Recent New))\r\n"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/imap/odd/empty-patterns", Fixture, NULL, fixture_set_up, test_empty_patterns, fixture_tear_down);
  g_test_add ("/imap/odd/oldname", Fixture, NULL, fixture_set_up, test_oldname, fixture_tear_down);
  g_test_add ("/imap/odd/search-in-parts", Fixture, NULL, fixture_set_up, test_search_in_parts, fixture_tear_down);
  g_test_add ("/imap/odd/store-of-what-is-so", Fixture, NULL, fixture_set_up, test_store_of_what_is_so, fixture_tear_down);
  g_test_add ("/imap/odd/keyword-of-another", Fixture, NULL, fixture_set_up, test_keyword_of_another, fixture_tear_down);

  return g_test_run ();
}
