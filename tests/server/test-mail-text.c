/* What a message says, as the window may show it. */

#include "ph-mail-entities.h"
#include "ph-mail-envelope.h"
#include "ph-mail-html.h"
#include "ph-mail-query.h"

#include <string.h>
#include <time.h>

/* The text with its styles written out: {b:…} and {link http://…:…}. */
static char *
describe (const PhMailText *text)
{
  static const char letters[PH_MAIL_STYLES + 1] = "biusmhqr";
  GString          *described = g_string_new (NULL);
  gsize             at = 0;

  for (guint i = 0; i < text->spans->len; i++)
    {
      const PhMailSpan *span = &g_array_index (text->spans, PhMailSpan, i);
      gboolean          marked = span->style != 0 || span->link >= 0;

      if (marked)
        g_string_append_c (described, '{');
      for (guint style = 0; style < PH_MAIL_STYLES; style++)
        if ((span->style & (1u << style)) != 0)
          g_string_append_c (described, letters[style]);
      if (span->link >= 0)
        g_string_append_printf (described, " %s", (const char *)g_ptr_array_index (text->links, span->link));
      if (marked)
        g_string_append_c (described, ':');
      g_string_append_len (described, text->text->str + at, (gssize)(span->end - at));
      if (marked)
        g_string_append_c (described, '}');
      at = span->end;
    }
  g_assert_cmpuint (at, ==, text->text->len);
  g_assert_true (g_utf8_validate (text->text->str, -1, NULL));

  return g_string_free (described, FALSE);
}

