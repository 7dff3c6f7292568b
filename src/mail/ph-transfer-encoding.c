#include "ph-transfer-encoding.h"

#include <string.h>

#include "ph-octet.h"

#define LINE_WIDTH 76

/* Blanks that may be dropped are held back up to this many; more are kept. */
#define BLANKS_MAX 1024

static const struct
{
  const char        *name;
  PhTransferEncoding encoding;
} names[] = {
  { "7bit", PH_TRANSFER_ENCODING_IDENTITY },
  { "8bit", PH_TRANSFER_ENCODING_IDENTITY },
  { "binary", PH_TRANSFER_ENCODING_IDENTITY },
  { "base64", PH_TRANSFER_ENCODING_BASE64 },
  { "quoted-printable", PH_TRANSFER_ENCODING_QUOTED_PRINTABLE },
};

PhTransferEncoding
ph_transfer_encoding_from_name (const char *name)
{
  if (name == NULL)
    return PH_TRANSFER_ENCODING_IDENTITY;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (name, names[i].name) == 0)
      return names[i].encoding;

  return PH_TRANSFER_ENCODING_UNKNOWN;
}

void
ph_transfer_decoder_init (PhTransferDecoder *self,
                          PhTransferEncoding encoding)
{
  *self = (PhTransferDecoder){ .encoding = encoding };
}

void
ph_transfer_decoder_clear (PhTransferDecoder *self)
{
  ph_buffer_clear (&self->blanks);
}

/* --- base64 --- */

/* 0 to 63, or -1 */
static int
base64_value (guint8 c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;

  return c == '+' ? 62 : c == '/' ? 63
                                  : -1;
}

static void
feed_base64 (PhTransferDecoder *self,
             const guint8      *data,
             gsize              length,
             PhBuffer          *out)
{
  guint8 *to = ph_buffer_reserve (out, length / 4 * 3 + 3);
  gsize   n = 0;

  for (gsize i = 0; i < length; i++)
    {
      int value = base64_value (data[i]);

      /* After padding some programs begin a new base64: then it starts anew. */
      if (data[i] == '=')
        self->n_bits = 0;
      if (value < 0)
        continue;

      self->bits = self->bits << 6 | (guint32)value;
      self->n_bits += 6;
      if (self->n_bits >= 8)
        {
          self->n_bits -= 8;
          to[n++] = (guint8)(self->bits >> self->n_bits);
        }
    }

  ph_buffer_commit (out, n);
}

/* --- quoted-printable --- */

static void
flush_blanks (PhTransferDecoder *self,
              PhBuffer          *out)
{
  gsize length = ph_buffer_get_length (&self->blanks);

  if (length > 0)
    ph_buffer_append (out, ph_buffer_get_data (&self->blanks), length);
  ph_buffer_consume (&self->blanks, length);
}

/* The held escape is none: it is text. */
static void
flush_held (PhTransferDecoder *self,
            PhBuffer          *out)
{
  ph_buffer_append (out, self->held, self->n_held);
  self->n_held = 0;
}

/* TRUE if `c` belonged to an escape: "=41", "=" CRLF, "=" blanks CRLF. */
static gboolean
continue_escape (PhTransferDecoder *self,
                 guint8             c,
                 PhBuffer          *out)
{
  guint8 first = self->held[1];

  if (self->n_held == 1 && (g_ascii_isxdigit ((char)c) || c == '\r' || ph_octet_is_blank (c)))
    {
      self->held[self->n_held++] = c;
      return TRUE;
    }

  if (c == '\n' && (self->n_held == 1 || !g_ascii_isxdigit ((char)first)))
    {
      self->n_held = 0;
      return TRUE;
    }

  if (self->n_held == 2 && g_ascii_isxdigit ((char)first) && g_ascii_isxdigit ((char)c))
    {
      guint8 octet = (guint8)(g_ascii_xdigit_value ((char)first) << 4 | g_ascii_xdigit_value ((char)c));

      ph_buffer_append (out, &octet, 1);
      self->n_held = 0;
      return TRUE;
    }

  if (self->n_held == 2 && (ph_octet_is_blank (first)) && (ph_octet_is_blank (c) || c == '\r'))
    return TRUE;

  flush_held (self, out);

  return FALSE;
}

