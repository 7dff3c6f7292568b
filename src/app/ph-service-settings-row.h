#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_SERVICE_SETTINGS_ROW (ph_service_settings_row_get_type ())
G_DECLARE_FINAL_TYPE (PhServiceSettingsRow, ph_service_settings_row, PH, SERVICE_SETTINGS_ROW, AdwExpanderRow)

/**
 * PhServiceSettingsRow:
 *
 * Whether a service starts with the others, on which address and port, how it treats its
 * clients, and a test of it.  What is typed is checked at once and taken with Enter or the row's button.
 */
GtkWidget *ph_service_settings_row_new (PhServer  *server,
                                        PhService *service);

G_END_DECLS
