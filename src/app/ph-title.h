#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_TITLE (ph_title_get_type ())
G_DECLARE_FINAL_TYPE (PhTitle, ph_title, PH, TITLE, GtkWidget)

/**
 * PhTitle:
 *
 * The middle of the header bar: the view switcher, or where there is no room for
 * it the program's name (the switcher is then at the bottom of the window).
 * Never keeps a window from being made narrow.
 * Properties: stack (AdwViewStack), narrow (boolean).
 */

/* How much wider it would be, in pixels, were it not narrow. */
int ph_title_measure_hidden (PhTitle *self);

G_END_DECLS
