#include "ph-mime-format.h"

#include <string.h>

#include "imap-syntax.h"

static void
test_strings (void)
{
  static const struct
  {
    const char *text;
    gsize       length;
    const char *formatted;
  } rows[] = {
    { "", 0, "\"\"" },
    { "NIL", 3, "\"NIL\"" },
    { "a\"b\\c", 5, "\"a\\\"b\\\\c\"" },
    { "a\tb", 3, "\"a\tb\"" },
    { "a\nb", 3, "{3}\r\na\nb" },
    { "a\001", 2, "{2}\r\na\001" },
    { "\177", 1, "{1}\r\n\177" },
    { "\303\274", 2, "{2}\r\n\303\274" },
    { "a\0b\0", 4, "{2}\r\nab" },
    { "\0", 1, "{0}\r\n" },
  };
  g_auto (PhBuffer) nil = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (PhBuffer) out = { 0 };

      ph_mime_format_string (rows[i].text, rows[i].length, &out);
      g_assert_cmpmem (ph_buffer_get_data (&out), ph_buffer_get_length (&out), rows[i].formatted, strlen (rows[i].formatted));
    }

  ph_mime_format_nstring (NULL, &nil);
  g_assert_cmpmem (ph_buffer_get_data (&nil), ph_buffer_get_length (&nil), "NIL", 3);
}

static char *
format (const char *text,
        gsize       length,
        gboolean    extended)
{
  g_autoptr (PhMimePart) root = ph_mime_part_parse ((const guint8 *)text, length);
  g_auto (PhBuffer) out = { 0 };
  gsize n;

  ph_mime_format_structure (root, (const guint8 *)text, extended, &out);
  n = ph_buffer_get_length (&out);
  ph_buffer_append (&out, "", 1);
  g_assert_true (imap_is_structure (ph_buffer_get_data (&out), n, extended));

  return g_strdup ((const char *)ph_buffer_get_data (&out));
}

/* I33 */
static void
test_extended (void)
{
  static const struct
  {
    const char *text, *structure;
  } rows[] = {
    { "Content-Disposition: attachment; filename=\"x\"\r\nContent-Language: de, en\r\nContent-Location: u\r\nContent-MD5: m\r\nContent-ID: <i>\r\nContent-Description: d\r\n\r\n",
      "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") \"<i>\" \"d\" \"7BIT\" 0 0 \"m\" (\"ATTACHMENT\" (\"FILENAME\" \"x\")) (\"de\" \"en\") \"u\")" },
    { "Content-Type: image/png; name*=utf-8''%C3%BC\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: inline\r\n\r\nQQ==\r\n",
      "(\"IMAGE\" \"PNG\" (\"NAME*\" \"utf-8''%C3%BC\") NIL NIL \"BASE64\" 6 NIL (\"INLINE\" NIL) NIL NIL)" },
    { "Content-Type: multipart/mixed; boundary=x\r\nContent-Disposition: inline\r\n\r\n--x\r\n\r\na\r\n--x--",
      "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 1 1 NIL NIL NIL NIL) \"MIXED\" (\"BOUNDARY\" \"x\") (\"INLINE\" NIL) NIL NIL)" },
    { "Content-Type: message/rfc822\r\n\r\nFrom: a@b\r\n\r\nx",
      "(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 14 (NIL NIL ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL) "
      "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 1 1 NIL NIL NIL NIL) 3 NIL NIL NIL NIL)" },
    { "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nQQ==",
      "(\"APPLICATION\" \"OCTET-STREAM\" NIL NIL NIL \"BASE64\" 4 NIL NIL NIL NIL)" },
    { "Content-Type: text/plain; name=\"\303\274\"; x=\"\"\r\nContent-Description: a\r\n\tb\r\n\r\n",
      "(\"TEXT\" \"PLAIN\" (\"NAME\" {2}\r\n\303\274 \"X\" \"\") NIL \"a\tb\" \"7BIT\" 0 0 NIL NIL NIL NIL)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *structure = format (rows[i].text, strlen (rows[i].text), TRUE);

      g_assert_cmpstr (structure, ==, rows[i].structure);
    }
}

