#pragma once

#include <adwaita.h>

#include "ph-accounts.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT_ALIASES (ph_account_aliases_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountAliases, ph_account_aliases, PH, ACCOUNT_ALIASES, AdwPreferencesGroup)

/**
 * PhAccountAliases:
 *
 * On an account's page: what else is its mail.  Aliases are listed, added and removed; that
 * of a whole domain ("@example.org") and plus addresses are explained.
 */

/* Either may be NULL for none. */
void ph_account_aliases_set_account (PhAccountAliases *self,
                                     PhAccounts       *accounts,
                                     PhAccount        *account);

G_END_DECLS
