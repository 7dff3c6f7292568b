#pragma once

#include "ph-relay-target.h"

G_BEGIN_DECLS

/* Rules that are read from one text. */
#define PH_RELAY_RULES_MAX 1000

/**
 * PhRelayRules:
 *
 * What the user has laid down for single domains: routes, smarthosts, and where TLS with a verified certificate is
 * required.  A domain is named as it is ("example.org"), with all below it (".example.org"), or "*" is
 * every domain; what says most counts, and of two for the same the first.  Immutable once it is in use, counted.
 */
typedef struct _PhRelayRules PhRelayRules;

/* `routes`: "example.org=mail.example.org .lab.test=192.0.2.1:2525"; `require_tls`: "example.org .partner.test"; parted
 * by blanks, commas or semicolons.  What can't be understood is left out and named in *wrong
 * (transfer full), which may be NULL. */
PhRelayRules *ph_relay_rules_new (const char *routes,
                                  const char *require_tls,
                                  char      **wrong);

/* Before it is used: mail for `domains` (as above) goes to `target`.  What can't be understood, or has its server already,
 * is left out and named as there. */
void ph_relay_rules_add_target (PhRelayRules  *self,
                                const char    *domains,
                                PhRelayTarget *target,
                                char         **wrong);

PhRelayRules *ph_relay_rules_ref (PhRelayRules *self);
void          ph_relay_rules_unref (PhRelayRules *self);

/* NULL: by its MX hosts, or the smarthost.  Both take a canonical domain, and NULL for `self`. */
PhRelayTarget *ph_relay_rules_find_target (PhRelayRules *self,
                                           const char   *domain);
gboolean       ph_relay_rules_requires_tls (PhRelayRules *self,
                                            const char   *domain);

/* TRUE where any domain requires TLS. */
gboolean ph_relay_rules_has_tls (PhRelayRules *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRelayRules, ph_relay_rules_unref)

G_END_DECLS
