#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A row with an address, and a button that takes it away: it activates `action` with the
 * address (a string) as its target. */
GtkWidget *ph_address_row_new (const char *address,
                               const char *action);

G_END_DECLS
