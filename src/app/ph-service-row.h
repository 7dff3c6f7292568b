#pragma once

#include <adwaita.h>

#include "ph-service.h"

G_BEGIN_DECLS

#define PH_TYPE_SERVICE_ROW (ph_service_row_get_type ())
G_DECLARE_FINAL_TYPE (PhServiceRow, ph_service_row, PH, SERVICE_ROW, AdwActionRow)

/**
 * PhServiceRow:
 *
 * One service: what it does, in words and by symbol, where it listens, how many
 * are connected, and its own switch.  The switch shows the service's state, not
 * the wish: the signal "switched" (boolean) asks for a change.
 */
GtkWidget *ph_service_row_new (PhService *service);

PhService *ph_service_row_get_service (PhServiceRow *self);

G_END_DECLS
