#include "ph-imap-session-private.h"

#include "ph-auth-error.h"
#include "ph-imap-transcript.h"
#include "ph-login.h"

#include <string.h>

static void
wipe_string (char *string)
{
  if (string != NULL)
    explicit_bzero (string, strlen (string));
  g_free (string);
}

/* The text is the same for every reason (V20); but who has shown the password is told that the account may
 * not use IMAP.  That is NOPERM, not AUTHORIZATIONFAILED, which is for acting as another (RFC 5530 section 3). */
static void
refuse_login (PhImapSession *self,
              gboolean       is_forbidden,
              const char    *warning,
              const char    *reason)
{
  ph_login_note_failure (warning, reason, PH_SESSION (self));
  if (is_forbidden)
    ph_imap_session_no (self, "NOPERM", ph_protocol_get_refusal (PH_PROTOCOL_IMAP));
  else
    ph_imap_session_no (self, "AUTHENTICATIONFAILED", "Wrong name or password");
  ph_session_set_deadline (PH_SESSION (self), PH_IMAP_PREAUTH_SECONDS);
  if (++self->n_login_failures >= PH_IMAP_LOGIN_TRIES_MAX)
    ph_imap_session_bye (self, NULL, "Too many failed logins");
}

static void
on_account_ended (PhImapSession *self,
                  const char    *reason)
{
  ph_session_shut_down (PH_SESSION (self), reason);
  ph_session_changed (PH_SESSION (self));
}

static void
on_account_opened (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhAccountStore) account_store = ph_store_open_account_finish (PH_STORE (source), result, &error);
  g_autofree char *code = NULL;
  g_autofree char *capabilities = NULL;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (account_store == NULL)
    {
      g_clear_object (&self->account);
      ph_imap_session_fail (self, error);
      ph_session_set_deadline (PH_SESSION (self), PH_IMAP_PREAUTH_SECONDS);
      return;
    }

  ph_account_store_set_quota (account_store, ph_account_get_quota (self->account));
  self->account_store = g_steal_pointer (&account_store);
  g_signal_connect_object (self->account_store, "ended", G_CALLBACK (on_account_ended), self, G_CONNECT_SWAPPED);
  self->state = PH_IMAP_AUTHENTICATED;
  self->reader.command_max = PH_IMAP_COMMAND_MAX;
  self->reader.line_max = PH_IMAP_LINE_MAX;
  self->reader.literal_max = PH_IMAP_LITERAL_MAX;

  capabilities = ph_imap_session_format_capabilities (self);
  code = g_strconcat ("CAPABILITY ", capabilities, NULL);
  ph_imap_session_ok (self, code, "Logged in");
}

void
ph_imap_session_log_in (PhImapSession *self,
                        PhAccount     *account)
{
  g_set_object (&self->account, account);
  self->busy = TRUE;
  ph_login_begin (account, PH_PROTOCOL_IMAP, PH_SESSION (self));
  ph_store_open_account_async (self->store, ph_account_get_address (account), self->cancellable,
                               on_account_opened, g_object_ref (self));
}

static void
on_checked (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhAccount) account = ph_authenticator_check_finish (PH_AUTHENTICATOR (source), result, &error);

  if (!ph_imap_session_is_waiting (self))
    return;

  if (account != NULL)
    ph_imap_session_log_in (self, account);
  else if (g_error_matches (error, PH_AUTH_ERROR, PH_AUTH_ERROR_FORBIDDEN))
    refuse_login (self, TRUE, error->message, NULL);
  else if (g_error_matches (error, PH_AUTH_ERROR, PH_AUTH_ERROR_FAILED))
    refuse_login (self, FALSE, NULL, error->message);
  else
    ph_imap_session_fail (self, error);
}

void
ph_imap_command_login (PhImapSession *self,
                       PhImapParser  *arguments)
{
  g_autofree char *name = NULL;
  char            *password = NULL;

  self->tried_login = TRUE;
  if (ph_imap_parser_take_space (arguments) && ph_imap_parser_take_astring (arguments, &name) && ph_imap_parser_take_space (arguments))
    ph_imap_parser_take_astring (arguments, &password);
  if (password != NULL)
    ph_login_note_password (PH_SESSION (self));

  if (!ph_imap_session_is_protected (self))
    {
      ph_login_note_clear (PH_SESSION (self));
      ph_imap_session_no (self, "PRIVACYREQUIRED", "LOGIN needs TLS here");
    }
  else if (ph_imap_session_end_arguments (self, arguments))
    {
      ph_imap_session_wait (self, NULL, NULL);
      ph_authenticator_check_async (self->authenticator, NULL, name, password, PH_PROTOCOL_IMAP,
                                    ph_session_get_peer (PH_SESSION (self))->address,
                                    self->cancellable, on_checked, g_object_ref (self));
    }
  wipe_string (password);
}