static void
feed_quoted_printable (PhTransferDecoder *self,
                       const guint8      *data,
                       gsize              length,
                       PhBuffer          *out)
{
  for (gsize i = 0; i < length; i++)
    {
      guint8 c = data[i];

      if (self->n_held > 0 && continue_escape (self, c, out))
        continue;

      if (ph_octet_is_blank (c) && ph_buffer_get_length (&self->blanks) < BLANKS_MAX)
        {
          ph_buffer_append (&self->blanks, &c, 1);
          continue;
        }
      if (c == '\r' || c == '\n')
        ph_buffer_consume (&self->blanks, G_MAXSIZE);
      flush_blanks (self, out);

      if (c == '=')
        self->held[self->n_held++] = c;
      else
        {
          gsize run = 1;

          while (i + run < length && data[i + run] > ' ' && data[i + run] != '=')
            run++;
          ph_buffer_append (out, data + i, run);
          i += run - 1;
        }
    }
}

/* --- Decoding --- */

void
ph_transfer_decoder_feed (PhTransferDecoder *self,
                          const guint8      *data,
                          gsize              length,
                          PhBuffer          *out)
{
  if (self->encoding == PH_TRANSFER_ENCODING_BASE64)
    feed_base64 (self, data, length, out);
  else if (self->encoding == PH_TRANSFER_ENCODING_QUOTED_PRINTABLE)
    feed_quoted_printable (self, data, length, out);
  else
    ph_buffer_append (out, data, length);
}

/* A lone "=" at the end is a soft line break whose line end was lost. */
void
ph_transfer_decoder_finish (PhTransferDecoder *self,
                            PhBuffer          *out)
{
  if (self->n_held == 2 && g_ascii_isxdigit ((char)self->held[1]))
    flush_held (self, out);
  self->n_held = 0;
  self->n_bits = 0;
  ph_buffer_consume (&self->blanks, G_MAXSIZE);
}

void
ph_transfer_decode (PhTransferEncoding encoding,
                    const guint8      *data,
                    gsize              length,
                    PhBuffer          *out)
{
  g_auto (PhTransferDecoder) decoder;

  ph_transfer_decoder_init (&decoder, encoding);
  ph_transfer_decoder_feed (&decoder, data, length, out);
  ph_transfer_decoder_finish (&decoder, out);
}

/* --- Encoding --- */

void
ph_transfer_encode_base64 (const guint8 *data,
                           gsize         length,
                           PhBuffer     *out)
{
  for (gsize at = 0; at < length; at += LINE_WIDTH / 4 * 3)
    {
      g_autofree char *line = g_base64_encode (data + at, MIN (length - at, LINE_WIDTH / 4 * 3));

      ph_buffer_append_string (out, line);
      ph_buffer_append_string (out, "\r\n");
    }
}

/* Octets of the line end at `at`: 2, 1 or 0. */
static gsize
line_end_at (const guint8 *data,
             gsize         length,
             gsize         at)
{
  if (at < length && data[at] == '\n')
    return 1;

  return at + 1 < length && data[at] == '\r' && data[at + 1] == '\n' ? 2 : 0;
}

void
ph_transfer_encode_quoted_printable (const guint8 *data,
                                     gsize         length,
                                     PhBuffer     *out)
{
  gsize column = 0;

  for (gsize i = 0; i < length; i++)
    {
      gsize    line_end = line_end_at (data, length, i);
      gboolean last = i + 1 == length || line_end_at (data, length, i + 1) > 0;
      gboolean plain = data[i] > 32 && data[i] < 127 && data[i] != '=';

      if (line_end > 0)
        {
          ph_buffer_append_string (out, "\r\n");
          column = 0;
          i += line_end - 1;
          continue;
        }

      /* A dot or "From " at the start of a line is safer encoded. */
      plain = (plain && !(column == 0 && (data[i] == '.' || data[i] == 'F'))) || (ph_octet_is_blank (data[i]) && !last);
      if (column + (plain ? 1 : 3) > LINE_WIDTH - !last)
        {
          ph_buffer_append_string (out, "=\r\n");
          column = 0;
        }
      if (plain)
        ph_buffer_append (out, data + i, 1);
      else
        ph_buffer_append_printf (out, "=%02X", data[i]);
      column += plain ? 1 : 3;
    }
}
