#include "ph-mime-format.h"
#include "ph-mutf7.h"
#include "ph-text.h"
#include "ph-trace.h"

#include <string.h>

#include "../note.h"

static const struct
{
  const char *name;
  const char *message;
  const char *structure; /* BODY */
} cases[] = {
  { "plain", "Subject: x\r\n\r\nHello\r\n", "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 7 1)" },
  { "empty", "", "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 0 0)" },
  { "multipart",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nSGk=\r\n--b--\r\nepilogue\r\n",
    "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 3 1)(\"TEXT\" \"HTML\" (\"CHARSET\" \"utf-8\") NIL NIL \"BASE64\" 4 1) \"MIXED\")" },
  { "no parts", "Content-Type: multipart/mixed; boundary=b\r\n\r\nnothing\r\n", "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 9 1) \"MIXED\")" },
  { "no boundary", "Content-Type: multipart/mixed\r\n\r\n--b\r\n", "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 5 1) \"MIXED\")" },
  { "no end", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none", "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 3 1) \"MIXED\")" },
  { "prefix of another", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--bb\r\n--b--\r\n",
    "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 9 2) \"MIXED\")" },
  { "message",
    "Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nbody\r\n",
    "(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 21 (NIL \"in\" NIL NIL NIL NIL NIL NIL NIL NIL) "
    "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 6 1) 3)" },
  { "garbage type", "Content-Type: ;;;\r\n\r\nx\r\n", "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 3 1)" },
  { "quote in a value", "Content-Type: text/plain; name=\"a\\\"b\"\r\n\r\n", "(\"TEXT\" \"PLAIN\" (\"NAME\" \"a\\\"b\") NIL NIL \"7BIT\" 0 0)" },
};

/* I33 */
static void
test_structure (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PhMimePart) root = ph_mime_part_parse ((const guint8 *)cases[i].message, strlen (cases[i].message));
      g_auto (PhBuffer) out = { 0 };

      ph_mime_format_structure (root, (const guint8 *)cases[i].message, FALSE, &out);
      ph_buffer_append (&out, "", 1);
      note (cases[i].name);
      g_assert_cmpstr ((const char *)ph_buffer_get_data (&out), ==, cases[i].structure);
    }
}

static const struct
{
  const char *header;
  const char *envelope;
} envelopes[] = {
  { "Date: Mon\r\nSubject: =?utf-8?q?x?=\r\nFrom: A B <a@b.example>\r\nTo: c@d.example, \"E, F\" <\"e f\"@g.example>\r\nMessage-ID: <1@x>\r\n\r\n",
    "(\"Mon\" \"=?utf-8?q?x?=\" ((\"A B\" NIL \"a\" \"b.example\")) ((\"A B\" NIL \"a\" \"b.example\")) ((\"A B\" NIL \"a\" \"b.example\")) "
    "((NIL NIL \"c\" \"d.example\")(\"E, F\" NIL \"e f\" \"g.example\")) NIL NIL NIL \"<1@x>\")" },
  { "To: Group: a@b.example, c@d.example;, e@f.example\r\n\r\n",
    "(NIL NIL NIL NIL NIL ((NIL NIL \"Group\" NIL)(NIL NIL \"a\" \"b.example\")(NIL NIL \"c\" \"d.example\")(NIL NIL NIL NIL)(NIL NIL \"e\" \"f.example\")) NIL NIL NIL NIL)" },
  { "From: <@r.example,@s.example:u@v.example> (comment (nested))\r\nSender: \r\n\r\n",
    "(NIL NIL ((\"comment (nested)\" \"@r.example,@s.example\" \"u\" \"v.example\")) ((\"comment (nested)\" \"@r.example,@s.example\" \"u\" \"v.example\")) ((\"comment (nested)\" \"@r.example,@s.example\" \"u\" \"v.example\")) NIL NIL NIL NIL NIL)" },
  { "Subject: gr\303\274n\r\n\r\n", "(NIL {5}\r\ngr\303\274n NIL NIL NIL NIL NIL NIL NIL NIL)" },
};

/* I34 */
static void
test_envelope (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (envelopes); i++)
    {
      g_autoptr (PhHeader) header = ph_header_parse ((const guint8 *)envelopes[i].header, strlen (envelopes[i].header));
      g_auto (PhBuffer) out = { 0 };

      ph_mime_format_envelope (header, &out);
      ph_buffer_append (&out, "", 1);
      g_assert_cmpstr ((const char *)ph_buffer_get_data (&out), ==, envelopes[i].envelope);
    }
}

