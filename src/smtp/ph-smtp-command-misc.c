/* The commands that change nothing, and those that we do not do. */

#include "ph-smtp-session-private.h"

void
ph_smtp_command_noop (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  ph_smtp_session_reply (self, 250, "2.0.0", "OK");
}

void
ph_smtp_command_rset (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  if (length > 0)
    {
      ph_smtp_session_mistake (self, 501, "5.5.4", "RSET takes no parameter");
      return;
    }

  ph_smtp_session_reset (self);
  ph_smtp_session_reply (self, 250, "2.0.0", "OK");
}

/* Never tells whether there is such a person (V20). */
void
ph_smtp_command_vrfy (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  if (length == 0)
    ph_smtp_session_mistake (self, 501, "5.5.4", "Whom?");
  else
    ph_smtp_session_reply (self, 252, "2.0.0", "Send mail, and we shall see");
}

void
ph_smtp_command_unsupported (PhSmtpSession *self,
                             const char    *args,
                             gsize          length)
{
  ph_smtp_session_mistake (self, 502, "5.5.1", "Not offered");
}

void
ph_smtp_command_quit (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  if (length > 0)
    {
      ph_smtp_session_mistake (self, 501, "5.5.4", "QUIT takes no parameter");
      return;
    }

  ph_smtp_session_reset (self);
  ph_smtp_session_reply (self, 221, "2.0.0", "Bye");
  ph_session_close (PH_SESSION (self));
}
