#include "ph-smtp-body-writer.h"
#include "ph-smtp-data-decoder.h"

#include <string.h>

/* What a message in transit becomes. */
typedef struct
{
  const char *wire;
  const char *message; /* NULL: the end is not found */
  gboolean    bare_cr;
  gboolean    bare_lf;
  const char *rest; /* what is left behind the end */
} DataCase;

static const DataCase cases[] = {
  { ".\r\n", "", FALSE, FALSE, "" },
  { "a\r\n.\r\nQUIT", "a\r\n", FALSE, FALSE, "QUIT" },
  { "\r\n.\r\n", "\r\n", FALSE, FALSE, "" },
  { "..\r\n.\r\n", ".\r\n", FALSE, FALSE, "" },
  { "...a\r\n..\r\n.b\r\n.\r\n", "..a\r\n.\r\nb\r\n", FALSE, FALSE, "" },
  { "a.\r\n.\r\n", "a.\r\n", FALSE, FALSE, "" },
  { "a\n.\n.\r\n", NULL, FALSE, TRUE, NULL },
  { "a\n.\r\n.\r\n", "a\r\n.\r\n", FALSE, TRUE, "" },
  { "a\n..\r\n.\r\n", "a\r\n..\r\n", FALSE, TRUE, "" },
  { "a\r.\r\n.\r\n", "a.\r\n", TRUE, FALSE, "" },
  { "a\r\r\n.\r\n", "a\r\n", TRUE, FALSE, "" },
  { "a\r\n.\r\r\n.\r\n", "a\r\n\r\n", TRUE, FALSE, "" },
  { "a\r\n. \r\n.\r\n", "a\r\n \r\n", FALSE, FALSE, "" },
  { "a\r", NULL, FALSE, FALSE, NULL },
};

static void
collect_cb (const guint8 *data,
            gsize         length,
            gpointer      user_data)
{
  g_string_append_len (user_data, (const char *)data, (gssize)length);
}

/* S02: the same in pieces of any size. */
static void
test_decoder (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize step = 1; step <= 8; step++)
      {
        g_autoptr (GString) message = g_string_new (NULL);
        const char       *wire = cases[i].wire;
        gsize             length = strlen (wire), at = 0;
        gboolean          ended = FALSE;
        PhSmtpDataDecoder decoder;

        ph_smtp_data_decoder_init (&decoder, FALSE, FALSE);
        while (at < length && !ended)
          at += ph_smtp_data_decoder_feed (&decoder, (const guint8 *)wire + at, MIN (step, length - at), collect_cb, message, &ended);

        g_assert_cmpint (ended, ==, cases[i].message != NULL);
        g_assert_cmpint (decoder.bare_cr, ==, cases[i].bare_cr);
        g_assert_cmpint (decoder.bare_lf, ==, cases[i].bare_lf);
        if (ended)
          {
            g_assert_cmpstr (message->str, ==, cases[i].message);
            g_assert_cmpstr (wire + at, ==, cases[i].rest);
          }
      }
}

static void
test_decoder_notes (void)
{
  g_autoptr (GString) message = g_string_new (NULL);
  g_autofree char  *line = g_malloc (PH_SMTP_TEXT_LINE_MAX + 1);
  PhSmtpDataDecoder decoder;
  gboolean          ended;

  ph_smtp_data_decoder_init (&decoder, FALSE, TRUE);
  ph_smtp_data_decoder_feed (&decoder, (const guint8 *)"one\r\ntwo\r\nth\rree\nf\xfcnf", 20, collect_cb, message, &ended);
  g_assert_cmpuint (decoder.bare_line, ==, 3);
  g_assert_true (decoder.has_8bit);
  g_assert_false (decoder.line_too_long || decoder.has_long_line);

  memset (line, 'x', PH_SMTP_TEXT_LINE_MAX + 1);
  for (guint over = 0; over < 2; over++)
    {
      ph_smtp_data_decoder_init (&decoder, FALSE, FALSE);
      ph_smtp_data_decoder_feed (&decoder, (const guint8 *)"a\r\n", 3, collect_cb, message, &ended);
      ph_smtp_data_decoder_feed (&decoder, (const guint8 *)line, 998 + over, collect_cb, message, &ended);
      ph_smtp_data_decoder_feed (&decoder, (const guint8 *)"\r\nb\r\n", 5, collect_cb, message, &ended);
      g_assert_cmpint (decoder.has_long_line, ==, over);
    }
  ph_smtp_data_decoder_init (&decoder, FALSE, FALSE);
  ph_smtp_data_decoder_feed (&decoder, (const guint8 *)line, PH_SMTP_TEXT_LINE_MAX, collect_cb, message, &ended);
  g_assert_false (decoder.line_too_long);
  ph_smtp_data_decoder_feed (&decoder, (const guint8 *)line, 1, collect_cb, message, &ended);
  g_assert_true (decoder.line_too_long);
}

