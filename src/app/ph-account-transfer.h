#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT_TRANSFER (ph_account_transfer_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountTransfer, ph_account_transfer, PH, ACCOUNT_TRANSFER, AdwPreferencesGroup)

/**
 * PhAccountTransfer:
 *
 * On an account's page: mail from files into it, and out of it.
 */

/* Either may be NULL for none. */
void ph_account_transfer_set_account (PhAccountTransfer *self,
                                      PhServer          *server,
                                      PhAccount         *account);

G_END_DECLS
