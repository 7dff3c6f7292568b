#pragma once

#include "ph-dmarc.h"
#include "ph-iprev.h"
#include "ph-spf.h"

G_BEGIN_DECLS

/**
 * PhSenderVerdict:
 *
 * What is known of who sent a message, once PhSenderCheck is done: a plain struct of values, owned by the check.  What is to be
 * done about it is decided elsewhere.
 */
typedef struct
{
  char           *sender; /* of MAIL FROM; "" is the null sender */
  char           *helo;   /* or NULL */
  PhClientAddress client;
  gboolean        has_iprev; /* not asked of this computer itself */
  PhIprevResult   iprev;
  char           *name; /* of the client, as the reverse DNS has it, or NULL */
  PhSpfOutcome    spf;
  GPtrArray      *signatures; /* of PhDkimSignature, borrowed; empty where there is none */
  PhDmarcOutcome  dmarc;
  gboolean        null_mx; /* the sender's domain takes no mail (RFC 7505) */
} PhSenderVerdict;

void ph_sender_verdict_clear (PhSenderVerdict *self);

/* The whole Authentication-Results field with its CRLF (RFC 8601), ASCII; `authserv` is our name. */
char *ph_sender_verdict_format_field (const PhSenderVerdict *self,
                                      const char            *authserv);

/* The same for people: a sentence for each result; free it. */
GStrv ph_sender_verdict_describe (const PhSenderVerdict *self);

G_END_DECLS
