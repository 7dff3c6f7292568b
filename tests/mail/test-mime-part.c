#include "ph-mime-part.h"

#include <string.h>

#include "../note.h"
#include "small-stack.h"

static PhMimePart *
parse (const char *text)
{
  return ph_mime_part_parse ((const guint8 *)text, strlen (text));
}

static void
describe (const PhMimePart *part,
          const char       *text,
          GString          *out)
{
  g_string_append_printf (out, "%s/%s[", part->content_type->type, part->content_type->subtype);
  for (const PhMimePart *child = part->first_child; child != NULL; child = child->next)
    describe (child, text, out);
  if (part->first_child == NULL)
    g_string_append_len (out, text + part->body_offset, (gssize)part->body_length);
  g_string_append_c (out, ']');
}

/* I33: every mail has a structure, and this one.  Bodies of leaves in brackets. */
static void
test_structures (void)
{
  static const struct
  {
    const char *text;
    const char *structure;
  } rows[] = {
    { "", "text/plain[]" },
    { "Subject: x\r\n\r\nbody\r\n", "text/plain[body\r\n]" },
    { "Content-Type: garbage\n\nbody", "text/plain[body]" },
    { "Content-Type: /;;=\n\nbody", "text/plain[body]" },
    { "Content-Type: text\n\nbody", "text/plain[body]" },
    { "Content-Type: Text/HTML; charset=utf-8\n\nbody", "Text/HTML[body]" },
    { "Content-Type: (c) text (d) / (e) html (f)\n\nbody", "text/html[body]" },
    /* a plain multipart */
    { "Content-Type: multipart/mixed; boundary=x\r\n\r\npreamble\r\n--x\r\n\r\none\r\n--x\r\nContent-Type: text/html\r\n\r\ntwo\r\n--x--\r\nepilogue",
      "multipart/mixed[text/plain[one]text/html[two]]" },
    /* no final boundary */
    { "Content-Type: multipart/mixed; boundary=x\n\n--x\n\none\n--x\n\ntwo\n", "multipart/mixed[text/plain[one]text/plain[two\n]]" },
    /* no boundary, no parts */
    { "Content-Type: multipart/mixed\n\nbody\n", "multipart/mixed[text/plain[body\n]]" },
    { "Content-Type: multipart\n\nbody\n", "multipart/mixed[text/plain[body\n]]" },
    { "Content-Type: multipart/mixed; boundary=x\n\nbody\n", "multipart/mixed[text/plain[body\n]]" },
    { "Content-Type: multipart/mixed; boundary=\"\"\n\n--\nbody\n", "multipart/mixed[text/plain[--\nbody\n]]" },
    { "Content-Type: multipart/mixed; boundary=x\n\n--x--\n", "multipart/mixed[text/plain[--x--\n]]" },
    { "Content-Type: multipart/mixed; boundary=x", "multipart/mixed[text/plain[]]" },
    /* empty parts, and parts of nothing but a header or no blank line */
    { "Content-Type: multipart/mixed; boundary=x\n\n--x\n--x\n\n--x\nA: b\n--x\nno header\n--x--", "multipart/mixed[text/plain[]text/plain[]text/plain[]text/plain[no header]]" },
    { "Content-Type: multipart/mixed; boundary=\"x:y\"\n\n--x:y\n--x:y\n\na\n--x:y--", "multipart/mixed[text/plain[]text/plain[a]]" },
    /* a boundary that starts another, either way round */
    { "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/alternative; boundary=xy\n\n--xy\n\na\n--xy--\n--x\n\nb\n--x--",
      "multipart/mixed[multipart/alternative[text/plain[a]]text/plain[b]]" },
    { "Content-Type: multipart/mixed; boundary=xy\n\n--xy\nContent-Type: multipart/alternative; boundary=x\n\n--x\n\na\n--x--\n--xy\n\nb\n--xy--",
      "multipart/mixed[multipart/alternative[text/plain[a]]text/plain[b]]" },
    { "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/mixed; boundary=x--\n\n--x--\n\na\n--x----\n--x\n\nb\n--x--",
      "multipart/mixed[multipart/mixed[text/plain[a]]text/plain[b]]" },
    /* the same boundary twice */
    { "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/alternative; boundary=x\n\n--x\n\na\n--x--\n--x\n\nb\n--x--",
      "multipart/mixed[multipart/alternative[text/plain[a]]text/plain[b]]" },
    /* the inner one is never closed */
    { "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/alternative; boundary=y\n\n--y\n\na\n--x\n\nb\n--x--",
      "multipart/mixed[multipart/alternative[text/plain[a]]text/plain[b]]" },
    /* blanks after a boundary; something else after it */
    { "Content-Type: multipart/mixed; boundary=\"x y \"\n\n--x y \t\n\na\n--x yz\n--x y--  \nc", "multipart/mixed[text/plain[a\n--x yz]]" },
    /* digest, message */
    { "Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: a\n\nb\n--x--", "multipart/digest[message/rfc822[text/plain[b]]]" },
    { "Content-Type: message/rfc822\n\nContent-Type: text/html\n\nb", "message/rfc822[text/html[b]]" },
    { "Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\n\nb", "message/rfc822[message/rfc822[text/plain[b]]]" },
    { "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQQ==", "message/rfc822[QQ==]" },
    { "Content-Type: message/rfc822\nContent-Transfer-Encoding: 8BIT (x)\n\n\nx", "message/rfc822[text/plain[x]]" },
    { "Content-Type: message/rfc822", "message/rfc822[text/plain[]]" },
    { "Content-Type: message/delivery-status\n\nReporting-MTA: x", "message/delivery-status[Reporting-MTA: x]" },
    /* a boundary ends the message in the part, too */
    { "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\nSubject: y\n--x\n\nb\n--x--",
      "multipart/mixed[message/rfc822[text/plain[]]text/plain[b]]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PhMimePart) root = parse (rows[i].text);
      g_autoptr (GString) structure = g_string_new (NULL);

      describe (root, rows[i].text, structure);
      g_assert_cmpstr (structure->str, ==, rows[i].structure);
      g_assert_cmpuint (root->header_length + root->body_length, ==, strlen (rows[i].text));
    }
}

static void
test_fields (void)
{
  g_autoptr (PhMimePart) root = parse ("Content-Type: text/plain; charset=\"utf-8\"; format = flowed\r\n"
                                       "content-type: text/html\r\n"
                                       "Content-Transfer-Encoding: (c) Quoted-Printable (c)\r\n"
                                       "Content-Disposition: attachment;\r\n filename*=utf-8''a%20b\r\n"
                                       "Content-ID: <x@y>\r\nContent-Description: some\r\n text\r\n"
                                       "Content-Language: de, en\r\nContent-Location: u\r\nContent-MD5: m\r\n\r\n");

  g_assert_true (ph_mime_part_is (root, "TEXT", "PLAIN"));
  g_assert_cmpuint (root->content_type->n_parameters, ==, 2);
  g_assert_cmpstr (ph_parameter_list_get (root->content_type, "Charset"), ==, "utf-8");
  g_assert_cmpstr (ph_parameter_list_get (root->content_type, "format"), ==, "flowed");
  g_assert_cmpstr (root->encoding, ==, "Quoted-Printable");
  g_assert_cmpstr (root->disposition->type, ==, "attachment");
  g_assert_cmpstr (root->disposition->parameters[0].name, ==, "filename*");
  g_assert_cmpstr (root->id, ==, "<x@y>");
  g_assert_cmpstr (root->description, ==, "some text");
  g_assert_cmpstr (root->language, ==, "de, en");
  g_assert_cmpstr (root->location, ==, "u");
  g_assert_cmpstr (root->md5, ==, "m");
}

static void
test_lines (void)
{
  static const struct
  {
    const char *text;
    gsize       lines;
    gsize       child_lines;
  } rows[] = {
    { "\r\n", 0, 0 },
    { "\r\na", 1, 0 },
    { "\r\na\r\n", 1, 0 },
    { "\r\na\r\n\r\n", 2, 0 },
    { "A: b\r\n\r\na\r\nb", 2, 0 },
    { "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\na\r\n--x--\r\n", 4, 1 },
    { "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\na\r\n\r\n--x--\r\n", 5, 1 },
    { "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n--x--\r\n", 3, 0 },
    { "Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\na\r\n", 3, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PhMimePart) root = parse (rows[i].text);

      g_assert_cmpuint (root->n_lines, ==, rows[i].lines);
      if (root->first_child != NULL)
        g_assert_cmpuint (root->first_child->n_lines, ==, rows[i].child_lines);
    }
}

/* The example of RFC 3501 6.4.5, whose part numbers all have their own text. */
static const char numbered[] =
  "Content-Type: multipart/mixed; boundary=A\r\n\r\n"
  "--A\r\n\r\none\r\n"
  "--A\r\nContent-Type: application/octet-stream\r\n\r\ntwo\r\n"
  "--A\r\nContent-Type: message/rfc822\r\n\r\n"
  "Subject: three\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
  "--B\r\n\r\nthree-one\r\n--B\r\nContent-Type: application/x\r\n\r\nthree-two\r\n--B--\r\n"
  "--A\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n"
  "--C\r\nContent-Type: image/gif\r\n\r\nfour-one\r\n"
  "--C\r\nContent-Type: message/rfc822\r\n\r\n"
  "Content-Type: multipart/mixed; boundary=D\r\n\r\n"
  "--D\r\n\r\nfour-two-one\r\n"
  "--D\r\nContent-Type: multipart/alternative; boundary=E\r\n\r\n"
  "--E\r\n\r\nfour-two-two-one\r\n--E\r\nContent-Type: text/richtext\r\n\r\nfour-two-two-two\r\n--E--\r\n--D--\r\n--C--\r\n"
  "--A\r\nContent-Type: message/rfc822\r\n\r\nSubject: five\r\n\r\nfive-one\r\n--A--\r\n";

static gboolean
find (const char   *text,
      const char   *path,
      PhMimeSection section,
      char        **found)
{
  g_autoptr (PhMimePart) root = parse (text);
  g_auto (GStrv) parts = g_strsplit (path, ".", -1);
  guint32 numbers[16];
  guint   n = g_strv_length (parts);
  gsize   offset, length;

  for (guint i = 0; i < n; i++)
    numbers[i] = (guint32)g_ascii_strtoull (parts[i], NULL, 10);

  if (!ph_mime_part_find_section (root, numbers, n, section, &offset, &length))
    return FALSE;

  *found = g_strndup (text + offset, length);
  return TRUE;
}

/* I35 */
static void
test_sections (void)
{
  static const struct
  {
    const char   *text, *path;
    PhMimeSection section;
    const char   *found;
  } rows[] = {
    { numbered, "1", PH_MIME_SECTION_BODY, "one" },
    { numbered, "1", PH_MIME_SECTION_MIME, "\r\n" },
    { numbered, "2", PH_MIME_SECTION_BODY, "two" },
    { numbered, "2", PH_MIME_SECTION_MIME, "Content-Type: application/octet-stream\r\n\r\n" },
    { numbered, "3", PH_MIME_SECTION_HEADER, "Subject: three\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n" },
    { numbered, "3", PH_MIME_SECTION_TEXT, "--B\r\n\r\nthree-one\r\n--B\r\nContent-Type: application/x\r\n\r\nthree-two\r\n--B--" },
    { numbered, "3.1", PH_MIME_SECTION_BODY, "three-one" },
    { numbered, "3.2", PH_MIME_SECTION_BODY, "three-two" },
    { numbered, "4.1", PH_MIME_SECTION_BODY, "four-one" },
    { numbered, "4.1", PH_MIME_SECTION_MIME, "Content-Type: image/gif\r\n\r\n" },
    { numbered, "4.2", PH_MIME_SECTION_HEADER, "Content-Type: multipart/mixed; boundary=D\r\n\r\n" },
    { numbered, "4.2.1", PH_MIME_SECTION_BODY, "four-two-one" },
    { numbered, "4.2.2.1", PH_MIME_SECTION_BODY, "four-two-two-one" },
    { numbered, "4.2.2.2", PH_MIME_SECTION_BODY, "four-two-two-two" },
    { numbered, "5.1", PH_MIME_SECTION_BODY, "five-one" },
    { numbered, "5.1", PH_MIME_SECTION_MIME, "Subject: five\r\n\r\n" },
    { numbered, "5", PH_MIME_SECTION_TEXT, "five-one" },
    { "A: b\r\n\r\nbody", "", PH_MIME_SECTION_BODY, "A: b\r\n\r\nbody" },
    { "A: b\r\n\r\nbody", "", PH_MIME_SECTION_HEADER, "A: b\r\n\r\n" },
    { "A: b\r\n\r\nbody", "", PH_MIME_SECTION_TEXT, "body" },
    { "A: b\r\n\r\nbody", "1", PH_MIME_SECTION_BODY, "body" },
    { "A: b\r\n\r\nbody", "1", PH_MIME_SECTION_MIME, "A: b\r\n\r\n" },
    { "Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nbody", "1", PH_MIME_SECTION_BODY, "A: b\r\n\r\nbody" },
    { "Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nbody", "1", PH_MIME_SECTION_HEADER, "A: b\r\n\r\n" },
    { "Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nbody", "1.1", PH_MIME_SECTION_BODY, "body" },
    /* There is none */
    { numbered, "0", PH_MIME_SECTION_BODY, NULL },
    { numbered, "6", PH_MIME_SECTION_BODY, NULL },
    { numbered, "4294967295", PH_MIME_SECTION_BODY, NULL },
    { numbered, "1.1", PH_MIME_SECTION_BODY, NULL },
    { numbered, "1", PH_MIME_SECTION_HEADER, NULL },
    { numbered, "4", PH_MIME_SECTION_TEXT, NULL },
    { numbered, "3.3", PH_MIME_SECTION_BODY, NULL },
    { numbered, "5.2", PH_MIME_SECTION_BODY, NULL },
    { numbered, "5.1.1", PH_MIME_SECTION_BODY, NULL },
    { numbered, "", PH_MIME_SECTION_MIME, NULL },
    { "A: b\r\n\r\nbody", "2", PH_MIME_SECTION_BODY, NULL },
    { "A: b\r\n\r\nbody", "1.1", PH_MIME_SECTION_BODY, NULL },
    { "A: b\r\n\r\nbody", "1", PH_MIME_SECTION_HEADER, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *found = NULL;

      note (rows[i].path);
      g_assert_cmpint (find (rows[i].text, rows[i].path, rows[i].section, &found), ==, rows[i].found != NULL);
      g_assert_cmpstr (found, ==, rows[i].found);
    }
}

static void
measure (const PhMimePart *root,
         guint            *n_parts,
         guint            *depth)
{
  *n_parts = *depth = 0;
  for (const PhMimePart *part = root; part != NULL; part = ph_mime_part_next (part))
    {
      guint level = 0;

      for (const PhMimePart *p = part; p->parent != NULL; p = p->parent)
        level++;
      *depth = MAX (*depth, level);
      *n_parts += 1;
    }
}

/* V06: a million levels of anything, with a small stack, and a tree within bounds. */
static gpointer
parse_deep_thread (gpointer data)
{
  GString *text = data;
  g_autoptr (PhMimePart) root = ph_mime_part_parse ((const guint8 *)text->str, text->len);
  guint n_parts, depth;

  measure (root, &n_parts, &depth);
  g_assert_cmpuint (n_parts, <=, PH_MIME_PARTS_MAX);
  g_assert_cmpuint (depth, <=, PH_MIME_DEPTH_MAX);

  return GUINT_TO_POINTER (n_parts);
}

static guint
parse_repeated (const char *pattern,
                guint       times)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < times; i++)
    for (const char *p = pattern; *p != '\0'; p++)
      if (*p == '%')
        g_string_append_printf (text, "%u", i);
      else
        g_string_append_c (text, *p);

  return GPOINTER_TO_UINT (run_with_small_stack (parse_deep_thread, text));
}

