#include "ph-smtp-xtext.h"

#include <string.h>

/* Upper case only, as RFC 3461 says; -1 for no digit. */
static int
hex_value (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;

  return -1;
}

/* Reads one character at text[*at]; -1 where it is no xtext. */
static int
read_character (const char *text,
                gsize       length,
                gsize      *at)
{
  guchar c = (guchar)text[(*at)++];
  int    high, low;

  if (c != '+')
    return c > 0x20 && c != '=' && c != 0x7f ? c : -1;

  if (length - *at < 2)
    return -1;
  high = hex_value (text[*at]);
  low = hex_value (text[*at + 1]);
  *at += 2;

  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

char *
ph_smtp_xtext_decode (const char *text,
                      gsize       length,
                      gboolean    utf8)
{
  g_autoptr (GString) out = g_string_sized_new (length);

  for (gsize at = 0; at < length;)
    {
      int c = read_character (text, length, &at);

      if (c < 0x20 || c == 0x7f || (c > 0x7f && !utf8))
        return NULL;
      g_string_append_c (out, (char)c);
    }

  if (!g_utf8_validate (out->str, (gssize)out->len, NULL))
    return NULL;

  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
ph_smtp_xtext_encode (const char *text,
                      gboolean    utf8)
{
  GString *out = g_string_sized_new (strlen (text));

  for (const char *c = text; *c != '\0'; c++)
    {
      guchar byte = (guchar)*c;

      if ((byte > 0x20 && byte < 0x7f && byte != '+' && byte != '=') || (byte > 0x7f && utf8))
        g_string_append_c (out, *c);
      else
        g_string_append_printf (out, "+%02X", byte);
    }

  return g_string_free (out, FALSE);
}
