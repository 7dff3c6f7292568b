#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_WINDOW (ph_window_get_type ())
G_DECLARE_FINAL_TYPE (PhWindow, ph_window, PH, WINDOW, AdwApplicationWindow)

/**
 * PhWindow:
 *
 * The one window: start and stop, the egress guard, what needs attention, and the
 * views.  Narrower than PH_WINDOW_NARROW pixels, or than the bar's words need,
 * the view switcher is at the bottom.
 * Actions: win.start-stop, win.add-account, win.compose, win.search, win.preferences,
 * win.view (string: name of a view), win.toast (string).
 */
#define PH_WINDOW_NARROW 980

GtkWidget *ph_window_new (GtkApplication *application,
                          PhServer       *server);

G_END_DECLS
