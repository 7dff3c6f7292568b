#include "imap-fixture.h"

/* CONTEXT=SEARCH (RFC 5267 4): results that are kept up to date. */

static Talk *
talk_with_messages (Fixture *fixture,
                    guint    n)
{
  Talk *talk = talk_new_bob (fixture);

  for (guint i = 1; i <= n; i++)
    {
      g_autofree char *text = g_strdup_printf ("Subject: number %u\r\n\r\nx\r\n", i);

      fixture_deliver (fixture, text);
    }
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");

  return talk;
}

static void
test_grammar (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with_messages (fixture, 2);

  g_assert_nonnull (strstr (talk->greeting, "OK"));
  talk_expect_as (talk, "a", "SEARCH RETURN (CONTEXT COUNT) ALL", "* ESEARCH (TAG \"a\") COUNT 2\r\na OK Searched\r\n");
  talk_expect_as (talk, "a", "UID SEARCH RETURN (UPDATE MIN) ALL", "* ESEARCH (TAG \"a\") UID MIN 1\r\na OK Searched\r\n");
  talk_expect_as (talk, "a", "SEARCH RETURN (UPDATE) ALL", "a BAD Tag reuse: that search is still kept up to date\r\n");
  talk_expect_as (talk, "a", "SEARCH RETURN (COUNT) ALL", "* ESEARCH (TAG \"a\") COUNT 2\r\na OK Searched\r\n");
  talk_expect_as (talk, "b", "SEARCH RETURN (SAVE UPDATE) 1", "b OK Searched\r\n");
  talk_expect (talk, "CANCELUPDATE \"a\" \"b\"", "t OK No further updates\r\n");
  talk_expect_as (talk, "a", "SEARCH RETURN (UPDATE COUNT) ALL", "* ESEARCH (TAG \"a\") COUNT 2\r\na OK Searched\r\n");
  talk_expect (talk, "CANCELUPDATE \"nobody\" \"a\"", "t NO There were no updates for one of these\r\n");
  talk_expect_prefix (talk, "CANCELUPDATE", "t BAD");
  talk_expect_prefix (talk, "CANCELUPDATE a", "t BAD");
  talk_expect_prefix (talk, "CANCELUPDATE \"a\" ", "t BAD");
  talk_expect_prefix (talk, "UID CANCELUPDATE \"a\"", "t BAD");

  /* 4.3.1: refused, and all else is told. */
  talk_expect_as (talk, "c", "SEARCH RETURN (UPDATE COUNT) YOUNGER 3600",
                  "* NO [NOUPDATE \"c\"] No updates for a search by age or \\Recent\r\n* ESEARCH (TAG \"c\") COUNT 2\r\nc OK Searched\r\n");
  talk_expect_as (talk, "d", "SORT RETURN (UPDATE COUNT) (DATE) UTF-8 ALL",
                  "* NO [NOUPDATE \"d\"] No updates for SORT\r\n* ESEARCH (TAG \"d\") COUNT 2\r\nd OK Sorted\r\n");
}