/* BDAT: dots are text, and a CR may be the last byte of a chunk. */
static void
test_decoder_raw (void)
{
  g_autoptr (GString) message = g_string_new (NULL);
  PhSmtpDataDecoder decoder;
  gboolean          ended;

  ph_smtp_data_decoder_init (&decoder, TRUE, FALSE);
  ph_smtp_data_decoder_feed (&decoder, (const guint8 *)".\r\n.\r\n..a\r", 10, collect_cb, message, &ended);
  g_assert_false (ended);
  ph_smtp_data_decoder_feed (&decoder, (const guint8 *)"\nb\r", 3, collect_cb, message, &ended);
  g_assert_cmpstr (message->str, ==, ".\r\n.\r\n..a\r\nb");
  g_assert_false (decoder.bare_cr);
  ph_smtp_data_decoder_finish (&decoder);
  g_assert_true (decoder.bare_cr);
}

static void
assert_written (const char *message,
                const char *wire)
{
  gsize length = strlen (message);

  for (gsize step = 1; step <= length + 1; step++)
    {
      g_auto (PhBuffer) out = { 0 };
      PhSmtpBodyWriter writer = { 0 };

      for (gsize at = 0; at < length; at += step)
        ph_smtp_body_writer_write (&writer, &out, (const guint8 *)message + at, MIN (step, length - at));
      ph_smtp_body_writer_end (&writer, &out);
      g_assert_cmpmem (ph_buffer_get_data (&out), ph_buffer_get_length (&out), wire, strlen (wire));
    }
}

/* V02: whatever the message is, no bare CR or LF leaves. */
static void
test_writer (void)
{
  assert_written ("", ".\r\n");
  assert_written ("a\r\n", "a\r\n.\r\n");
  assert_written ("a", "a\r\n.\r\n");
  assert_written (".\r\n..\r\n.a", "..\r\n...\r\n..a\r\n.\r\n");
  assert_written ("a\n.\nb\n", "a\r\n..\r\nb\r\n.\r\n");
  assert_written ("a\r.\r\nb", "a .\r\nb\r\n.\r\n");
  assert_written ("a\r\r\n\r", "a \r\n\r\n.\r\n");
  assert_written ("a\n\r.b\r\n", "a\r\n .b\r\n.\r\n");
}

/* Random messages of the bytes that matter come through both unchanged, or mended. */
static void
test_round_trip (void)
{
  static const char alphabet[] = "..a\r\n\r\n\xe9";

  for (guint i = 0; i < 20000; i++)
    {
      g_auto (PhBuffer) out = { 0 };
      g_autoptr (GString) sent = g_string_new (NULL);
      g_autoptr (GString) received = g_string_new (NULL);
      PhSmtpBodyWriter  writer = { 0 };
      PhSmtpDataDecoder decoder;
      gboolean          ended;

      for (int n = g_test_rand_int_range (0, 24); n > 0; n--)
        g_string_append_c (sent, alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)]);
      ph_smtp_body_writer_write (&writer, &out, (const guint8 *)sent->str, sent->len);
      ph_smtp_body_writer_end (&writer, &out);

      ph_smtp_data_decoder_init (&decoder, FALSE, FALSE);
      g_assert_cmpuint (ph_smtp_data_decoder_feed (&decoder, ph_buffer_get_data (&out), ph_buffer_get_length (&out), collect_cb, received, &ended), ==, ph_buffer_get_length (&out));
      g_assert_true (ended);
      g_assert_false (decoder.bare_cr || decoder.bare_lf);
      g_assert_cmpuint (received->len, ==, writer.n_written);

      g_string_replace (sent, "\r\n", "\n", 0);
      g_strdelimit (sent->str, "\r", ' ');
      if (sent->len > 0 && sent->str[sent->len - 1] != '\n')
        {
          if (sent->str[sent->len - 1] == ' ')
            sent->str[sent->len - 1] = '\n';
          else
            g_string_append_c (sent, '\n');
        }
      g_string_replace (sent, "\n", "\r\n", 0);
      g_assert_cmpstr (received->str, ==, sent->str);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/smtp/data/decoder", test_decoder);
  g_test_add_func ("/smtp/data/decoder-notes", test_decoder_notes);
  g_test_add_func ("/smtp/data/decoder-raw", test_decoder_raw);
  g_test_add_func ("/smtp/data/writer", test_writer);
  g_test_add_func ("/smtp/data/round-trip", test_round_trip);

  return g_test_run ();
}
