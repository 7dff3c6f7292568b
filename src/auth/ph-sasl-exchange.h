#pragma once

#include "ph-authenticator.h"

G_BEGIN_DECLS

typedef enum {
  PH_SASL_CONTINUE,  /* send `text` (base64, may be "") as the challenge, then step with the client's line */
  PH_SASL_SUCCEEDED, /* `account` is who it is; `text` is NULL: a mechanism's final data was a challenge before */
  PH_SASL_FAILED,    /* wrong name or password: 535, NO [AUTHENTICATIONFAILED], -ERR [AUTH] */
  PH_SASL_FORBIDDEN, /* the right password, but not for this protocol: 525, NO [NOPERM], -ERR [AUTH] */
  PH_SASL_CANCELLED, /* the client sent "*": 501, BAD */
  PH_SASL_MALFORMED, /* not base64, or not what the mechanism says: 501, BAD */
  PH_SASL_ERROR,     /* our own failure: 454, NO [UNAVAILABLE], -ERR [SYS/TEMP] */
} PhSaslOutcome;

/* Bytes of a line of base64 (RFC 4954 section 4). */
#define PH_SASL_LINE_MAX 12288

#define PH_TYPE_SASL_EXCHANGE (ph_sasl_exchange_get_type ())
G_DECLARE_FINAL_TYPE (PhSaslExchange, ph_sasl_exchange, PH, SASL_EXCHANGE, GObject)

/**
 * PhSaslExchange:
 *
 * One SASL authentication (RFC 4422), the same for SMTP, POP3 and IMAP, which
 * only frame its base64 lines.  Mechanisms are rows of a table in its .c file.
 * One exchange, one owner: the session; disposing it cancels what runs.
 * There are SCRAM-SHA-256 and -PLUS (RFC 5802, 7677; with tls-exporter, RFC 9266, and
 * tls-server-end-point, RFC 5929), EXTERNAL (RFC 4422 appendix A), PLAIN (RFC 4616), LOGIN, and CRAM-MD5
 * (RFC 2195) where an account asks for it;
 * which are offered depends on the connection.
 *
 * Signal: named (mechanism, name, authzid or NULL; strings) before the answer to the response that told who
 * logs in, right or wrong.  A name is no secret.
 */
typedef void (*PhSaslFunc) (PhSaslExchange *exchange,
                            PhSaslOutcome   outcome,
                            const char     *text,
                            PhAccount      *account,
                            gpointer        user_data);

/* Mechanism names for CAPABILITY/EHLO/CAPA over the connection to `peer`: NULL-terminated,
 * transfer container.  Nothing that sends a password where nothing protects it; -PLUS where there is TLS to
 * bind to; EXTERNAL where the client showed a certificate of an account. */
const char **ph_sasl_list_mechanisms (PhAuthenticator *authenticator,
                                      PhPeer          *peer);

/* For a login by `protocol`.  NULL for a mechanism that is not offered over this connection. */
PhSaslExchange *ph_sasl_exchange_new (PhAuthenticator *authenticator,
                                      const char      *mechanism,
                                      PhProtocols      protocol,
                                      PhPeer          *peer);

/* `line` is the client's base64, without its line end; NULL where there is no
 * initial response; "=" is an empty one (RFC 4954 section 4).  `function` is
 * called exactly once for each step unless the exchange is disposed: at once for
 * CONTINUE and for mistakes, later where a worker is asked.  One step at a time. */
void ph_sasl_exchange_step (PhSaslExchange *self,
                            const char     *line,
                            gssize          length,
                            PhSaslFunc      function,
                            gpointer        user_data);

/* TRUE once the client has sent a password as it is (PLAIN, LOGIN). */
gboolean ph_sasl_exchange_got_password (PhSaslExchange *self);

/* Why PH_SASL_FORBIDDEN; or PH_SASL_FAILED, where the password was right and the connection looks as if somebody
 * sat between (V22): a sentence for the person at the journal, never for the client.  NULL otherwise. */
const char *ph_sasl_exchange_get_warning (PhSaslExchange *self);

/* Why PH_SASL_FAILED or PH_SASL_ERROR, for the same person, and never for the client (V20).  NULL otherwise. */
const char *ph_sasl_exchange_get_reason (PhSaslExchange *self);

G_END_DECLS
