#include "ph-mail-html.h"

#include "ph-mail-entities.h"

#include <string.h>

typedef struct _PhHtml PhHtml;

/* A tag as it stands in the text. */
typedef struct
{
  char        name[16]; /* lower case, cut */
  gboolean    is_end;
  const char *attributes;
  gsize       attributes_length;
} PhTag;

struct _PhHtml
{
  PhMailText *target;
  GString    *run;                  /* text of one style that is not yet passed on */
  guint       open[PH_MAIL_STYLES]; /* elements that ask for each style */
  guint       pre;                  /* open elements whose blanks count */
  char       *link;                 /* of the open <a>, or NULL */
  guint       n_lists;
  guint       numbers[PH_MAIL_HTML_LISTS_MAX]; /* of the next item; 0 for a bullet */
  guint       newlines;                        /* owed before the next text */
  gboolean    space;                           /* a blank is owed */
  gboolean    has_text;                        /* something was written */
  gboolean    in_line;                         /* something was written in this line */
  gboolean    no_more_tags;                    /* no ">" follows any more */
};

static guint
get_style (PhHtml *self)
{
  guint style = 0;

  for (guint i = 0; i < PH_MAIL_STYLES; i++)
    if (self->open[i] > 0)
      style |= 1u << i;

  return style;
}

static void
flush (PhHtml *self)
{
  if (self->run->len > 0)
    ph_mail_text_append (self->target, self->run->str, self->run->len, get_style (self), self->link);
  g_string_truncate (self->run, 0);
}

static void
pay_debts (PhHtml *self)
{
  if (self->has_text && self->newlines > 0)
    {
      for (guint i = 0; i < self->newlines; i++)
        g_string_append_c (self->run, '\n');
      self->in_line = FALSE;
    }
  if (self->newlines == 0 && self->space && self->in_line)
    g_string_append_c (self->run, ' ');
  self->newlines = 0;
  self->space = FALSE;
}

static void
put (PhHtml     *self,
     const char *text,
     gsize       length)
{
  if (length == 0)
    return;

  pay_debts (self);
  g_string_append_len (self->run, text, (gssize)length);
  self->has_text = TRUE;
  self->in_line = TRUE;
}

static void
want_newlines (PhHtml *self,
               guint   n)
{
  self->newlines = MAX (self->newlines, n);
  self->space = FALSE;
}

/* Between tags: entities become characters, blanks one blank. */
static void
take_text (PhHtml     *self,
           const char *text,
           gsize       length)
{
  const char *end = text + length;

  while (text < end)
    {
      const char *start = text;
      char        decoded[8];
      gsize       used;

      while (text < end && *text != '&' && !g_ascii_isspace (*text))
        text++;
      put (self, start, (gsize)(text - start));
      if (text == end)
        return;

      if (*text != '&')
        {
          if (self->pre > 0 && *text != '\r')
            put (self, text, 1);
          else
            self->space = TRUE;
          text++;
          continue;
        }

      used = ph_mail_entity_decode (text, (gsize)(end - text), decoded);
      put (self, used > 0 ? decoded : text, used > 0 ? strlen (decoded) : 1);
      text += MAX (used, 1);
    }
}

/* Tags */

/* The value of an attribute, decoded; NULL where there is none. */
static char *
dup_attribute (const PhTag *tag,
               const char  *name)
{
  const char *at = tag->attributes, *end = at + tag->attributes_length;

  while (at < end)
    {
      const char *start, *value = NULL;
      gsize       name_length, value_length = 0;

      while (at < end && (g_ascii_isspace (*at) || *at == '/' || *at == '='))
        at++;
      for (start = at; at < end && !g_ascii_isspace (*at) && *at != '=' && *at != '/';)
        at++;
      name_length = (gsize)(at - start);
      while (at < end && g_ascii_isspace (*at))
        at++;

      if (at < end && *at == '=')
        {
          for (at++; at < end && g_ascii_isspace (*at);)
            at++;
          if (at < end && (*at == '"' || *at == '\''))
            {
              const char *close = memchr (at + 1, *at, (gsize)(end - at - 1));

              value = at + 1;
              value_length = (gsize)((close != NULL ? close : end) - value);
              at = close != NULL ? close + 1 : end;
            }
          else
            {
              for (value = at; at < end && !g_ascii_isspace (*at);)
                at++;
              value_length = (gsize)(at - value);
            }
        }

      if (value != NULL && name_length == strlen (name) && g_ascii_strncasecmp (start, name, name_length) == 0)
        return ph_mail_entities_decode (value, value_length);
    }

  return NULL;
}

/* A blank before an element is not part of it. */
static void
begin_element (PhHtml      *self,
               const PhTag *tag)
{
  if (!tag->is_end && self->space && self->in_line && self->newlines == 0)
    {
      g_string_append_c (self->run, ' ');
      self->space = FALSE;
    }
  flush (self);
}

static void
do_style (PhHtml      *self,
          const PhTag *tag,
          guint        style)
{
  guint i = (guint)g_bit_nth_lsf (style, -1);

  begin_element (self, tag);
  if (!tag->is_end)
    self->open[i]++;
  else if (self->open[i] > 0)
    self->open[i]--;
}

