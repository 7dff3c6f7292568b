#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_PASSWORD_DIALOG (ph_password_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PhPasswordDialog, ph_password_dialog, PH, PASSWORD_DIALOG, AdwWindow)

/**
 * PhPasswordDialog:
 *
 * Asks for a password of an account, and for what.  It closes when that is done; the
 * signal "changed" (string: the address) says so.
 */
typedef enum {
  PH_PASSWORD_DIALOG_CHANGE,       /* a new one */
  PH_PASSWORD_DIALOG_OLD_PROGRAMS, /* the one it has, to be kept so that it can be read */
} PhPasswordDialogPurpose;

GtkWidget *ph_password_dialog_new (PhServer               *server,
                                   const char             *address,
                                   PhPasswordDialogPurpose purpose,
                                   GtkWindow              *parent);

G_END_DECLS
