/* What the server says: on the wire and in the journal, where a reply of several lines is one. */

#include "ph-pop3-session-private.h"

#include <string.h>

G_GNUC_PRINTF (3, 0)
static void
write_line (PhPop3Session *self,
            gboolean       is_last,
            const char    *format,
            va_list        args)
{
  g_autofree char *line = g_strdup_vprintf (format, args);
  gsize            length = strlen (line);

  ph_journal_session_add_part (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_SERVER, line, length, is_last);
  ph_session_write (PH_SESSION (self), line, length);
  ph_session_write (PH_SESSION (self), "\r\n", 2);
}

void
ph_pop3_session_reply (PhPop3Session *self,
                       const char    *format,
                       ...)
{
  va_list args;

  va_start (args, format);
  write_line (self, TRUE, format, args);
  va_end (args);
}

void
ph_pop3_session_reply_more (PhPop3Session *self,
                            const char    *format,
                            ...)
{
  va_list args;

  va_start (args, format);
  write_line (self, FALSE, format, args);
  va_end (args);
}

void
ph_pop3_session_mistake (PhPop3Session *self,
                         const char    *format,
                         ...)
{
  va_list args;

  va_start (args, format);
  write_line (self, TRUE, format, args);
  va_end (args);
  if (++self->n_errors < PH_POP3_ERRORS_MAX)
    return;

  ph_pop3_session_reply (self, "-ERR Too many errors");
  ph_session_close (PH_SESSION (self));
}
