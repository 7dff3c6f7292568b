#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PH_TYPE_TIME_LABEL (ph_time_label_get_type ())
G_DECLARE_FINAL_TYPE (PhTimeLabel, ph_time_label, PH, TIME_LABEL, GtkWidget)

/**
 * PhTimeLabel:
 *
 * A moment in words that stay true ("5 minutes ago") while it is seen, with the
 * exact time as its tooltip.  Properties: time (int64, real µs, 0 for none),
 * fallback (string: what to show for none).
 */

G_END_DECLS