/* Its own changes and those of others, by number and by UID; REMOVEFROM before EXPUNGE, ADDTO after EXISTS and FETCH. */
static void
test_updates (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with_messages (fixture, 3);
  g_autoptr (Talk) other = talk_new_bob (fixture);

  talk_expect_prefix (other, "SELECT INBOX", "* FLAGS");
  talk_expect_as (talk, "n", "SEARCH RETURN (UPDATE COUNT) UNSEEN UNDELETED", "* ESEARCH (TAG \"n\") COUNT 3\r\nn OK Searched\r\n");
  talk_expect_as (talk, "u", "UID SEARCH RETURN (UPDATE COUNT) FLAGGED", "* ESEARCH (TAG \"u\") UID COUNT 0\r\nu OK Searched\r\n");

  talk_expect (talk, "STORE 2:3 +FLAGS.SILENT (\\Flagged)", "* ESEARCH (TAG \"u\") UID ADDTO (0 2:3)\r\nt OK Stored\r\n");
  talk_expect (talk, "STORE 1 +FLAGS.SILENT (\\Seen)", "* ESEARCH (TAG \"n\") REMOVEFROM (0 1)\r\nt OK Stored\r\n");
  talk_expect (talk, "STORE 1 -FLAGS.SILENT (\\Seen)", "* ESEARCH (TAG \"n\") ADDTO (0 1)\r\nt OK Stored\r\n");
  /* What it looks for stayed as it was. */
  talk_expect (talk, "STORE 1 +FLAGS.SILENT (\\Answered)", "t OK Stored\r\n");

  talk_expect_prefix (other, "STORE 1 +FLAGS.SILENT (\\Deleted)", "* ");
  talk_expect (talk, "NOOP", "* 1 FETCH (UID 1 FLAGS (\\Answered \\Deleted \\Recent))\r\n* ESEARCH (TAG \"n\") REMOVEFROM (0 1)\r\nt OK Done\r\n");
  fixture_deliver (fixture, "Subject: number 4\r\n\r\nx\r\n");
  talk_expect (talk, "NOOP", "* 4 EXISTS\r\n* 4 RECENT\r\n* ESEARCH (TAG \"n\") ADDTO (0 4)\r\nt OK Done\r\n");

  talk_expect_prefix (other, "STORE 2 +FLAGS.SILENT (\\Deleted)", "* ");
  talk_expect_prefix (other, "EXPUNGE", "* ");
  /* Numbers must stay here (I01): it leaves the result, and EXPUNGE comes later. */
  talk_expect (talk, "FETCH 4 UID", "* 4 FETCH (UID 4)\r\n* ESEARCH (TAG \"n\") REMOVEFROM (0 2)\r\n* ESEARCH (TAG \"u\") UID REMOVEFROM (0 2)\r\nt OK Fetched\r\n");
  talk_expect (talk, "NOOP", "* 2 EXPUNGE\r\n* 1 EXPUNGE\r\nt OK Done\r\n");
  talk_expect (talk, "STORE 1 +FLAGS.SILENT (\\Seen)", "* ESEARCH (TAG \"n\") REMOVEFROM (0 1)\r\nt OK Stored\r\n");

  talk_expect (talk, "CANCELUPDATE \"n\"", "t OK No further updates\r\n");
  talk_expect (talk, "STORE 1:2 -FLAGS.SILENT (\\Seen \\Flagged)", "* ESEARCH (TAG \"u\") UID REMOVEFROM (0 3)\r\nt OK Stored\r\n");

  /* They end with the mailbox. */
  talk_expect_prefix (talk, "SELECT INBOX", "* OK [CLOSED]");
  talk_expect (talk, "STORE 1 +FLAGS.SILENT (\\Flagged)", "t OK Stored\r\n");
  talk_expect_as (talk, "u", "UID SEARCH RETURN (UPDATE COUNT) FLAGGED", "* ESEARCH (TAG \"u\") UID COUNT 1\r\nu OK Searched\r\n");
}

/* A text is looked for in what is new; sequence numbers and "$" mean what they meant (4.3). */
static void
test_keys (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with_messages (fixture, 2);

  talk_expect_as (talk, "s", "UID SEARCH RETURN (UPDATE ALL) OR SUBJECT \"number 3\" BODY needle", "* ESEARCH (TAG \"s\") UID\r\ns OK Searched\r\n");
  talk_expect_as (talk, "1", "UID SEARCH RETURN (UPDATE ALL) 1:* SEEN", "* ESEARCH (TAG \"1\") UID\r\n1 OK Searched\r\n");
  fixture_deliver (fixture, "Subject: number 3\r\n\r\nx\r\n");
  fixture_deliver (fixture, "Subject: other\r\n\r\nhay, needle, hay\r\n");
  fixture_deliver (fixture, "Subject: number 5\r\n\r\nx\r\n");
  talk_expect (talk, "NOOP", "* 5 EXISTS\r\n* 5 RECENT\r\n* ESEARCH (TAG \"s\") UID ADDTO (0 3:4)\r\nt OK Done\r\n");
  talk_expect (talk, "STORE 1:5 +FLAGS.SILENT (\\Seen)", "* ESEARCH (TAG \"1\") UID ADDTO (0 1:2)\r\nt OK Stored\r\n");
}

