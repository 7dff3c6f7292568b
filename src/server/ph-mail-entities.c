#include "ph-mail-entities.h"

#include <string.h>

/* Sorted by name: those of Latin-1 and what mail programs write. */
static const struct
{
  const char *name;
  gunichar    character;
} entities[] = {
  { "AElig", 0xc6 },
  { "Aacute", 0xc1 },
  { "Acirc", 0xc2 },
  { "Agrave", 0xc0 },
  { "Aring", 0xc5 },
  { "Atilde", 0xc3 },
  { "Auml", 0xc4 },
  { "Ccedil", 0xc7 },
  { "Eacute", 0xc9 },
  { "Ecirc", 0xca },
  { "Egrave", 0xc8 },
  { "Euml", 0xcb },
  { "Iacute", 0xcd },
  { "Icirc", 0xce },
  { "Igrave", 0xcc },
  { "Iuml", 0xcf },
  { "Ntilde", 0xd1 },
  { "OElig", 0x152 },
  { "Oacute", 0xd3 },
  { "Ocirc", 0xd4 },
  { "Ograve", 0xd2 },
  { "Oslash", 0xd8 },
  { "Otilde", 0xd5 },
  { "Ouml", 0xd6 },
  { "Scaron", 0x160 },
  { "Uacute", 0xda },
  { "Ucirc", 0xdb },
  { "Ugrave", 0xd9 },
  { "Uuml", 0xdc },
  { "aacute", 0xe1 },
  { "acirc", 0xe2 },
  { "acute", 0xb4 },
  { "aelig", 0xe6 },
  { "agrave", 0xe0 },
  { "amp", '&' },
  { "apos", '\'' },
  { "aring", 0xe5 },
  { "asymp", 0x2248 },
  { "atilde", 0xe3 },
  { "auml", 0xe4 },
  { "bdquo", 0x201e },
  { "bull", 0x2022 },
  { "ccedil", 0xe7 },
  { "cent", 0xa2 },
  { "copy", 0xa9 },
  { "darr", 0x2193 },
  { "deg", 0xb0 },
  { "divide", 0xf7 },
  { "eacute", 0xe9 },
  { "ecirc", 0xea },
  { "egrave", 0xe8 },
  { "emsp", 0x2003 },
  { "ensp", 0x2002 },
  { "euml", 0xeb },
  { "euro", 0x20ac },
  { "frac12", 0xbd },
  { "frac14", 0xbc },
  { "frac34", 0xbe },
  { "ge", 0x2265 },
  { "gt", '>' },
  { "hearts", 0x2665 },
  { "hellip", 0x2026 },
  { "iacute", 0xed },
  { "icirc", 0xee },
  { "iexcl", 0xa1 },
  { "igrave", 0xec },
  { "iquest", 0xbf },
  { "iuml", 0xef },
  { "laquo", 0xab },
  { "larr", 0x2190 },
  { "ldquo", 0x201c },
  { "le", 0x2264 },
  { "lsaquo", 0x2039 },
  { "lsquo", 0x2018 },
  { "lt", '<' },
  { "mdash", 0x2014 },
  { "micro", 0xb5 },
  { "middot", 0xb7 },
  { "minus", 0x2212 },
  { "nbsp", 0xa0 },
  { "ndash", 0x2013 },
  { "ne", 0x2260 },
  { "ntilde", 0xf1 },
  { "oacute", 0xf3 },
  { "ocirc", 0xf4 },
  { "oelig", 0x153 },
  { "ograve", 0xf2 },
  { "oslash", 0xf8 },
  { "otilde", 0xf5 },
  { "ouml", 0xf6 },
  { "para", 0xb6 },
  { "permil", 0x2030 },
  { "plusmn", 0xb1 },
  { "pound", 0xa3 },
  { "quot", '"' },
  { "raquo", 0xbb },
  { "rarr", 0x2192 },
  { "rdquo", 0x201d },
  { "reg", 0xae },
  { "rsaquo", 0x203a },
  { "rsquo", 0x2019 },
  { "sbquo", 0x201a },
  { "scaron", 0x161 },
  { "sect", 0xa7 },
  { "shy", 0xad },
  { "sup2", 0xb2 },
  { "sup3", 0xb3 },
  { "szlig", 0xdf },
  { "thinsp", 0x2009 },
  { "times", 0xd7 },
  { "trade", 0x2122 },
  { "uacute", 0xfa },
  { "uarr", 0x2191 },
  { "ucirc", 0xfb },
  { "ugrave", 0xf9 },
  { "uuml", 0xfc },
  { "yacute", 0xfd },
  { "yen", 0xa5 },
  { "yuml", 0xff },
  { "zwj", 0x200d },
  { "zwnj", 0x200c },
};

/* Longer than any name or sensible number. */
#define ENTITY_MAX 12

static gunichar
find_name (const char *name,
           gsize       length)
{
  guint low = 0, high = G_N_ELEMENTS (entities);

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      int   order = strncmp (entities[middle].name, name, length);

      if (order == 0 && entities[middle].name[length] == '\0')
        return entities[middle].character;
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }

  return 0;
}

static gunichar
parse_number (const char *digits,
              gsize       length)
{
  gboolean hex = length > 0 && (*digits == 'x' || *digits == 'X');
  guint32  value = 0;

  if (length == (hex ? 1 : 0))
    return 0;

  for (gsize i = hex ? 1 : 0; i < length; i++)
    {
      int digit = hex ? g_ascii_xdigit_value (digits[i]) : g_ascii_digit_value (digits[i]);

      if (digit < 0)
        return 0;
      value = value * (hex ? 16 : 10) + (guint32)digit;
      if (value > 0x10ffff)
        return 0xfffd;
    }

  return value == 0 || !g_unichar_validate (value) ? 0xfffd : value;
}

gsize
ph_mail_entity_decode (const char *text,
                       gsize       length,
                       char        target[8])
{
  gsize    n = 1;
  gunichar character;

  while (n < length && n < ENTITY_MAX && (g_ascii_isalnum (text[n]) || (n == 1 && text[n] == '#')))
    n++;
  if (n < 2)
    return 0;

  character = text[1] == '#' ? parse_number (text + 2, n - 2) : find_name (text + 1, n - 1);
  if (character == 0)
    return 0;

  target[g_unichar_to_utf8 (character, target)] = '\0';

  return n + (n < length && text[n] == ';');
}

char *
ph_mail_entities_decode (const char *text,
                         gsize       length)
{
  GString *decoded = g_string_sized_new (length);

  for (gsize i = 0; i < length;)
    {
      char  character[8];
      gsize used = text[i] == '&' ? ph_mail_entity_decode (text + i, length - i, character) : 0;

      /* "?a=1&copy=2" is an address, not a ©. */
      if (used > 0 && text[i + used - 1] != ';')
        used = 0;
      if (used > 0)
        g_string_append (decoded, character);
      else
        g_string_append_c (decoded, text[i]);
      i += MAX (used, 1);
    }

  return g_string_free (decoded, FALSE);
}
