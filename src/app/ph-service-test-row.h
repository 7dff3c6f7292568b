#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_SERVICE_TEST_ROW (ph_service_test_row_get_type ())
G_DECLARE_FINAL_TYPE (PhServiceTestRow, ph_service_test_row, PH, SERVICE_TEST_ROW, AdwActionRow)

/**
 * PhServiceTestRow:
 *
 * Tries a service when it is asked to, and says in words what a client finds there, until
 * the service changes.  The button ends a test that runs, as does the end of the row.
 */
void ph_service_test_row_set_service (PhServiceTestRow *self,
                                      PhServer         *server,
                                      PhService        *service);

G_END_DECLS
