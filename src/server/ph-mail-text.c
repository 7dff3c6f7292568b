#include "ph-mail-text.h"

#include "ph-journal-escape.h"

#include <string.h>

PhMailText *
ph_mail_text_new (void)
{
  PhMailText *self = g_new0 (PhMailText, 1);

  self->text = g_string_new (NULL);
  self->spans = g_array_new (FALSE, FALSE, sizeof (PhMailSpan));
  self->links = g_ptr_array_new_with_free_func (g_free);

  return self;
}

void
ph_mail_text_free (PhMailText *self)
{
  g_string_free (self->text, TRUE);
  g_array_unref (self->spans);
  g_ptr_array_unref (self->links);
  g_free (self);
}

/* Says only where a line may break, or nothing at all. */
static gboolean
is_break_hint (gunichar character)
{
  return character == 0x00ad || character == 0x200b || character == 0x2060 || character == 0xfeff;
}

/* Without these, emoji and several scripts fall apart. */
static gboolean
is_joiner (gunichar character)
{
  return character == 0x200c || character == 0x200d;
}

static void
append_character (PhMailText *self,
                  const char *at,
                  gsize       length)
{
  gunichar character = length > 1 ? g_utf8_get_char_validated (at, (gssize)length) : (guchar)*at;

  if (length > 1 && is_break_hint (character))
    return;

  if (length > 1 && is_joiner (character))
    g_string_append_len (self->text, at, (gssize)length);
  else
    ph_journal_escape (self->text, at, length);
  self->column++;
}

static void
end_line (PhMailText *self)
{
  g_string_append_c (self->text, '\n');
  self->column = 0;
}

/* Returns how many bytes that was. */
static gsize
append_next (PhMailText *self,
             const char *at,
             const char *end)
{
  gsize length = 1;

  if (at[0] == '\r' && at + 1 < end && at[1] == '\n')
    return 1;
  if (at[0] == '\n')
    {
      end_line (self);
      return 1;
    }

  if (self->column >= PH_MAIL_TEXT_LINE_MAX)
    end_line (self);
  if (at[0] == '\t')
    {
      g_string_append_c (self->text, '\t');
      self->column++;
      return 1;
    }

  if ((guchar)at[0] >= 0x80)
    {
      gunichar character = g_utf8_get_char_validated (at, end - at);

      if (character != (gunichar)-1 && character != (gunichar)-2)
        length = (gsize)g_unichar_to_utf8 (character, NULL);
    }
  append_character (self, at, length);

  return length;
}

static int
add_link (PhMailText *self,
          const char *link)
{
  static const char *const schemes[] = { "http://", "https://", "mailto:" };
  g_autofree char         *escaped = NULL;

  if (link == NULL || self->links->len >= PH_MAIL_TEXT_LINKS_MAX)
    return -1;

  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_ascii_strncasecmp (link, schemes[i], strlen (schemes[i])) == 0)
      {
        escaped = ph_journal_escape_dup (link, PH_MAIL_TEXT_LINE_MAX);
        if (self->links->len > 0 && g_str_equal (g_ptr_array_index (self->links, self->links->len - 1), escaped))
          return (int)self->links->len - 1;
        g_ptr_array_add (self->links, g_steal_pointer (&escaped));
        return (int)self->links->len - 1;
      }

  return -1;
}

void
ph_mail_text_append (PhMailText *self,
                     const char *data,
                     gsize       length,
                     guint       style,
                     const char *link)
{
  const char *at = data, *end;
  PhMailSpan  span = { .style = style };
  PhMailSpan *last = self->spans->len > 0 ? &g_array_index (self->spans, PhMailSpan, self->spans->len - 1) : NULL;

  if (length > PH_MAIL_TEXT_MAX - self->taken)
    {
      length = PH_MAIL_TEXT_MAX - self->taken;
      self->truncated = TRUE;
    }
  self->taken += length;
  if (length == 0)
    return;

  for (end = data + length; at < end;)
    at += append_next (self, at, end);

  span.end = self->text->len;
  if (span.end == (last != NULL ? last->end : 0))
    return; /* only hints where to break */

  span.link = add_link (self, link);
  if (last != NULL && last->style == span.style && last->link == span.link)
    last->end = span.end;
  else
    g_array_append_val (self->spans, span);
}

/* Addresses in plain text: from the scheme to a blank or a character that rarely is
 * the last of one. */
static gsize
measure_link (const char *at,
              const char *end)
{
  const char *last = at;

  while (last < end && (guchar)*last > ' ' && strchr ("<>\"'`{}|\\^", *last) == NULL)
    last++;
  while (last > at && strchr (".,;:!?)]", last[-1]) != NULL)
    last--;

  return (gsize)(last - at);
}

static const char *
find_link (const char *at,
           const char *end)
{
  for (; at < end; at++)
    {
      gsize left = (gsize)(end - at);

      if (*at != 'h' && *at != 'H')
        continue;
      if ((left > 7 && g_ascii_strncasecmp (at, "http://", 7) == 0) || (left > 8 && g_ascii_strncasecmp (at, "https://", 8) == 0))
        return at;
    }

  return end;
}

static void
append_plain_line (PhMailText *self,
                   const char *line,
                   const char *end)
{
  guint style = *line == '>' ? PH_MAIL_STYLE_QUOTE : PH_MAIL_STYLE_NONE;

  while (line < end)
    {
      const char *link = find_link (line, end);
      gsize       length = link < end ? measure_link (link, end) : 0;

      ph_mail_text_append (self, line, (gsize)(link - line), style, NULL);
      if (length > 0)
        {
          g_autofree char *address = g_strndup (link, length);

          ph_mail_text_append (self, link, length, style, address);
        }
      line = link + length;
    }
}

void
ph_mail_text_append_plain (PhMailText *self,
                           const char *data,
                           gsize       length)
{
  const char *end = data + length;

  while (data < end && !self->truncated)
    {
      const char *lf = memchr (data, '\n', (gsize)(end - data));
      const char *next = lf != NULL ? lf + 1 : end;

      append_plain_line (self, data, next);
      data = next;
    }
  self->truncated |= data < end;
}
