#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_COPY_ROW (ph_copy_row_get_type ())
G_DECLARE_FINAL_TYPE (PhCopyRow, ph_copy_row, PH, COPY_ROW, AdwActionRow)

/**
 * PhCopyRow:
 *
 * A value to be typed in elsewhere, with a button that copies it.
 * Properties: title (of the row), value (string).
 */
GtkWidget *ph_copy_row_new (const char *title,
                            const char *value);
void       ph_copy_row_set_value (PhCopyRow  *self,
                                  const char *value);

G_END_DECLS
