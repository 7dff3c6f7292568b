#pragma once

#include <gtk/gtk.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_OPEN_BANNER (ph_open_banner_get_type ())
G_DECLARE_FINAL_TYPE (PhOpenBanner, ph_open_banner, PH, OPEN_BANNER, GtkWidget)

/**
 * PhOpenBanner:
 *
 * Says which of the services that run other computers can reach.  Its button lets them listen on
 * this computer only.  Where it is meant so the warning can be closed; it comes back, also in a
 * later run, when a service is open that was not then.
 */
void ph_open_banner_set_server (PhOpenBanner *self,
                                PhServer     *server);

G_END_DECLS
