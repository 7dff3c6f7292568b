#include "ph-login.h"

#include "ph-base64.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
revoked_cb (PhSession  *session,
            const char *reason)
{
  ph_session_shut_down (session, reason);
}

void
ph_login_begin (PhAccount  *account,
                PhProtocols protocol,
                PhSession  *session)
{
  g_autofree char *revoked = g_strconcat ("revoked::", ph_protocol_get_name (protocol), NULL);

  g_return_if_fail (PH_IS_ACCOUNT (account) && PH_IS_SESSION (session));

  ph_journal_session_set_account (ph_session_get_journal (session), ph_account_get_address (account));
  ph_login_note_client (account, session);
  g_signal_connect_object (account, revoked, G_CALLBACK (revoked_cb), session, G_CONNECT_SWAPPED);
}

/* "IMAP" or "IMAP (Thunderbird 115.3)" */
void
ph_login_note_client (PhAccount *account,
                      PhSession *session)
{
  PhJournalSession *journal = ph_session_get_journal (session);
  g_autofree char  *name = NULL;
  g_autofree char  *client = NULL;
  g_autofree char  *shortened = NULL;

  if (journal == NULL)
    return;

  g_object_get (journal, "client-name", &name, NULL);
  client = name != NULL ? g_strdup_printf ("%s (%s)", ph_journal_session_get_service (journal), name) : g_strdup (ph_journal_session_get_service (journal));
  shortened = g_utf8_strlen (client, -1) > PH_LOGIN_CLIENT_MAX ? g_utf8_substring (client, 0, PH_LOGIN_CLIENT_MAX) : g_steal_pointer (&client);
  g_object_set (account, "last-login-client", shortened, NULL);
}

void
ph_login_note_failure (const char *warning,
                       const char *reason,
                       PhSession  *session)
{
  if (warning == NULL && reason == NULL)
    return;

  ph_journal_session_add_refusal (ph_session_get_journal (session));
  if (warning != NULL)
    ph_journal_session_add_finding (ph_session_get_journal (session), warning);
  if (reason != NULL)
    ph_journal_session_note (ph_session_get_journal (session), "%s", reason);
}

void
ph_login_note_password (PhSession *session)
{
  PhPeer *peer = ph_session_get_peer (session);

  if (peer == NULL || !peer->is_tls)
    ph_journal_session_add_finding (ph_session_get_journal (session), N_ ("The client sent a password in clear, without TLS"));
}

/* A response of PLAIN (RFC 4616): authzid NUL name NUL password. */
static gboolean
has_password (const char *response,
              gsize       length)
{
  gsize       n_bytes = 0;
  guint8     *bytes = length <= PH_SASL_LINE_MAX ? ph_base64_decode_strict (response, length, &n_bytes) : NULL;
  const char *name = bytes != NULL ? memchr (bytes, '\0', n_bytes) : NULL;
  const char *password = name != NULL ? memchr (name + 1, '\0', n_bytes - (gsize)(name + 1 - (const char *)bytes)) : NULL;
  gboolean    found = password != NULL && password + 1 < (const char *)bytes + n_bytes;

  ph_base64_wipe (bytes, n_bytes);

  return found;
}

void
ph_login_note_mechanism (const char *arguments,
                         gsize       length,
                         PhSession  *session)
{
  static const char plain[] = "PLAIN ";
  gsize             start = strlen (plain);

  if (length <= start || g_ascii_strncasecmp (arguments, plain, start) != 0)
    return;

  while (start < length && arguments[start] == ' ')
    start++;
  if (has_password (arguments + start, length - start))
    ph_login_note_password (session);
}

/* The lines themselves are masked: in most there is a password. */
static void
named_cb (PhSession  *session,
          const char *mechanism,
          const char *name,
          const char *authzid)
{
  PhJournalSession *journal = ph_session_get_journal (session);

  if (authzid != NULL && *authzid != '\0' && strcmp (authzid, name) != 0)
    /* Translators: a mechanism such as SCRAM-SHA-256, and two names */
    ph_journal_session_note (journal, N_ ("Login with %s as %s, to act as %s"), mechanism, name, authzid);
  else
    /* Translators: a mechanism such as SCRAM-SHA-256, and a name */
    ph_journal_session_note (journal, N_ ("Login with %s as %s"), mechanism, name);
}

void
ph_login_step (PhSaslExchange *exchange,
               const char     *line,
               gssize          length,
               PhSaslFunc      function,
               PhSession      *session)
{
  gulong handler;

  g_object_ref (exchange);
  g_object_ref (session);
  handler = g_signal_connect_swapped (exchange, "named", G_CALLBACK (named_cb), session);
  ph_sasl_exchange_step (exchange, line, length, function, session);
  g_signal_handler_disconnect (exchange, handler);
  if (ph_sasl_exchange_got_password (exchange))
    ph_login_note_password (session);
  g_object_unref (session);
  g_object_unref (exchange);
}

void
ph_login_note_clear (PhSession *session)
{
  PhPeer *peer = ph_session_get_peer (session);

  if (peer != NULL && peer->must_use_tls)
    ph_journal_session_note (ph_session_get_journal (session), N_ ("The service wants TLS of everybody (Tls of the service)"));
  else
    ph_journal_session_note (ph_session_get_journal (session), N_ ("Without TLS a login is taken only from this computer (InClear in [Logins])"));
}

void
ph_login_note_no_tls (PhSession *session)
{
  ph_journal_session_note (ph_session_get_journal (session), N_ ("The service has no certificate, or its TLS is switched off (Tls of the service)"));
}
