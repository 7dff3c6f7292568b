#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT_DETAILS (ph_account_details_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountDetails, ph_account_details, PH, ACCOUNT_DETAILS, AdwPreferencesGroup)

/**
 * PhAccountDetails:
 *
 * On an account's page: the name of its person, and how they log in.  A new password is asked
 * for by the action "accounts.change-password" of whoever holds the page.
 */

/* Either may be NULL for none. */
void ph_account_details_set_account (PhAccountDetails *self,
                                     PhServer         *server,
                                     PhAccount        *account);

G_END_DECLS
