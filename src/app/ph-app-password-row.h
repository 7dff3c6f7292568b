#pragma once

#include <adwaita.h>

#include "ph-app-password.h"

G_BEGIN_DECLS

#define PH_TYPE_APP_PASSWORD_ROW (ph_app_password_row_get_type ())
G_DECLARE_FINAL_TYPE (PhAppPasswordRow, ph_app_password_row, PH, APP_PASSWORD_ROW, AdwActionRow)

/**
 * PhAppPasswordRow:
 *
 * An app password in the list of its account: its name, when it was made and last used,
 * and a button that takes it back: the signal "revoke".
 */
GtkWidget *ph_app_password_row_new (PhAppPassword *app_password);

PhAppPassword *ph_app_password_row_get_app_password (PhAppPasswordRow *self);

G_END_DECLS
