#include "imap-fixture.h"

/* I42: each command that changes what others see against each other one, said at once in two
 * sessions on one mailbox (I01–I05, I10, I11, I16, I31).  Whatever the order in which they were
 * carried out, a third session must find what one after the other would have made; both sessions
 * must then know the same as it does, or have been told that their mailbox is gone. */

#define LITERAL "{13+}\r\nX: 1\r\n\r\nhello"

static const char *const commands[] = {
  "STORE 1:2 +FLAGS (\\Deleted)",
  "UID STORE 1:* FLAGS (\\Seen)",
  "EXPUNGE",
  "UID EXPUNGE 1:*",
  "CLOSE",
  "COPY 1:2 Other",
  "MOVE 1:2 Other",
  "APPEND Box " LITERAL,
  "REPLACE 1 Box " LITERAL,
  "CREATE Box/Child",
  "CREATE Moved",
  "DELETE Box",
  "DELETE Other",
  "RENAME Box Moved",
  "RENAME Other Box/Other",
  "SUBSCRIBE Box",
  "UNSUBSCRIBE Other",
};

/* All that can be there, children first. */
static const char *const names[] = { "Box/Child", "Box/Other", "Moved/Child", "Moved/Other", "Box", "Moved", "Other" };

typedef struct
{
  Fixture *fixture;
  Talk    *watcher;
  Talk    *talks[2];
} Pair;

static void
ignore (Talk       *talk,
        const char *command)
{
  g_free (talk_say (talk, command));
}

/* Three messages in Box, the last one \Deleted, and nothing else. */
static void
set_stage (Pair *pair)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *delete = g_strconcat ("DELETE ", names[i], NULL);
      g_autofree char *unsubscribe = g_strconcat ("UNSUBSCRIBE ", names[i], NULL);

      ignore (pair->watcher, delete);
      ignore (pair->watcher, unsubscribe);
    }
  ignore (pair->watcher, "CREATE Box");
  ignore (pair->watcher, "CREATE Other");
  ignore (pair->watcher, "SUBSCRIBE Other");
  ignore (pair->watcher, "APPEND Box () " LITERAL " () " LITERAL " (\\Deleted) " LITERAL);

  for (guint i = 0; i < 2; i++)
    {
      pair->talks[i] = talk_new_bob (pair->fixture);
      talk_expect_prefix (pair->talks[i], "SELECT Box", "* ");
    }
}

static gboolean
is_closed (Talk *talk)
{
  return ph_session_wants_close (talk->session);
}

/* One tagged answer, or BYE because the mailbox is gone. */
static void
check_answer (const char *command,
              const char *reply,
              gboolean    closed)
{
  if (closed)
    {
      g_assert_nonnull (strstr (reply, "* BYE "));
      return;
    }

  g_assert_nonnull (strstr (reply, "x1 "));
  g_assert_null (strstr (reply, "x1 BAD"));
  /* I01 */
  if (g_str_has_prefix (command, "STORE"))
    g_assert_null (strstr (reply, " EXPUNGE\r\n"));
}

/* What is there, for whoever comes now. */
static char *
describe (Talk *talk)
{
  GString         *text = g_string_new (NULL);
  g_autofree char *list = talk_say (talk, "LIST \"\" *");
  g_autofree char *subscribed = talk_say (talk, "LSUB \"\" *");

  g_string_append (text, list);
  g_string_append (text, subscribed);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *command = g_strdup_printf ("STATUS %s (MESSAGES UNSEEN DELETED)", names[i]);
      g_autofree char *status = talk_say (talk, command);

      g_string_append (text, status);
    }

  return g_string_free (text, FALSE);
}

/* Flags, but for \\Recent, which one session has (I07). */
static char *
list_messages (Talk *talk)
{
  g_autofree char *reply = talk_say (talk, "UID FETCH 1:* FLAGS");
  GString         *text = g_string_new (reply);

  g_string_replace (text, " \\Recent", "", 0);
  g_string_replace (text, "\\Recent ", "", 0);
  g_string_replace (text, "\\Recent", "", 0);

  return g_string_free (text, FALSE);
}

