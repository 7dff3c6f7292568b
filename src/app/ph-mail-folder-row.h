#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_MAIL_FOLDER_ROW (ph_mail_folder_row_get_type ())
G_DECLARE_FINAL_TYPE (PhMailFolderRow, ph_mail_folder_row, PH, MAIL_FOLDER_ROW, AdwBin)

/**
 * PhMailFolderRow:
 *
 * An account or a folder in the tree of the Mail view.  Property: row (GtkTreeListRow
 * of a PhMailAccount or a PhMailFolder).
 */

/* A folder as people call it, in their language where it has a purpose; borrowed. */
const char *ph_mail_folder_row_get_title (gpointer folder);

G_END_DECLS
