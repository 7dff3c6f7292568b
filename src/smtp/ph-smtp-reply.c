#include "ph-smtp-reply.h"

#include <string.h>

/* Controls would forge lines in logs, in DSNs and on the wire (V14, V18); only '\n', which
 * parts the lines of a reply, is ours. */
static char *
sanitize (char *text)
{
  char *valid;

  valid = g_utf8_make_valid (text, -1);
  g_free (text);
  for (char *c = valid; *c != '\0'; c++)
    if (((guchar)*c < 0x20 && *c != '\n') || *c == 0x7f)
      *c = '?';

  return valid;
}

PhSmtpReply *
ph_smtp_reply_new (guint       code,
                   const char *enhanced,
                   const char *format,
                   ...)
{
  PhSmtpReply *self = g_new0 (PhSmtpReply, 1);
  va_list      args;

  self->code = code;
  self->enhanced = g_strdup (enhanced);
  va_start (args, format);
  self->text = sanitize (g_strdup_vprintf (format, args));
  va_end (args);

  return self;
}

PhSmtpReply *
ph_smtp_reply_copy (const PhSmtpReply *self)
{
  return ph_smtp_reply_new (self->code, self->enhanced, "%s", self->text);
}

void
ph_smtp_reply_free (PhSmtpReply *self)
{
  if (self == NULL)
    return;

  g_free (self->enhanced);
  g_free (self->text);
  g_free (self);
}

char *
ph_smtp_reply_format (const PhSmtpReply *self)
{
  char *line;

  if (self->enhanced != NULL)
    line = g_strdup_printf ("%03u %s %s", self->code, self->enhanced, self->text);
  else
    line = g_strdup_printf ("%03u %s", self->code, self->text);

  return g_strdelimit (line, "\n", ' ');
}
