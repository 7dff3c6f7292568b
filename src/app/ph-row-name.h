#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Names a control for a screen reader by what it does ("Copy Port"), and not by the title of the row that activates
 * it, as newer releases of libadwaita (1.7 of Debian 13) do, nor by its own label ("Save…"), as GTK does there. */
void ph_row_name_control (GtkWidget  *control,
                          const char *name);

/* Leaves such a control the name that it has by itself, or in its template. */
void ph_row_keep_name (GtkWidget *control);

/* Lets the labels of buttons in it take several lines, so that beside a long one there is room for the row's title
 * where the window is narrow and the text large. */
void ph_row_wrap_buttons (GtkWidget *widget);

G_END_DECLS
