#include "imap-fixture.h"

#include "ph-imap-metadata.h"

/* METADATA (RFC 5464). */

static void
test_values (Fixture      *fixture,
             gconstpointer data)
{
  static const char with_nul[] = "b SETMETADATA \"\" (/private/vendor/a/b ~{3+}\r\na\0b /shared/comment \"q\\\"\\\\\")\r\n";
  static const char told[] = "* METADATA \"\" (/private/vendor/a/b ~{3}\r\na\0b)\r\nc OK Annotations told\r\n";
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  /* 4.3: what is set is there for the next session, in any case of its name; NIL takes it away. */
  talk_expect (talk, "SETMETADATA INBOX (/shared/comment \"Ours\" /private/comment {9+}\r\ntwo\r\nline)", "t OK Annotations set\r\n");
  {
    g_autoptr (Talk) other = talk_new_bob (fixture);

    talk_expect (other, "GETMETADATA inbox /Shared/COMMENT", "* METADATA \"INBOX\" (/shared/comment \"Ours\")\r\nt OK Annotations told\r\n");
    talk_expect (other, "GETMETADATA INBOX (/private/comment /shared/none)", "* METADATA \"INBOX\" (/private/comment {9}\r\ntwo\r\nline /shared/none NIL)\r\nt OK Annotations told\r\n");
  }
  talk_expect (talk, "SETMETADATA INBOX (/SHARED/comment NIL /private/comment \"\")", "t OK Annotations set\r\n");
  talk_expect (talk, "GETMETADATA INBOX (/shared/comment /private/comment)", "* METADATA \"INBOX\" (/shared/comment NIL /private/comment \"\")\r\nt OK Annotations told\r\n");

  /* Octets stay what they are; what looks like an end is quoted. */
  g_string_append_len (talk->input, with_nul, sizeof with_nul - 1);
  talk_wait (talk, "b ");
  g_free (talk_steal_output (talk));
  g_string_append (talk->input, "c GETMETADATA \"\" (/private/vendor/a/b)\r\n");
  while (talk->output->len < sizeof told - 1)
    {
      talk_pump (talk);
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_cmpmem (talk->output->str, talk->output->len, told, sizeof told - 1);
  g_free (talk_steal_output (talk));
  talk_expect (talk, "GETMETADATA \"\" /shared/comment", "* METADATA \"\" (/shared/comment \"q\\\"\\\\\")\r\nt OK Annotations told\r\n");

  /* V24: an account sees its own. */
  {
    g_autoptr (Talk) alice = talk_new (fixture, "127.0.0.1");

    talk_log_in_as (alice, ALICE);
    talk_expect (alice, "GETMETADATA \"\" /shared/comment", "* METADATA \"\" (/shared/comment NIL)\r\nt OK Annotations told\r\n");
    talk_expect (alice, "GETMETADATA INBOX /private/comment", "* METADATA \"INBOX\" (/private/comment NIL)\r\nt OK Annotations told\r\n");
  }
}

/* 4.2.1, 4.2.2; options before the mailbox as in the grammar, or behind it as in the examples. */
static void
test_options (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  talk_expect (talk, "SETMETADATA Sent (/private/f/v \"12\" /private/f/v/a \"1234\" /private/f/v/a/b \"123456\" /private/f/vx \"x\" /shared/vendor/x/y \"12345678\")", "t OK Annotations set\r\n");
  talk_expect (talk, "GETMETADATA Sent (DEPTH 1) /private/f/v", "* METADATA \"Sent\" (/private/f/v \"12\" /private/f/v/a \"1234\")\r\nt OK Annotations told\r\n");
  talk_expect (talk, "GETMETADATA (DEPTH 0) Sent /private/f/v", "* METADATA \"Sent\" (/private/f/v \"12\")\r\nt OK Annotations told\r\n");
  talk_expect (talk, "GETMETADATA (DEPTH infinity MAXSIZE 4) Sent (/private/f/v)", "* METADATA \"Sent\" (/private/f/v \"12\" /private/f/v/a \"1234\")\r\nt OK [METADATA LONGENTRIES 6] Annotations told\r\n");
  talk_expect (talk, "GETMETADATA Sent (MAXSIZE 1) (/private/f/v /shared/vendor/x/y)", "t OK [METADATA LONGENTRIES 8] Annotations told\r\n");
  talk_expect (talk, "GETMETADATA Sent (DEPTH infinity) (/shared)", "* METADATA \"Sent\" (/shared/vendor/x/y \"12345678\")\r\nt OK Annotations told\r\n");
  /* Each once. */
  talk_expect (talk, "GETMETADATA Sent (DEPTH infinity) (/private/f/v/a /private/f/v /private/f/v)", "* METADATA \"Sent\" (/private/f/v/a \"1234\" /private/f/v/a/b \"123456\" /private/f/v \"12\")\r\nt OK Annotations told\r\n");
}

static void
test_refused (Fixture      *fixture,
              gconstpointer data)
{
  static const struct
  {
    const char *command;
    const char *reply;
  } cases[] = {
    { "GETMETADATA", "t BAD" },
    { "GETMETADATA INBOX", "t BAD" },
    { "GETMETADATA INBOX ()", "t BAD" },
    { "GETMETADATA INBOX (DEPTH 2) /shared/x", "t BAD" },
    { "GETMETADATA INBOX (DEPTH) /shared/x", "t BAD" },
    { "GETMETADATA INBOX (FOO 1) /shared/x", "t BAD" },
    { "GETMETADATA INBOX /other/x", "t BAD" },
    { "GETMETADATA INBOX /shared/x/", "t BAD" },
    { "GETMETADATA INBOX /shared//x", "t BAD" },
    { "GETMETADATA INBOX \"/shared/*\"", "t BAD" },
    { "GETMETADATA INBOX \"/shared/%\"", "t BAD" },
    { "GETMETADATA INBOX \"\"", "t BAD" },
    { "GETMETADATA INBOX shared/x", "t BAD" },
    { "GETMETADATA nowhere /shared/x", "t NO [NONEXISTENT]" },
    { "GETMETADATA \"&\" /shared/x", "t NO [NONEXISTENT]" },
    { "SETMETADATA INBOX", "t BAD" },
    { "SETMETADATA INBOX ()", "t BAD" },
    { "SETMETADATA INBOX /shared/comment \"x\"", "t BAD" },
    { "SETMETADATA INBOX (/shared/comment)", "t BAD" },
    { "SETMETADATA INBOX (/shared/comment x)", "t BAD" },
    { "SETMETADATA INBOX (/shared \"x\")", "t BAD" },
    { "SETMETADATA INBOX (/shared/vendor \"x\")", "t BAD" },
    { "SETMETADATA INBOX (/shared/vendor/x \"x\")", "t BAD" },
    { "SETMETADATA INBOX (/shared/comment \"x\" /bad/comment \"y\")", "t BAD" },
    { "SETMETADATA nowhere (/shared/comment \"x\")", "t NO [NONEXISTENT]" },
    { "SETMETADATA \"\" (/shared/admin \"mailto:me\")", "t NO [NOPERM]" },
    { "GETMETADATA INBOX /shared/comment", "* METADATA \"INBOX\" (/shared/comment NIL)\r\nt OK" },
  };
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    talk_expect_prefix (talk, cases[i].command, cases[i].reply);
}

/* 4.1, 4.3: limits, said as the RFC wants it; all or none. */
static void
test_limits (Fixture      *fixture,
             gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);
  g_autofree char *most = g_strnfill (PH_ANNOTATION_SIZE_MAX, 'x');
  g_autofree char *fits = g_strdup_printf ("SETMETADATA INBOX (/shared/long {%d+}\r\n%s)", PH_ANNOTATION_SIZE_MAX, most);
  g_autofree char *too_long = g_strdup_printf ("SETMETADATA INBOX (/shared/first \"1\" /shared/long {%d+}\r\n%sx)", PH_ANNOTATION_SIZE_MAX + 1, most);

  talk_expect (talk, fits, "t OK Annotations set\r\n");
  talk_expect (talk, too_long, "t NO [METADATA MAXSIZE 65536] The value is too long\r\n");
  talk_expect (talk, "GETMETADATA (MAXSIZE 10) INBOX (/shared/first /shared/long)", "* METADATA \"INBOX\" (/shared/first NIL)\r\nt OK [METADATA LONGENTRIES 65536] Annotations told\r\n");
  /* One too long to be gathered at all. */
  talk_send (talk, "big SETMETADATA INBOX (/shared/long {99999999}\r\n");
  talk_wait (talk, "big ");
  g_assert_cmpstr (talk->output->str, ==, "big NO [METADATA MAXSIZE 65536] The value is too long\r\n");
  g_free (talk_steal_output (talk));
  talk_expect (talk, "SETMETADATA INBOX (/shared/long NIL)", "t OK Annotations set\r\n");

  for (guint i = 0; i < PH_ANNOTATIONS_MAX; i++)
    {
      g_autofree char *command = g_strdup_printf ("SETMETADATA INBOX (/private/n%u \"x\")", i);

      talk_expect (talk, command, "t OK Annotations set\r\n");
    }
  talk_expect (talk, "SETMETADATA INBOX (/private/n0 \"new\" /private/more \"x\")", "t NO [METADATA TOOMANY] There are too many annotations\r\n");
  talk_expect (talk, "GETMETADATA INBOX (/private/n0 /private/more)", "* METADATA \"INBOX\" (/private/n0 \"x\" /private/more NIL)\r\nt OK Annotations told\r\n");
  talk_expect (talk, "SETMETADATA INBOX (/private/n0 NIL /private/more \"x\")", "t OK Annotations set\r\n");
  talk_expect (talk, "SETMETADATA Sent (/private/more \"x\")", "t OK Annotations set\r\n");
}

