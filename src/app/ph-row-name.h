#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Names a control for a screen reader by what it does ("Copy Port"), and not by the title of the row that activates
 * it, as newer releases of libadwaita (1.7 of Debian 13) do, nor by its own label ("Save…"), as GTK does there. */
void ph_row_name_control (GtkWidget  *control,
                          const char *name);

/* Leaves such a control the name that it has by itself, or in its template. */
void ph_row_keep_name (GtkWidget *control);

G_END_DECLS
