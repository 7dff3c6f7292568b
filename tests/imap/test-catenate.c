#include "imap-fixture.h"

#include "ph-imap-url.h"

/* CATENATE (RFC 4469) and the URLs in it (RFC 5092). */

#define WHOLE                                        \
  "From: a@x.test\r\n"                               \
  "Subject: two parts\r\n"                           \
  "Content-Type: multipart/mixed; boundary=b\r\n"    \
  "\r\n"                                             \
  "--b\r\n\r\none\r\n"                               \
  "--b\r\nContent-Type: text/html\r\n\r\n<p>two\r\n" \
  "--b--\r\n"

/* Which texts are URLs of messages here, and of which. */
static void
test_urls (void)
{
  static const struct
  {
    const char *text;
    const char *mailbox; /* NULL: none */
    guint32     uidvalidity;
    guint32     uid;
    const char *label;
  } cases[] = {
    { "/INBOX/;UID=20", "INBOX", 0, 20, "BODY[]" },
    { "/inbox;UIDVALIDITY=7/;uid=20/;section=1.2", "INBOX", 7, 20, "BODY[1.2]" },
    { "/a/b%20c;uidvalidity=4294967295/;UID=1/;SECTION=1.MIME", "a/b c", G_MAXUINT32, 1, "BODY[1.MIME]" },
    { "/INBOX/;UID=20/;SECTION=HEADER.FIELDS%20(To)", "INBOX", 0, 20, "BODY[HEADER.FIELDS (To)]" },
    { "/INBOX/;UID=20/;PARTIAL=5", "INBOX", 0, 20, "BODY[]<5>" },
    { "/INBOX/;UID=20/;SECTION=TEXT/;PARTIAL=0.9", "INBOX", 0, 20, "BODY[TEXT]<0>" },
    { "/;UID=3", "Sent", 0, 3, "BODY[]" },
    { ";UID=3/;section=text", "Sent", 0, 3, "BODY[TEXT]" },
    { "", NULL, 0, 0, NULL },
    { "/", NULL, 0, 0, NULL },
    { "/INBOX", NULL, 0, 0, NULL },
    { "INBOX/;UID=1", NULL, 0, 0, NULL },
    { "//server/INBOX/;UID=1", NULL, 0, 0, NULL },
    { "imap://bob@server/INBOX/;UID=1", NULL, 0, 0, NULL },
    { "/INBOX/;UID=0", NULL, 0, 0, NULL },
    { "/INBOX/;UID=1x", NULL, 0, 0, NULL },
    { "/INBOX/;UID=4294967296", NULL, 0, 0, NULL },
    { "/INBOX/;UID=1/;SECTION=FOO", NULL, 0, 0, NULL },
    { "/INBOX/;UID=1/;SECTION=1]%20BODY[2", NULL, 0, 0, NULL },
    { "/INBOX/;UID=1/;PARTIAL=1.0", NULL, 0, 0, NULL },
    { "/INBOX/;UID=1/;PARTIAL=1.2.3", NULL, 0, 0, NULL },
    { "/INBOX;UIDVALIDITY=x/;UID=1", NULL, 0, 0, NULL },
    { "/IN%00BOX/;UID=1", NULL, 0, 0, NULL },
    { "/%FF/;UID=1", NULL, 0, 0, NULL },
    { "/a//b/;UID=1", NULL, 0, 0, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PhImapUrl) url = ph_imap_url_parse (cases[i].text, "Sent");

      g_assert_cmpstr (url != NULL ? url->mailbox : NULL, ==, cases[i].mailbox);
      if (url == NULL)
        continue;
      g_assert_cmpuint (url->has_uidvalidity, ==, cases[i].uidvalidity != 0);
      g_assert_cmpuint (url->uidvalidity, ==, cases[i].uidvalidity);
      g_assert_cmpuint (url->uid, ==, cases[i].uid);
      g_assert_cmpstr (((const PhImapSection *)g_ptr_array_index (url->items->sections, 0))->label, ==, cases[i].label);
    }
  g_assert_null (ph_imap_url_parse (";UID=3", NULL));
}