static char *
look_at (Talk       *talk,
         const char *name)
{
  g_autofree char *examine = g_strconcat ("EXAMINE ", name, NULL);
  g_autofree char *reply = talk_say (talk, examine);

  return strstr (reply, "t OK") != NULL ? list_messages (talk) : NULL;
}

/* A session that still has a mailbox knows the one that it has, and what is in it. */
static void
check_knowledge (Pair *pair,
                 Talk *talk,
                 Talk *fresh)
{
  g_autofree char *box = look_at (fresh, "Box");
  g_autofree char *moved = look_at (fresh, "Moved");
  g_autofree char *news = talk_say (talk, "NOOP");
  g_autofree char *known = is_closed (talk) ? NULL : list_messages (talk);

  if (known == NULL)
    {
      /* I31 */
      g_assert_nonnull (strstr (news, "* BYE "));
      return;
    }

  /* CLOSE left it. */
  if (strstr (known, "t BAD") == NULL)
    {
      if (g_strcmp0 (known, moved) != 0)
        g_assert_cmpstr (known, ==, box);
    }
}

static void
leave_stage (Pair *pair)
{
  for (guint i = 0; i < 2; i++)
    g_clear_pointer (&pair->talks[i], talk_free);
}

/* What stands after both, at once or one after the other.  *whole: both were carried out; the second is not where
 * the first deletes the mailbox that it has selected (I31). */
static char *
run (Pair       *pair,
     const char *one,
     const char *two,
     gboolean    at_once,
     gboolean   *whole)
{
  const char *const both[2] = { one, two };
  g_autoptr (Talk) fresh = NULL;
  char *found;

  *whole = TRUE;
  set_stage (pair);
  for (guint i = 0; i < 2; i++)
    {
      g_string_append_printf (pair->talks[i]->input, "x1 %s\r\n", both[i]);
      talk_pump (pair->talks[i]);
      if (!at_once)
        talk_wait (pair->talks[i], "x1 ");
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *reply = NULL;

      talk_wait (pair->talks[i], "x1 ");
      reply = talk_steal_output (pair->talks[i]);
      *whole &= strstr (reply, "x1 ") != NULL;
      check_answer (both[i], reply, is_closed (pair->talks[i]));
    }

  fresh = talk_new_bob (pair->fixture);
  found = describe (fresh);
  for (guint i = 0; i < 2; i++)
    if (!is_closed (pair->talks[i]))
      {
        check_knowledge (pair, pair->talks[i], fresh);
        if (!is_closed (pair->talks[i]))
          {
            g_autofree char *same = describe (pair->talks[i]);

            g_assert_cmpstr (same, ==, found);
          }
      }
  leave_stage (pair);

  return found;
}

/* All orders are compared in a slow run; else each pair is said once, at once. */
static void
test_pairs (Fixture      *fixture,
            gconstpointer data)
{
  Pair pair = { .fixture = fixture, .watcher = talk_new_bob (fixture) };

  for (guint a = 0; a < G_N_ELEMENTS (commands); a++)
    for (guint b = 0; b <= a; b++)
      {
        const char      *one = (a + b) % 2 == 0 ? commands[a] : commands[b];
        const char      *two = (a + b) % 2 == 0 ? commands[b] : commands[a];
        g_autofree char *found = NULL;
        gboolean         whole, forwards_whole, backwards_whole;

        g_test_message ("%s | %s", one, two);
        found = run (&pair, one, two, TRUE, &whole);
        if (g_test_slow ())
          {
            g_autofree char *forwards = run (&pair, one, two, FALSE, &forwards_whole);
            g_autofree char *backwards = run (&pair, two, one, FALSE, &backwards_whole);

            /* At once both may be carried out in an order that a session does not survive if it is kept. */
            if (strcmp (found, forwards) != 0 && (!whole || (forwards_whole && backwards_whole)))
              g_assert_cmpstr (found, ==, backwards);
          }
      }
  talk_free (pair.watcher);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/imap/pairs/at-once", Fixture, NULL, fixture_set_up, test_pairs, fixture_tear_down);

  return g_test_run ();
}
