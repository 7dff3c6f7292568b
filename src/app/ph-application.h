#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_APPLICATION (ph_application_get_type ())
G_DECLARE_FINAL_TYPE (PhApplication, ph_application, PH, APPLICATION, AdwApplication)

/**
 * PhApplication:
 *
 * The program: one instance for each user's own mail (those that are given another
 * folder or file run beside it), the server, its window, and an end that says
 * goodbye to every session.  Options and exit statuses are in posthouse(1).
 * Actions: app.activate, app.start, app.stop, app.compose, app.about, app.quit.
 */
PhApplication *ph_application_new (void);

G_END_DECLS