static void
test_limits (void)
{
  g_assert_cmpuint (parse_repeated ("Content-Type: message/rfc822\n\n", 200000), ==, PH_MIME_DEPTH_MAX + 1);
  g_assert_cmpuint (parse_repeated ("Content-Type: message/rfc822\nFrom x\n", 200000), >, 1);
  g_assert_cmpuint (parse_repeated ("Content-Type: multipart/mixed; boundary=b%\n\n--b%\n", 200000), ==, PH_MIME_DEPTH_MAX + 1);
  g_assert_cmpuint (parse_repeated ("Content-Type: multipart/mixed; boundary=b%\n--b%\n", 200000), ==, PH_MIME_DEPTH_MAX + 1);
  g_assert_cmpuint (parse_repeated ("Content-Type: multipart/digest; boundary=b\n\n--b\n\n", 200000), ==, PH_MIME_PARTS_MAX);
  g_assert_cmpuint (parse_repeated ("Content-Type: multipart/mixed; boundary=b\n\n--b\n", 200000), ==, PH_MIME_PARTS_MAX);
}

/* V12: cut at every byte, in a buffer that ends there. */
static void
test_cut (void)
{
  for (gsize length = 0; length < sizeof numbered; length++)
    {
      g_autofree guint8 *slice = g_memdup2 (numbered, MAX (length, 1));
      g_autoptr (PhMimePart) root = ph_mime_part_parse (slice, length);

      for (const PhMimePart *part = root; part != NULL; part = ph_mime_part_next (part))
        {
          g_assert_cmpuint (part->header_offset + part->header_length, ==, part->body_offset);
          g_assert_cmpuint (part->body_offset + part->body_length, <=, length);
          g_assert_cmpuint (part->n_lines, <=, part->body_length);
        }
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/mime-part/structures", test_structures);
  g_test_add_func ("/mail/mime-part/fields", test_fields);
  g_test_add_func ("/mail/mime-part/lines", test_lines);
  g_test_add_func ("/mail/mime-part/sections", test_sections);
  g_test_add_func ("/mail/mime-part/limits", test_limits);
  g_test_add_func ("/mail/mime-part/cut", test_cut);

  return g_test_run ();
}
