#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_DOMAINS_GROUP (ph_domains_group_get_type ())
G_DECLARE_FINAL_TYPE (PhDomainsGroup, ph_domains_group, PH, DOMAINS_GROUP, AdwPreferencesGroup)

/**
 * PhDomainsGroup:
 *
 * The domains whose mail stays here, a PhDomainRow each; others can be added, and those that
 * have no account taken away.
 */
void ph_domains_group_set_server (PhDomainsGroup *self,
                                  PhServer       *server);

G_END_DECLS
