#pragma once

#include <gtk/gtk.h>

#include "ph-traffic.h"

G_BEGIN_DECLS

#define PH_TYPE_PLOT (ph_plot_get_type ())
G_DECLARE_FINAL_TYPE (PhPlot, ph_plot, PH, PLOT, GtkWidget)

/**
 * PhPlot:
 *
 * Two series of counts over time as bars, one above its line and the other below, so that
 * no colour is needed to tell them apart.  In named colours of the theme; mirrored where the
 * language is.  A screen reader is told the sums and the highest bar.
 * Property: day (boolean): the last day instead of the last hour.
 */

/* `label`s are static, translated, and said to a screen reader with their sums: "received". */
void ph_plot_set_series (PhPlot       *self,
                         PhTraffic    *traffic,
                         const char   *title,
                         PhTrafficKind above,
                         const char   *above_label,
                         PhTrafficKind below,
                         const char   *below_label);

G_END_DECLS
