#pragma once

#include <gtk/gtk.h>

#include "ph-trail.h"

G_BEGIN_DECLS

#define PH_TYPE_LIFE_MARK (ph_life_mark_get_type ())
G_DECLARE_FINAL_TYPE (PhLifeMark, ph_life_mark, PH, LIFE_MARK, GtkWidget)

/**
 * PhLifeMark:
 *
 * A stop on the drawn line of a message's life: the icon of what happened, tied by a line to
 * the stop above and the one below.  In the colours of the theme.  Says nothing to a
 * screen reader, which reads the words beside it.
 */
GtkWidget *ph_life_mark_new (PhTrailKind kind,
                             gboolean    is_first,
                             gboolean    is_last);

G_END_DECLS
