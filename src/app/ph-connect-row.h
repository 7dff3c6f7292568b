#pragma once

#include <adwaita.h>

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

/* Whether people's mail programs connect to it at all: other servers do to some. */
gboolean ph_connect_row_suits (PhService *service);

/* The user name to show, NULL for none; and the name of this computer, for a
 * service that listens on all its addresses. */
void ph_connect_row_set_names (PhConnectRow *self,
                               const char   *user_name,
                               const char   *host_name);

G_END_DECLS
