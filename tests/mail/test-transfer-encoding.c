#include "ph-transfer-encoding.h"

#include <string.h>

#include "../note.h"

#define B64 PH_TRANSFER_ENCODING_BASE64
#define QP PH_TRANSFER_ENCODING_QUOTED_PRINTABLE

static const struct
{
  PhTransferEncoding encoding;
  const char        *text, *decoded;
} rows[] = {
  { PH_TRANSFER_ENCODING_IDENTITY, "=41 QQ==", "=41 QQ==" },
  { PH_TRANSFER_ENCODING_UNKNOWN, "=41 QQ==", "=41 QQ==" },
  { B64, "", "" },
  { B64, "QQ==", "A" },
  { B64, "QUI=", "AB" },
  { B64, "QUJD", "ABC" },
  { B64, "Q U\r\nJ!D", "ABC" },
  { B64, "QQ", "A" },
  { B64, "Q", "" },
  { B64, "QQ==\r\nQg==\r\n", "AB" },
  { B64, "====", "" },
  { QP, "", "" },
  { QP, "a=41b", "aAb" },
  { QP, "=c3=BC", "\303\274" },
  { QP, "a=\r\nb=\nc", "abc" },
  { QP, "a= \t\r\nb", "ab" },
  { QP, "a \t\r\nb  \nc ", "a\r\nb\nc" },
  { QP, "a b", "a b" },
  { QP, "a=", "a" },
  { QP, "a=4", "a=4" },
  { QP, "a=\r", "a" },
  { QP, "=4=41", "=4A" },
  { QP, "=zz", "=zz" },
  { QP, "=4z", "=4z" },
  { QP, "==41", "=A" },
  { QP, "=\rx", "=\rx" },
};

static void
assert_holds (const PhBuffer *buffer,
              const char     *expected)
{
  g_assert_cmpmem (ph_buffer_get_data (buffer), ph_buffer_get_length (buffer), expected, strlen (expected));
}

/* In one piece, in two at every place, and byte by byte. */
static void
test_decode (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const guint8 *text = (const guint8 *)rows[i].text;
      gsize         length = strlen (rows[i].text);
      g_auto (PhBuffer) single = { 0 };
      g_auto (PhTransferDecoder) bytes;

      note (rows[i].text);
      for (gsize split = 0; split <= length; split++)
        {
          g_auto (PhBuffer) out = { 0 };
          g_auto (PhTransferDecoder) decoder;

          ph_transfer_decoder_init (&decoder, rows[i].encoding);
          ph_transfer_decoder_feed (&decoder, text, split, &out);
          ph_transfer_decoder_feed (&decoder, text + split, length - split, &out);
          ph_transfer_decoder_finish (&decoder, &out);
          assert_holds (&out, rows[i].decoded);
        }

      ph_transfer_decoder_init (&bytes, rows[i].encoding);
      for (gsize k = 0; k < length; k++)
        ph_transfer_decoder_feed (&bytes, text + k, 1, &single);
      ph_transfer_decoder_finish (&bytes, &single);
      assert_holds (&single, rows[i].decoded);
    }
}

static void
test_names (void)
{
  g_assert_cmpint (ph_transfer_encoding_from_name (NULL), ==, PH_TRANSFER_ENCODING_IDENTITY);
  g_assert_cmpint (ph_transfer_encoding_from_name ("8BIT"), ==, PH_TRANSFER_ENCODING_IDENTITY);
  g_assert_cmpint (ph_transfer_encoding_from_name ("Base64"), ==, B64);
  g_assert_cmpint (ph_transfer_encoding_from_name ("quoted-PRINTABLE"), ==, QP);
  g_assert_cmpint (ph_transfer_encoding_from_name ("x-uuencode"), ==, PH_TRANSFER_ENCODING_UNKNOWN);
}

static void
check_lines (const PhBuffer *buffer)
{
  const guint8 *data = ph_buffer_get_data (buffer);

  for (gsize i = 0, line = 0; i < ph_buffer_get_length (buffer); i++)
    {
      line = data[i] == '\n' ? 0 : line + 1;
      g_assert_cmpuint (line, <=, 77); /* with the CR */
      g_assert_true ((data[i] == '\n') == (i > 0 && data[i - 1] == '\r'));
      g_assert_true (data[i] < 127);
    }
}

/* All octets, and text with blanks where they would be lost. */
static void
test_round_trip (void)
{
  guint8            octets[1024];
  const char *const text = "From me\r\n.\r\n..dot\r\n trailing \t\r\n \r\n=41 \303\274\303\274\303\274 0123456789012345678901234567890123456789012345678901234567890123456789 x\t\r\n";
  g_auto (PhBuffer) encoded = { 0 };
  g_auto (PhBuffer) decoded = { 0 };
  g_auto (PhBuffer) quoted = { 0 };
  g_auto (PhBuffer) unquoted = { 0 };

  for (gsize i = 0; i < sizeof octets; i++)
    octets[i] = (guint8)(i + i / 256);

  ph_transfer_encode_base64 (octets, sizeof octets, &encoded);
  check_lines (&encoded);
  ph_transfer_decode (B64, ph_buffer_get_data (&encoded), ph_buffer_get_length (&encoded), &decoded);
  g_assert_cmpmem (ph_buffer_get_data (&decoded), ph_buffer_get_length (&decoded), octets, sizeof octets);

  ph_transfer_encode_quoted_printable ((const guint8 *)text, strlen (text), &quoted);
  check_lines (&quoted);
  ph_transfer_decode (QP, ph_buffer_get_data (&quoted), ph_buffer_get_length (&quoted), &unquoted);
  assert_holds (&unquoted, text);
  g_assert_null (memmem (ph_buffer_get_data (&quoted), ph_buffer_get_length (&quoted), "\r\n.", 3));
  g_assert_cmpint (ph_buffer_get_data (&quoted)[0], ==, '=');
}

static void
test_bombs (void)
{
  static const char *const patterns[] = { " ", "=", "= ", "=\r", "=\n", "\t\r\n", "=4" };

  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_auto (PhBuffer) out = { 0 };

      while (text->len < 1000000)
        g_string_append (text, patterns[i]);
      ph_transfer_decode (QP, (const guint8 *)text->str, text->len, &out);
      g_assert_cmpuint (ph_buffer_get_length (&out), <=, text->len);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/transfer-encoding/decode", test_decode);
  g_test_add_func ("/mail/transfer-encoding/names", test_names);
  g_test_add_func ("/mail/transfer-encoding/round-trip", test_round_trip);
  g_test_add_func ("/mail/transfer-encoding/bombs", test_bombs);

  return g_test_run ();
}
