#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Size and maximization of the window, and a warning that was closed, kept in GSettings from one time to the next.
 * Without the schema (a program that was not installed) nothing is kept. */
void ph_window_state_restore (GtkWindow *window);
void ph_window_state_save (GtkWindow *window);

/* The services that other computers reach of which somebody has said that it is meant so; transfer full. */
char *ph_window_state_dup_seen_open (void);
void  ph_window_state_set_seen_open (const char *services);

G_END_DECLS
