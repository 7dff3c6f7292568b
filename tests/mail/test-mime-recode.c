#include "ph-mime-recode.h"

#include "ph-mime-part.h"
#include "ph-transfer-encoding.h"

#include <string.h>

#define BYTES(text) text, sizeof text - 1

static const struct
{
  const char        *what;
  const char        *message;
  gsize              length;
  PhMimeRecodeTarget target;
  PhMimeRecodeResult result;
  const char        *recoded;
} cases[] = {
  { "ASCII fits", BYTES ("Subject: x\r\n\r\nbody\r\n"), PH_MIME_RECODE_FOR_7BIT, PH_MIME_RECODE_UNNEEDED, NULL },
  { "8 bits fit into 8", BYTES ("Subject: x\r\n\r\nb\303\266dy\r\n"), PH_MIME_RECODE_FOR_8BIT, PH_MIME_RECODE_UNNEEDED, NULL },
  { "the word binary alone is nothing", BYTES ("Subject: binary\r\n\r\nbinary\r\n"), PH_MIME_RECODE_FOR_8BIT, PH_MIME_RECODE_UNNEEDED, NULL },
  { "no MIME becomes MIME", BYTES ("Subject: x\r\n\r\nb\303\266dy\r\n"), PH_MIME_RECODE_FOR_7BIT, PH_MIME_RECODE_DONE,
    "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nb=C3=B6dy\r\n" },
  { "binary becomes base64, also for 8 bits", BYTES ("MIME-Version: 1.0\r\nContent-Transfer-Encoding: binary\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n\0"), PH_MIME_RECODE_FOR_8BIT, PH_MIME_RECODE_DONE,
    "MIME-Version: 1.0\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgoA\r\n" },
  { "only the part that needs it",
    BYTES ("MIME-Version: 1.0\r\nContent-Transfer-Encoding: BINARY\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\n\r\0\n\r\n--b--\r\npost\r\n"),
    PH_MIME_RECODE_FOR_8BIT, PH_MIME_RECODE_DONE,
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\npre\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: base64\r\n\r\nDQAK\r\n--b--\r\npost\r\n" },
  { "labels go down to 7bit", BYTES ("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\303\266\r\n--b--\r\n"),
    PH_MIME_RECODE_FOR_7BIT, PH_MIME_RECODE_DONE,
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 7bit\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=B6\r\n--b--\r\n" },
  { "what is signed stays", BYTES ("MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\303\266\r\n--b--\r\n"),
    PH_MIME_RECODE_FOR_7BIT, PH_MIME_RECODE_IMPOSSIBLE, NULL },
  { "a message in it is looked into", BYTES ("MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nContent-Type: text/plain\r\n\r\n\303\266"),
    PH_MIME_RECODE_FOR_7BIT, PH_MIME_RECODE_DONE,
    "MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=B6" },
  { "a partial message can't be encoded", BYTES ("Content-Type: message/partial\r\n\r\n\303\266\r\n"), PH_MIME_RECODE_FOR_7BIT, PH_MIME_RECODE_IMPOSSIBLE, NULL },
  { "8 bits in a header have no MIME encoding", BYTES ("Subject: \303\266\r\n\r\nx\r\n"), PH_MIME_RECODE_FOR_7BIT, PH_MIME_RECODE_IMPOSSIBLE, NULL },
  { "a bare LF in a header", BYTES ("Subject: a\nX: b\r\nContent-Transfer-Encoding: binary\r\n\r\nx\r\n"), PH_MIME_RECODE_FOR_8BIT, PH_MIME_RECODE_IMPOSSIBLE, NULL },
  { "binary in what says base64", BYTES ("Content-Transfer-Encoding: base64\r\n\r\n\0"), PH_MIME_RECODE_FOR_8BIT, PH_MIME_RECODE_IMPOSSIBLE, NULL },
};

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (PhBuffer) out = { 0 };
      PhMimeRecodeResult result;

      g_test_message ("%s", cases[i].what);
      result = ph_mime_recode ((const guint8 *)cases[i].message, cases[i].length, cases[i].target, &out);
      g_assert_cmpint (result, ==, cases[i].result);
      if (cases[i].recoded != NULL)
        g_assert_cmpmem (ph_buffer_get_data (&out), ph_buffer_get_length (&out), cases[i].recoded, strlen (cases[i].recoded));
    }
}

/* A leaf's bytes, decoded. */
static GBytes *
decode_leaf (const guint8     *data,
             const PhMimePart *part)
{
  g_auto (PhBuffer) out = { 0 };

  ph_transfer_decode (ph_transfer_encoding_from_name (part->encoding), data + part->body_offset, part->body_length, &out);

  return g_bytes_new (ph_buffer_get_data (&out), ph_buffer_get_length (&out));
}

/* What was recoded fits, and has the same leaves with the same bytes in them. */
static void
check_recoded (const GString     *message,
               const PhBuffer    *out,
               PhMimeRecodeTarget target)
{
  const guint8 *data = ph_buffer_get_data (out);
  gsize         length = ph_buffer_get_length (out);
  g_autoptr (PhMimePart) before = ph_mime_part_parse ((const guint8 *)message->str, message->len);
  g_autoptr (PhMimePart) after = ph_mime_part_parse (data, length);
  const PhMimePart *a = before, *b = after;
  g_auto (PhBuffer) again = { 0 };

  g_assert_cmpint (ph_mime_recode (data, length, target, &again), ==, PH_MIME_RECODE_UNNEEDED);
  for (; a != NULL && b != NULL; a = ph_mime_part_next (a), b = ph_mime_part_next (b))
    {
      g_autoptr (GBytes) x = decode_leaf ((const guint8 *)message->str, a);
      g_autoptr (GBytes) y = decode_leaf (data, b);

      g_assert_cmpstr (a->content_type->type, ==, b->content_type->type);
      if (a->first_child == NULL)
        g_assert_true (g_bytes_equal (x, y));
    }
  g_assert_true (a == NULL && b == NULL);
}

static void
append_random (GString *out,
               guint    n)
{
  for (guint i = 0; i < n; i++)
    g_string_append_c (out, "a\r\n\0\377 =.\303\266-"[g_test_rand_int_range (0, 11)]);
}

static void
test_random (void)
{
  guint n_done = 0;

  for (guint i = 0; i < 2000; i++)
    {
      g_autoptr (GString) message = g_string_new ("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=bound\r\nContent-Transfer-Encoding: binary\r\n\r\n");
      PhMimeRecodeTarget target = i % 2 == 0 ? PH_MIME_RECODE_FOR_7BIT : PH_MIME_RECODE_FOR_8BIT;
      g_auto (PhBuffer) out = { 0 };

      for (guint part = 0; part < 3; part++)
        {
          g_string_append_printf (message, "--bound\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: %s\r\n\r\n", part == 1 ? "7bit" : "binary");
          if (part != 1)
            append_random (message, (guint)g_test_rand_int_range (0, 100));
          g_string_append (message, "\r\n");
        }
      g_string_append (message, "--bound--\r\n");
      if (ph_mime_recode ((const guint8 *)message->str, message->len, target, &out) != PH_MIME_RECODE_DONE)
        continue;
      n_done++;
      check_recoded (message, &out, target);
    }
  g_assert_cmpuint (n_done, ==, 2000);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/mime-recode/cases", test_cases);
  g_test_add_func ("/mail/mime-recode/random", test_random);

  return g_test_run ();
}
