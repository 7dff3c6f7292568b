#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_APP_PASSWORD_DIALOG (ph_app_password_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PhAppPasswordDialog, ph_app_password_dialog, PH, APP_PASSWORD_DIALOG, AdwWindow)

/**
 * PhAppPasswordDialog:
 *
 * Asks what an app password is for, has it made, and shows it: once, to be copied.
 * It is kept nowhere but in the label, and goes with the window.
 */
GtkWidget *ph_app_password_dialog_new (PhServer   *server,
                                       const char *address,
                                       GtkWindow  *parent);

G_END_DECLS
