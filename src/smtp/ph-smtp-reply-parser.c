#include "ph-smtp-reply-parser.h"

#include <string.h>

void
ph_smtp_reply_parser_clear (PhSmtpReplyParser *self)
{
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  g_free (self->enhanced);
  *self = (PhSmtpReplyParser){ 0 };
}

/* The length of "5.1.1" at the start of a line's text (RFC 2034), 0 where there is none;
 * its class must be the code's. */
static gsize
measure_enhanced (const char *text,
                  gsize       length,
                  guint       code)
{
  gsize at = 1;

  if (length < 5 || text[0] != (char)('0' + code / 100))
    return 0;

  for (guint part = 0; part < 2; part++)
    {
      gsize start = at + 1;

      if (at == length || text[at++] != '.')
        return 0;
      while (at < length && at - start < 3 && g_ascii_isdigit (text[at]))
        at++;
      if (at == start)
        return 0;
    }

  return at == length || text[at] == ' ' ? at : 0;
}

/* NUL would end the text early. */
static void
keep_text (PhSmtpReplyParser *self,
           const char        *text,
           gsize              length)
{
  for (gsize i = 0; i < length && self->text->len < PH_SMTP_REPLY_KEPT_MAX; i++)
    g_string_append_c (self->text, text[i] != '\0' ? text[i] : '?');
}

static gboolean
has_code (const char *line,
          gsize       length)
{
  return length >= 3 && length <= PH_SMTP_REPLY_LINE_MAX && g_ascii_isdigit (line[0]) && g_ascii_isdigit (line[1]) && g_ascii_isdigit (line[2]) && (length == 3 || line[3] == ' ' || line[3] == '-');
}

PhSmtpReplyStep
ph_smtp_reply_parser_take_line (PhSmtpReplyParser *self,
                                const char        *line,
                                gsize              length,
                                PhSmtpReply      **reply)
{
  guint code;
  gsize start = MIN (length, 4), enhanced;

  if (!has_code (line, length))
    return PH_SMTP_REPLY_INVALID;
  code = (guint)(line[0] - '0') * 100 + (guint)(line[1] - '0') * 10 + (guint)(line[2] - '0');
  if ((self->n_lines > 0 && code != self->code) || ++self->n_lines > PH_SMTP_REPLY_LINES_MAX)
    return PH_SMTP_REPLY_INVALID;

  self->code = code;
  if (self->text == NULL)
    self->text = g_string_new (NULL);
  else
    g_string_append_c (self->text, '\n');

  enhanced = measure_enhanced (line + start, length - start, code);
  if (enhanced > 0)
    {
      if (self->enhanced == NULL)
        self->enhanced = g_strndup (line + start, enhanced);
      start = MIN (length, start + enhanced + 1);
    }
  keep_text (self, line + start, length - start);

  if (length > 3 && line[3] == '-')
    return PH_SMTP_REPLY_MORE;

  *reply = ph_smtp_reply_new (self->code, self->enhanced, "%s", self->text->str);
  ph_smtp_reply_parser_clear (self);

  return PH_SMTP_REPLY_WHOLE;
}