static void
test_sections (void)
{
  static const char message[] = "Subject: out\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nX: 1\r\n\r\none\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
                                "Subject: in\r\n\r\ninner\r\n--b--\r\n";
  g_autoptr (PhMimePart) root = ph_mime_part_parse ((const guint8 *)message, strlen (message));
  const struct
  {
    guint32       path[3];
    guint         n;
    PhMimeSection section;
    const char   *expected; /* NULL: there is none */
  } sections[] = {
    { { 1 }, 1, PH_MIME_SECTION_BODY, "one" },
    { { 1 }, 1, PH_MIME_SECTION_MIME, "X: 1\r\n\r\n" },
    { { 1 }, 1, PH_MIME_SECTION_HEADER, NULL },
    { { 2 }, 1, PH_MIME_SECTION_BODY, "Subject: in\r\n\r\ninner" },
    { { 2 }, 1, PH_MIME_SECTION_HEADER, "Subject: in\r\n\r\n" },
    { { 2 }, 1, PH_MIME_SECTION_TEXT, "inner" },
    { { 2, 1 }, 2, PH_MIME_SECTION_BODY, "inner" },
    { { 2, 2 }, 2, PH_MIME_SECTION_BODY, NULL },
    { { 3 }, 1, PH_MIME_SECTION_BODY, NULL },
    { { 0 }, 0, PH_MIME_SECTION_BODY, message },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    {
      gsize    offset, length;
      gboolean found = ph_mime_part_find_section (root, sections[i].path, sections[i].n, sections[i].section, &offset, &length);

      g_test_message ("%u", i);
      g_assert_cmpint (found, ==, sections[i].expected != NULL);
      if (found)
        g_assert_cmpmem (message + offset, length, sections[i].expected, strlen (sections[i].expected));
    }
}

/* V06: nothing nested overflows the stack, and the structure stays well-formed. */
static void
test_depth (void)
{
  g_autoptr (GString) message = g_string_new (NULL);
  g_auto (PhBuffer) out = { 0 };
  g_autoptr (PhMimePart) root = NULL;
  int open = 0;

  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (message, "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n", i, i);
  root = ph_mime_part_parse ((const guint8 *)message->str, message->len);
  ph_mime_format_structure (root, (const guint8 *)message->str, TRUE, &out);
  for (gsize i = 0; i < ph_buffer_get_length (&out); i++)
    {
      open += ph_buffer_get_data (&out)[i] == '(';
      open -= ph_buffer_get_data (&out)[i] == ')';
    }
  g_assert_cmpint (open, ==, 0);
}

/* I30, V36 */
static void
test_mutf7 (void)
{
  static const struct
  {
    const char *utf8;
    const char *mutf7;
  } names[] = {
    { "INBOX", "INBOX" },
    { "Äpfel", "&AMQ-pfel" },
    { "A & B", "A &- B" },
    { "日本語", "&ZeVnLIqe-" },
    { "\360\237\230\200", "&2D3eAA-" },
  };
  static const char *const refused[] = { "&", "&AMQ", "&AGE-", "&AMQ-&AMQ-", "\303\204", "&2D0-", "&AMR-", "a\tb", "&*-", "&-&AGE-" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *there = ph_mutf7_encode (names[i].utf8);
      g_autofree char *back = ph_mutf7_decode (names[i].mutf7, strlen (names[i].mutf7));

      g_assert_cmpstr (there, ==, names[i].mutf7);
      g_assert_cmpstr (back, ==, names[i].utf8);
    }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    g_assert_null (ph_mutf7_decode (refused[i], strlen (refused[i])));
}

static void
test_text (void)
{
  static const char message[] = "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe an =\r\nalle\r\n";
  g_autoptr (PhMimePart) root = ph_mime_part_parse ((const guint8 *)message, strlen (message));
  g_autofree char *text = ph_text_decode_part (root, (const guint8 *)message);
  g_autoptr (PhTextPattern) pattern = ph_text_pattern_new ("GRÜSSE");

  g_assert_nonnull (strstr (text, "Grüße an alle"));
  g_assert_true (ph_text_pattern_matches (pattern, text, strlen (text)));
}

/* V14: nothing that the client said ends the field early. */
static void
test_received (void)
{
  PhTrace trace = { .helo = "evil)\r\nX: y", .peer_address = "192.0.2.1", .host = "mail.example.org", .id = "1", .recipient = "bob@example.org", .extended = TRUE, .secured = TRUE };
  g_auto (PhBuffer) out = { 0 };
  g_autoptr (PhHeader) header = NULL;

  ph_trace_append_received (&trace, &out);
  header = ph_header_parse (ph_buffer_get_data (&out), ph_buffer_get_length (&out));
  g_assert_cmpuint (header->n_fields, ==, 1);
  g_assert_cmpuint (ph_trace_count_received (ph_buffer_get_data (&out), ph_buffer_get_length (&out)), ==, 1);
  g_assert_nonnull (memmem (ph_buffer_get_data (&out), ph_buffer_get_length (&out), "with ESMTPS", 11));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/mime/structure", test_structure);
  g_test_add_func ("/mail/mime/envelope", test_envelope);
  g_test_add_func ("/mail/mime/sections", test_sections);
  g_test_add_func ("/mail/mime/depth", test_depth);
  g_test_add_func ("/mail/mime/mutf7", test_mutf7);
  g_test_add_func ("/mail/mime/text", test_text);
  g_test_add_func ("/mail/mime/received", test_received);

  return g_test_run ();
}