/* 4.3.2: without a command in IDLE, and where NOTIFY is on. */
static void
test_idle (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with_messages (fixture, 2);
  g_autoptr (Talk) other = talk_new_bob (fixture);
  g_autofree char *fresh = NULL;
  g_autofree char *gone = NULL;
  g_autofree char *flags = NULL;

  talk_expect_prefix (other, "SELECT INBOX", "* FLAGS");
  talk_expect_as (talk, "n", "SEARCH RETURN (UPDATE COUNT) UNSEEN", "* ESEARCH (TAG \"n\") COUNT 2\r\nn OK Searched\r\n");
  talk_send (talk, "i IDLE\r\n");
  g_string_truncate (talk->output, 0);
  fixture_deliver (fixture, "Subject: number 3\r\n\r\nx\r\n");
  fresh = talk_hear (fixture, talk, "ESEARCH");
  g_assert_cmpstr (fresh, ==, "* 3 EXISTS\r\n* 3 RECENT\r\n* ESEARCH (TAG \"n\") ADDTO (0 3)\r\n");
  talk_expect_prefix (other, "STORE 1 +FLAGS.SILENT (\\Deleted)", "* ");
  g_free (talk_hear (fixture, talk, "\\Deleted"));
  talk_expect_prefix (other, "EXPUNGE", "* ");
  gone = talk_hear (fixture, talk, "EXPUNGE");
  g_assert_cmpstr (gone, ==, "* ESEARCH (TAG \"n\") REMOVEFROM (0 1)\r\n* 1 EXPUNGE\r\n");
  talk_send (talk, "DONE\r\n");
  talk_wait (talk, "i OK");
  g_string_truncate (talk->output, 0);

  talk_expect_prefix (talk, "NOTIFY SET (selected (MessageNew MessageExpunge FlagChange))", "t OK");
  talk_expect_prefix (other, "STORE 1 +FLAGS.SILENT (\\Seen)", "t OK");
  flags = talk_hear (fixture, talk, "ESEARCH");
  g_assert_true (g_str_has_suffix (flags, ")\r\n* ESEARCH (TAG \"n\") REMOVEFROM (0 1)\r\n"));
}

/* As many as there may be, and no more; a context that is cancelled makes room. */
static void
test_many (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with_messages (fixture, 1);
  g_autofree char *all = NULL;

  for (guint i = 0; i < 8; i++)
    talk_expect_prefix (talk, "UID SEARCH RETURN (UPDATE COUNT) SEEN", "* ESEARCH (TAG");
  talk_expect_as (talk, "x", "UID SEARCH RETURN (UPDATE COUNT) SEEN",
                  "* NO [NOUPDATE \"x\"] Too many searches are kept up to date; CANCELUPDATE ends one\r\n* ESEARCH (TAG \"x\") UID COUNT 0\r\nx OK Searched\r\n");
  talk_expect (talk, "CANCELUPDATE \"t3\"", "t OK No further updates\r\n");
  talk_expect_as (talk, "x", "UID SEARCH RETURN (UPDATE COUNT) SEEN", "* ESEARCH (TAG \"x\") UID COUNT 0\r\nx OK Searched\r\n");

  all = talk_say (talk, "STORE 1 +FLAGS.SILENT (\\Seen)");
  g_assert_nonnull (strstr (all, "* ESEARCH (TAG \"x\") UID ADDTO (0 1)\r\nt OK"));
  g_assert_null (strstr (all, "\"t3\""));

  /* Who leaves while something is looked at. */
  talk_send (talk, "y STORE 1 -FLAGS.SILENT (\\Seen)\r\nz LOGOUT\r\n");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/imap/context/grammar", Fixture, NULL, fixture_set_up, test_grammar, fixture_tear_down);
  g_test_add ("/imap/context/updates", Fixture, NULL, fixture_set_up, test_updates, fixture_tear_down);
  g_test_add ("/imap/context/keys", Fixture, NULL, fixture_set_up, test_keys, fixture_tear_down);
  g_test_add ("/imap/context/idle", Fixture, NULL, fixture_set_up, test_idle, fixture_tear_down);
  g_test_add ("/imap/context/many", Fixture, NULL, fixture_set_up, test_many, fixture_tear_down);

  return g_test_run ();
}
