#pragma once

#include <adwaita.h>

#include "ph-accounts.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT_FORWARDING (ph_account_forwarding_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountForwarding, ph_account_forwarding, PH, ACCOUNT_FORWARDING, AdwPreferencesGroup)

/**
 * PhAccountForwarding:
 *
 * On an account's page: where else its mail goes, and whether a copy stays.  It is kept as an
 * alias of the account's own address.
 */

/* NULL for none. */
void ph_account_forwarding_set_account (PhAccountForwarding *self,
                                        PhAccounts          *accounts,
                                        PhAccount           *account);

G_END_DECLS
