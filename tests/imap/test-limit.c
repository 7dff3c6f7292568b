#include "imap-fixture.h"

/* MESSAGELIMIT (RFC 9738): a command works on so many messages with the highest UIDs, or not at all. */

#define N_MESSAGES 5

static Talk *
talk_limited (Fixture *fixture,
              guint    limit)
{
  Talk *talk;

  for (guint i = 1; i <= N_MESSAGES; i++)
    {
      g_autofree char *text = g_strdup_printf ("Subject: number %u\r\n\r\nx\r\n", i);

      fixture_deliver (fixture, text);
    }
  fixture->message_limit = limit;
  talk = talk_new_bob (fixture);
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");

  return talk;
}

/* Only who has one says so; UIDAFTER and UIDBEFORE are UIDs like others. */
static void
test_none (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = talk_limited (fixture, 0);
  g_autofree char *reply = talk_say (talk, "CAPABILITY");

  g_assert_null (strstr (reply, "MESSAGELIMIT"));
  talk_expect (talk, "UID SEARCH UIDAFTER 2", "* SEARCH 3 4 5\r\nt OK Searched\r\n");
  talk_expect (talk, "UID SEARCH UIDBEFORE 2", "* SEARCH 1\r\nt OK Searched\r\n");
  talk_expect (talk, "UID SEARCH UIDAFTER 1 UIDBEFORE 4", "* SEARCH 2 3\r\nt OK Searched\r\n");
  talk_expect (talk, "UID SEARCH NOT UIDAFTER 2", "* SEARCH 1 2\r\nt OK Searched\r\n");
  talk_expect (talk, "UID SEARCH UIDBEFORE 1", "* SEARCH\r\nt OK Searched\r\n");
  talk_expect (talk, "UID SEARCH UIDAFTER 4294967295", "* SEARCH\r\nt OK Searched\r\n");
  talk_expect_prefix (talk, "SEARCH UIDAFTER 0", "t BAD");
  talk_expect_prefix (talk, "SEARCH UIDAFTER 1:2", "t BAD");
  talk_expect_prefix (talk, "SEARCH UIDBEFORE *", "t BAD");
  talk_expect_prefix (talk, "SEARCH UIDBEFORE", "t BAD");
}

static void
test_capability (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (Talk) talk = NULL;
  g_autoptr (Talk) stranger = NULL;
  g_autofree char *before = NULL;
  g_autofree char *reply = NULL;

  talk = talk_limited (fixture, 2);
  reply = talk_say (talk, "CAPABILITY");
  g_assert_nonnull (strstr (reply, " MESSAGELIMIT=2\r\n"));
  stranger = talk_new (fixture, "127.0.0.1");
  before = talk_say (stranger, "CAPABILITY");
  g_assert_null (strstr (before, "MESSAGELIMIT"));
}

static void
test_fetch (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (Talk) talk = talk_limited (fixture, 2);

  talk_expect (talk, "FETCH 1:* UID", "* 4 FETCH (UID 4)\r\n* 5 FETCH (UID 5)\r\nt OK [MESSAGELIMIT 2 4] Fetched\r\n");
  talk_expect (talk, "UID FETCH 1:3 UID", "* 2 FETCH (UID 2)\r\n* 3 FETCH (UID 3)\r\nt OK [MESSAGELIMIT 2 2] Fetched\r\n");
  talk_expect (talk, "UID FETCH 1 UID", "* 1 FETCH (UID 1)\r\nt OK Fetched\r\n");
  talk_expect (talk, "FETCH 2:3 UID", "* 2 FETCH (UID 2)\r\n* 3 FETCH (UID 3)\r\nt OK Fetched\r\n");
  talk_expect (talk, "UID FETCH 1:* UID (PARTIAL -1:-2)", "* 4 FETCH (UID 4)\r\n* 5 FETCH (UID 5)\r\nt OK Fetched\r\n");
  talk_expect (talk, "UID FETCH 1:* UID (PARTIAL 1:3)", "t NO [MESSAGELIMIT 2] Too many messages at once\r\n");
}

static void
test_search (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (Talk) talk = talk_limited (fixture, 2);

  talk_expect (talk, "SEARCH ALL", "* SEARCH 4 5\r\nt OK [MESSAGELIMIT 2 4] Searched\r\n");
  talk_expect (talk, "UID SEARCH UIDBEFORE 4", "* SEARCH 2 3\r\nt OK [MESSAGELIMIT 2 2] Searched\r\n");
  talk_expect (talk, "UID SEARCH UIDBEFORE 2", "* SEARCH 1\r\nt OK Searched\r\n");
  talk_expect (talk, "SEARCH 1:2 UNSEEN", "* SEARCH 1 2\r\nt OK Searched\r\n");
  talk_expect (talk, "SEARCH OR 1 2", "* SEARCH\r\nt OK [MESSAGELIMIT 2 4] Searched\r\n");
  talk_expect_as (talk, "a", "SEARCH RETURN (COUNT SAVE) SUBJECT number", "* ESEARCH (TAG \"a\") COUNT 2\r\na OK [MESSAGELIMIT 2 4] Searched\r\n");
  talk_expect (talk, "FETCH $ UID", "* 4 FETCH (UID 4)\r\n* 5 FETCH (UID 5)\r\nt OK Fetched\r\n");
  talk_expect_as (talk, "b", "SEARCH RETURN (UPDATE COUNT) ALL",
                  "* NO [NOUPDATE \"b\"] No updates where not all messages are searched\r\n* ESEARCH (TAG \"b\") COUNT 2\r\nb OK [MESSAGELIMIT 2 4] Searched\r\n");
}

