#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_PASSWORD_DIALOG (ph_password_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PhPasswordDialog, ph_password_dialog, PH, PASSWORD_DIALOG, AdwWindow)

/**
 * PhPasswordDialog:
 *
 * Gives an account a new password.  It closes when that is done; the signal
 * "changed" (string: the address) says so.
 */
GtkWidget *ph_password_dialog_new (PhServer   *server,
                                   const char *address,
                                   GtkWindow  *parent);

G_END_DECLS
