#pragma once

#include "ph-sasl-exchange.h"

G_BEGIN_DECLS

/* How mechanisms and PhSaslExchange see each other; nobody else includes this. */

/* One exchange's state; what a mechanism does not use stays NULL. */
typedef struct
{
  guint              step;         /* responses so far */
  char              *authzid;      /* NULL for none */
  char              *name;         /* of the account */
  PhAccount         *account;      /* NULL for names that can't log in */
  PhScramCredential *credential;   /* SCRAM: what the exchange began with */
  char              *gs2_header;   /* SCRAM: as sent */
  char              *first_bare;   /* SCRAM: client-first-message-bare */
  char              *server_first; /* SCRAM */
  char              *nonce;        /* SCRAM: the client's and ours */
  char              *server_final; /* SCRAM: to be sent if the proof counts */
} PhSaslState;

/* What a mechanism wants done with a response. */
typedef enum {
  PH_SASL_DO_CONTINUE, /* send `text` */
  PH_SASL_DO_CHECK,    /* ask for authzid, name, `password` */
  PH_SASL_DO_PROVE,    /* ask whether account, credential and `is_right` count */
  PH_SASL_DO_SUCCEED,
  PH_SASL_DO_REFUSE, /* malformed */
} PhSaslAction;

typedef struct
{
  char    *text;     /* owned, not yet base64 */
  char    *password; /* owned, to be wiped */
  gboolean is_right;
} PhSaslAnswer;

typedef struct
{
  const char *name;
  gboolean    is_client_first;
  /* `response` is decoded and NUL-terminated, but may have NULs in it. */
  PhSaslAction (*step) (PhSaslState     *state,
                        PhAuthenticator *authenticator,
                        const char      *response,
                        gsize            length,
                        PhSaslAnswer    *answer);
} PhSaslMechanism;

/* Octets of a user name or authorization identity. */
#define PH_SASL_NAME_MAX 320

gboolean ph_sasl_is_name (const char *text,
                          gsize       length);

PhSaslAction ph_sasl_plain_step (PhSaslState     *state,
                                 PhAuthenticator *authenticator,
                                 const char      *response,
                                 gsize            length,
                                 PhSaslAnswer    *answer);
PhSaslAction ph_sasl_login_step (PhSaslState     *state,
                                 PhAuthenticator *authenticator,
                                 const char      *response,
                                 gsize            length,
                                 PhSaslAnswer    *answer);
PhSaslAction ph_sasl_scram_step (PhSaslState     *state,
                                 PhAuthenticator *authenticator,
                                 const char      *response,
                                 gsize            length,
                                 PhSaslAnswer    *answer);

G_END_DECLS