/* AUTHENTICATE: the exchange speaks, we frame (RFC 3501 6.2.2, RFC 4959). */

static void
send_challenge (PhImapSession *self,
                const char    *text)
{
  g_autofree char *line = g_strdup_printf ("+ %s\r\n", text != NULL ? text : "");

  ph_imap_session_send (line, strlen (line), self);
  self->input = PH_IMAP_INPUT_SASL;
  self->reader.raw = TRUE;
  self->busy = FALSE;
  ph_session_changed (PH_SESSION (self));
}

static void
on_step (PhSaslExchange *exchange,
         PhSaslOutcome   outcome,
         const char     *text,
         PhAccount      *account,
         gpointer        user_data)
{
  PhImapSession *self = user_data;

  if (!ph_imap_session_is_waiting (self))
    return;

  switch (outcome)
    {
    case PH_SASL_CONTINUE:
      send_challenge (self, text);
      break;
    case PH_SASL_SUCCEEDED:
      ph_imap_session_log_in (self, account);
      break;
    case PH_SASL_FAILED:
    case PH_SASL_FORBIDDEN:
      refuse_login (self, outcome == PH_SASL_FORBIDDEN, ph_sasl_exchange_get_warning (exchange), ph_sasl_exchange_get_reason (exchange));
      break;
    case PH_SASL_CANCELLED:
      ph_imap_session_bad (self, "Cancelled");
      break;
    case PH_SASL_MALFORMED:
      ph_imap_session_bad (self, "Not base64, or not what the mechanism wants");
      break;
    case PH_SASL_ERROR:
    default:
      ph_imap_session_no (self, "UNAVAILABLE", "Can't check passwords now");
      break;
    }
}

static void
step (PhImapSession *self,
      const char    *line,
      gssize         length)
{
  self->busy = TRUE;
  ph_login_step (self->sasl, line, length, on_step, PH_SESSION (self));
}

void
ph_imap_sasl_line (PhImapSession *self,
                   const guint8  *line,
                   gsize          length)
{
  char *copy = g_strndup ((const char *)line, length);

  ph_imap_transcript_add_secret (ph_session_get_journal (PH_SESSION (self)));
  ph_imap_reader_reset (&self->reader);
  step (self, copy, (gssize)length);

  explicit_bzero (copy, length);
  g_free (copy);
}

static gboolean
take_mechanism (PhImapSession *self,
                PhImapParser  *arguments,
                char         **mechanism)
{
  ph_login_note_mechanism ((const char *)arguments->data + arguments->position, arguments->length - arguments->position, PH_SESSION (self));

  return ph_imap_parser_take_atom (arguments, mechanism);
}

void
ph_imap_command_authenticate (PhImapSession *self,
                              PhImapParser  *arguments)
{
  g_autofree char *mechanism = NULL;
  const char      *response = NULL;
  gsize            length = 0;

  self->tried_login = TRUE;
  if (!ph_imap_parser_take_space (arguments) || !take_mechanism (self, arguments, &mechanism) || (!ph_imap_parser_at_end (arguments) && !ph_imap_parser_take_space (arguments)))
    {
      ph_imap_session_bad (self, arguments->error);
      return;
    }

  if (arguments->data[arguments->position - 1] == ' ')
    {
      response = (const char *)arguments->data + arguments->position;
      length = arguments->length - arguments->position;
    }

  self->sasl = ph_sasl_exchange_new (self->authenticator, mechanism, PH_PROTOCOL_IMAP,
                                     ph_session_get_peer (PH_SESSION (self)));
  if (self->sasl == NULL)
    {
      gboolean is_protected = ph_imap_session_is_protected (self);

      if (!is_protected)
        ph_login_note_clear (PH_SESSION (self));
      ph_imap_session_no (self, is_protected ? "CANNOT" : "PRIVACYREQUIRED", "Mechanism not offered here");
      return;
    }

  {
    char *copy = response != NULL ? g_strndup (response, length) : NULL;

    ph_imap_session_wait (self, NULL, NULL);
    step (self, copy, (gssize)length);
    wipe_string (copy);
  }
}
