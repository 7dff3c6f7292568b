#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a service that begins in clear does about TLS. */
typedef enum {
  PH_TLS_RULE_OFFERED,  /* by STARTTLS; passwords go in clear only as [Logins] says */
  PH_TLS_RULE_REQUIRED, /* nothing of weight before STARTTLS, not even from this computer */
  PH_TLS_RULE_OFF,      /* not offered: for clients that are to be tried without */
} PhTlsRule;

#define PH_SERVICE_CONNECTIONS 10000
#define PH_SERVICE_CONNECTIONS_MAX 100000
#define PH_SERVICE_PER_ADDRESS 20
#define PH_SERVICE_PER_ADDRESS_MAX 10000
#define PH_SERVICE_SILENCE_MAX (24 * 60)

/* How a service treats its clients: a value. */
typedef struct
{
  PhTlsRule tls;                     /* without a meaning where TLS is implicit */
  guint     connections;             /* at once, from 1 to PH_SERVICE_CONNECTIONS_MAX */
  guint     connections_per_address; /* from 1 to PH_SERVICE_PER_ADDRESS_MAX; where only this computer is listened to, there is no such limit */
  guint     silence;                 /* minutes that a client may say nothing, from what its RFC asks for (as shipped) to PH_SERVICE_SILENCE_MAX */
} PhServiceRules;

static inline gboolean
ph_service_rules_equal (const PhServiceRules *a,
                        const PhServiceRules *b)
{
  return a->tls == b->tls && a->connections == b->connections && a->connections_per_address == b->connections_per_address &&
         a->silence == b->silence;
}

G_END_DECLS