static const struct
{
  const char *what;
  const char *html;
  const char *expected;
} pages[] = {
  { "blanks become one", "  a \n\t b  ", "a b" },
  { "paragraphs", "<p>One</p>\n<p>Two</p>three", "One\n\nTwo\n\nthree" },
  { "breaks", "a<br>b<br/><br/>c", "a\nb\n\nc" },
  { "styles", "<b>bold <i>both</i></b> none", "{b:bold }{bi:both} none" },
  { "a style that never ends", "<b>bold", "{b:bold}" },
  { "ends without a begin", "</b></i></ul></a>x", "x" },
  { "heading", "<h1>Title</h1>text", "{h:Title}\n\ntext" },
  { "links", "<a href=\"https://example.org/?a=1&amp;b=2\">here</a>", "{ https://example.org/?a=1&b=2:here}" },
  { "a blank before a link is not in it", "a <a href='http://x.test'>b </a>c", "a { http://x.test:b} c" },
  { "V49: no other schemes", "<a href='javascript:alert(1)'>x</a><a href=file:///etc/passwd>y</a><a href=\"data:text/html,z\">z</a>", "xyz" },
  { "V49: scripts, styles and titles are no text", "<title>t</title><style>p{}</style>a<script>alert('<b>')</script>b<svg><a>c</a></svg>", "ab" },
  { "a script that never ends", "a<script>b<p>c", "a" },
  { "V49: nothing is loaded", "<img src=http://tracker.example/x.gif alt=\"A cat\"><img src=cid:1>", "{r:[A cat]}" },
  { "event handlers are attributes", "<b onclick=\"x('>')\">y</b>", "{b:y}" },
  { "lists", "<ul><li>a<li>b<ol><li>c</li><li>d</li></ol></ul>e", "• a\n• b\n    1. c\n    2. d\n\ne" },
  { "quotes", "<blockquote>said</blockquote>mine", "{q:said}\n\nmine" },
  { "tables", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a\tb\nc" },
  { "pre keeps blanks", "<pre>a\n  b</pre>", "{m:a\n  b}" },
  { "entities", "&lt;b&gt; &amp;&nbsp;&euro;&#x1F600;&#65;&nosuch; &", "<b> &\302\240€😀A&nosuch; &" },
  { "entities that are none", "&#0;&#xD800;&#x110000;", "���" },
  { "comments", "a<!-- <b> -->b<!-- never ends", "ab" },
  { "no tags at all", "1 < 2 and 3 > 2 <", "1 < 2 and 3 > 2 <" },
  { "a tag that never ends", "a <b c", "a <b c" },
  { "a quote that never ends", "a<b c=\"d>e", "a{b:e}" },
  { "markup of Pango is text (V18)", "&lt;span size='99999'&gt;x&lt;/span&gt;", "<span size='99999'>x</span>" },
  { "V18: direction and controls are shown", "a&#x202e;b&#27;[2Jc", "a\\u202eb␛[2Jc" },
  { "hints where to break are left out, joiners stay", "a&shy;b&#x200b;c&zwj;d", "abc\342\200\215d" },
};

static void
test_html (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (PhMailText) text = ph_mail_text_new ();
  g_autofree char *described = NULL;

  ph_mail_html_append (text, pages[row].html, strlen (pages[row].html));
  described = describe (text);
  g_assert_cmpstr (described, ==, pages[row].expected);
}

static const struct
{
  const char *what;
  const char *plain;
  const char *expected;
} plains[] = {
  { "line ends", "a\r\nb\nc", "a\nb\nc" },
  { "a CR alone is shown", "a\rb", "a␍b" },
  { "quoted lines", "a\r\n> b\r\nc", "a\n{q:> b\n}c" },
  { "links", "See https://example.org/x). And http://y.test", "See { https://example.org/x:https://example.org/x}). And { http://y.test:http://y.test}" },
  { "bytes that are no UTF-8", "a\377b", "a\\xffb" },
  { "a tag is text (V49)", "<b>x</b>", "<b>x</b>" },
};

static void
test_plain (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (PhMailText) text = ph_mail_text_new ();
  g_autofree char *described = NULL;

  ph_mail_text_append_plain (text, plains[row].plain, strlen (plains[row].plain));
  described = describe (text);
  g_assert_cmpstr (described, ==, plains[row].expected);
}

/* V06, V09: repeated a hundred thousand times, each ends soon and stays bounded. */
static const char *const bombs[] = { "<b>", "<ul>", "<blockquote>", "<script>", "<a href=\"", "<!--", "<", "&", "&#", "<a '>", "<a \">", "<svg>", "x", "<br>", "<td>x", "</p", "<p ", "\n", "https://" };

static void
test_bomb (gconstpointer data)
{
  g_autoptr (GString) html = g_string_new (NULL);
  g_autoptr (PhMailText) rich = ph_mail_text_new ();
  g_autoptr (PhMailText) plain = ph_mail_text_new ();
  clock_t started = clock ();

  for (guint i = 0; i < 100000; i++)
    g_string_append (html, bombs[GPOINTER_TO_SIZE (data)]);
  ph_mail_html_append (rich, html->str, html->len);
  ph_mail_text_append_plain (plain, html->str, html->len);

  g_assert_cmpuint (rich->text->len, <=, 8 * PH_MAIL_TEXT_MAX);
  g_assert_cmpuint (plain->links->len, <=, PH_MAIL_TEXT_LINKS_MAX);
  g_assert_cmpint (clock () - started, <, 20 * CLOCKS_PER_SEC);
}

static void
test_limits (void)
{
  g_autoptr (PhMailText) text = ph_mail_text_new ();
  g_autofree char *data = g_strnfill (PH_MAIL_TEXT_MAX + 1, 'x');
  const char      *line, *next;

  ph_mail_text_append_plain (text, data, PH_MAIL_TEXT_MAX);
  g_assert_false (text->truncated);
  ph_mail_text_append (text, data, 1, 0, NULL);
  g_assert_true (text->truncated);

  for (line = text->text->str; (next = strchr (line, '\n')) != NULL; line = next + 1)
    g_assert_cmpint (next - line, <=, PH_MAIL_TEXT_LINE_MAX);
}

/* Queries */

static void
append_key (GString           *text,
            const PhSearchKey *key)
{
  static const char *const names[] = {
    [PH_SEARCH_AND] = "and", [PH_SEARCH_NOT] = "not", [PH_SEARCH_FLAGS] = "flags", [PH_SEARCH_LARGER] = "larger", [PH_SEARCH_SMALLER] = "smaller", [PH_SEARCH_BEFORE] = "before", [PH_SEARCH_ON] = "on", [PH_SEARCH_SINCE] = "since", [PH_SEARCH_HEADER] = "header", [PH_SEARCH_BODY] = "body", [PH_SEARCH_TEXT] = "text"
  };

  g_string_append (text, names[key->op]);
  if (key->name != NULL)
    g_string_append_printf (text, " %s", key->name);
  if (key->text != NULL)
    g_string_append_printf (text, " <%s>", key->text);
  if (key->op == PH_SEARCH_FLAGS)
    g_string_append_printf (text, " %u", (guint)key->flags);
  if (key->number != 0)
    g_string_append_printf (text, " %" G_GUINT64_FORMAT, key->number);
  if (key->day != 0)
    g_string_append_printf (text, " %d", key->day);
  for (guint i = 0; key->children != NULL && i < key->children->len; i++)
    {
      g_string_append (text, i == 0 ? " (" : ", ");
      append_key (text, key->children->pdata[i]);
    }
  if (key->children != NULL)
    g_string_append_c (text, ')');
}

static const struct
{
  const char *query;
  const char *expected; /* NULL: nothing to search for */
} queries[] = {
  { "", NULL },
  { "  ", NULL },
  { "\"\"", NULL },
  { "invoice", "and (text <invoice>)" },
  { "invoice \"two words\"", "and (text <invoice>, text <two words>)" },
  { "from:bob subject:\"a b\"", "and (header From <bob>, header Subject <a b>)" },
  { "is:unread", "and (not (flags 1))" },
  { "IS:Flagged -is:read", "and (flags 4, not (flags 1))" },
  { "-spam", "and (not (text <spam>))" },
  { "-", "and (text <->)" },
  { "larger:1m smaller:20k", "and (larger 1048576, smaller 20480)" },
  { "larger:", "and (text <larger:>)" },
  { "larger:x", "and (text <larger:x>)" },
  { "since:1970-01-03 on:2026-11-26", "and (since 2, on 20783)" },
  { "since:yesterday", "and (text <since:yesterday>)" },
  { "is:purple", "and (text <is:purple>)" },
  { "body:x", "and (body <x>)" },
  { "\"never closed", "and (text <never closed>)" },
};

static void
test_query (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (PhSearchKey) key = ph_mail_query_parse (queries[row].query);
  g_autoptr (GString) text = g_string_new (NULL);

  if (key != NULL)
    append_key (text, key);
  g_assert_cmpstr (key != NULL ? text->str : NULL, ==, queries[row].expected);
}

static void
test_query_limit (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PhSearchKey) key = NULL;

  for (guint i = 0; i < 1000; i++)
    g_string_append (text, "word ");
  key = ph_mail_query_parse (text->str);
  g_assert_cmpuint (key->children->len, ==, PH_MAIL_QUERY_WORDS_MAX);
}

