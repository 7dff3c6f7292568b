#pragma once

#include "ph-authenticator.h"

G_BEGIN_DECLS

typedef enum {
  PH_SASL_CONTINUE,  /* send `text` (base64, may be "") as the challenge, then step with the client's line */
  PH_SASL_SUCCEEDED, /* `account` is who it is; `text` is NULL: a mechanism's final data was a challenge before */
  PH_SASL_FAILED,    /* wrong name or password: 535, NO [AUTHENTICATIONFAILED], -ERR [AUTH] */
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
 * Offered: SCRAM-SHA-256 (RFC 7677), PLAIN (RFC 4616), LOGIN.
 */
typedef void (*PhSaslFunc) (PhSaslExchange *exchange,
                            PhSaslOutcome   outcome,
                            const char     *text,
                            PhAccount      *account,
                            gpointer        user_data);

/* Mechanism names for CAPABILITY/EHLO/CAPA, NULL-terminated, static.  Empty where
 * neither TLS nor loopback protects the password. */
const char *const *ph_sasl_list_mechanisms (gboolean is_protected);

/* NULL for a mechanism that is not offered in this state.  `peer_address` numeric. */
PhSaslExchange *ph_sasl_exchange_new (PhAuthenticator *authenticator,
                                      const char      *mechanism,
                                      gboolean         is_protected,
                                      const char      *peer_address);

/* `line` is the client's base64, without its line end; NULL where there is no
 * initial response; "=" is an empty one (RFC 4954 section 4).  `function` is
 * called exactly once for each step unless the exchange is disposed: at once for
 * CONTINUE and for mistakes, later where a worker is asked.  One step at a time. */
void ph_sasl_exchange_step (PhSaslExchange *self,
                            const char     *line,
                            gssize          length,
                            PhSaslFunc      function,
                            gpointer        user_data);

G_END_DECLS
