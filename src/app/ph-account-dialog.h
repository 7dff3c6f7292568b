#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT_DIALOG (ph_account_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountDialog, ph_account_dialog, PH, ACCOUNT_DIALOG, AdwWindow)

/**
 * PhAccountDialog:
 *
 * Adds an account: address, name, password, checked while they are typed.  It
 * closes when the account is there; the signal "added" (string: its address) says so.
 */
GtkWidget *ph_account_dialog_new (PhServer  *server,
                                  GtkWindow *parent);

G_END_DECLS
