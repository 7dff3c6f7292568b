#pragma once

#include "ph-index-rows.h"

G_BEGIN_DECLS

/* What is still to be done to the directory after a commit, written down with it (table
 * "pending", column "stale"), so that neither a crash nor a power cut brings back what
 * was expunged or forgets a rename.  Functions only; on the worker. */

/* In the transaction that deletes the message: its file is to go. */
gboolean ph_pending_add_unlink (PhIndex            *index,
                                gint64              folder,
                                const PhMessageRow *row,
                                GError            **error);

/* In the transaction of a job that is `alone`, which then calls _run_folders() in `after`. */
gboolean ph_pending_add_rename (PhIndex    *index,
                                const char *from,
                                const char *to,
                                GError    **error);
gboolean ph_pending_add_remove (PhIndex    *index,
                                const char *directory,
                                GError    **error);

/* Outside of a transaction: renames and removes directories as noted, and strikes that
 * out.  Also when an account is opened. */
gboolean ph_pending_run_folders (PhWriter *writer,
                                 GError  **error);

/* The bases of files in the folder that are to go: a scan must not take them for new. */
GHashTable *ph_pending_load_unlinks (PhIndex *index,
                                     gint64   folder,
                                     GError **error);

/* Lets the queue remove files and give those whose flags changed their new names, in
 * small pieces, when nobody waits.  `owner`: the account. */
void ph_pending_push_sweep (PhIndexQueue *queue,
                            GObject      *owner);

G_END_DECLS
