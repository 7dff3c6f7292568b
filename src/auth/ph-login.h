#pragma once

#include "ph-sasl-exchange.h"
#include "ph-session.h"

G_BEGIN_DECLS

/* What a session and the account that it is logged in to are to each other. */

/* Characters of last-login-client. */
#define PH_LOGIN_CLIENT_MAX 100

/* From now on the session's journal bears the account's address, and the session ends with
 * a goodbye when the account is "revoked" for the protocol. */
void ph_login_begin (PhAccount  *account,
                     PhProtocols protocol,
                     PhSession  *session);

/* The client has told its name (journal's client-name): for the account's
 * last-login-client.  ph_login_begin() does it for a name that was told before. */
void ph_login_note_client (PhAccount *account,
                           PhSession *session);

/* A login failed: it counts as refused, and is a finding of the session where there was more to it than a wrong password.
 * `warning` is what ph_sasl_exchange_get_warning() says, or the message of PH_AUTH_ERROR_FORBIDDEN;
 * `reason`, a note, what ph_sasl_exchange_get_reason() says, or the message of another error.  Both NULL: it did not. */
void ph_login_note_failure (const char *warning,
                            const char *reason,
                            PhSession  *session);

/* The client sent a password, whether it was taken or refused: a finding, unless TLS hid it. */
void ph_login_note_password (PhSession *session);

/* `arguments` follow AUTH or AUTHENTICATE: the same where they have a password in them, as those of PLAIN may. */
void ph_login_note_mechanism (const char *arguments,
                              gsize       length,
                              PhSession  *session);

/* ph_sasl_exchange_step(), with a note of the mechanism and the name that it showed, and the same where that took a password.  `session` is the function's user_data. */
void ph_login_step (PhSaslExchange *exchange,
                    const char     *line,
                    gssize          length,
                    PhSaslFunc      function,
                    PhSession      *session);

/* A login was refused because there is no TLS: a note of where that is set. */
void ph_login_note_clear (PhSession *session);

/* STARTTLS or STLS was refused because the service offers no TLS: a note of why it does not. */
void ph_login_note_no_tls (PhSession *session);

G_END_DECLS
