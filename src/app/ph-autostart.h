#pragma once

#include "ph-settings.h"

G_BEGIN_DECLS

/* Has Posthouse start in the background when its user logs in as long as the setting start-on-login says so: through the
 * portal in a sandbox, else by a file in the user's autostart folder.  What can't be done is not left on in the settings. */
void ph_autostart_follow (GApplication *application,
                          PhSettings   *settings);

G_END_DECLS
