/* The AUTHORIZATION state: RFC 1939 section 4, RFC 2449, RFC 2595, RFC 5034. */

#include "ph-auth-error.h"
#include "ph-login.h"
#include "ph-pop3-session-private.h"

#include <string.h>

void
ph_pop3_command_capa (PhPop3Session *self,
                      const char    *argument)
{
  PhPeer                 *peer = ph_session_get_peer (PH_SESSION (self));
  g_autofree const char **mechanisms = ph_sasl_list_mechanisms (self->authenticator, peer);

  ph_pop3_session_reply_more (self, "+OK What I can do:");
  /* After the login, too: a client need ask but once (RFC 2449 section 5). */
  if (*mechanisms != NULL)
    {
      g_autofree char *list = g_strjoinv (" ", (GStrv)mechanisms);

      if (ph_pop3_session_is_protected (self))
        ph_pop3_session_reply_more (self, "USER");
      ph_pop3_session_reply_more (self, "SASL %s", list);
    }
  if (self->state == PH_POP3_AUTHORIZATION && self->offer_starttls && !peer->is_tls)
    ph_pop3_session_reply_more (self, "STLS");
  ph_pop3_session_reply_more (self, "TOP");
  ph_pop3_session_reply_more (self, "UIDL");
  ph_pop3_session_reply_more (self, "RESP-CODES");
  ph_pop3_session_reply_more (self, "AUTH-RESP-CODE");
  ph_pop3_session_reply_more (self, "PIPELINING");
  ph_pop3_session_reply_more (self, "UTF8 USER");
  ph_pop3_session_reply_more (self, "LANG");
  ph_pop3_session_reply_more (self, "EXPIRE NEVER");
  ph_pop3_session_reply_more (self, "IMPLEMENTATION Posthouse");
  ph_pop3_session_reply (self, ".");
}

void
ph_pop3_command_stls (PhPop3Session *self,
                      const char    *argument)
{
  if (ph_session_get_peer (PH_SESSION (self))->is_tls)
    ph_pop3_session_reply (self, "-ERR There is TLS already");
  else if (self->utf8)
    ph_pop3_session_reply (self, "-ERR STLS comes before UTF8"); /* RFC 6856 section 2.1 */
  else if (!self->offer_starttls)
    {
      ph_login_note_no_tls (PH_SESSION (self));
      ph_pop3_session_reply (self, "-ERR There is no TLS here");
    }
  else
    {
      ph_pop3_session_reply (self, "+OK Begin TLS");
      ph_session_start_tls (PH_SESSION (self));
    }
}

/* USER, PASS */

static gboolean
refuse_in_clear (PhPop3Session *self)
{
  if (ph_pop3_session_is_protected (self))
    return FALSE;

  ph_login_note_clear (PH_SESSION (self));
  ph_pop3_session_reply (self, "-ERR [AUTH] Passwords need TLS: use STLS");

  return TRUE;
}

void
ph_pop3_command_user (PhPop3Session *self,
                      const char    *argument)
{
  if (refuse_in_clear (self))
    return;

  if (*argument == '\0')
    {
      ph_pop3_session_reply (self, "-ERR USER needs a name");
      return;
    }
  if (!g_utf8_validate (argument, -1, NULL))
    {
      ph_pop3_session_reply (self, "-ERR That is not UTF-8");
      return;
    }

  /* The same for everybody: who is here is not told (P07). */
  g_free (self->user);
  self->user = g_strdup (argument);
  ph_pop3_session_reply (self, "+OK And the password?");
}

/* Ends a login that went wrong, and the connection after the last try. */
static void
refuse_login (PhPop3Session *self,
              const char    *reply)
{
  ph_pop3_session_reply (self, "%s", reply);
  if (++self->n_logins >= PH_POP3_LOGINS_MAX)
    ph_session_close (PH_SESSION (self));
  ph_pop3_session_go_on (self);
}

/* The password was right.  AUTH is also for what a policy forbids (RFC 3206 section 5). */
static void
refuse_forbidden (PhPop3Session *self,
                  const char    *reply)
{
  g_autofree char *refusal = g_strdup_printf ("-ERR [AUTH] %s", ph_protocol_get_refusal (PH_PROTOCOL_POP3));

  refuse_login (self, refusal);
}

/* One that never came to a password. */
static void
refuse_exchange (PhPop3Session *self,
                 const char    *reply)
{
  ph_pop3_session_mistake (self, "%s", reply);
  ph_pop3_session_go_on (self);
}

