#include "ph-mutf7.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* --- Encoding --- */

typedef struct
{
  GString *out;
  guint32  bits;
  guint    n_bits;
} PhShifted;

static void
append_unit (PhShifted *self,
             guint16    unit)
{
  self->bits = self->bits << 16 | unit;
  self->n_bits += 16;
  for (; self->n_bits >= 6; self->n_bits -= 6)
    g_string_append_c (self->out, alphabet[self->bits >> (self->n_bits - 6) & 63]);
  self->bits &= (1U << self->n_bits) - 1;
}

static void
append_character (PhShifted *self,
                  gunichar   c)
{
  if (c < 0x10000)
    append_unit (self, (guint16)c);
  else
    {
      append_unit (self, (guint16)(0xd800 + ((c - 0x10000) >> 10)));
      append_unit (self, (guint16)(0xdc00 + ((c - 0x10000) & 0x3ff)));
    }
}

static void
end_shift (PhShifted *self)
{
  if (self->n_bits > 0)
    g_string_append_c (self->out, alphabet[self->bits << (6 - self->n_bits) & 63]);
  self->n_bits = 0;
  self->bits = 0;
  g_string_append_c (self->out, '-');
}

char *
ph_mutf7_encode (const char *utf8)
{
  g_autoptr (GString) out = g_string_new (NULL);
  PhShifted shifted = { out, 0, 0 };
  gboolean  in_shift = FALSE;

  if (!g_utf8_validate (utf8, -1, NULL))
    return NULL;

  for (; *utf8 != '\0'; utf8 = g_utf8_next_char (utf8))
    {
      gunichar c = g_utf8_get_char (utf8);
      gboolean direct = c >= 0x20 && c < 0x7f;

      if (c < 0x20 || (c >= 0x7f && c < 0xa0))
        return NULL;

      if (in_shift && direct)
        end_shift (&shifted);
      else if (!in_shift && !direct)
        g_string_append_c (out, '&');
      in_shift = !direct;

      if (!direct)
        append_character (&shifted, c);
      else
        {
          g_string_append_c (out, (char)c);
          if (c == '&')
            g_string_append_c (out, '-');
        }
    }
  if (in_shift)
    end_shift (&shifted);

  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* --- Decoding --- */

/* `text` is what stands between "&" and "-".  Whether it is canonical is not
 * looked at here. */
static gboolean
decode_shifted (const char *text,
                gsize       length,
                GString    *out)
{
  guint32 bits = 0, high = 0;
  guint   n_bits = 0;

  for (gsize i = 0; i < length; i++)
    {
      const char *place = text[i] != '\0' ? strchr (alphabet, text[i]) : NULL;
      guint32     unit;

      if (place == NULL)
        return FALSE;
      bits = bits << 6 | (guint32)(place - alphabet);
      n_bits += 6;
      if (n_bits < 16)
        continue;

      n_bits -= 16;
      unit = bits >> n_bits & 0xffff;
      if ((unit & 0xfc00) == 0xd800 && high == 0)
        high = unit;
      else if ((unit & 0xfc00) == 0xdc00 && high != 0)
        {
          g_string_append_unichar (out, 0x10000 + ((high & 0x3ff) << 10) + (unit & 0x3ff));
          high = 0;
        }
      else if ((unit & 0xf800) == 0xd800 || high != 0 || unit == 0)
        return FALSE;
      else
        g_string_append_unichar (out, unit);
    }

  return high == 0;
}

/* Read leniently; a name is canonical if encoding gives it back. */
char *
ph_mutf7_decode (const char *text,
                 gsize       length)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *again = NULL;

  for (gsize i = 0; i < length; i++)
    {
      const char *shifted = text + i + 1, *minus;

      if (text[i] == '\0')
        return NULL;
      if (text[i] != '&')
        {
          g_string_append_c (out, text[i]);
          continue;
        }

      minus = memchr (shifted, '-', length - i - 1);
      if (minus == NULL)
        return NULL;
      if (minus == shifted)
        g_string_append_c (out, '&');
      else if (!decode_shifted (shifted, (gsize)(minus - shifted), out))
        return NULL;
      i = (gsize)(minus - text);
    }

  again = ph_mutf7_encode (out->str);
  if (again == NULL || strlen (again) != length || memcmp (again, text, length) != 0)
    return NULL;

  return g_string_free (g_steal_pointer (&out), FALSE);
}
