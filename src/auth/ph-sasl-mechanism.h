#pragma once

#include "ph-sasl-exchange.h"

G_BEGIN_DECLS

/* How mechanisms and PhSaslExchange see each other; nobody else includes this. */

/* One exchange's state; what a mechanism does not use stays NULL. */
typedef struct
{
  PhPeer     *peer;         /* whom the exchange is with */
  guint       step;         /* responses so far */
  char       *authzid;      /* NULL for none */
  char       *name;         /* of the account */
  PhAccount  *account;      /* NULL for names that can't log in */
  GPtrArray  *secrets;      /* SCRAM, EXTERNAL: of the account when the exchange began */
  char       *gs2_header;   /* SCRAM: as sent */
  GBytes     *binding;      /* SCRAM: what the client has to bind to; NULL for nothing */
  gboolean    is_downgrade; /* SCRAM: someone hid -PLUS from the client */
  const char *warning;      /* SCRAM: what looks as if somebody sat between; literal, NULL for nothing */
  char       *first_bare;   /* SCRAM: client-first-message-bare */
  char       *server_first; /* SCRAM */
  char       *nonce;        /* SCRAM: the client's and ours; CRAM-MD5: our challenge */
  char       *server_final; /* SCRAM: to be sent if the proof counts */
} PhSaslState;

/* What a mechanism wants done with a response. */
typedef enum {
  PH_SASL_DO_CONTINUE, /* send `text` */
  PH_SASL_DO_CHECK,    /* ask for authzid, name, `password` */
  PH_SASL_DO_PROVE,    /* ask whether account and `secret` count */
  PH_SASL_DO_SUCCEED,
  PH_SASL_DO_REFUSE, /* malformed */
} PhSaslAction;

typedef struct
{
  char                    *text;     /* owned, not yet base64 */
  char                    *password; /* owned, to be wiped */
  const PhScramCredential *secret;   /* that was shown to be known; borrowed from the state */
} PhSaslAnswer;

typedef struct
{
  const char *name;
  gboolean    is_client_first;
  gboolean (*is_offered) (PhAuthenticator *authenticator,
                          PhPeer          *peer);
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

/* Whether there is something in the connection to bind to. */
gboolean ph_sasl_scram_can_bind (PhAuthenticator *authenticator,
                                 PhPeer          *peer);

/* Whether the client showed the certificate of an account that may log in. */
gboolean ph_sasl_external_is_offered (PhAuthenticator *authenticator,
                                      PhPeer          *peer);

PhSaslAction ph_sasl_external_step (PhSaslState     *state,
                                    PhAuthenticator *authenticator,
                                    const char      *response,
                                    gsize            length,
                                    PhSaslAnswer    *answer);

/* Whether some account is for old programs. */
gboolean ph_sasl_cram_is_offered (PhAuthenticator *authenticator,
                                  PhPeer          *peer);

PhSaslAction ph_sasl_cram_step (PhSaslState     *state,
                                PhAuthenticator *authenticator,
                                const char      *response,
                                gsize            length,
                                PhSaslAnswer    *answer);
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
PhSaslAction ph_sasl_scram_plus_step (PhSaslState     *state,
                                      PhAuthenticator *authenticator,
                                      const char      *response,
                                      gsize            length,
                                      PhSaslAnswer    *answer);

G_END_DECLS
