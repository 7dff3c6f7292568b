#include "ph-charset.h"

#include <errno.h>
#include <string.h>

/* The charsets of mail and what iconv is asked for: supersets where labels are
 * known to be too narrow.  A list, because iconv loads modules by name and knows
 * many that no mail uses; NULL means: guess. */
static const struct
{
  const char *name;
  const char *iconv;
} charsets[] = {
  { "utf-8", NULL },
  { "utf8", NULL },
  { "us-ascii", NULL },
  { "ascii", NULL },
  { "ansi_x3.4-1968", NULL },
  { "unknown-8bit", NULL },
  { "iso-8859-1", "CP1252" },
  { "iso8859-1", "CP1252" },
  { "iso_8859-1", "CP1252" },
  { "latin1", "CP1252" },
  { "iso-8859-2", "ISO-8859-2" },
  { "iso-8859-3", "ISO-8859-3" },
  { "iso-8859-4", "ISO-8859-4" },
  { "iso-8859-5", "ISO-8859-5" },
  { "iso-8859-6", "ISO-8859-6" },
  { "iso-8859-7", "ISO-8859-7" },
  { "iso-8859-8", "ISO-8859-8" },
  { "iso-8859-8-i", "ISO-8859-8" },
  { "iso-8859-9", "CP1254" },
  { "iso-8859-10", "ISO-8859-10" },
  { "iso-8859-11", "CP874" },
  { "iso-8859-13", "ISO-8859-13" },
  { "iso-8859-14", "ISO-8859-14" },
  { "iso-8859-15", "ISO-8859-15" },
  { "iso8859-15", "ISO-8859-15" },
  { "iso-8859-16", "ISO-8859-16" },
  { "windows-874", "CP874" },
  { "tis-620", "CP874" },
  { "windows-1250", "CP1250" },
  { "windows-1251", "CP1251" },
  { "windows-1252", "CP1252" },
  { "windows-1253", "CP1253" },
  { "windows-1254", "CP1254" },
  { "windows-1255", "CP1255" },
  { "windows-1256", "CP1256" },
  { "windows-1257", "CP1257" },
  { "windows-1258", "CP1258" },
  { "cp1250", "CP1250" },
  { "cp1251", "CP1251" },
  { "cp1252", "CP1252" },
  { "cp437", "CP437" },
  { "cp850", "CP850" },
  { "cp852", "CP852" },
  { "cp866", "CP866" },
  { "koi8-r", "KOI8-R" },
  { "koi8-u", "KOI8-U" },
  { "macintosh", "MACINTOSH" },
  { "shift_jis", "CP932" },
  { "shift-jis", "CP932" },
  { "x-sjis", "CP932" },
  { "windows-31j", "CP932" },
  { "cp932", "CP932" },
  { "euc-jp", "EUC-JP" },
  { "iso-2022-jp", "ISO-2022-JP" },
  { "euc-kr", "CP949" },
  { "ks_c_5601-1987", "CP949" },
  { "iso-2022-kr", "ISO-2022-KR" },
  { "gb2312", "GB18030" },
  { "gbk", "GB18030" },
  { "gb18030", "GB18030" },
  { "big5", "BIG5-HKSCS" },
  { "big5-hkscs", "BIG5-HKSCS" },
  { "utf-7", "UTF-7" },
  { "utf-16", "UTF-16" },
  { "utf-16be", "UTF-16BE" },
  { "utf-16le", "UTF-16LE" },
  { "utf-32", "UTF-32" },
};

/* FALSE if it is not in the table. */
static gboolean
find_charset (const char  *charset,
              const char **iconv)
{
  for (gsize i = 0; i < G_N_ELEMENTS (charsets); i++)
    if (g_ascii_strcasecmp (charset, charsets[i].name) == 0)
      {
        *iconv = charsets[i].iconv;
        return TRUE;
      }

  return FALSE;
}

static char *
convert (const char   *from,
         const guint8 *data,
         gsize         length)
{
  GIConv converter = g_iconv_open ("UTF-8", from);
  g_autoptr (GString) text = g_string_sized_new (length + length / 2 + 16);
  char *in = (char *)data;
  gsize left = length;

  if (converter == (GIConv)-1)
    return g_utf8_make_valid ((const char *)data, (gssize)length);

  while (left > 0)
    {
      char  piece[4096], *out = piece;
      gsize room = sizeof piece;
      gsize result = g_iconv (converter, &in, &left, &out, &room);
      int   reason = errno;

      g_string_append_len (text, piece, out - piece);
      if (result != (gsize)-1 || reason == E2BIG)
        continue;

      g_string_append (text, "\357\277\275");
      if (left > 0 && reason == EILSEQ)
        {
          in++;
          left--;
        }
      else /* EINVAL: it ends within a character */
        left = 0;
    }
  g_iconv_close (converter);

  /* For NULs, and in case iconv has its own idea of UTF-8. */
  return g_utf8_make_valid (text->str, (gssize)text->len);
}

char *
ph_charset_to_utf8 (const char   *charset,
                    const guint8 *data,
                    gsize         length)
{
  const char *from = NULL;

  /* The label says otherwise or nothing, but 8-bit that is valid UTF-8 seldom is anything else. */
  if (charset == NULL || !find_charset (charset, &from) || from == NULL)
    {
      const char *end;

      if (g_utf8_validate_len ((const char *)data, length, &end))
        return g_strndup ((const char *)data, length);

      if (charset != NULL && g_ascii_strncasecmp (charset, "utf", 3) == 0)
        return g_utf8_make_valid ((const char *)data, (gssize)length);
      from = *end == '\0' ? NULL : "CP1252";
    }

  return from != NULL ? convert (from, data, length) : g_utf8_make_valid ((const char *)data, (gssize)length);
}

gboolean
ph_charset_is_known (const char *charset)
{
  const char *iconv;

  return find_charset (charset, &iconv);
}
