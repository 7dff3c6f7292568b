#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_TROUBLE_WINDOW (ph_trouble_window_get_type ())
G_DECLARE_FINAL_TYPE (PhTroubleWindow, ph_trouble_window, PH, TROUBLE_WINDOW, AdwApplicationWindow)

/**
 * PhTroubleWindow:
 *
 * In place of the window where there can be no server: settings that can't be
 * understood, a folder that can't be used.  Nothing is changed on disk.
 */
GtkWidget *ph_trouble_window_new (GtkApplication *application,
                                  const char     *message);

G_END_DECLS
