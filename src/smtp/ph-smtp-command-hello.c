/* EHLO, HELO, LHLO and STARTTLS: who speaks, and what we offer. */

#include "ph-login.h"
#include "ph-smtp-session-private.h"

/* Any name will do (RFC 5321 4.1.4 forbids refusing mail for it); the line has no
 * controls by now.  A name of several words is kept as its first. */
static gboolean
take_name (PhSmtpSession *self,
           const char    *args,
           gsize          length,
           gboolean       extended)
{
  gsize name = 0;

  while (name < length && args[name] != ' ')
    name++;
  if (name == 0 || name > PH_SMTP_HELO_MAX)
    {
      ph_smtp_session_mistake (self, 501, "5.5.4", "Say your host name");
      return FALSE;
    }

  ph_smtp_session_reset (self);
  g_free (self->helo);
  self->helo = g_strndup (args, name);
  self->extended = extended;
  ph_journal_session_set_client_name (ph_session_get_journal (PH_SESSION (self)), self->helo);

  return TRUE;
}

static void
add_auth (PhSmtpSession *self,
          GString       *text)
{
  g_autofree const char **mechanisms = ph_smtp_auth_list_mechanisms (self);

  if (mechanisms == NULL)
    return;

  g_string_append (text, "\nAUTH");
  for (gsize i = 0; mechanisms[i] != NULL; i++)
    g_string_append_printf (text, " %s", mechanisms[i]);
}

gboolean
ph_smtp_session_offers_tls (PhSmtpSession *self)
{
  return self->config.offer_starttls && !ph_smtp_session_is_tls (self);
}

void
ph_smtp_command_ehlo (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  g_autoptr (GString) text = NULL;

  if (!take_name (self, args, length, TRUE))
    return;

  text = g_string_new (self->config.host_name);
  g_string_append_printf (text, "\nSIZE %" G_GUINT64_FORMAT, self->config.message_size_max);
  g_string_append (text, "\nPIPELINING\n8BITMIME\nSMTPUTF8\nCHUNKING\nBINARYMIME\nDSN\nENHANCEDSTATUSCODES");
  if (self->config.recipients_max > 0)
    g_string_append_printf (text, "\nLIMITS RCPTMAX=%u", self->config.recipients_max);
  if (ph_smtp_session_offers_tls (self))
    g_string_append (text, "\nSTARTTLS");
  if (ph_smtp_session_is_tls (self))
    g_string_append (text, "\nREQUIRETLS");
  ph_smtp_hold_append_offer (self, text);
  add_auth (self, text);
  g_string_append (text, "\nHELP");

  ph_smtp_session_reply (self, 250, NULL, "%s", text->str);
}

/* RFC 2033 section 4.1: EHLO of LMTP. */
void
ph_smtp_command_lhlo (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  ph_smtp_command_ehlo (self, args, length);
}

void
ph_smtp_command_helo (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  if (take_name (self, args, length, FALSE))
    ph_smtp_session_reply (self, 250, NULL, "%s", self->config.host_name);
}

/* Bytes that came in clear behind STARTTLS close the connection; that is the driver's,
 * who holds them (ph_session_wants_tls(), V03). */
void
ph_smtp_command_starttls (PhSmtpSession *self,
                          const char    *args,
                          gsize          length)
{
  if (ph_smtp_session_is_tls (self))
    {
      ph_smtp_session_mistake (self, 503, "5.5.1", "TLS is on already");
      return;
    }
  if (!self->config.offer_starttls)
    {
      ph_login_note_no_tls (PH_SESSION (self));
      ph_smtp_session_mistake (self, 502, "5.5.1", "There is no TLS here");
      return;
    }
  if (length > 0)
    {
      ph_smtp_session_mistake (self, 501, "5.5.4", "STARTTLS takes no parameter");
      return;
    }

  ph_smtp_session_reply (self, 220, "2.0.0", "Go ahead with TLS");
  self->began_tls = TRUE;
  ph_session_start_tls (PH_SESSION (self));
}
