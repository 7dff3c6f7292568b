#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_DAY_BUTTON (ph_day_button_get_type ())
G_DECLARE_FINAL_TYPE (PhDayButton, ph_day_button, PH, DAY_BUTTON, AdwBin)

/**
 * PhDayButton:
 *
 * Opens a calendar whose days are written into an entry row as 2026-12-24; "No Day" empties it.
 * Property: row (AdwEntryRow, construct-only: the one that it is in).
 */

G_END_DECLS