static void
do_block (PhHtml      *self,
          const PhTag *tag,
          guint        newlines)
{
  want_newlines (self, newlines);
}

static void
do_heading (PhHtml      *self,
            const PhTag *tag,
            guint        style)
{
  want_newlines (self, 2);
  do_style (self, tag, style);
}

static void
do_break (PhHtml      *self,
          const PhTag *tag,
          guint        unused)
{
  /* Two in a row are an empty line, but never more than two. */
  self->newlines = MIN (self->newlines + 1, 3);
  self->space = FALSE;
}

static void
do_rule (PhHtml      *self,
         const PhTag *tag,
         guint        unused)
{
  want_newlines (self, 1);
  put (self, "――――――――", strlen ("――――――――"));
  want_newlines (self, 1);
}

static void
do_pre (PhHtml      *self,
        const PhTag *tag,
        guint        style)
{
  want_newlines (self, 2);
  if (!tag->is_end)
    self->pre++;
  else if (self->pre > 0)
    self->pre--;
  do_style (self, tag, style);
}

static void
do_list (PhHtml      *self,
         const PhTag *tag,
         guint        first_number)
{
  if (tag->is_end)
    self->n_lists -= self->n_lists > 0;
  want_newlines (self, self->n_lists > 0 ? 1 : 2);
  if (!tag->is_end && self->n_lists < PH_MAIL_HTML_LISTS_MAX)
    self->numbers[self->n_lists++] = first_number;
}

static void
do_item (PhHtml      *self,
         const PhTag *tag,
         guint        unused)
{
  want_newlines (self, 1);
  if (tag->is_end)
    return;

  pay_debts (self);
  for (guint i = 1; i < self->n_lists; i++)
    g_string_append (self->run, "    ");
  if (self->n_lists > 0 && self->numbers[self->n_lists - 1] > 0)
    g_string_append_printf (self->run, "%u. ", self->numbers[self->n_lists - 1]++);
  else
    g_string_append (self->run, "• ");
  self->has_text = TRUE;
}

static void
do_cell (PhHtml      *self,
         const PhTag *tag,
         guint        unused)
{
  if (!tag->is_end && self->in_line && self->newlines == 0)
    put (self, "\t", 1);
  self->space = FALSE;
}

static void
do_link (PhHtml      *self,
         const PhTag *tag,
         guint        unused)
{
  begin_element (self, tag);
  g_clear_pointer (&self->link, g_free);
  if (!tag->is_end)
    self->link = dup_attribute (tag, "href");
  if (self->link != NULL)
    g_strstrip (self->link);
}

static void
do_picture (PhHtml      *self,
            const PhTag *tag,
            guint        unused)
{
  g_autofree char *text = dup_attribute (tag, "alt");
  g_autofree char *remark = NULL;

  if (text == NULL || *g_strstrip (text) == '\0')
    return;

  pay_debts (self);
  flush (self);
  self->has_text = TRUE;
  self->in_line = TRUE;
  remark = g_strdup_printf ("[%s]", text);
  ph_mail_text_append (self->target, remark, strlen (remark), get_style (self) | PH_MAIL_STYLE_REMARK, self->link);
}

/* What there is to do at an element's begin and end.  Others are nothing. */
static const struct
{
  const char *name;
  void (*run) (PhHtml      *self,
               const PhTag *tag,
               guint        argument);
  guint argument;
} elements[] = {
  { "a", do_link, 0 },
  { "address", do_block, 1 },
  { "article", do_block, 1 },
  { "b", do_style, PH_MAIL_STYLE_BOLD },
  { "blockquote", do_heading, PH_MAIL_STYLE_QUOTE },
  { "br", do_break, 0 },
  { "center", do_block, 1 },
  { "cite", do_style, PH_MAIL_STYLE_ITALIC },
  { "code", do_style, PH_MAIL_STYLE_MONOSPACE },
  { "dd", do_block, 1 },
  { "del", do_style, PH_MAIL_STYLE_STRIKE },
  { "div", do_block, 1 },
  { "dl", do_block, 2 },
  { "dt", do_block, 1 },
  { "em", do_style, PH_MAIL_STYLE_ITALIC },
  { "figcaption", do_block, 1 },
  { "footer", do_block, 1 },
  { "form", do_block, 1 },
  { "h1", do_heading, PH_MAIL_STYLE_HEADING },
  { "h2", do_heading, PH_MAIL_STYLE_HEADING },
  { "h3", do_heading, PH_MAIL_STYLE_BOLD },
  { "h4", do_heading, PH_MAIL_STYLE_BOLD },
  { "h5", do_heading, PH_MAIL_STYLE_BOLD },
  { "h6", do_heading, PH_MAIL_STYLE_BOLD },
  { "header", do_block, 1 },
  { "hr", do_rule, 0 },
  { "i", do_style, PH_MAIL_STYLE_ITALIC },
  { "img", do_picture, 0 },
  { "ins", do_style, PH_MAIL_STYLE_UNDERLINE },
  { "kbd", do_style, PH_MAIL_STYLE_MONOSPACE },
  { "li", do_item, 0 },
  { "main", do_block, 1 },
  { "ol", do_list, 1 },
  { "p", do_block, 2 },
  { "pre", do_pre, PH_MAIL_STYLE_MONOSPACE },
  { "s", do_style, PH_MAIL_STYLE_STRIKE },
  { "samp", do_style, PH_MAIL_STYLE_MONOSPACE },
  { "section", do_block, 1 },
  { "strike", do_style, PH_MAIL_STYLE_STRIKE },
  { "strong", do_style, PH_MAIL_STYLE_BOLD },
  { "table", do_block, 1 },
  { "td", do_cell, 0 },
  { "th", do_cell, 0 },
  { "tr", do_block, 1 },
  { "tt", do_style, PH_MAIL_STYLE_MONOSPACE },
  { "u", do_style, PH_MAIL_STYLE_UNDERLINE },
  { "ul", do_list, 0 },
};

