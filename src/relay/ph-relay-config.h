#pragma once

#include "ph-dkim-signer.h"
#include "ph-relay-rules.h"
#include "ph-schedule.h"

G_BEGIN_DECLS

/* How far mail may go (WINDOW.md, the egress guard). */
typedef enum {
  PH_RELAY_GUARD_LOCAL,     /* mail stays on this computer: all of it waits, marked */
  PH_RELAY_GUARD_SMARTHOST, /* only through the smarthost */
  PH_RELAY_GUARD_ANYWHERE,
} PhRelayGuard;

/**
 * PhRelayConfig:
 *
 * What the settings say about sending.  A plain struct, copied by ph_relay_configure().
 */
typedef struct
{
  const char    *host_name; /* in EHLO and reports */
  PhRelayGuard   guard;
  guint          interval;       /* seconds between looks at the directory, at most */
  guint          warn_after;     /* seconds until the delay notice (4 h) */
  guint          give_up_after;  /* seconds (5 d) */
  PhSchedule     schedule;       /* of the tries in between */
  guint16        remote_port;    /* 25; another for a test bench */
  gboolean       allow_loopback; /* MX hosts may be this computer: for a test bench (S17) */
  PhRelayTarget *smarthost;      /* for all mail; NULL for delivery by MX */
  const char    *sts_folder;     /* where MTA-STS policies are kept; NULL: nowhere */
  guint16        sts_port;       /* 443; another for a test bench; 0: nobody is asked for a policy */
  const char    *authorities;    /* a PEM file; NULL: those of the system */
  PhRelayRules  *rules;          /* for single domains; NULL: none */
  PhDkimSigner  *signer;         /* of what people here send; NULL: nothing is signed */
} PhRelayConfig;

PhRelayConfig *ph_relay_config_copy (const PhRelayConfig *self);

/* Of a copy: its strings are its own. */
void ph_relay_config_free (PhRelayConfig *self);

/* TRUE where mail for others may leave now. */
gboolean ph_relay_config_may_send (const PhRelayConfig *self);

/* The server of the user's choice that mail for `domain` (NULL: for all those that have none of their own) goes to; NULL:
 * its MX hosts.  While all must go through the smarthost, no rule leads around it. */
PhRelayTarget *ph_relay_config_find_target (const PhRelayConfig *self,
                                            const char          *domain);

/* The port to connect to, of `target` or, NULL, of an MX host. */
guint16 ph_relay_config_get_port (const PhRelayConfig *self,
                                  const PhRelayTarget *target);

G_END_DECLS
