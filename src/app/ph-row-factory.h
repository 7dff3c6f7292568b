#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A factory for GtkListView whose rows are widgets of `row_type`; the item is put
 * in their property `property`, and taken out (NULL) when the row is not needed.
 * Both strings are static. */
GtkListItemFactory *ph_row_factory_new (GType       row_type,
                                        const char *property);

G_END_DECLS
