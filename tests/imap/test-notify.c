#include "imap-fixture.h"

/* NOTIFY (RFC 5465): two sessions of one account, one that watches, one that acts. */

/* Nothing comes by itself. */
static void
expect_silence (Fixture *fixture,
                Talk    *talk)
{
  for (guint i = 0; i < 20; i++)
    {
      ph_clock_advance (fixture->manual, (PH_IMAP_IDLE_BATCH_MILLISECONDS + 1) * 1000);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (2000);
      talk_pump (talk);
    }
  g_assert_cmpstr (talk->output->str, ==, "");
}

static void
test_grammar (Fixture      *fixture,
              gconstpointer data)
{
  static const struct
  {
    const char *command;
    const char *reply;
  } cases[] = {
    { "NOTIFY", "t BAD" },
    { "NOTIFY NONE", "t OK" },
    { "NOTIFY NONE x", "t BAD" },
    { "NOTIFY SET", "t BAD" },
    { "NOTIFY SET (selected NONE)", "t OK" },
    { "notify set (Selected (MessageNew (uid flags) messageexpunge))", "t OK" },
    { "NOTIFY SET (selected (MessageNew))", "t BAD" },
    { "NOTIFY SET (selected (FlagChange))", "t BAD" },
    { "NOTIFY SET (selected (MailboxName))", "t BAD" },
    { "NOTIFY SET (selected (MessageNew MessageExpunge MailboxName))", "t BAD" },
    { "NOTIFY SET (mailboxes INBOX (MessageExpunge))", "t OK" },
    { "NOTIFY SET (selected NONE) (selected-delayed NONE)", "t BAD" },
    { "NOTIFY SET (personal (MessageNew (UID) MessageExpunge))", "t BAD" },
    { "NOTIFY SET (personal (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))", "t OK" },
    { "NOTIFY SET (mailboxes (INBOX \"no such\") (MessageNew MessageExpunge)) (subtree Sent NONE) (inboxes (MailboxName)) (subscribed NONE)", "t OK" },
    { "NOTIFY SET (mailboxes {5+}\r\nINBOX (MessageNew MessageExpunge))", "t OK" },
    { "NOTIFY SET (nobody NONE)", "t BAD" },
    { "NOTIFY SET (personal (AnnotationChange MessageNew MessageExpunge))", "t NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange)]" },
  };
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    talk_expect_prefix (talk, cases[i].command, cases[i].reply);
}

