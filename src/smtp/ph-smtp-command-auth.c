/* AUTH (RFC 4954): frames the lines of a SASL exchange. */

#include "ph-smtp-session-private.h"

#include <string.h>

static const struct
{
  PhSaslOutcome outcome;
  guint         code;
  const char   *enhanced;
  const char   *text;
} refusals[] = {
  { PH_SASL_FAILED, 535, "5.7.8", "Wrong name or password" },
  { PH_SASL_CANCELLED, 501, "5.7.0", "AUTH is cancelled" },
  { PH_SASL_MALFORMED, 501, "5.5.2", "That is not what the mechanism wants" },
  { PH_SASL_ERROR, 454, "4.7.0", "Passwords can't be checked now" },
};

static void
succeed (PhSmtpSession *self,
         PhAccount     *account)
{
  g_set_object (&self->account, account);
  ph_journal_session_set_account (ph_session_get_journal (PH_SESSION (self)), ph_account_get_address (account));
  ph_smtp_session_reply (self, 235, "2.7.0", "You are %s", ph_account_get_address (account));
}

static void
refuse (PhSmtpSession *self,
        PhSaslOutcome  outcome)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (refusals[i].outcome == outcome)
      ph_smtp_session_mistake (self, refusals[i].code, refusals[i].enhanced, "%s", refusals[i].text);

  if (outcome == PH_SASL_FAILED && ++self->n_auth_failures >= PH_SMTP_AUTH_FAILURES_MAX)
    ph_smtp_session_give_up (self, "4.7.0", "Too many failed logins");
}

static void
step_cb (PhSaslExchange *exchange,
         PhSaslOutcome   outcome,
         const char     *text,
         PhAccount      *account,
         gpointer        user_data)
{
  PhSmtpSession *self = user_data;

  if (self->gone)
    return;

  ph_smtp_session_resume (self);
  if (outcome == PH_SASL_CONTINUE)
    {
      self->input = PH_SMTP_INPUT_AUTH;
      ph_smtp_session_reply (self, 334, NULL, "%s", text);
    }
  else if (outcome == PH_SASL_SUCCEEDED && text != NULL)
    {
      /* SMTP has no place for final data in the 235: the client acknowledges it. */
      g_set_object (&self->pending_account, account);
      self->input = PH_SMTP_INPUT_AUTH_FINAL;
      ph_smtp_session_reply (self, 334, NULL, "%s", text);
    }
  else
    {
      g_clear_object (&self->exchange);
      if (outcome == PH_SASL_SUCCEEDED)
        succeed (self, account);
      else
        refuse (self, outcome);
    }
  ph_session_changed (PH_SESSION (self));
}

static void
step (PhSmtpSession *self,
      const char    *line,
      gssize         length)
{
  self->input = PH_SMTP_INPUT_WAIT;
  ph_sasl_exchange_step (self->exchange, line, length, step_cb, self);
}

void
ph_smtp_auth_take_line (PhSmtpSession *self,
                        const char    *line,
                        gsize          length)
{
  g_autoptr (PhAccount) account = g_steal_pointer (&self->pending_account);

  ph_journal_session_add_masked (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_CLIENT, line, length, 0, length);
  if (self->input == PH_SMTP_INPUT_AUTH)
    {
      step (self, line, (gssize)length);
      return;
    }

  self->input = PH_SMTP_INPUT_COMMAND;
  g_clear_object (&self->exchange);
  if (length == 0 || (length == 1 && *line == '='))
    succeed (self, account);
  else
    refuse (self, *line == '*' ? PH_SASL_CANCELLED : PH_SASL_MALFORMED);
}

void
ph_smtp_command_auth (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  const char      *space = memchr (args, ' ', length);
  gsize            name_length = space != NULL ? (gsize)(space - args) : length;
  g_autofree char *mechanism = g_strndup (args, name_length);
  PhPeer          *peer = ph_session_get_peer (PH_SESSION (self));

  if (self->authenticator == NULL || self->config.role != PH_SMTP_ROLE_SUBMISSION)
    {
      ph_smtp_session_mistake (self, 502, "5.5.1", "Nobody logs in here: use the submission service");
      return;
    }
  if (self->account != NULL)
    {
      ph_smtp_session_mistake (self, 503, "5.5.1", "You are logged in");
      return;
    }
  if (!ph_smtp_session_is_protected (self))
    {
      ph_smtp_session_mistake (self, 538, "5.7.11", "STARTTLS first");
      return;
    }

  self->exchange = ph_sasl_exchange_new (self->authenticator, mechanism, TRUE, peer->address);
  if (self->exchange == NULL)
    {
      ph_smtp_session_mistake (self, 504, "5.5.4", "There is no such mechanism");
      return;
    }

  while (space != NULL && space < args + length && *space == ' ')
    space++;
  step (self, space, space != NULL ? args + length - space : 0);
}
