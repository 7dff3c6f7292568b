#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_PREFERENCES (ph_preferences_get_type ())
G_DECLARE_FINAL_TYPE (PhPreferences, ph_preferences, PH, PREFERENCES, AdwPreferencesWindow)

/**
 * PhPreferences:
 *
 * The settings that a person changes: services, relay, log and background.  Each
 * takes effect at once.  (The one place that knows AdwPreferencesWindow, which is
 * AdwPreferencesDialog from libadwaita 1.5 on.)
 */
GtkWidget *ph_preferences_new (PhServer  *server,
                               GtkWindow *parent);

G_END_DECLS
