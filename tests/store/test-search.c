/* What each key finds (RFC 3501 6.4.4), as a table (I39). */

#include "store-fixture.h"

#include "ph-account-store-private.h"

static const struct
{
  const char *text;
  PhFlags     flags;
  const char *keyword;
  gint64      date; /* internal, seconds */
} messages[] = {
  { "From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nDate: Fri, 1 Jan 2027 23:30:00 -0500\r\n\r\nplain text\r\n", PH_FLAG_SEEN, NULL, 1798761600 }, /* 2027-01-01 00:00 UTC */
  { "From: bob@example.net\r\nSubject: two\r\n words\r\nX-Empty:\r\n\r\nStra\xc3\x9f"
    "e is no header\r\n",
    PH_FLAG_FLAGGED | PH_FLAG_DELETED, "Blue", 1798761600 + 86399 },
  { "From: carol@example.org\r\nSubject: encoded\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nRWluZSBuw6Rob2xsZSBOYWNocmljaHQ=\r\n", 0, NULL, 1798761600 + 86400 }, /* "Eine nähölle"-like */
  { "From: dave@example.org\r\nSubject: parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nfirst part\r\n--b\r\nContent-Type: image/png\r\n\r\nsecret bytes\r\n--b--\r\n", PH_FLAG_SEEN | PH_FLAG_ANSWERED, NULL, 1798761600 + 10 * 86400 },
};

static PhSearchKey *
make_key (PhSearchOp  op,
          const char *name,
          const char *text,
          guint64     number)
{
  PhSearchKey *key = ph_search_key_new (op);

  key->name = g_strdup (name);
  key->text = g_strdup (text);
  key->number = number;
  key->day = (gint32)number;
  key->flags = (PhFlags)number;

  return key;
}

/* "1 3": the UIDs. Takes `key`. */
static char *
search (PhMailbox   *mailbox,
        PhSearchKey *key)
{
  const guint32 uids[] = { 1, 2, 3, 4, 99 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) found = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  ph_mailbox_search_async (mailbox, key, uids, G_N_ELEMENTS (uids), NULL, ready_cb, &result);
  await (&result);
  found = ph_mailbox_search_finish (mailbox, result, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < found->len; i++)
    g_string_append_printf (text, i > 0 ? " %u" : "%u", g_array_index (found, guint32, i));

  return g_string_free (g_steal_pointer (&text), FALSE);
}

#define DAY_OF_FIRST 20819 /* 2027-01-01 */

static void
test_table (Fixture      *fixture,
            gconstpointer data)
{
  static const struct
  {
    PhSearchOp  op;
    const char *name;
    const char *text;
    guint64     number;
    const char *expected;
  } cases[] = {
    { PH_SEARCH_ALL, NULL, NULL, 0, "1 2 3 4" },
    { PH_SEARCH_FLAGS, NULL, NULL, PH_FLAG_SEEN, "1 4" },
    { PH_SEARCH_FLAGS, NULL, NULL, PH_FLAG_SEEN | PH_FLAG_ANSWERED, "4" },
    { PH_SEARCH_KEYWORD, NULL, "blue", 0, "2" },
    { PH_SEARCH_KEYWORD, NULL, "Red", 0, "" },
    { PH_SEARCH_RECENT, NULL, NULL, 3, "3 4" },
    { PH_SEARCH_LARGER, NULL, NULL, 100000, "" },
    { PH_SEARCH_SMALLER, NULL, NULL, 100000, "1 2 3 4" },
    { PH_SEARCH_BEFORE, NULL, NULL, DAY_OF_FIRST + 1, "1" },
    { PH_SEARCH_ON, NULL, NULL, DAY_OF_FIRST, "1" },
    { PH_SEARCH_ON, NULL, NULL, DAY_OF_FIRST + 1, "2 3" }, /* in the zone it came with, +0100 */
    { PH_SEARCH_SINCE, NULL, NULL, DAY_OF_FIRST + 1, "2 3 4" },
    { PH_SEARCH_SENT_ON, NULL, NULL, DAY_OF_FIRST, "1" }, /* the day that Date: says, not UTC's */
    { PH_SEARCH_SENT_SINCE, NULL, NULL, DAY_OF_FIRST + 5, "4" },
    { PH_SEARCH_HEADER, "Subject", "GR\xc3\x9c\xc3\x9f"
                                   "E",
      0, "1" },
    { PH_SEARCH_HEADER, "subject", "two words", 0, "2" },
    { PH_SEARCH_HEADER, "From", "example.org", 0, "1 3 4" },
    { PH_SEARCH_HEADER, "X-Empty", "", 0, "2" },
    { PH_SEARCH_HEADER, "X-Empty", "x", 0, "" },
    { PH_SEARCH_HEADER, "X-None", "", 0, "" },
    { PH_SEARCH_BODY, NULL, "PLAIN", 0, "1" },
    { PH_SEARCH_BODY, NULL, "STRASSE", 0, "2" }, /* folded in full */
    { PH_SEARCH_BODY, NULL, "n\xc3\x84holl", 0, "3" },
    { PH_SEARCH_BODY, NULL, "first part", 0, "4" },
    { PH_SEARCH_BODY, NULL, "secret", 0, "" },
    { PH_SEARCH_BODY, NULL, "example.org", 0, "" },
    { PH_SEARCH_TEXT, NULL, "example.org", 0, "1 3 4" },
    { PH_SEARCH_TEXT, NULL, "first", 0, "4" },
    { PH_SEARCH_OLDER, NULL, NULL, 1800000000 - 1798761600, "1" },
    { PH_SEARCH_YOUNGER, NULL, NULL, 1800000000 - 1798761600, "1 2 3 4" },
    { PH_SEARCH_MODSEQ, NULL, NULL, 1, "1 2 3 4" },
    { PH_SEARCH_SAVED_ON, NULL, NULL, 1800000000 / 86400, "1 2 3 4" },
  };
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "Archive");

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      const char *const keywords[] = { messages[i].keyword, NULL };
      g_autoptr (GError) error = NULL;

      append_full (fixture, mailbox, messages[i].text, messages[i].flags, keywords, messages[i].date, &error);
      g_assert_no_error (error);
    }

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *found = search (mailbox, make_key (cases[i].op, cases[i].name, cases[i].text, cases[i].number));
      g_autofree char *none = NULL;
      PhSearchKey *not = ph_search_key_new (PH_SEARCH_NOT);

      if (g_strcmp0 (found, cases[i].expected) != 0)
        g_error ("case %u: %s, not %s", i, found, cases[i].expected);

      /* NOT of it and it are all. */
      g_ptr_array_add (not ->children, make_key (cases[i].op, cases[i].name, cases[i].text, cases[i].number));
      none = search (mailbox, not );
      g_assert_cmpuint (strlen (found) / 2 + (*found != '\0') + strlen (none) / 2 + (*none != '\0'), ==, 4);
    }
}

