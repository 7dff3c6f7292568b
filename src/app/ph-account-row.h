#pragma once

#include <adwaita.h>

#include "ph-account-figures.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT_ROW (ph_account_row_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountRow, ph_account_row, PH, ACCOUNT_ROW, AdwActionRow)

/**
 * PhAccountRow:
 *
 * An account in the list: name, address, last login or that it is connected now, how much mail it has, and a menu of
 * what can be done with it.  Pressed, it opens its page: the actions "accounts.open",
 * "accounts.connect", "accounts.change-password" and "accounts.delete" of whoever holds
 * the list, with the address.
 */
GtkWidget *ph_account_row_new (PhAccount        *account,
                               PhAccountFigures *figures);

G_END_DECLS
