#include "ph-header.h"

#include <string.h>

static PhHeader *
parse (const char *text)
{
  return ph_header_parse ((const guint8 *)text, strlen (text));
}

static void
test_fields (void)
{
  static const char text[] = "From: a@b\r\nSubject:  one\r\n\ttwo \r\nX-Empty:\r\nreceived : x\r\n\r\nBody: no\r\n";
  g_autoptr (PhHeader) header = parse (text);
  g_autofree char *subject = ph_header_dup_value (header, "SUBJECT");
  g_autofree char *empty = ph_header_dup_value (header, "x-empty");
  g_autofree char *received = ph_header_dup_value (header, "Received");

  g_assert_cmpuint (header->n_fields, ==, 4);
  g_assert_cmpstr (subject, ==, "one\ttwo");
  g_assert_cmpstr (empty, ==, "");
  g_assert_cmpstr (received, ==, "x");
  g_assert_null (ph_header_find (header, "Body", NULL));
  g_assert_null (ph_header_find (header, "Subj", NULL));
  g_assert_cmpstr (text + header->body_offset, ==, "Body: no\r\n");
  g_assert_cmpuint (header->length, ==, header->body_offset - 2);
  g_assert_false (header->truncated);
  g_assert_cmpmem (text + header->fields[1].offset, header->fields[1].length, "Subject:  one\r\n\ttwo \r\n", 22);
}

static void
test_odd_blocks (void)
{
  static const struct
  {
    const char *text;
    guint       n_fields;
    const char *body;
  } rows[] = {
    { "", 0, "" },
    { "\r\n", 0, "" },
    { "\n", 0, "" },
    { "\r\nbody", 0, "body" },
    { "a: b", 1, "" },
    { "a: b\n\nbody", 1, "body" },
    { "a: b\n c\n\nbody", 1, "body" },
    { "a: b\nno field\n\nbody", 1, "no field\n\nbody" },
    { " starts folded\n\nbody", 0, " starts folded\n\nbody" },
    { "From x@y Mon Jan 1\na: b\n\nbody", 1, "body" },
    { "a: b\nFrom x@y Mon Jan 1\n\nbody", 1, "From x@y Mon Jan 1\n\nbody" },
    { "a: b\r\n \r\nc: d\r\n\r\nbody", 2, "body" },
    { "a: b\r\n\rbody", 1, "\rbody" },
    { ": x\n", 0, ": x\n" },
    { "\303\274: x\n", 0, "\303\274: x\n" },
    { "just text", 0, "just text" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (PhHeader) header = parse (rows[i].text);

      g_assert_cmpuint (header->n_fields, ==, rows[i].n_fields);
      g_assert_cmpstr (rows[i].text + header->body_offset, ==, rows[i].body);
      g_assert_cmpuint (header->length, <=, header->body_offset);
    }
}

static void
test_repeated (void)
{
  g_autoptr (PhHeader) header = parse ("A: 1\nB: 2\na: 3\n\n");
  const PhHeaderField *first = ph_header_find (header, "a", NULL);
  const PhHeaderField *second = ph_header_find (header, "a", first);
  g_autofree char     *value = ph_header_dup_field_value (header, second);

  g_assert_true (first == &header->fields[0]);
  g_assert_cmpstr (value, ==, "3");
  g_assert_null (ph_header_find (header, "a", second));
}

static void
test_values (void)
{
  static const char text[] = "a: x\0y\rz \r\n b: \t \r\n\tc \r\nS: =?utf-8?q?=C3=BC?=\r\n\r\n";
  g_autoptr (PhHeader) header = ph_header_parse ((const guint8 *)text, sizeof text - 1);
  g_autofree char *value = ph_header_dup_value (header, "a");
  g_autofree char *decoded = ph_header_dup_text (header, "s");

  g_assert_cmpstr (value, ==, "xy z  b: \t \tc");
  g_assert_cmpstr (decoded, ==, "\303\274");
  g_assert_null (ph_header_dup_text (header, "none"));
}

/* V07: the parse stops, the bytes are counted on. */
static void
test_limits (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PhHeader) many = NULL, large = NULL;

  for (guint i = 0; i < 200000; i++)
    g_string_append (text, "To: x\r\n");
  g_string_append (text, "\r\nbody");
  many = ph_header_parse ((const guint8 *)text->str, text->len);
  g_assert_true (many->truncated);
  g_assert_cmpuint (many->n_fields, ==, PH_HEADER_FIELDS_MAX);
  g_assert_cmpstr (text->str + many->body_offset, ==, "body");

  g_string_assign (text, "To: ");
  for (guint i = 0; i < 400000; i++)
    g_string_append (text, "some name <x@y>,\r\n ");
  g_string_append (text, "x@y\r\nCc: late\r\n\r\nbody");
  large = ph_header_parse ((const guint8 *)text->str, text->len);
  g_assert_true (large->truncated);
  g_assert_cmpuint (large->n_fields, ==, 1);
  g_assert_cmpuint (large->fields[0].value_offset + large->fields[0].value_length, ==, PH_HEADER_SIZE_MAX);
  g_assert_cmpstr (text->str + large->body_offset, ==, "body");
}

/* I35: HEADER.FIELDS and HEADER.FIELDS.NOT */
static void
test_append_fields (void)
{
  static const char *const names[] = { "TO", "x-none", NULL };
  g_autoptr (PhHeader) header = parse ("From: a\r\nTo: b,\r\n c\r\nto: d");
  g_auto (PhBuffer) some = { 0 };
  g_auto (PhBuffer) others = { 0 };

  ph_header_append_fields (header, names, FALSE, &some);
  g_assert_cmpmem (ph_buffer_get_data (&some), ph_buffer_get_length (&some), "To: b,\r\n c\r\nto: d\r\n\r\n", 21);
  ph_header_append_fields (header, names, TRUE, &others);
  g_assert_cmpmem (ph_buffer_get_data (&others), ph_buffer_get_length (&others), "From: a\r\n\r\n", 11);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/header/fields", test_fields);
  g_test_add_func ("/mail/header/odd-blocks", test_odd_blocks);
  g_test_add_func ("/mail/header/repeated", test_repeated);
  g_test_add_func ("/mail/header/values", test_values);
  g_test_add_func ("/mail/header/limits", test_limits);
  g_test_add_func ("/mail/header/append-fields", test_append_fields);

  return g_test_run ();
}