static void
test_change (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (Talk) talk = talk_limited (fixture, 2);
  g_autofree char *reply = NULL;

  talk_expect (talk, "STORE 1:* +FLAGS.SILENT (\\Deleted)", "t OK [MESSAGELIMIT 2 4] Stored\r\n");
  talk_expect (talk, "UID STORE 1:3 +FLAGS.SILENT (\\Deleted)", "t OK [MESSAGELIMIT 2 2] Stored\r\n");
  talk_expect (talk, "UID SEARCH 1:2 DELETED", "* SEARCH 2\r\nt OK Searched\r\n");

  /* The answer has a code of its own. */
  talk_expect_prefix (talk, "FETCH 5 MODSEQ", "* OK [HIGHESTMODSEQ ");
  talk_expect_prefix (talk, "STORE 3:5 (UNCHANGEDSINCE 1) +FLAGS (\\Seen)", "* NO [MESSAGELIMIT 2 4] Not all of the messages\r\nt OK [MODIFIED 4:5]");

  /* Of those that are deleted. */
  reply = talk_say (talk, "UID EXPUNGE 1:4");
  g_assert_true (g_str_has_prefix (reply, "* 4 EXPUNGE\r\n* 3 EXPUNGE\r\n") || g_str_has_prefix (reply, "* NO [MESSAGELIMIT 2 3]"));
  g_assert_nonnull (strstr (reply, "[MESSAGELIMIT 2 3]"));
  g_assert_nonnull (strstr (reply, "t OK [HIGHESTMODSEQ "));
  talk_expect (talk, "UID SEARCH 1:2", "* SEARCH 1 2\r\nt OK Searched\r\n");
}

/* EXPUNGE and CLOSE have none. */
static void
test_expunge (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (Talk) talk = talk_limited (fixture, 2);

  talk_expect (talk, "STORE 4:5 +FLAGS.SILENT (\\Deleted)", "t OK Stored\r\n");
  talk_expect (talk, "STORE 2:3 +FLAGS.SILENT (\\Deleted)", "t OK Stored\r\n");
  talk_expect (talk, "EXPUNGE", "* 5 EXPUNGE\r\n* 4 EXPUNGE\r\n* 3 EXPUNGE\r\n* 2 EXPUNGE\r\nt OK Expunged\r\n");
}

static void
test_copy_and_move (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (Talk) talk = talk_limited (fixture, 2);
  g_autofree char *moved = NULL;

  talk_expect (talk, "COPY 1:* Archive", "t NO [MESSAGELIMIT 2 4] Too many messages at once\r\n");
  talk_expect_prefix (talk, "UID COPY 1:2 Archive", "t OK [COPYUID ");
  talk_expect_prefix (talk, "STATUS Archive (MESSAGES)", "* STATUS \"Archive\" (MESSAGES 2)\r\n");
  moved = talk_say (talk, "MOVE 1:* Archive");
  g_assert_true (g_str_has_prefix (moved, "* OK [COPYUID "));
  g_assert_nonnull (strstr (moved, " 4:5 3:4] Moved\r\n* 5 EXPUNGE\r\n* 4 EXPUNGE\r\nt OK [MESSAGELIMIT 2 4] Done\r\n"));
  talk_expect (talk, "UID SEARCH 1:2", "* SEARCH 1 2\r\nt OK Searched\r\n");
}

static void
test_whole (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (Talk) talk = talk_limited (fixture, 2);

  talk_expect (talk, "SORT (DATE) UTF-8 ALL", "t NO [MESSAGELIMIT 2 4] Too many messages at once\r\n");
  talk_expect (talk, "THREAD REFERENCES UTF-8 ALL", "t NO [MESSAGELIMIT 2 4] Too many messages at once\r\n");
  talk_expect (talk, "UID SORT (REVERSE SUBJECT) UTF-8 UIDAFTER 3", "* SORT 5 4\r\nt OK Sorted\r\n");
  talk_expect_prefix (talk, "APPEND Sent {1+}\r\na {1+}\r\nb", "t OK [APPENDUID ");
  talk_expect (talk, "APPEND Sent {1+}\r\na {1+}\r\nb {1+}\r\nc", "t NO [MESSAGELIMIT 2] Too many messages at once\r\n");
  talk_expect_prefix (talk, "STATUS Sent (MESSAGES)", "* STATUS \"Sent\" (MESSAGES 2)\r\n");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/imap/limit/none", Fixture, NULL, fixture_set_up, test_none, fixture_tear_down);
  g_test_add ("/imap/limit/capability", Fixture, NULL, fixture_set_up, test_capability, fixture_tear_down);
  g_test_add ("/imap/limit/fetch", Fixture, NULL, fixture_set_up, test_fetch, fixture_tear_down);
  g_test_add ("/imap/limit/search", Fixture, NULL, fixture_set_up, test_search, fixture_tear_down);
  g_test_add ("/imap/limit/change", Fixture, NULL, fixture_set_up, test_change, fixture_tear_down);
  g_test_add ("/imap/limit/expunge", Fixture, NULL, fixture_set_up, test_expunge, fixture_tear_down);
  g_test_add ("/imap/limit/copy-and-move", Fixture, NULL, fixture_set_up, test_copy_and_move, fixture_tear_down);
  g_test_add ("/imap/limit/whole", Fixture, NULL, fixture_set_up, test_whole, fixture_tear_down);

  return g_test_run ();
}
