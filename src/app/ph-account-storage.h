#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT_STORAGE (ph_account_storage_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountStorage, ph_account_storage, PH, ACCOUNT_STORAGE, AdwPreferencesGroup)

/**
 * PhAccountStorage:
 *
 * On an account's page: how much mail it has, and how much it may have.
 */

/* Either may be NULL for none.  Measures anew. */
void ph_account_storage_set_account (PhAccountStorage *self,
                                     PhServer         *server,
                                     PhAccount        *account);

G_END_DECLS