static void
expect_message (Talk       *talk,
                guint       number,
                const char *text)
{
  g_autofree char *command = g_strdup_printf ("FETCH %u BODY.PEEK[]", number);
  g_autofree char *expected = g_strdup_printf ("* %u FETCH (BODY[] {%zu}\r\n%s)\r\nt OK Fetched\r\n", number, strlen (text), text);

  talk_expect (talk, command, expected);
}

static void
test_parts (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (Talk) talk = NULL;

  fixture_deliver (fixture, WHOLE);
  talk = talk_new_bob (fixture);
  talk_expect_prefix (talk, "APPEND Drafts (\\Draft) CATENATE (URL \"/INBOX/;UID=1/;SECTION=HEADER\" TEXT {7+}\r\n--b\r\n\r\n URL /INBOX/;UID=1/;SECTION=2 TEXT {9+}\r\n\r\n--b--\r\n)", "t OK [APPENDUID ");
  /* URLs alone; the last one's bytes are one piece of a part. */
  talk_expect_prefix (talk, "APPEND Drafts CATENATE (URL \"/INBOX/;UID=1/;SECTION=HEADER\" URL {37+}\r\n/INBOX/;UID=1/;SECTION=2/;PARTIAL=0.3)", "t OK [APPENDUID ");
  /* RFC 3502: each of many in its own way. */
  talk_expect_prefix (talk, "APPEND Drafts CATENATE (TEXT {9+}\r\nA: b\r\n\r\nc) (\\Seen) {8+}\r\nD: e\r\n\r\n CATENATE (URL \"/INBOX/;UID=1\")", "t OK [APPENDUID ");
  talk_expect_prefix (talk, "SELECT Drafts", "* FLAGS");
  expect_message (talk, 1, "From: a@x.test\r\nSubject: two parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n<p>two\r\n--b--\r\n");
  expect_message (talk, 2, "From: a@x.test\r\nSubject: two parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n<p>");
  expect_message (talk, 3, "A: b\r\n\r\nc");
  expect_message (talk, 4, "D: e\r\n\r\n");
  expect_message (talk, 5, WHOLE);
  talk_expect (talk, "FETCH 1,4 FLAGS", "* 1 FETCH (FLAGS (\\Draft \\Recent))\r\n* 4 FETCH (FLAGS (\\Seen \\Recent))\r\nt OK Fetched\r\n");

  /* A URL without a mailbox is of the selected one; copying does not mark as read. */
  talk_expect_prefix (talk, "APPEND Drafts CATENATE (URL /;UID=3 TEXT {3+}\r\nnew)", "* 6 EXISTS");
  expect_message (talk, 6, "A: b\r\n\r\ncnew");
  talk_expect (talk, "STATUS INBOX (UNSEEN)", "* STATUS \"INBOX\" (UNSEEN 1)\r\nt OK Status told\r\n");
  /* RFC 8508 */
  talk_expect_prefix (talk, "REPLACE 6 Drafts CATENATE (URL /;UID=6/;SECTION=HEADER TEXT {5+}\r\nagain)", "* OK [APPENDUID ");
  expect_message (talk, 6, "A: b\r\n\r\nagain");
}

/* One that waits for "+" each time. */
static void
test_synchronising (Fixture      *fixture,
                    gconstpointer data)
{
  g_autoptr (Talk) talk = NULL;

  fixture_deliver (fixture, "Subject: x\r\n\r\nbody\r\n");
  talk = talk_new_bob (fixture);
  talk_send (talk, "a APPEND INBOX CATENATE (URL \"/INBOX/;UID=1/;SECTION=HEADER\" TEXT {3}\r\n");
  talk_wait (talk, "+");
  talk_send (talk, "one URL {14}\r\n");
  talk_wait (talk, "+");
  talk_send (talk, "/INBOX/;UID=99 TEXT {3}\r\n");
  talk_wait (talk, "a ");
  g_assert_true (g_str_has_suffix (talk->output->str, "a NO [BADURL /INBOX/;UID=99] There is no such message or part\r\n"));
  g_free (talk_steal_output (talk));
  talk_expect (talk, "NOOP", "t OK Done\r\n");
}

