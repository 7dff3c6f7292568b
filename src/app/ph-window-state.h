#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Size and maximization of the window, kept in GSettings from one time to the next.
 * Without the schema (a program that was not installed) nothing is kept. */
void ph_window_state_restore (GtkWindow *window);
void ph_window_state_save (GtkWindow *window);

G_END_DECLS
