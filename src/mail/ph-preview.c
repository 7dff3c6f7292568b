#include "ph-preview.h"

#include <string.h>

#include "ph-text.h"

/* Of the part as it was sent: a mail program's style sheet may come before the first word. */
#define PREVIEW_PART_MAX (16 * 1024)

static gboolean
is_attachment (const PhMimePart *part)
{
  return part->disposition != NULL && g_ascii_strcasecmp (part->disposition->type, "attachment") == 0;
}

static const PhMimePart *
find_text (const PhMimePart *root,
           const char       *subtype)
{
  for (const PhMimePart *part = root; part != NULL; part = ph_mime_part_next (part))
    if (ph_mime_part_is (part, "text", subtype) && !is_attachment (part))
      return part;

  return NULL;
}

/* What is decoded is cut, not the part: a copy that ends sooner. */
static char *
decode_beginning (const PhMimePart *part,
                  const guint8     *data)
{
  PhMimePart beginning = *part;

  beginning.body_length = MIN (part->body_length, PREVIEW_PART_MAX);

  return ph_text_decode_part (&beginning, data);
}

/* The elements whose content nobody sees. */
static const char *
skip_hidden (const char *tag)
{
  static const char *const hidden[][2] = {
    { "<style", "</style" },
    { "<script", "</script" },
    { "<title", "</title" },
    { "<!--", "-->" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (hidden); i++)
    if (g_ascii_strncasecmp (tag, hidden[i][0], strlen (hidden[i][0])) == 0)
      {
        gsize length = strlen (hidden[i][1]);

        while (*tag != '\0' && g_ascii_strncasecmp (tag, hidden[i][1], length) != 0)
          tag++;
        return tag;
      }

  return tag;
}

static const char *
append_entity (const char *at,
               GString    *out)
{
  static const struct
  {
    const char *name;
    gunichar    character;
  } entities[] = {
    { "&amp;", '&' },
    { "&lt;", '<' },
    { "&gt;", '>' },
    { "&quot;", '"' },
    { "&apos;", '\'' },
    { "&nbsp;", ' ' },
  };
  guint64     code;
  char       *end;
  const char *digits = at + 2;

  for (guint i = 0; i < G_N_ELEMENTS (entities); i++)
    if (g_str_has_prefix (at, entities[i].name))
      {
        g_string_append_unichar (out, entities[i].character);
        return at + strlen (entities[i].name);
      }

  if (at[1] == '#')
    {
      gboolean hex = *digits == 'x' || *digits == 'X';

      code = g_ascii_strtoull (hex ? digits + 1 : digits, &end, hex ? 16 : 10);
      if (*end == ';' && code > 0 && code <= 0x10ffff && g_unichar_validate ((gunichar)code))
        {
          g_string_append_unichar (out, (gunichar)code);
          return end + 1;
        }
    }
  g_string_append_c (out, '&');

  return at + 1;
}

static char *
strip_tags (const char *html)
{
  GString    *out = g_string_new (NULL);
  const char *at = html;

  while (*at != '\0')
    {
      if (*at == '&')
        {
          at = append_entity (at, out);
          continue;
        }
      if (*at != '<')
        {
          g_string_append_c (out, *at++);
          continue;
        }
      at = skip_hidden (at);
      at += strcspn (at, ">");
      at += *at == '>';
      g_string_append_c (out, ' ');
    }

  return g_string_free (out, FALSE);
}

static char *
collapse (const char *text)
{
  GString *out = g_string_new (NULL);
  gboolean blank = FALSE;
  guint    n = 0;

  for (const char *p = text; *p != '\0' && n < PH_PREVIEW_CHARS_MAX; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_isspace (c))
        {
          blank = out->len > 0;
          continue;
        }
      if (!g_unichar_isprint (c))
        continue;
      if (blank && ++n < PH_PREVIEW_CHARS_MAX)
        g_string_append_c (out, ' ');
      blank = FALSE;
      if (n < PH_PREVIEW_CHARS_MAX)
        g_string_append_unichar (out, c);
      n++;
    }

  return g_string_free (out, FALSE);
}

char *
ph_preview_make (const PhMimePart *root,
                 const guint8     *data)
{
  const PhMimePart *part = find_text (root, "plain");
  g_autofree char  *text = NULL;
  g_autofree char  *stripped = NULL;
  gboolean          html = part == NULL;

  if (html)
    part = find_text (root, "html");
  if (part == NULL)
    return g_strdup ("");

  text = decode_beginning (part, data);
  stripped = html ? strip_tags (text) : NULL;

  return collapse (html ? stripped : text);
}