static void
checked_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhPop3Session) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhAccount) account = ph_authenticator_check_finish (PH_AUTHENTICATOR (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return; /* the peer is gone */

  if (account != NULL)
    ph_pop3_session_enter (self, account);
  else if (g_error_matches (error, PH_AUTH_ERROR, PH_AUTH_ERROR_FORBIDDEN))
    {
      ph_login_note_failure (error->message, NULL, PH_SESSION (self));
      refuse_forbidden (self, NULL);
    }
  else
    {
      ph_login_note_failure (NULL, error->message, PH_SESSION (self));
      refuse_login (self, "-ERR [AUTH] Wrong name or password");
    }
}

void
ph_pop3_command_pass (PhPop3Session *self,
                      const char    *argument)
{
  g_autofree char *user = g_steal_pointer (&self->user);

  if (*argument != '\0')
    ph_login_note_password (PH_SESSION (self));
  if (refuse_in_clear (self))
    return;

  if (user == NULL)
    {
      ph_pop3_session_reply (self, "-ERR USER comes first");
      return;
    }

  ph_pop3_session_wait (self);
  ph_authenticator_check_async (self->authenticator, NULL, user, argument, PH_PROTOCOL_POP3, ph_session_get_peer (PH_SESSION (self))->address,
                                self->cancellable, checked_cb, g_object_ref (self));
}

/* APOP: RFC 1939 section 7; for accounts that ask for it. */

void
ph_pop3_command_apop (PhPop3Session *self,
                      const char    *argument)
{
  const char      *digest = strrchr (argument, ' ');
  g_autofree char *name = digest != NULL ? g_strndup (argument, (gsize)(digest - argument)) : NULL;
  g_autoptr (PhAccount) account = NULL;
  const PhScramCredential *secret;

  /* Without a challenge in the greeting there is no such command. */
  if (self->challenge == NULL)
    {
      ph_pop3_session_reply (self, "-ERR What is that?");
      return;
    }
  if (name == NULL || !ph_challenge_is_digest (digest + 1, strlen (digest + 1)))
    {
      ph_pop3_session_reply (self, "-ERR APOP needs a name and a digest");
      return;
    }

  secret = ph_authenticator_answer_challenge (self->authenticator, PH_CHALLENGE_APOP, name, self->challenge, digest + 1, &account);
  ph_pop3_session_wait (self);
  ph_authenticator_prove_async (self->authenticator, NULL, name, account, secret, PH_PROTOCOL_POP3, ph_session_get_peer (PH_SESSION (self))->address,
                                self->cancellable, checked_cb, g_object_ref (self));
}

/* AUTH */

void
ph_pop3_auth_clear (PhPop3Session *self)
{
  g_clear_object (&self->exchange);
}

/* Only a password that was wrong is a guess; what is malformed or cancelled has none. */
static const struct
{
  PhSaslOutcome outcome;
  const char   *reply;
  void (*refuse) (PhPop3Session *self,
                  const char    *reply);
} refusals[] = {
  { PH_SASL_FAILED, "-ERR [AUTH] Wrong name or password", refuse_login },
  { PH_SASL_FORBIDDEN, NULL, refuse_forbidden },
  { PH_SASL_CANCELLED, "-ERR AUTH is cancelled", refuse_exchange },
  { PH_SASL_MALFORMED, "-ERR That is not what the mechanism wants", refuse_exchange },
  { PH_SASL_ERROR, "-ERR [SYS/TEMP] Passwords can't be checked now", refuse_exchange },
};

static void
sasl_cb (PhSaslExchange *exchange,
         PhSaslOutcome   outcome,
         const char     *text,
         PhAccount      *account,
         gpointer        user_data)
{
  PhPop3Session *self = user_data;

  if (outcome == PH_SASL_CONTINUE)
    {
      /* A challenge may hold a nonce or a salt: it is shown as it is, answers are not. */
      ph_pop3_session_reply (self, "+ %s", text);
      ph_pop3_session_go_on (self);
      return;
    }

  ph_login_note_failure (ph_sasl_exchange_get_warning (exchange), ph_sasl_exchange_get_reason (exchange), PH_SESSION (self));
  ph_pop3_auth_clear (self);
  if (outcome == PH_SASL_SUCCEEDED)
    {
      ph_pop3_session_enter (self, account);
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (refusals[i].outcome == outcome)
      refusals[i].refuse (self, refusals[i].reply);
}

void
ph_pop3_auth_continue (PhPop3Session *self,
                       const char    *line,
                       gsize          length)
{
  ph_journal_session_add_masked (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_CLIENT, line, length, 0, length);
  ph_pop3_session_wait (self);
  ph_login_step (self->exchange, line, (gssize)length, sasl_cb, PH_SESSION (self));
}

/* AUTH alone is no command of RFC 5034; Outlook and other programs that are older than CAPA ask so. */
static void
list_mechanisms (PhPop3Session *self)
{
  g_autofree const char **mechanisms = ph_sasl_list_mechanisms (self->authenticator, ph_session_get_peer (PH_SESSION (self)));

  if (refuse_in_clear (self))
    return;

  ph_pop3_session_reply_more (self, "+OK What I know:");
  for (gsize i = 0; mechanisms[i] != NULL; i++)
    ph_pop3_session_reply_more (self, "%s", mechanisms[i]);
  ph_pop3_session_reply (self, ".");
}

void
ph_pop3_command_auth (PhPop3Session *self,
                      const char    *argument)
{
  gboolean         is_protected = ph_pop3_session_is_protected (self);
  const char      *space = strchr (argument, ' ');
  g_autofree char *mechanism = g_strndup (argument, space != NULL ? (gsize)(space - argument) : strlen (argument));

  ph_login_note_mechanism (argument, strlen (argument), PH_SESSION (self));
  if (*mechanism == '\0')
    {
      list_mechanisms (self);
      return;
    }

  self->exchange = ph_sasl_exchange_new (self->authenticator, mechanism, PH_PROTOCOL_POP3, ph_session_get_peer (PH_SESSION (self)));
  if (self->exchange == NULL)
    {
      if (!is_protected)
        ph_login_note_clear (PH_SESSION (self));
      ph_pop3_session_reply (self, is_protected ? "-ERR There is no such mechanism" : "-ERR [AUTH] Passwords need TLS: use STLS");
      return;
    }

  ph_pop3_session_wait (self);
  ph_login_step (self->exchange, space != NULL ? space + 1 : NULL, -1, sasl_cb, PH_SESSION (self));
}