/* 4.1: they follow the mailbox. */
static void
test_folders (Fixture      *fixture,
              gconstpointer data)
{
  g_autoptr (Talk) talk = talk_new_bob (fixture);

  talk_expect_prefix (talk, "CREATE a/b", "t OK");
  talk_expect_prefix (talk, "SETMETADATA a/b (/shared/comment \"b\")", "t OK");
  talk_expect_prefix (talk, "RENAME a c", "t OK");
  talk_expect (talk, "GETMETADATA c/b /shared/comment", "* METADATA \"c/b\" (/shared/comment \"b\")\r\nt OK Annotations told\r\n");
  talk_expect_prefix (talk, "GETMETADATA a/b /shared/comment", "t NO [NONEXISTENT]");
  talk_expect_prefix (talk, "DELETE c/b", "t OK");
  talk_expect_prefix (talk, "CREATE c/b", "t OK");
  talk_expect (talk, "GETMETADATA c/b /shared/comment", "* METADATA \"c/b\" (/shared/comment NIL)\r\nt OK Annotations told\r\n");

  talk_expect_prefix (talk, "SETMETADATA INBOX (/shared/comment \"in\")", "t OK");
  talk_expect_prefix (talk, "RENAME INBOX old", "t OK");
  talk_expect (talk, "GETMETADATA INBOX /shared/comment", "* METADATA \"INBOX\" (/shared/comment \"in\")\r\nt OK Annotations told\r\n");
  talk_expect (talk, "GETMETADATA old /shared/comment", "* METADATA \"old\" (/shared/comment \"in\")\r\nt OK Annotations told\r\n");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/imap/metadata/values", Fixture, NULL, fixture_set_up, test_values, fixture_tear_down);
  g_test_add ("/imap/metadata/options", Fixture, NULL, fixture_set_up, test_options, fixture_tear_down);
  g_test_add ("/imap/metadata/refused", Fixture, NULL, fixture_set_up, test_refused, fixture_tear_down);
  g_test_add ("/imap/metadata/limits", Fixture, NULL, fixture_set_up, test_limits, fixture_tear_down);
  g_test_add ("/imap/metadata/folders", Fixture, NULL, fixture_set_up, test_folders, fixture_tear_down);

  return g_test_run ();
}