/* 4.1, 4.2: nothing is added, and what was sent along never becomes commands (I22). */
static void
test_refused (Fixture      *fixture,
              gconstpointer data)
{
  static const struct
  {
    const char *arguments;
    const char *reply;
  } cases[] = {
    { "INBOX CATENATE (URL /INBOX/;UID=9 TEXT {9+}\r\nx NOOP\r\n\r)", "t NO [BADURL /INBOX/;UID=9]" },
    { "INBOX CATENATE (TEXT {4+}\r\na: b URL /INBOX;UIDVALIDITY=1/;UID=1)", "t NO [BADURL /INBOX;UIDVALIDITY=1/;UID=1]" },
    { "INBOX CATENATE (URL /INBOX/;UID=1/;SECTION=4)", "t NO [BADURL /INBOX/;UID=1/;SECTION=4]" },
    { "INBOX CATENATE (URL /nowhere/;UID=1)", "t NO [BADURL /nowhere/;UID=1]" },
    { "INBOX CATENATE (URL \"imap://other/INBOX/;UID=1]\\\"\")", "t NO [BADURL imap://other/INBOX/;UID=1] " },
    { "INBOX CATENATE (URL /;UID=1)", "t NO [BADURL /;UID=1]" },
    { "nowhere CATENATE (URL /INBOX/;UID=9)", "t NO [TRYCREATE]" },
    { "nowhere CATENATE (TEXT {9+}\r\nx NOOP\r\n\r URL /INBOX/;UID=9)", "t NO [TRYCREATE]" },
    { "INBOX CATENATE (TEXT {90+}\r\n0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567\r\n URL /INBOX/;UID=1)", "t NO [TOOBIG]" },
    { "INBOX CATENATE (URL /INBOX/;UID=1 TEXT {90+}\r\n0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567\r\n)", "t NO [TOOBIG]" },
    { "INBOX CATENATE (TEXT {0+}\r\n)", "t NO [CANNOT]" },
    { "INBOX CATENATE ()", "t BAD" },
    { "INBOX CATENATE (TEXT \"x\")", "t BAD" },
    { "INBOX CATENATE (TEXT {1+}\r\nx", "t BAD" },
    { "INBOX CATENATE (TEXT {1+}\r\nxTEXT {1+}\r\ny)", "t BAD" },
    { "INBOX CATENATE (FOO x)", "t BAD" },
    { "INBOX CATENATE (URL /INBOX/;UID=1) x", "t BAD" },
    { "INBOX CATENATE", "t BAD" },
  };
  g_autoptr (Talk) talk = NULL;

  fixture->append_size_max = 100;
  fixture_deliver (fixture, "Subject: x\r\n\r\nbody\r\n");
  talk = talk_new_bob (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *command = g_strconcat ("APPEND ", cases[i].arguments, NULL);

      talk_expect_prefix (talk, command, cases[i].reply);
    }
  talk_expect (talk, "STATUS INBOX (MESSAGES)", "* STATUS \"INBOX\" (MESSAGES 1)\r\nt OK Status told\r\n");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap/catenate/urls", test_urls);
  g_test_add ("/imap/catenate/parts", Fixture, NULL, fixture_set_up, test_parts, fixture_tear_down);
  g_test_add ("/imap/catenate/synchronising", Fixture, NULL, fixture_set_up, test_synchronising, fixture_tear_down);
  g_test_add ("/imap/catenate/refused", Fixture, NULL, fixture_set_up, test_refused, fixture_tear_down);

  return g_test_run ();
}
