#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Below `widget`: who turns a page with the wheel changes no number that comes under the pointer, as GtkSpinButton has it
 * by itself.  The keyboard and the buttons of the number do. */
void ph_wheel_leave_numbers (GtkWidget *widget);

G_END_DECLS
