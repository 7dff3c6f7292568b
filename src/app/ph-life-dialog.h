#pragma once

#include <adwaita.h>

#include "ph-journal.h"

G_BEGIN_DECLS

/* Messages that are shown at once. */
#define PH_LIFE_DIALOG_MESSAGES_MAX 20

#define PH_TYPE_LIFE_DIALOG (ph_life_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PhLifeDialog, ph_life_dialog, PH, LIFE_DIALOG, AdwWindow)

/**
 * PhLifeDialog:
 *
 * What became of a message, or of each of several: who brought it, where it went, who fetched it,
 * as it goes on.  A row that is activated shows its session in the window below: by the
 * action "win.show-session" (t) of `parent`.
 */

/* `messages`: names as PhTrail has them, NULL-terminated. */
GtkWidget *ph_life_dialog_new (PhJournal         *journal,
                               const char *const *messages,
                               GtkWindow         *parent);

G_END_DECLS
