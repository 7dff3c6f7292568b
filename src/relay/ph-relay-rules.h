#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Rules that are read from one text. */
#define PH_RELAY_RULES_MAX 1000

/* Where mail for a domain goes instead of to its MX hosts. */
typedef struct
{
  char   *host; /* a name or a numeric address */
  guint16 port; /* 0: the usual one */
} PhRelayTarget;

/* "mail.example.org", "192.0.2.1:2525", "[2001:db8::1]:25"; NULL for no such thing. */
PhRelayTarget *ph_relay_target_parse (const char *text);
void           ph_relay_target_free (PhRelayTarget *self);

/**
 * PhRelayRules:
 *
 * What the user has laid down for single domains: routes, and where TLS with a verified certificate is
 * required.  A domain is named as it is ("example.org"), with all below it (".example.org"), or "*" is
 * every domain; what says most counts.  Immutable, counted.
 */
typedef struct _PhRelayRules PhRelayRules;

/* `routes`: "example.org=mail.example.org .lab.test=192.0.2.1:2525"; `require_tls`: "example.org .partner.test"; parted
 * by blanks, commas or semicolons.  What can't be understood is left out and named in *wrong
 * (transfer full), which may be NULL. */
PhRelayRules *ph_relay_rules_new (const char *routes,
                                  const char *require_tls,
                                  char      **wrong);
PhRelayRules *ph_relay_rules_ref (PhRelayRules *self);
void          ph_relay_rules_unref (PhRelayRules *self);

/* NULL: by its MX hosts, or the smarthost.  Both take a canonical domain, and NULL for `self`. */
const PhRelayTarget *ph_relay_rules_find_route (PhRelayRules *self,
                                                const char   *domain);
gboolean             ph_relay_rules_requires_tls (PhRelayRules *self,
                                                  const char   *domain);

/* TRUE where any domain requires TLS. */
gboolean ph_relay_rules_has_tls (PhRelayRules *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhRelayRules, ph_relay_rules_unref)

G_END_DECLS
