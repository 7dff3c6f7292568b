#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PH_TYPE_FOLD (ph_fold_get_type ())
G_DECLARE_FINAL_TYPE (PhFold, ph_fold, PH, FOLD, GtkWidget)

/**
 * PhFold:
 *
 * A list and what it leads to: side by side where there is room, else one of
 * both.  (AdwLeaflet does this and is deprecated; AdwNavigationSplitView is not in
 * libadwaita 1.2.)  Properties: list, content (GtkWidget), folded (boolean,
 * read-only, notified), shows-content (boolean: which one is seen while folded),
 * list-min, list-max (int: bounds of the list's width in pixels, while not folded).
 */

/* Narrower than this it folds, in pixels. */
#define PH_FOLD_WIDTH 700

gboolean ph_fold_get_folded (PhFold *self);
void     ph_fold_set_shows_content (PhFold  *self,
                                    gboolean shows_content);

G_END_DECLS
