#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PH_TYPE_WRAP_LAYOUT (ph_wrap_layout_get_type ())
G_DECLARE_FINAL_TYPE (PhWrapLayout, ph_wrap_layout, PH, WRAP_LAYOUT, GtkLayoutManager)

/**
 * PhWrapLayout:
 *
 * Children one after the other at their natural width, on as many lines as they need,
 * as words are.  (GtkFlowBox makes columns of them; AdwWrapBox is not in libadwaita 1.2.)
 */

/* Between children and between lines, in pixels. */
#define PH_WRAP_LAYOUT_SPACING 6

G_END_DECLS