/* Envelopes */

static const struct
{
  const char *imap;
  const char *expected; /* subject|from|to */
} envelopes[] = {
  { "(\"Thu\" \"Hello\" ((\"Ann\" NIL \"ann\" \"x.org\")) NIL NIL ((NIL NIL \"bob\" \"y.org\")) NIL NIL NIL \"<1>\")", "Hello|Ann|bob@y.org" },
  { "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)", "||" },
  { "(NIL {5}\r\na\"b\\c NIL NIL NIL NIL NIL NIL NIL NIL)", "a\"b\\c||" },
  { "(NIL \"=?utf-8?q?Gr=C3=BC=C3=9Fe?=\" ((\"=?utf-8?b?w4RubmE=?=\" NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL NIL)", "Grüße|Änna|" },
  { "(NIL \"a\\\"b\" ((\"x\" NIL \"x\" \"y\")(NIL NIL \"g\" NIL)(\"z\" NIL \"z\" \"y\")(NIL NIL NIL NIL)) NIL NIL NIL NIL NIL NIL NIL)", "a\"b|x, z|" },
  { "(NIL NIL NIL NIL NIL ((NIL NIL \"a\" \"h\")(NIL NIL \"b\" \"h\")(NIL NIL \"c\" \"h\")(NIL NIL \"d\" \"h\")) ((NIL NIL \"e\" \"h\")) NIL NIL NIL)", "||a@h, b@h, c@h (+2)" },
  { "(NIL \"\342\200\256abc\" NIL", "\\u202eabc||" },
  { "(NIL {99999}\r\nshort", "short||" },
  { "", "||" },
  { "((((((((((", "||" },
};

static void
test_envelope (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GBytes) bytes = g_bytes_new_static (envelopes[row].imap, strlen (envelopes[row].imap));
  g_autofree char *text = NULL;
  PhMailEnvelope   envelope;

  ph_mail_envelope_parse (&envelope, bytes);
  text = g_strjoin ("|", envelope.subject, envelope.from, envelope.to, NULL);
  g_assert_cmpstr (text, ==, envelopes[row].expected);
  ph_mail_envelope_clear (&envelope);
}

/* The table is searched by halves. */
static void
test_entities_known (void)
{
  static const char *const names[] = { "&AElig;", "&amp;", "&zwnj;", "&uuml;", "&nbsp", "&Uuml;" };
  static const char *const values[] = { "Æ", "&", "\342\200\214", "ü", "\302\240", "Ü" };
  char                     target[8];

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_cmpuint (ph_mail_entity_decode (names[i], strlen (names[i]), target), ==, strlen (names[i]));
      g_assert_cmpstr (target, ==, values[i]);
    }
}

#define ADD_TABLE(prefix, table, what, function)                                  \
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)                                \
    {                                                                             \
      g_autofree char *name = g_strdelimit (g_strdup (what), "/", '|');           \
      g_autofree char *path = g_strdup_printf (prefix "%02u %s", (guint)i, name); \
                                                                                  \
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), function);                \
    }

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD_TABLE ("/server/mail-text/html/", pages, pages[i].what, test_html)
  ADD_TABLE ("/server/mail-text/plain/", plains, plains[i].what, test_plain)
  ADD_TABLE ("/server/mail-text/bomb/", bombs, bombs[i], test_bomb)
  ADD_TABLE ("/server/mail-text/query/", queries, queries[i].query, test_query)
  ADD_TABLE ("/server/mail-text/envelope/", envelopes, "", test_envelope)
  g_test_add_func ("/server/mail-text/limits (V07)", test_limits);
  g_test_add_func ("/server/mail-text/query-limit", test_query_limit);
  g_test_add_func ("/server/mail-text/entities", test_entities_known);

  return g_test_run ();
}
