#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PH_TYPE_BANNER (ph_banner_get_type ())
G_DECLARE_FINAL_TYPE (PhBanner, ph_banner, PH, BANNER, GtkWidget)

/**
 * PhBanner:
 *
 * A sentence over the whole width on what needs attention, with a button that
 * mends it where one can (what AdwBanner is from libadwaita 1.3 on).
 * Properties: title (string; NULL or "" hides it), button-label (string or NULL), can-dismiss (boolean).
 * Signal "button-clicked"; "dismissed" from the button that is there while can-dismiss.
 */

G_END_DECLS
