#pragma once

#include "ph-mailbox.h"
#include "ph-uid-rows.h"

G_BEGIN_DECLS

/* Those of `uids` that are in the mailbox, as ranges between which it has no others:
 * what a statement can do at once.  Array of PhUidRange, in the order of `uids`. */
GArray *ph_uid_ranges_new (PhMailbox     *mailbox,
                           const guint32 *uids,
                           gsize          n_uids);

/* Appends those of `rows` that are not in the mailbox, ascending: among `uids` (ascending), or NULL for
 * all, which walks through both. */
void ph_uid_append_gone (PhMailbox    *mailbox,
                         PhUidRows    *rows,
                         const GArray *uids,
                         GArray       *gone);

/* A GCompareFunc of guint32, for arrays of UIDs in their order. */
int ph_uid_compare (gconstpointer a,
                    gconstpointer b);

/* Into their order, each once. */
void ph_uid_sort (GArray *uids);

G_END_DECLS
