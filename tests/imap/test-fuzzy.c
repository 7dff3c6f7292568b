#include "imap-fixture.h"

/* SEARCH=FUZZY (RFC 6203). */

static Talk *
talk_with_subjects (Fixture *fixture)
{
  static const char *const subjects[] = { "IMAP break", "break the IMAP", "IMAP only", "the break of IMAP", "an imap BREAK" };
  Talk                    *talk;

  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    {
      g_autofree char *text = g_strdup_printf ("Subject: %s\r\n\r\nText %u\r\n", subjects[i], i);

      fixture_deliver (fixture, text);
    }
  talk = talk_new_bob (fixture);
  talk_expect_prefix (talk, "SELECT INBOX", "* FLAGS (");

  return talk;
}

/* 3: under FUZZY words may stand anywhere; beside it nothing changes. */
static void
test_search (Fixture      *fixture,
             gconstpointer data)
{
  static const struct
  {
    const char *command, *expected;
  } cases[] = {
    { "SEARCH SUBJECT \"IMAP break\"", "* SEARCH 1 5\r\n" },
    { "SEARCH FUZZY SUBJECT \"IMAP break\"", "* SEARCH 1 2 4 5\r\n" },
    { "SEARCH FUZZY (SUBJECT \"IMAP break\")", "* SEARCH 1 2 4 5\r\n" },
    { "SEARCH FUZZY (SUBJECT \"IMAP break\" NOT SUBJECT the)", "* SEARCH 1 5\r\n" },
    { "SEARCH FUZZY SUBJECT \"IMAP break\" SUBJECT \"break the\"", "* SEARCH 2\r\n" },
    { "SEARCH FUZZY FUZZY HEADER Subject \"only  IMAP \"", "* SEARCH 3\r\n" },
    { "SEARCH NOT FUZZY SUBJECT \"break IMAP\"", "* SEARCH 3\r\n" },
    { "SEARCH OR FUZZY TEXT \"2 Text\" FUZZY BODY \"3 Text\"", "* SEARCH 3 4\r\n" },
    { "UID SEARCH FUZZY UNSEEN", "* SEARCH 1 2 3 4 5\r\n" },
    { "SEARCH FUZZY SUBJECT \" \"", "* SEARCH 1 2 3 4 5\r\n" },
    { "SEARCH FUZZY", "t BAD" },
    { "SEARCH FUZZY(ALL)", "t BAD" },
    { "SEARCH (FUZZY)", "t BAD" },
  };
  g_autoptr (Talk) talk = talk_with_subjects (fixture);
  g_autofree char *capabilities = talk_say (talk, "CAPABILITY");
  g_autoptr (GString) deep = g_string_new ("SEARCH");

  g_assert_nonnull (strstr (capabilities, " SEARCH=FUZZY "));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    talk_expect_prefix (talk, cases[i].command, cases[i].expected);

  /* V06 */
  for (guint i = 0; i < 100; i++)
    g_string_append (deep, " FUZZY");
  g_string_append (deep, " ALL");
  talk_expect_prefix (talk, deep->str, "t BAD");
}

/* V05: what words make of a text counts as keys. */
static void
test_many_words (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (Talk) talk = talk_with_subjects (fixture);
  g_autoptr (GString) command = g_string_new ("SEARCH FUZZY SUBJECT \"");

  for (guint i = 0; i < 20000; i++)
    g_string_append (command, "x ");
  g_string_append (command, "\"");
  talk_expect_prefix (talk, command->str, "* SEARCH\r\n");
}

/* 4 and 6: scores, and the order that they give. */
static void
test_relevancy (Fixture      *fixture,
                gconstpointer data)
{
  static const struct
  {
    const char *command, *expected;
  } cases[] = {
    { "SEARCH RETURN (RELEVANCY ALL) FUZZY SUBJECT \"IMAP break\"", " ALL 1:2,4:5 RELEVANCY (100 50 50 100)\r\n" },
    { "SEARCH RETURN (RELEVANCY ALL) FUZZY SUBJECT \"only IMAP\"", " ALL 3 RELEVANCY (50)\r\n" },
    { "SEARCH RETURN (COUNT RELEVANCY) FUZZY SUBJECT \"none at all\"", " COUNT 0 RELEVANCY ()\r\n" },
    { "SEARCH RETURN (RELEVANCY PARTIAL 2:3) FUZZY SUBJECT \"IMAP break\"", " PARTIAL (2:3 2,4) RELEVANCY (50 50)\r\n" },
    { "SORT (RELEVANCY) UTF-8 FUZZY SUBJECT \"IMAP break\"", "* SORT 1 5 2 4\r\n" },
    { "SORT (REVERSE RELEVANCY) UTF-8 FUZZY SUBJECT \"IMAP break\"", "* SORT 2 4 1 5\r\n" },
    { "SORT RETURN (RELEVANCY ALL) (RELEVANCY) UTF-8 FUZZY SUBJECT \"IMAP break\"", " ALL 1,5,2,4 RELEVANCY (100 100 50 50)\r\n" },
    { "SORT RETURN (PARTIAL 1:2) (RELEVANCY) UTF-8 FUZZY SUBJECT \"IMAP break\"", " PARTIAL (1:2 1,5)\r\n" },
    { "SEARCH RETURN (RELEVANCY) ALL", "t BAD" },
    { "SORT (RELEVANCY) UTF-8 ALL", "t BAD" },
    { "SORT RETURN (RELEVANCY) (DATE) UTF-8 ALL", "t BAD" },
    { "SEARCH RETURN (RELEVANCY) FUZZY", "t BAD" },
  };
  g_autoptr (Talk) talk = talk_with_subjects (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *reply = talk_say (talk, cases[i].command);

      if (strstr (reply, cases[i].expected) == NULL)
        g_assert_cmpstr (reply, ==, cases[i].expected);
    }
  /* The order by relevancy is another one for each search. */
  talk_expect_prefix (talk, "SORT (RELEVANCY) UTF-8 FUZZY SUBJECT \"the IMAP\"", "* SORT 2 4\r\n");
  talk_expect_prefix (talk, "SORT (RELEVANCY) UTF-8 FUZZY SUBJECT \"of IMAP\"", "* SORT 4\r\n");
  talk_expect_prefix (talk, "SORT (RELEVANCY) UTF-8 FUZZY SUBJECT \"break of\"", "* SORT 4\r\n");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/imap/fuzzy/search", Fixture, NULL, fixture_set_up, test_search, fixture_tear_down);
  g_test_add ("/imap/fuzzy/many-words", Fixture, NULL, fixture_set_up, test_many_words, fixture_tear_down);
  g_test_add ("/imap/fuzzy/relevancy", Fixture, NULL, fixture_set_up, test_relevancy, fixture_tear_down);

  return g_test_run ();
}