/* I34: several fields of a name count, groups and odd addresses are valid. */
static void
test_envelope (void)
{
  static const struct
  {
    const char *header, *envelope;
  } rows[] = {
    { "", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)" },
    { "Subject:\r\nTo: a@b\r\nTo: c@d\r\nCc: root, <>\r\nReply-To: r@s\r\n",
      "(NIL \"\" NIL NIL ((NIL NIL \"r\" \"s\")) ((NIL NIL \"a\" \"b\")(NIL NIL \"c\" \"d\")) ((NIL NIL \"root\" \"\")(NIL NIL \"\" \"\")) NIL NIL NIL)" },
    { "Bcc: :;, undisclosed: ;\r\nIn-Reply-To: <x>\r\n <y>\r\nDate: whenever\r\n",
      "(\"whenever\" NIL NIL NIL NIL NIL NIL ((NIL NIL \"\" NIL)(NIL NIL NIL NIL)(NIL NIL \"undisclosed\" NIL)(NIL NIL NIL NIL)) \"<x> <y>\" NIL)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PhHeader) header = ph_header_parse ((const guint8 *)rows[i].header, strlen (rows[i].header));
      g_auto (PhBuffer) out = { 0 };

      ph_mime_format_envelope (header, &out);
      ph_buffer_append (&out, "", 1);
      g_assert_cmpstr ((const char *)ph_buffer_get_data (&out), ==, rows[i].envelope);
      g_assert_true (imap_is_envelope (ph_buffer_get_data (&out), ph_buffer_get_length (&out) - 1));
    }
}

/* T09: a message with a bit of everything, mutated; all of it is valid IMAP. */
static const char sample[] =
  "From: \"A\\\"\" <@r:\"l c\"@d.org> (c)\r\nTo: g: =?utf-8?q?=C3=BC?= <a@b>, c@d;, e@f\r\nSubject: \303\274\0\001\r\nContent-Type: multipart/mixed; boundary=\"x\"\r\n\r\n"
  "--x\r\nContent-Type: text/plain; name=\"\\\"\303\"; a*0*=b\r\nContent-Disposition: inline; filename=\"(\"\r\nContent-Language: a, b\r\n\r\none\r\n"
  "--x\r\nContent-Type: message/rfc822\r\nContent-ID: <\">\r\n\r\nFrom: a@b\r\nContent-Type: multipart/digest; boundary=xx\r\n\r\n--xx\r\n\r\nSubject: y\r\n\r\nz\r\n--xx--\r\n--x--\r\n";

static void
test_mutations (void)
{
  static const char replacements[] = "\0\r\n\"\\(){}<>:;,@=-x/ \377";

  for (guint round = 0; round < 20000; round++)
    {
      g_autofree char *text = g_memdup2 (sample, sizeof sample);
      g_autofree char *structure = NULL;
      gsize            length = sizeof sample - 1;

      for (gint k = g_test_rand_int_range (1, 6); k > 0; k--)
        text[g_test_rand_int_range (0, (gint)length)] = replacements[g_test_rand_int_range (0, sizeof replacements - 1)];
      structure = format (text, length, round % 2 == 0);
    }
}

/* V06: at every limit the structure stays well-formed. */
static void
test_limits (void)
{
  static const char *const patterns[] = {
    "Content-Type: message/rfc822\n\n", "Content-Type: multipart/digest; boundary=b\n\n--b\n\n", "Content-Type: multipart/mixed; boundary=b\n\n--b\n",
    "Content-Type: message/rfc822\nFrom: (((((\nTo: g:g:\n\n"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *structure = NULL;

      while (text->len < 1000000)
        g_string_append (text, patterns[i]);
      structure = format (text->str, text->len, TRUE);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/mime-format/strings", test_strings);
  g_test_add_func ("/mail/mime-format/extended", test_extended);
  g_test_add_func ("/mail/mime-format/envelope", test_envelope);
  g_test_add_func ("/mail/mime-format/mutations", test_mutations);
  g_test_add_func ("/mail/mime-format/limits", test_limits);

  return g_test_run ();
}
