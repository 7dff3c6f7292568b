#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_CONNECT_DIALOG (ph_connect_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PhConnectDialog, ph_connect_dialog, PH, CONNECT_DIALOG, AdwWindow)

/**
 * PhConnectDialog:
 *
 * How a mail program connects as one account: what to type in, for reading and for
 * sending, and a line that changes the moment that account logs in.
 */
GtkWidget *ph_connect_dialog_new (PhServer  *server,
                                  PhAccount *account,
                                  GtkWindow *parent);

G_END_DECLS