static void
run_tag (PhHtml      *self,
         const PhTag *tag)
{
  for (guint i = 0; i < G_N_ELEMENTS (elements); i++)
    if (strcmp (elements[i].name, tag->name) == 0)
      {
        elements[i].run (self, tag, elements[i].argument);
        return;
      }
}

static gboolean
closes_itself (const PhTag *tag)
{
  return tag->attributes_length > 0 && tag->attributes[tag->attributes_length - 1] == '/';
}

/* What is between their tags is no text. */
static gboolean
hides_content (const PhTag *tag)
{
  static const char *const names[] = { "iframe", "math", "script", "select", "style", "svg", "template", "textarea", "title" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], tag->name) == 0)
      return !tag->is_end && !closes_itself (tag);

  return FALSE;
}

/* Past "</NAME", or the end where it never comes. */
static const char *
skip_content (const char *at,
              const char *end,
              const char *name)
{
  gsize length = strlen (name);

  while ((at = memchr (at, '<', (gsize)(end - at))) != NULL)
    {
      if ((gsize)(end - at) > length + 2 && at[1] == '/' && g_ascii_strncasecmp (at + 2, name, length) == 0)
        return at;
      at++;
    }

  return end;
}

/* The ">" that ends the tag at `at`; one in a quoted value does not, unless the
 * quote never ends.  NULL where there is none. */
static const char *
find_tag_end (const char *at,
              const char *end)
{
  const char *first = NULL;
  char        quote = '\0';

  for (; at < end; at++)
    {
      if (*at == '>' && first == NULL)
        first = at;
      if (*at == '>' && quote == '\0')
        return at;
      if (quote != '\0' && *at == quote)
        quote = '\0';
      else if (quote == '\0' && (*at == '"' || *at == '\''))
        quote = *at;
    }

  return first;
}

static void
parse_tag (PhTag      *tag,
           const char *at, /* after "<" */
           const char *end)
{
  gsize length = 0;

  tag->is_end = *at == '/';
  at += tag->is_end;
  while (at < end && g_ascii_isalnum (*at))
    {
      if (length + 1 < sizeof tag->name)
        tag->name[length++] = g_ascii_tolower (*at);
      at++;
    }
  tag->name[length] = '\0';
  tag->attributes = at;
  tag->attributes_length = MIN ((gsize)(end - at), PH_MAIL_HTML_TAG_MAX);
}

/* At a "<".  Returns where to go on; `at` itself where it is just a character. */
static const char *
take_markup (PhHtml     *self,
             const char *at,
             const char *end)
{
  const char *close;
  PhTag       tag;

  if (end - at >= 4 && memcmp (at, "<!--", 4) == 0)
    {
      close = memmem (at + 4, (gsize)(end - at - 4), "-->", 3);
      return close != NULL ? close + 3 : end;
    }

  if (self->no_more_tags || end - at < 2 || (!g_ascii_isalpha (at[1]) && at[1] != '/' && at[1] != '!' && at[1] != '?'))
    return at;

  close = find_tag_end (at, end);
  if (close == NULL)
    {
      self->no_more_tags = TRUE;
      return at;
    }

  parse_tag (&tag, at + 1, close);
  run_tag (self, &tag);

  return hides_content (&tag) ? skip_content (close + 1, end, tag.name) : close + 1;
}

void
ph_mail_html_append (PhMailText *target,
                     const char *html,
                     gsize       length)
{
  const char *end = html + length;
  PhHtml      self = { .target = target, .run = g_string_new (NULL) };

  while (html < end && !target->truncated)
    {
      const char *markup = memchr (html, '<', (gsize)(end - html));
      const char *next;

      take_text (&self, html, (gsize)((markup != NULL ? markup : end) - html));
      if (markup == NULL)
        break;

      next = take_markup (&self, markup, end);
      if (next == markup)
        {
          put (&self, "<", 1);
          next++;
        }
      html = next;
      if (self.run->len > PH_MAIL_TEXT_MAX)
        flush (&self);
    }

  flush (&self);
  g_string_free (self.run, TRUE);
  g_free (self.link);
}
