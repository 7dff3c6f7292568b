#pragma once

#include <adwaita.h>

#include "ph-trail.h"

G_BEGIN_DECLS

#define PH_TYPE_LIFE_ROW (ph_life_row_get_type ())
G_DECLARE_FINAL_TYPE (PhLifeRow, ph_life_row, PH, LIFE_ROW, AdwActionRow)

/**
 * PhLifeRow:
 *
 * One step of a message's life in words, with its stop on the drawn line.  Can be
 * activated where there is a conversation to show.
 */

/* `has_session`: the log still has it. */
GtkWidget *ph_life_row_new (const PhTrailStep *step,
                            gboolean           has_session,
                            gboolean           is_first,
                            gboolean           is_last);

/* 0 for none. */
guint64 ph_life_row_get_session (PhLifeRow *self);

G_END_DECLS
