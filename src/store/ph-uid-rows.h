#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhUidRows:
 *
 * Rows of one size in the ascending order of UIDs, which are their first member (guint32):
 * the messages of an open folder, and what one session knows of them.  They lie in chunks,
 * so that to remove one moves only its neighbours, and to add one never moves the others:
 * neither depends on how many there are.  A position counts from 0.  Not for two threads.
 */
typedef struct _PhUidRows PhUidRows;

/* Rows of `row_size` bytes, copied byte by byte. */
PhUidRows *ph_uid_rows_new (gsize row_size);
void       ph_uid_rows_free (PhUidRows *self);

guint ph_uid_rows_get_length (PhUidRows *self);

/* Borrowed; valid until the next change.  Who walks up gets the next one at once. */
gpointer ph_uid_rows_get (PhUidRows *self,
                          guint      position);

/* TRUE and the position; or FALSE and the position of the first row above `uid`. */
gboolean ph_uid_rows_find (PhUidRows *self,
                           guint32    uid,
                           guint     *position);

/* `n` rows with ascending UIDs, the first of them above all that are here. */
void ph_uid_rows_append (PhUidRows    *self,
                         gconstpointer rows,
                         guint         n);

/* Ascending UIDs; those that are not here are passed over. */
void ph_uid_rows_remove (PhUidRows     *self,
                         const guint32 *uids,
                         guint          n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhUidRows, ph_uid_rows_free)

G_END_DECLS
