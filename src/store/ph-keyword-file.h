#pragma once

#include "ph-index-rows.h"

G_BEGIN_DECLS

/* Keywords that a file's name can show: letters a to z. */
#define PH_KEYWORD_LETTERS 26

/* The file "dovecot-keywords" of a folder, which says what the letters a to z in the names
 * of its messages mean: "0 name" for a, and so on.  It is Dovecot's form, read by other
 * programs too; and it brings keywords back when the index is lost.  Functions only. */

/* Writes it, synced: after a keyword was made. */
gboolean ph_keyword_file_write (PhWriter          *writer,
                                const PhFolderRow *folder,
                                GError           **error);

/* The same, where the folder has keywords and the file is not there. */
gboolean ph_keyword_file_ensure (PhWriter          *writer,
                                 const PhFolderRow *folder,
                                 GError           **error);

/* Takes the names over into the index of a folder that is new to it. */
gboolean ph_keyword_file_adopt (PhWriter          *writer,
                                const PhFolderRow *folder,
                                GError           **error);

/* How many keywords of a folder have letters. */
gboolean ph_keyword_file_count (PhIndex *index,
                                gint64   folder,
                                guint   *n,
                                GError **error);

G_END_DECLS
