#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PH_TYPE_COLUMN_LAYOUT (ph_column_layout_get_type ())
G_DECLARE_FINAL_TYPE (PhColumnLayout, ph_column_layout, PH, COLUMN_LAYOUT, GtkLayoutManager)

/**
 * PhColumnLayout:
 *
 * One child at the start of the line, no wider than a column that the eye can read, with
 * PH_COLUMN_LAYOUT_MARGIN on both sides.  (AdwClamp has it in the middle, and in pixels.)
 */

/* Around the text, in pixels. */
#define PH_COLUMN_LAYOUT_MARGIN 12

/* The width of such a column in the font of `widget`, in pixels. */
int ph_column_layout_get_width (GtkWidget *widget);

G_END_DECLS
