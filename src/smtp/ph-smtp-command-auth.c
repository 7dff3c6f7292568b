/* AUTH (RFC 4954): frames the lines of a PhSaslExchange, which knows the mechanisms. */

#include "ph-login.h"
#include "ph-smtp-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
log_in (PhSmtpSession *self,
        PhAccount     *account)
{
  g_set_object (&self->account, account);
  self->n_errors = 0;
  ph_login_begin (account, PH_PROTOCOL_SUBMISSION, PH_SESSION (self));
  ph_smtp_session_reply (self, 235, "2.7.0", "Welcome");
}

/* What a challenge says is the mechanism's business, and may be told to nobody. */
static void
send_challenge (PhSmtpSession *self,
                const char    *text)
{
  g_autofree char  *line = g_strdup_printf ("334 %s", text);
  PhJournalSession *journal = ph_session_get_journal (PH_SESSION (self));

  if (*text != '\0')
    ph_journal_session_add_masked (journal, PH_JOURNAL_SERVER, line, strlen (line), 4, strlen (text));
  else
    ph_journal_session_add (journal, PH_JOURNAL_SERVER, line, strlen (line));
  ph_session_printf (PH_SESSION (self), "%s\r\n", line);
}

static void
fail (PhSmtpSession  *self,
      PhSaslExchange *exchange,
      guint           code,
      const char     *status,
      const char     *text)
{
  ph_login_note_failure (ph_sasl_exchange_get_warning (exchange), ph_sasl_exchange_get_reason (exchange), PH_SESSION (self));
  ph_smtp_session_mistake (self, code, status, "%s", text);
  if (self->gone || ++self->n_auth_failures < PH_SMTP_AUTH_FAILURES_MAX)
    return;

  /* Translators: 3 */
  ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), N_ ("After %d failed logins a session ends"), PH_SMTP_AUTH_FAILURES_MAX);
  ph_smtp_session_give_up (self, "4.7.0", "Too many failed logins");
}

static void
step_cb (PhSaslExchange *exchange,
         PhSaslOutcome   outcome,
         const char     *text,
         PhAccount      *account,
         gpointer        user_data)
{
  g_autoptr (PhSmtpSession) self = g_object_ref (PH_SMTP_SESSION (user_data));
  g_autoptr (PhSaslExchange) ended = NULL;

  self->input = PH_SMTP_INPUT_COMMAND;
  if (outcome != PH_SASL_CONTINUE)
    ended = g_steal_pointer (&self->exchange);

  switch (outcome)
    {
    case PH_SASL_CONTINUE:
      self->input = PH_SMTP_INPUT_AUTH;
      send_challenge (self, text != NULL ? text : "");
      break;
    case PH_SASL_SUCCEEDED:
      log_in (self, account);
      break;
    case PH_SASL_FAILED:
      fail (self, exchange, 535, "5.7.8", "Wrong name or password");
      break;
    case PH_SASL_FORBIDDEN:
      /* Not 535, which has clients ask for the password again (RFC 5248, X.7.13). */
      fail (self, exchange, 525, "5.7.13", ph_protocol_get_refusal (PH_PROTOCOL_SUBMISSION));
      break;
    case PH_SASL_CANCELLED:
      ph_smtp_session_mistake (self, 501, "5.7.0", "Cancelled");
      break;
    case PH_SASL_MALFORMED:
      ph_smtp_session_mistake (self, 501, "5.5.2", "Not what the mechanism says");
      break;
    case PH_SASL_ERROR:
    default:
      ph_login_note_failure (NULL, ph_sasl_exchange_get_reason (exchange), PH_SESSION (self));
      ph_smtp_session_reply (self, 454, "4.7.0", "Logging in is not possible at the moment");
      break;
    }

  ph_smtp_session_resume (self);
}

static void
step (PhSmtpSession *self,
      const char    *line,
      gsize          length)
{
  self->input = PH_SMTP_INPUT_WAIT;
  ph_login_step (self->exchange, line, (gssize)length, step_cb, PH_SESSION (self));
}

void
ph_smtp_auth_take_line (PhSmtpSession *self,
                        const char    *line,
                        gsize          length)
{
  PhJournalSession *journal = ph_session_get_journal (PH_SESSION (self));

  if (length > 0 && !(length == 1 && *line == '*'))
    ph_journal_session_add_masked (journal, PH_JOURNAL_CLIENT, line, length, 0, length);
  else
    ph_journal_session_add (journal, PH_JOURNAL_CLIENT, line, length);

  step (self, line, length);
}

const char **
ph_smtp_auth_list_mechanisms (PhSmtpSession *self)
{
  g_autofree const char **mechanisms = NULL;

  if (self->config.role != PH_SMTP_ROLE_SUBMISSION || self->authenticator == NULL || self->account != NULL || !self->extended)
    return NULL;

  mechanisms = ph_sasl_list_mechanisms (self->authenticator, ph_session_get_peer (PH_SESSION (self)));

  return mechanisms[0] != NULL ? g_steal_pointer (&mechanisms) : NULL;
}

/* Why AUTH can't be said now; FALSE once that was answered. */
static gboolean
check_offered (PhSmtpSession *self)
{
  if (self->config.role != PH_SMTP_ROLE_SUBMISSION || self->authenticator == NULL)
    ph_smtp_session_mistake (self, 502, "5.5.1", "There is no login here");
  else if (self->account != NULL)
    ph_smtp_session_mistake (self, 503, "5.5.1", "You are logged in already");
  else if (!self->extended)
    ph_smtp_session_mistake (self, 503, "5.5.1", "Say EHLO first");
  else
    return TRUE;

  return FALSE;
}

void
ph_smtp_command_auth (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  g_autofree char *mechanism = NULL;
  gsize            name = 0, initial;

  if (!check_offered (self))
    return;

  while (name < length && args[name] != ' ')
    name++;
  for (initial = name; initial < length && args[initial] == ' ';)
    initial++;
  if (name == 0)
    {
      ph_smtp_session_mistake (self, 501, "5.5.4", "Syntax: AUTH MECHANISM");
      return;
    }

  mechanism = g_strndup (args, name);
  self->exchange = ph_sasl_exchange_new (self->authenticator, mechanism, PH_PROTOCOL_SUBMISSION, ph_session_get_peer (PH_SESSION (self)));
  if (self->exchange == NULL)
    {
      if (ph_smtp_session_is_protected (self))
        {
          ph_smtp_session_mistake (self, 504, "5.5.4", "Unknown mechanism");
          return;
        }
      ph_login_note_clear (PH_SESSION (self));
      ph_smtp_session_mistake (self, 538, "5.7.11", "STARTTLS first: the password would go in clear");
      return;
    }

  step (self, initial < length ? args + initial : NULL, length - initial);
}
