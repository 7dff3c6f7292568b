#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_ROUTE_DIALOG (ph_route_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PhRouteDialog, ph_route_dialog, PH, ROUTE_DIALOG, AdwWindow)

/**
 * PhRouteDialog:
 *
 * Asks for the server that queued messages are to go to from now on, and closes once it is so.
 */

/* `ids`: of queued messages, NULL-terminated. */
GtkWidget *ph_route_dialog_new (PhServer          *server,
                                const char *const *ids,
                                GtkWindow         *parent);

G_END_DECLS
