#pragma once

#include <adwaita.h>

#include "ph-account.h"
#include "ph-service.h"

G_BEGIN_DECLS

#define PH_TYPE_CONNECT_ROW (ph_connect_row_get_type ())
G_DECLARE_FINAL_TYPE (PhConnectRow, ph_connect_row, PH, CONNECT_ROW, AdwExpanderRow)

/**
 * PhConnectRow:
 *
 * What a mail program wants to know about one service: server, port, security,
 * user name, each with a button to copy it.
 */
GtkWidget *ph_connect_row_new (PhService *service);

/* Whose user name to show, NULL for none; and the name of this computer, for a service that
 * listens on all its addresses.  The row is seen where the service is enabled, and that
 * account may use it. */
void ph_connect_row_set_account (PhConnectRow *self,
                                 PhAccount    *account,
                                 const char   *host_name);

G_END_DECLS
