#pragma once

#include "ph-address-guard.h"
#include "ph-authorities.h"
#include "ph-journal.h"
#include "ph-relay-config.h"
#include "ph-resolver.h"

G_BEGIN_DECLS

typedef struct _PhStsStore PhStsStore;

/**
 * PhSendContext:
 *
 * What every attempt needs and none of them owns.  A plain struct that belongs to the
 * dispatcher and outlives its attempts.
 */
typedef struct
{
  PhClock             *clock;
  PhPoller            *poller;
  PhJournal           *journal;
  PhResolver          *resolver;    /* may be replaced */
  const PhRelayConfig *config;      /* may be replaced */
  PhTlsClient         *tls_any;     /* whoever it is (RFC 7435) */
  PhAuthorities       *authorities; /* that say who a server is; may be replaced */
  PhStsStore          *sts;         /* what domains say of their servers */
  GHashTable          *no_tls;      /* host names whose TLS failed (S19), a set */
  GPtrArray           *idle;        /* of PhChannel, owned: connections that wait for another message (S20) */
  guint                generation;  /* of the settings: grows with each change */
} PhSendContext;

G_END_DECLS
