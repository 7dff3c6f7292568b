#pragma once

#include <adwaita.h>

#include "ph-account.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT_PROTOCOLS (ph_account_protocols_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountProtocols, ph_account_protocols, PH, ACCOUNT_PROTOCOLS, AdwPreferencesGroup)

/**
 * PhAccountProtocols:
 *
 * On an account's page: what it may be used for, a switch for each.
 */

/* NULL for none. */
void ph_account_protocols_set_account (PhAccountProtocols *self,
                                       PhAccount          *account);

G_END_DECLS
