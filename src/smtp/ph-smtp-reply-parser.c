#include "ph-smtp-reply-parser.h"

#include <string.h>

void
ph_smtp_reply_parser_clear (PhSmtpReplyParser *self)
{
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  *self = (PhSmtpReplyParser){ 0 };
}

/* "5.1.1 " at the start of the text (RFC 2034); its class must be the code's. */
static gsize
measure_enhanced (const char *text,
                  guint       code)
{
  gsize i = 0;
  guint dots = 0;

  if (text[0] != (char)('0' + code / 100) || text[1] != '.')
    return 0;

  for (i = 1; text[i] == '.' || g_ascii_isdigit (text[i]); i++)
    if (text[i] == '.' && (++dots > 2 || !g_ascii_isdigit (text[i + 1])))
      return 0;

  return dots == 2 && i <= 9 && (text[i] == ' ' || text[i] == '\0' || text[i] == '\n') ? i : 0;
}

static PhSmtpReply *
make_reply (PhSmtpReplyParser *self)
{
  gsize            length = measure_enhanced (self->text->str, self->code);
  g_autofree char *enhanced = length > 0 ? g_strndup (self->text->str, length) : NULL;

  return ph_smtp_reply_new (self->code, enhanced, "%s", g_strchug (self->text->str + length));
}

PhSmtpReplyStep
ph_smtp_reply_parser_take_line (PhSmtpReplyParser *self,
                                const char        *line,
                                gsize              length,
                                PhSmtpReply      **reply)
{
  guint code;

  if (length < 3 || length > PH_SMTP_REPLY_LINE_MAX || !g_ascii_isdigit (line[0]) || !g_ascii_isdigit (line[1]) || !g_ascii_isdigit (line[2]) || (length > 3 && line[3] != ' ' && line[3] != '-'))
    return PH_SMTP_REPLY_INVALID;

  code = (guint)(line[0] - '0') * 100 + (guint)(line[1] - '0') * 10 + (guint)(line[2] - '0');
  if (self->n_lines > 0 && code != self->code)
    return PH_SMTP_REPLY_INVALID;
  if (++self->n_lines > PH_SMTP_REPLY_LINES_MAX)
    return PH_SMTP_REPLY_INVALID;

  self->code = code;
  if (self->text == NULL)
    self->text = g_string_new (NULL);
  if (self->n_lines > 1)
    g_string_append_c (self->text, '\n');
  /* NUL would end the text early. */
  for (gsize i = 4; i < length; i++)
    g_string_append_c (self->text, line[i] != '\0' ? line[i] : '?');

  if (length > 3 && line[3] == '-')
    return PH_SMTP_REPLY_MORE;

  *reply = make_reply (self);
  ph_smtp_reply_parser_clear (self);

  return PH_SMTP_REPLY_WHOLE;
}
