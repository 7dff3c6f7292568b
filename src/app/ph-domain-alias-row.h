#pragma once

#include <adwaita.h>

#include "ph-accounts.h"

G_BEGIN_DECLS

#define PH_TYPE_DOMAIN_ALIAS_ROW (ph_domain_alias_row_get_type ())
G_DECLARE_FINAL_TYPE (PhDomainAliasRow, ph_domain_alias_row, PH, DOMAIN_ALIAS_ROW, AdwComboRow)

/**
 * PhDomainAliasRow:
 *
 * Makes a domain of this server another name of one of the others, or a domain of its own
 * again.  It offers those that are not other names themselves.
 */

/* Once. */
void ph_domain_alias_row_set_domain (PhDomainAliasRow *self,
                                     PhAccounts       *accounts,
                                     const char       *domain);

G_END_DECLS
