#include "ph-imap-fetch-items.h"
#include "ph-imap-flags.h"
#include "ph-imap-pattern.h"
#include "ph-imap-reader.h"
#include "ph-imap-set.h"
#include "ph-imap-transcript.h"

#include <string.h>
#include <time.h>

#include "../note.h"

static PhImapParser
parse (const char *text)
{
  PhImapParser parser;

  ph_imap_parser_init (&parser, text, strlen (text));

  return parser;
}

/* I23 */
static void
test_astring (void)
{
  static const struct
  {
    const char *text;
    const char *value; /* NULL: refused */
    const char *rest;
  } cases[] = {
    { "abc def", "abc", " def" },
    { "a]b", "a]b", "" },
    { "NIL", "NIL", "" },
    { "\"\"", "", "" },
    { "\"a \\\"b\\\\\"x", "a \"b\\", "x" },
    { "{3}\r\na b rest", "a b", " rest" },
    { "{3+}\r\na b", "a b", "" },
    { "{0}\r\n", "", "" },
    { "{3}\na\r\n", "a\r\n", "" },
    { "{2}\r\n\xc3\xa4", "\xc3\xa4", "" },
    { "", NULL, NULL },
    { " a", NULL, NULL },
    { "(a", NULL, NULL },
    { "\"abc", NULL, NULL },
    { "\"a\\n\"", NULL, NULL },
    { "\"a\\", NULL, NULL },
    { "\"\xc3\xa4\"", NULL, NULL },
    { "\xc3\xa4", NULL, NULL },
    { "\"a\rb\"", NULL, NULL },
    { "{4}\r\nabc", NULL, NULL },
    { "{-1}\r\nabc", NULL, NULL },
    { "{4294967296}\r\nabc", NULL, NULL },
    { "{99999999999999999999}\r\nabc", NULL, NULL },
    { "{1+", NULL, NULL },
    { "{1", NULL, NULL },
    { "{", NULL, NULL },
    { "{}\r\n", NULL, NULL },
    { "~{1}\r\na", "~", "{1}\r\na" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PhImapParser     parser = parse (cases[i].text);
      g_autofree char *value = NULL;

      g_assert_true (ph_imap_parser_take_astring (&parser, &value) == (cases[i].value != NULL));
      g_assert_cmpstr (value, ==, cases[i].value);
      if (value != NULL)
        g_assert_cmpstr ((const char *)parser.data + parser.position, ==, cases[i].rest);
      else
        g_assert_nonnull (parser.error);
    }
}

static void
test_nul_is_refused (void)
{
  PhImapParser     parser;
  g_autofree char *value = NULL;

  ph_imap_parser_init (&parser, "{3}\r\na\0b", 8);
  g_assert_false (ph_imap_parser_take_astring (&parser, &value));
  ph_imap_parser_init (&parser, "\"a\0b\"", 5);
  g_assert_false (ph_imap_parser_take_astring (&parser, &value));
  g_assert_null (value);
}

/* I06, V09 */
static void
test_set (void)
{
  static const struct
  {
    const char *text;
    guint32     max;
    const char *ranges; /* NULL: refused */
  } cases[] = {
    { "1", 9, "1-1" },
    { "3:1", 9, "1-3" },
    { "5:*", 4, "4-5" },
    { "*:5", 4, "4-5" },
    { "*", 7, "7-7" },
    { "*", 0, "" },
    { "2:*", 0, "" },
    { "1,3,2", 9, "1-3" },
    { "1:3,2:5,7,9:8", 9, "1-5 7-9" },
    { "4294967295", 9, "4294967295-4294967295" },
    { "1:4294967295,1:*", 9, "1-4294967295" },
    { "4294967296", 9, NULL },
    { "0", 9, NULL },
    { "1:0", 9, NULL },
    { "", 9, NULL },
    { "1,", 9, NULL },
    { "1:", 9, NULL },
    { ":1", 9, NULL },
    { "-1", 9, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PhImapParser parser = parse (cases[i].text);
      g_autoptr (GArray) set = NULL;
      g_autoptr (GString) ranges = g_string_new (NULL);

      g_assert_true (ph_imap_set_take (&parser, &set) == (cases[i].ranges != NULL));
      if (set == NULL)
        continue;
      ph_imap_set_resolve (set, cases[i].max);
      for (guint j = 0; j < set->len; j++)
        g_string_append_printf (ranges, "%s%u-%u", j > 0 ? " " : "",
                                g_array_index (set, PhImapRange, j).first,
                                g_array_index (set, PhImapRange, j).last);
      g_assert_cmpstr (ranges->str, ==, cases[i].ranges);
    }
}

static void
test_set_format (void)
{
  static const guint32 numbers[] = { 1, 2, 3, 5, 7, 8 };
  g_autoptr (GString) out = g_string_new (NULL);

  ph_imap_set_format (numbers, G_N_ELEMENTS (numbers), out);
  g_assert_cmpstr (out->str, ==, "1:3,5,7:8");
}

/* I07, I13, I14 */
static void
test_flags (void)
{
  static const struct
  {
    const char *text;
    const char *flags; /* NULL: refused */
  } cases[] = {
    { "()", "" },
    { "(\\seen \\FLAGGED)", "\\Flagged \\Seen" },
    { "(work $Forwarded Work)", "work $Forwarded" },
    { "\\Deleted x", "\\Deleted x" },
    { "(\\Recent)", NULL },
    { "(\\Foo)", NULL },
    { "(\\)", NULL },
    { "(a b", NULL },
    { "( a)", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PhImapParser parser = parse (cases[i].text);
      g_auto (PhImapFlags) flags = { 0 };
      g_autoptr (GString) out = g_string_new (NULL);
      const char *const *keywords;
      gboolean           taken = ph_imap_flags_take (&parser, TRUE, &flags);
      guint              n;

      g_assert_true (taken == (cases[i].flags != NULL));
      if (!taken)
        continue;
      keywords = ph_imap_flags_get_keywords (&flags);
      n = keywords != NULL ? g_strv_length ((char **)keywords) : 0;
      ph_imap_flags_format (flags.system, FALSE, (G_GUINT64_CONSTANT (1) << n) - 1, keywords, n, out);
      g_assert_cmpstr (out->str, ==, cases[i].flags);
    }
}

static void
test_flags_over_limit (void)
{
  g_autofree char *name = g_strnfill (65, 'k');
  PhImapParser     parser = parse (name);
  g_auto (PhImapFlags) flags = { 0 };

  g_assert_true (ph_imap_flags_take (&parser, TRUE, &flags));
  g_assert_true (flags.over_limit);
  g_assert_null (ph_imap_flags_get_keywords (&flags));
}

/* I35 */
static void
test_fetch_items (void)
{
  static const struct
  {
    const char *text;
    const char *labels; /* of the sections; NULL: refused */
    guint       flags;
    gboolean    sets_seen;
  } cases[] = {
    { "ALL", "", PH_IMAP_FETCH_FLAGS | PH_IMAP_FETCH_INTERNALDATE | PH_IMAP_FETCH_SIZE | PH_IMAP_FETCH_ENVELOPE, FALSE },
    { "(UID FLAGS)", "", PH_IMAP_FETCH_UID | PH_IMAP_FETCH_FLAGS, FALSE },
    { "body", "", PH_IMAP_FETCH_BODY, FALSE },
    { "(BODYSTRUCTURE BODY)", "", PH_IMAP_FETCH_BODYSTRUCTURE | PH_IMAP_FETCH_BODY, FALSE },
    { "BODY[]", "BODY[]", 0, TRUE },
    { "body.peek[]<0.10>", "BODY[]<0>", 0, FALSE },
    { "BODY[1.2.MIME]", "BODY[1.2.MIME]", 0, TRUE },
    { "BODY[1.2]", "BODY[1.2]", 0, TRUE },
    { "BODY.PEEK[HEADER.FIELDS (from \"To\")]", "BODY[HEADER.FIELDS (from To)]", 0, FALSE },
    { "BODY.PEEK[HEADER.FIELDS ({2}\r\nTo)]<5.4294967295>", "BODY[HEADER.FIELDS (To)]<5>", 0, FALSE },
    { "BODY.PEEK[3.HEADER.FIELDS.NOT (\"a b\")]", "BODY[3.HEADER.FIELDS.NOT (\"a b\")]", 0, FALSE },
    { "(RFC822.SIZE RFC822.HEADER)", "RFC822.HEADER", PH_IMAP_FETCH_SIZE, FALSE },
    { "(RFC822 RFC822.TEXT)", "RFC822 RFC822.TEXT", 0, TRUE },
    { "BODY[]<0.0>", NULL, 0, FALSE },
    { "BODY[]<4294967296.1>", NULL, 0, FALSE },
    { "BODY[]<1>", NULL, 0, FALSE },
    { "BODY[0]", NULL, 0, FALSE },
    { "BODY[1.]", NULL, 0, FALSE },
    { "BODY[1TEXT]", NULL, 0, FALSE },
    { "BODY[MIME]", NULL, 0, FALSE },
    { "BODY[FOO]", NULL, 0, FALSE },
    { "BODY[HEADER.FIELDS ()]", NULL, 0, FALSE },
    { "BODY[HEADER.FIELDS]", NULL, 0, FALSE },
    { "BODY[", NULL, 0, FALSE },
    { "BODYX", NULL, 0, FALSE },
    { "(ALL)", NULL, 0, FALSE },
    { "()", NULL, 0, FALSE },
    { "(FLAGS", NULL, 0, FALSE },
    { "", NULL, 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PhImapParser parser = parse (cases[i].text);
      g_autoptr (PhImapFetchItems) items = ph_imap_fetch_items_take (&parser);
      g_autoptr (GString) labels = g_string_new (NULL);

      note (cases[i].text);
      g_assert_true ((items != NULL) == (cases[i].labels != NULL));
      if (items == NULL)
        {
          g_assert_nonnull (parser.error);
          continue;
        }
      g_assert_true (ph_imap_parser_at_end (&parser));
      for (guint j = 0; j < items->sections->len; j++)
        g_string_append_printf (labels, "%s%s", j > 0 ? " " : "",
                                ((PhImapSection *)g_ptr_array_index (items->sections, j))->label);
      g_assert_cmpstr (labels->str, ==, cases[i].labels);
      g_assert_cmpuint (items->flags, ==, cases[i].flags);
      g_assert_true (ph_imap_fetch_items_sets_seen (items) == cases[i].sets_seen);
    }
}

/* I27, I28 */
static void
test_pattern (void)
{
  static const struct
  {
    const char *pattern;
    const char *name;
    gboolean    matches;
  } cases[] = {
    { "*", "a/b", TRUE },
    { "%", "a", TRUE },
    { "%", "a/b", FALSE },
    { "%/%", "a/b", TRUE },
    { "a/%", "a/b", TRUE },
    { "a/%", "a", FALSE },
    { "a/%", "a/b/c", FALSE },
    { "a*c", "a/b/c", TRUE },
    { "%b", "a/b", FALSE },
    { "%*b", "a/b", TRUE },
    { "*%b", "a/b", TRUE },
    { "inbox", "INBOX", TRUE },
    { "InB%", "INBOX", TRUE },
    { "inbox/x", "INBOX/x", TRUE },
    { "inbox/X", "INBOX/x", FALSE },
    { "a", "A", FALSE },
    { "", "a", FALSE },
    { "", "", TRUE },
    { "a", "ab", FALSE },
    { "ab", "a", FALSE },
    { "*a", "aaab", FALSE },
    { "*ab", "aaab", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PhImapPattern) pattern = ph_imap_pattern_new (cases[i].pattern);

      g_test_message ("%s %s", cases[i].pattern, cases[i].name);
      g_assert_true (ph_imap_pattern_matches (pattern, cases[i].name) == cases[i].matches);
    }
}

/* V10: a pattern that explodes a naive matcher. */
static void
test_pattern_bomb (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PhImapPattern) pattern = NULL;
  g_autofree char *name = g_strnfill (200, 'a');
  clock_t          start = clock ();

  for (guint i = 0; i < 1000; i++)
    g_string_append (text, "*a");
  g_string_append (text, "b");
  pattern = ph_imap_pattern_new (text->str);
  for (guint i = 0; i < 100; i++)
    g_assert_false (ph_imap_pattern_matches (pattern, name));
  g_assert_cmpint (clock () - start, <, 10 * CLOCKS_PER_SEC);
}

/* The reader */

/* Feeds with cuts from `rand` (NULL: byte by byte) and writes down what happens. */
static char *
run_reader (const char *input,
            gsize       length,
            GRand      *rand)
{
  GString     *events = g_string_new (NULL);
  PhImapReader reader;
  gsize        offset = 0;

  ph_imap_reader_init (&reader);
  while (offset < length)
    {
      gsize             n = rand != NULL ? (gsize)g_rand_int_range (rand, 1, 40) : 1;
      PhImapReaderEvent event;
      gsize             taken;

      n = MIN (n, length - offset);
      taken = ph_imap_reader_feed (&reader, (const guint8 *)input + offset, n, &event);
      g_assert_cmpuint (taken, >, 0);
      g_assert_cmpuint (taken, <=, n);
      offset += taken;
      if (event == PH_IMAP_READER_LINE)
        g_string_append_printf (events, "[%.*s]", (int)ph_buffer_get_length (&reader.text),
                                (const char *)ph_buffer_get_data (&reader.text));
      else if (event == PH_IMAP_READER_TOO_LONG)
        g_string_append (events, "!");
      else if (event == PH_IMAP_READER_LITERAL)
        {
          gboolean may = ph_imap_reader_may_accept (&reader) && reader.literal_size != 13;

          g_string_append_printf (events, "<%s%d>", reader.literal_sync ? "" : "+", (int)MIN (reader.literal_size, 99999));
          if (may)
            ph_imap_reader_accept (&reader);
          else
            ph_imap_reader_refuse (&reader);
        }
    }
  ph_imap_reader_clear (&reader);

  return g_string_free (events, FALSE);
}

/* I22: whatever is refused, its literal never becomes a command. */
static void
test_reader (void)
{
  g_autofree char *filler = g_strnfill (PH_IMAP_PREAUTH_COMMAND_MAX + 1000, 'x');
  g_autofree char *long_line = g_strconcat ("a ", filler, "\r\nb noop\r\n", NULL);
  g_autofree char *long_line_with_literal = g_strconcat ("a ", filler, " {4+}\r\nzzzz\r\nb noop\r\n", NULL);
  const struct
  {
    const char *input;
    const char *events;
  } cases[] = {
    { "a noop\r\nb noop\n", "[a noop][b noop]" },
    { "\r\n\n", "[][]" },
    { "a x {3}\r\nabc def\r\nb\r\n", "<3>[a x {3}\r\nabc def][b]" },
    { "a x {3+}\r\nabc{0+}\r\n\r\nb\r\n", "<+3><+0>[a x {3+}\r\nabc{0+}\r\n][b]" },
    { "a x {13}\r\nb noop\r\n", "<13>[b noop]" },
    { "a x {13+}\r\nb logout\r\n123 x\r\nc noop\r\n", "<+13>[c noop]" },
    { "a x {13+}\r\nb logout\r\n123 {4+}\r\nabcd y\r\nc noop\r\n", "<+13>[c noop]" },
    { "a x {13+}\r\nb logout\r\n123 {4}\r\nc noop\r\n", "<+13>[c noop]" },
    { "a x {5000}\r\nc noop\r\n", "<5000>[c noop]" },
    { "a x {4294967296}\r\nc noop\r\n", "<99999>[c noop]" },
    { "a x {99999999999999999999}\r\nc noop\r\n", "<99999>[c noop]" },
    { "a {-1}\r\nb {1+\r\nc {}\r\nd {+}\r\n", "[a {-1}][b {1+][c {}][d {+}]" },
    { long_line, "![b noop]" },
    { long_line_with_literal, "![b noop]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize            length = strlen (cases[i].input);
      g_autofree char *bytewise = run_reader (cases[i].input, length, NULL);

      g_assert_cmpstr (bytewise, ==, cases[i].events);
      for (guint seed = 0; seed < 50; seed++)
        {
          g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
          g_autofree char *pieces = run_reader (cases[i].input, length, rand);

          g_assert_cmpstr (pieces, ==, cases[i].events);
        }
    }
}

/* The log: where the secret is. */
static void
test_secrets (void)
{
  static const struct
  {
    const char *command;
    gboolean    suspect;
    const char *shown; /* what stays before the mask; NULL: all */
  } cases[] = {
    { "a LOGIN bob secret", FALSE, "a LOGIN bob " },
    { "a login \"b o b\" \"secret\"", FALSE, "a login \"b o b\" " },
    { "a login \"bob secret", FALSE, "a login" },
    { "a LOGIN secret", FALSE, "a LOGIN " },
    { "a LOGIN {3}\r\n", FALSE, NULL },
    { "a LOGIN {3}\r\nbob {6}\r\n", FALSE, "a LOGIN {3}\r\nbob " },
    { "a LOGIN {3+}\r\nbob {6+}\r\nsecret", FALSE, "a LOGIN {3+}\r\nbob " },
    { "a AUTHENTICATE PLAIN AGJvYgBzZWNyZXQ=", FALSE, "a AUTHENTICATE PLAIN " },
    { "a AUTHENTICATE PLAIN", FALSE, NULL },
    { "LOGIN bob secret", FALSE, "LOGIN" },
    { "a  LOGIN bob secret", FALSE, "a  LOGIN" },
    { "a UID LOGIN bob secret", FALSE, "a UID LOGIN" },
    { "AGJvYgBzZWNyZXQ=", TRUE, "" },
    { "a NOOP", FALSE, NULL },
    { "a SEARCH FROM login", FALSE, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize length = strlen (cases[i].command);
      gsize secret = ph_imap_transcript_find_secret ((const guint8 *)cases[i].command, length, cases[i].suspect);

      g_assert_cmpuint (secret, ==, cases[i].shown != NULL ? strlen (cases[i].shown) : length);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/imap/parser/astring", test_astring);
  g_test_add_func ("/imap/parser/nul", test_nul_is_refused);
  g_test_add_func ("/imap/parser/set", test_set);
  g_test_add_func ("/imap/parser/set-format", test_set_format);
  g_test_add_func ("/imap/parser/flags", test_flags);
  g_test_add_func ("/imap/parser/flags-over-limit", test_flags_over_limit);
  g_test_add_func ("/imap/parser/fetch-items", test_fetch_items);
  g_test_add_func ("/imap/parser/pattern", test_pattern);
  g_test_add_func ("/imap/parser/pattern-bomb", test_pattern_bomb);
  g_test_add_func ("/imap/parser/reader", test_reader);
  g_test_add_func ("/imap/parser/secrets", test_secrets);

  return g_test_run ();
}
