#include "ph-text.h"

#include <string.h>

#include "../note.h"

static void
test_patterns (void)
{
  static const struct
  {
    const char *pattern, *text;
    gboolean    matches;
  } rows[] = {
    { "", "", TRUE },
    { "", "x", TRUE },
    { "x", "", FALSE },
    { "HELLO", "say hello!", TRUE },
    { "hello", "hell o", FALSE },
    { "aab", "aaab", TRUE },
    { "gr\303\234N", "das Gr\303\274n", TRUE },
    { "stra\303\237e", "STRASSE", TRUE },
    { "strasse", "Stra\303\237e", TRUE },
    { "e\314\201t\303\251", "\303\211TE\314\201", TRUE },
    { "abc", "\357\275\201\357\275\202\357\275\203", TRUE },
    { "\320\264\320\260", "\320\224\320\220!", TRUE },
    { "x", "\377x", TRUE },
    { "\377", "a\377b", TRUE },
    { "k", "\342\204\252", TRUE },
    { "0123456789012345678901234567890123456789012345678901234567890123456789A", "x0123456789012345678901234567890123456789012345678901234567890123456789a", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PhTextPattern) pattern = ph_text_pattern_new (rows[i].pattern);

      note (rows[i].text);
      g_assert_cmpint (ph_text_pattern_matches (pattern, rows[i].text, strlen (rows[i].text)), ==, rows[i].matches);
    }
}

static void
test_decode (void)
{
  static const struct
  {
    const char *message, *text;
  } rows[] = {
    { "\r\nplain \303\274", "plain \303\274" },
    { "Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: base64\r\n\r\n/A==", "\303\274" },
    { "Content-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C4=\r\n=C1", "\320\264\320\260" },
    { "Content-Type: image/png\r\n\r\nx", "" },
    { "Content-Type: text/plain\r\n\r\n", "" },
    { "Content-Type: text/plain\r\nContent-Transfer-Encoding: x-unknown\r\n\r\nx", "x" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PhMimePart) root = ph_mime_part_parse ((const guint8 *)rows[i].message, strlen (rows[i].message));
      g_autofree char *text = ph_text_decode_part (root, (const guint8 *)rows[i].message);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/text/patterns", test_patterns);
  g_test_add_func ("/mail/text/decode", test_decode);

  return g_test_run ();
}