/* 5.1 to 5.3 in the selected mailbox, without a command. */
static void
test_selected (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autoptr (Talk) other = talk_new_bob (fixture);
  g_autofree char *fresh = NULL;
  g_autofree char *flags = NULL;
  g_autofree char *gone = NULL;
  g_autofree char *idling = NULL;

  fixture_deliver (fixture, "Subject: one\r\n\r\nx\r\n");
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (other, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (talk, "NOTIFY SET (selected (MessageNew (UID BODY.PEEK[HEADER.FIELDS (Subject)]) MessageExpunge FlagChange))", "t OK");

  fixture_deliver (fixture, "Subject: two\r\n\r\nx\r\n");
  fresh = talk_hear (fixture, talk, ")\r\n");
  g_assert_true (g_str_has_prefix (fresh, "* 2 EXISTS\r\n"));
  g_assert_nonnull (strstr (fresh, "* 2 FETCH (UID 2 BODY[HEADER.FIELDS (Subject)] {16}\r\nSubject: two\r\n\r\n)\r\n"));

  talk_expect_prefix (other, "STORE 1 +FLAGS (\\Flagged)", "* 1 FETCH (FLAGS (\\Flagged");
  flags = talk_hear (fixture, talk, ")\r\n");
  g_assert_true (g_str_has_prefix (flags, "* 1 FETCH (UID 1 FLAGS (\\Flagged"));
  talk_expect_prefix (other, "STORE 1 +FLAGS.SILENT (\\Deleted)", "t OK");
  g_free (talk_hear (fixture, talk, "\\Deleted"));
  talk_expect_prefix (other, "EXPUNGE", "* 1 EXPUNGE");
  gone = talk_hear (fixture, talk, "EXPUNGE\r\n");
  g_assert_cmpstr (gone, ==, "* 1 EXPUNGE\r\n");

  /* 4: IDLE tells the same. */
  talk_send (talk, "i IDLE\r\n");
  fixture_deliver (fixture, "Subject: three\r\n\r\nx\r\n");
  idling = talk_hear (fixture, talk, ")\r\n");
  g_assert_nonnull (strstr (idling, "* 2 FETCH (UID 3 BODY[HEADER.FIELDS (Subject)] {18}\r\nSubject: three\r\n\r\n)\r\n"));
  talk_send (talk, "DONE\r\n");
  talk_wait (talk, "i OK");
  g_string_truncate (talk->output, 0);

  /* What it does itself brings no FETCH. */
  talk_expect_prefix (talk, "APPEND INBOX {4+}\r\nx: y", "* 3 EXISTS\r\n* 3 RECENT\r\nt OK");
  expect_silence (fixture, talk);
}

/* 3.1: none, and as much as was asked for; 6.1.2: later. */
static void
test_less (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autoptr (Talk) other = talk_new_bob (fixture);
  g_autofree char *fresh = NULL;

  fixture_deliver (fixture, "Subject: one\r\n\r\nx\r\n");
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (other, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (talk, "NOTIFY NONE", "t OK");
  fixture_deliver (fixture, "Subject: two\r\n\r\nx\r\n");
  expect_silence (fixture, talk);
  talk_expect (talk, "NOOP", "t OK Done\r\n");
  talk_expect_prefix (talk, "SEARCH ALL", "* SEARCH 1\r\nt OK");

  /* What waited comes with SET. */
  talk_expect_prefix (talk, "NOTIFY SET (selected-delayed (MessageNew MessageExpunge))", "* 2 EXISTS");
  talk_expect_prefix (other, "STORE 1 +FLAGS.SILENT (\\Deleted)", "* 2 EXISTS");
  expect_silence (fixture, talk);
  talk_expect_prefix (other, "EXPUNGE", "* 1 EXPUNGE");
  expect_silence (fixture, talk);
  fixture_deliver (fixture, "Subject: three\r\n\r\nx\r\n");
  fresh = talk_hear (fixture, talk, "RECENT\r\n");
  g_assert_true (g_str_has_prefix (fresh, "* 3 EXISTS\r\n"));
  talk_expect_prefix (talk, "NOOP", "* 1 EXPUNGE\r\nt OK");
}

/* Other mailboxes: STATUS (5.1 to 5.3), LIST (5.4, 5.5). */
static void
test_others (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autoptr (Talk) other = talk_new_bob (fixture);
  g_autofree char *fresh = NULL;
  g_autofree char *flags = NULL;
  g_autofree char *created = NULL;
  g_autofree char *renamed = NULL;
  g_autofree char *deleted = NULL;
  g_autofree char *subscribed = NULL;

  talk_expect_prefix (talk, "SELECT Drafts", "* FLAGS");
  talk_expect_prefix (talk, "NOTIFY SET STATUS (mailboxes (INBOX Drafts nothing) (MessageNew MessageExpunge FlagChange)) (personal (MailboxName SubscriptionChange))",
                      "* STATUS \"INBOX\" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY ");
  fixture_deliver (fixture, "Subject: one\r\n\r\nx\r\n");
  fresh = talk_hear (fixture, talk, ")\r\n");
  g_assert_cmpstr (fresh, ==, "* STATUS \"INBOX\" (MESSAGES 1 UIDNEXT 2)\r\n");
  talk_expect_prefix (other, "SELECT INBOX", "* FLAGS");
  talk_expect_prefix (other, "STORE 1 +FLAGS (\\Seen)", "* 1 FETCH");
  flags = talk_hear (fixture, talk, "UNSEEN 0");
  g_assert_true (g_str_has_prefix (flags, "* STATUS \"INBOX\" (UIDVALIDITY "));

  talk_expect_prefix (other, "CREATE a/b", "t OK");
  created = talk_hear (fixture, talk, "\"a/b\"\r\n");
  g_assert_nonnull (strstr (created, "* LIST (\\HasNoChildren) \"/\" \"a/b\"\r\n"));
  g_assert_nonnull (strstr (created, "* LIST (\\HasChildren) \"/\" \"a\"\r\n"));
  talk_expect_prefix (other, "RENAME a c", "t OK");
  renamed = talk_hear (fixture, talk, "))\r\n");
  g_assert_cmpstr (renamed, ==, "* LIST (\\HasChildren) \"/\" \"c\" (\"OLDNAME\" (\"a\"))\r\n");
  talk_expect_prefix (other, "DELETE c/b", "t OK");
  deleted = talk_hear (fixture, talk, "\"c/b\"\r\n");
  g_assert_cmpstr (deleted, ==, "* LIST (\\NonExistent \\HasNoChildren) \"/\" \"c/b\"\r\n");
  talk_expect_prefix (other, "UNSUBSCRIBE Junk", "t OK");
  subscribed = talk_hear (fixture, talk, "\"Junk\"\r\n");
  g_assert_cmpstr (subscribed, ==, "* LIST (\\HasNoChildren \\Junk) \"/\" \"Junk\"\r\n");

  /* Its own doing is no news (5). */
  talk_expect_prefix (talk, "CREATE mine", "t OK");
  talk_expect_prefix (talk, "RENAME mine ours", "t OK");
  talk_expect_prefix (talk, "DELETE ours", "t OK");
  talk_expect_prefix (talk, "SUBSCRIBE Junk", "t OK");
  expect_silence (fixture, talk);
  talk_expect_prefix (talk, "NOTIFY NONE", "t OK");
  talk_expect_prefix (other, "CREATE unheard", "t OK");
  fixture_deliver (fixture, "Subject: two\r\n\r\nx\r\n");
  expect_silence (fixture, talk);
}

/* 5.6, 5.7: names of what others set or took away, no values. */
static void
test_annotations (Fixture      *fixture,
                  gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autoptr (Talk) other = talk_new_bob (fixture);
  g_autofree char *mailbox = NULL;
  g_autofree char *server = NULL;

  talk_expect_prefix (talk, "NOTIFY SET (mailboxes Sent (MailboxMetadataChange)) (subtree Junk (ServerMetadataChange))", "t OK");
  talk_expect_prefix (other, "SETMETADATA Sent (/shared/comment \"x\")", "t OK");
  mailbox = talk_hear (fixture, talk, "comment\r\n");
  g_assert_cmpstr (mailbox, ==, "* METADATA \"Sent\" /shared/comment\r\n");
  talk_expect_prefix (other, "SETMETADATA \"\" (/private/gone NIL)", "t OK");
  server = talk_hear (fixture, talk, "gone\r\n");
  g_assert_cmpstr (server, ==, "* METADATA \"\" /private/gone\r\n");

  /* Nobody asked for that, or it is its own doing. */
  talk_expect_prefix (other, "SETMETADATA INBOX (/shared/comment \"x\")", "t OK");
  talk_expect_prefix (talk, "SETMETADATA Sent (/shared/comment \"y\")", "t OK");
  expect_silence (fixture, talk);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/imap/notify/grammar", Fixture, NULL, fixture_set_up, test_grammar, fixture_tear_down);
  g_test_add ("/imap/notify/selected", Fixture, NULL, fixture_set_up, test_selected, fixture_tear_down);
  g_test_add ("/imap/notify/less", Fixture, NULL, fixture_set_up, test_less, fixture_tear_down);
  g_test_add ("/imap/notify/others", Fixture, NULL, fixture_set_up, test_others, fixture_tear_down);
  g_test_add ("/imap/notify/annotations", Fixture, NULL, fixture_set_up, test_annotations, fixture_tear_down);

  return g_test_run ();
}
