#include "ph-preview.h"

#include <string.h>

static void
check (const char *message,
       const char *expected)
{
  const guint8 *data = (const guint8 *)message;
  g_autoptr (PhMimePart) root = ph_mime_part_parse (data, strlen (message));
  g_autofree char *preview = ph_preview_make (root, data);

  g_assert_cmpstr (preview, ==, expected);
}

static void
test_plain (void)
{
  check ("Subject: x\r\n\r\n  Hello,\r\n\r\n  you\tthere. \r\n", "Hello, you there.");
  check ("Subject: x\r\n\r\n", "");
  check ("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe=\r\n!\r\n", "Grüße!");
  check ("Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: base64\r\n\r\n5Q==\r\n", "å");
  /* What would break a line or turn it round is no text (V18). */
  check ("Subject: x\r\n\r\na\001b\xe2\x80\xae"
         "c\r\n",
         "abc");
}

static void
test_parts (void)
{
  check ("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment\r\n\r\nno\r\n"
         "--b\r\nContent-Type: text/html\r\n\r\n<p>later</p>\r\n--b\r\n\r\nthis\r\n--b--\r\n",
         "this");
  check ("Content-Type: image/png\r\n\r\nxx", "");
}

static void
test_html (void)
{
  check ("Content-Type: text/html\r\n\r\n<html><head><title>No</title><style>p > a { color: red }</style></head><!-- <b>no</b> -->"
         "<body><p>One &amp; two&nbsp;&lt;3&#33;<br>four&#x2A;</p>&unknown; &#xffffffff;</body>",
         "One & two <3! four* &unknown; &#xffffffff;");
  check ("Content-Type: text/html\r\n\r\n<style>never ends", "");
  check ("Content-Type: text/html\r\n\r\na<", "a");
  check ("Content-Type: text/html\r\n\r\na&", "a&");
  check ("Content-Type: text/html\r\n\r\na&#", "a&#");
}

static void
test_length (void)
{
  g_autoptr (GString) text = g_string_new ("Content-Type: text/plain; charset=utf-8\r\n\r\n");
  g_autoptr (PhMimePart) root = NULL;
  g_autofree char *preview = NULL;

  for (guint i = 0; i < 100000; i++)
    g_string_append (text, i % 2 == 0 ? "é" : " ");
  root = ph_mime_part_parse ((const guint8 *)text->str, text->len);
  preview = ph_preview_make (root, (const guint8 *)text->str);
  g_assert_cmpint (g_utf8_strlen (preview, -1), <=, PH_PREVIEW_CHARS_MAX);
  g_assert_cmpint (g_utf8_strlen (preview, -1), >=, PH_PREVIEW_CHARS_MAX - 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mail/preview/plain", test_plain);
  g_test_add_func ("/mail/preview/parts", test_parts);
  g_test_add_func ("/mail/preview/html", test_html);
  g_test_add_func ("/mail/preview/length", test_length);

  return g_test_run ();
}