static void
test_combined (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "Archive");
  PhSearchKey * or = ph_search_key_new (PH_SEARCH_OR), *and = ph_search_key_new (PH_SEARCH_AND), *uids = ph_search_key_new (PH_SEARCH_UIDS);
  const guint32    ranges[] = { 1, 1, 3, 7 };
  g_autofree char *found = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    append (fixture, mailbox, messages[i].text);
  g_array_append_vals (uids->uids, ranges, 4);
  g_ptr_array_add (or->children, make_key (PH_SEARCH_HEADER, "From", "ann", 0));
  g_ptr_array_add (or->children, make_key (PH_SEARCH_BODY, NULL, "first", 0));
  g_ptr_array_add (or->children, make_key (PH_SEARCH_HEADER, "From", "bob", 0));
  g_ptr_array_add (and->children, or);
  g_ptr_array_add (and->children, uids);
  found = search (mailbox, and);
  g_assert_cmpstr (found, ==, "1 4");
}

/* Overwrites the files of a folder. */
static void
spoil_files (Fixture *fixture)
{
  g_autofree char *directory = g_path_get_dirname (ph_index_queue_get_path (ph_account_store_get_queue (fixture->account)));
  g_autofree char *command = g_strdup_printf ("find '%s/.Archive' -name '*.posthouse*' -exec sed -i s/[a-z]/x/g '{}' +", directory);
  int              status = -1;

  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

/* What the ENVELOPE has is found without the file, whatever the index of texts knows. */
static void
test_no_file (Fixture      *fixture,
              gconstpointer data)
{
  static const struct
  {
    PhSearchOp  op;
    const char *name;
    const char *text;
    guint64     day;
    const char *expected;
  } cases[] = {
    { PH_SEARCH_HEADER, "From", "ANN", 0, "1" },
    { PH_SEARCH_HEADER, "From", "ann@", 0, "1" },
    { PH_SEARCH_HEADER, "From", "Ann <ann@example.org>", 0, "1" },
    { PH_SEARCH_HEADER, "From", "example.net", 0, "2" },
    { PH_SEARCH_HEADER, "To", "bob", 0, "1" },
    { PH_SEARCH_HEADER, "Cc", "bob", 0, "" },
    { PH_SEARCH_HEADER, "Subject", "gr\xc3\x9c\xc3\x9f"
                                   "e",
      0, "1" },
    { PH_SEARCH_HEADER, "Subject", "two words", 0, "2" },
    { PH_SEARCH_HEADER, "Subject", "", 0, "1 2 3 4" },
    { PH_SEARCH_SENT_ON, NULL, NULL, 20819, "1" }, /* 2027-01-01 in its zone */
  };
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, "Archive");

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    append (fixture, mailbox, messages[i].text);
  spoil_files (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *found = search (mailbox, make_key (cases[i].op, cases[i].name, cases[i].text, cases[i].day));

      g_test_message ("%s %s", cases[i].name, cases[i].text);
      g_assert_cmpstr (found, ==, cases[i].expected);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD_STORE_TEST ("/store/search/table", test_table);
  ADD_STORE_TEST ("/store/search/combined", test_combined);
  ADD_STORE_TEST ("/store/search/no-file", test_no_file);

  return g_test_run ();
}
