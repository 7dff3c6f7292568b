#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT_PAGE (ph_account_page_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountPage, ph_account_page, PH, ACCOUNT_PAGE, AdwBin)

/**
 * PhAccountPage:
 *
 * Everything about one account, in groups that each know their own part.  The way back and
 * what concerns the account as a whole are the actions "accounts.back", "accounts.connect" and
 * "accounts.delete" of whoever holds the page.
 */

/* Shows `account` (borrowed; NULL for none) of `server`. */
void ph_account_page_set_account (PhAccountPage *self,
                                  PhServer      *server,
                                  PhAccount     *account);

PhAccount *ph_account_page_get_account (PhAccountPage *self); /* borrowed, or NULL */

G_END_DECLS
