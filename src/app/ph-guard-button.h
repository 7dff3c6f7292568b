#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_GUARD_BUTTON (ph_guard_button_get_type ())
G_DECLARE_FINAL_TYPE (PhGuardButton, ph_guard_button, PH, GUARD_BUTTON, GtkWidget)

/**
 * PhGuardButton:
 *
 * The egress guard: how far mail may go, always in sight, one of three.
 * Properties: guard (uint, as PhSettings:guard: 0 local, 1 smarthost, 2 anywhere),
 * smarthost (string: the second choice can't be made while it is ""),
 * compact (boolean: only the symbol, where there is no room).
 */

/* How much of its width, in pixels, is left out where it is compact. */
int ph_guard_button_measure_words (PhGuardButton *self);

G_END_DECLS
