#include "ph-journal-escape.h"

#include <string.h>

static gboolean
is_plain (guint8 byte)
{
  return byte >= 0x20 && byte < 0x7f;
}

/* What a reader would not see, or what changes how the rest is shown. */
static gboolean
is_hidden (gunichar character)
{
  switch ((int)g_unichar_type (character))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return TRUE;
    default:
      return FALSE;
    }
}

void
ph_journal_escape (GString    *target,
                   const void *data,
                   gsize       length)
{
  const guint8 *p = data, *end = p + length;

  while (p < end)
    {
      const guint8 *start = p;
      gunichar      character;

      while (p < end && is_plain (*p))
        p++;
      g_string_append_len (target, (const char *)start, p - start);
      if (p == end)
        break;

      if (*p < 0x80)
        {
          /* U+2400 and on are pictures of the controls in their order; U+2421 is DEL's. */
          g_string_append_unichar (target, *p == 0x7f ? 0x2421 : 0x2400u + *p);
          p++;
          continue;
        }

      character = g_utf8_get_char_validated ((const char *)p, end - p);
      if (character == (gunichar)-1 || character == (gunichar)-2)
        {
          g_string_append_printf (target, "\\x%02x", *p++);
          continue;
        }
      if (is_hidden (character))
        g_string_append_printf (target, "\\u%04x", character);
      else
        g_string_append_unichar (target, character);
      p += g_unichar_to_utf8 (character, NULL);
    }
}

const guint8 *
ph_journal_escape_line (GString      *target,
                        const guint8 *p,
                        const guint8 *end)
{
  const guint8 *line_feed = p < end ? memchr (p, '\n', (gsize)(end - p)) : NULL;

  ph_journal_escape (target, p, (gsize)((line_feed != NULL ? line_feed - 1 : end) - p));

  return line_feed != NULL ? line_feed + 1 : NULL;
}

char *
ph_journal_escape_dup (const char *text,
                       gsize       max)
{
  GString *escaped;

  if (text == NULL)
    return NULL;

  escaped = g_string_new (NULL);
  ph_journal_escape (escaped, text, strnlen (text, max));

  return g_string_free (escaped, FALSE);
}
