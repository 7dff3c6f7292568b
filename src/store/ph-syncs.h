#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhSyncs:
 *
 * What the disk is asked for beside the commit of a batch.  A sync waits for the disk and
 * does nothing else, so each has a thread of a pool that only syncs: many are waited for
 * once, not one after the other, and the file system writes its journal once for them.
 * One batch at a time; owned by the queue of an account, used by its worker.
 */
typedef struct _PhSyncs PhSyncs;

typedef gboolean (*PhSyncFunc) (gpointer data,
                                GError **error);

/* Threads for all accounts together; g_thread_pool_free() when no PhSyncs is left. */
GThreadPool *ph_syncs_new_pool (void);

/* `pool` is borrowed. */
PhSyncs *ph_syncs_new (GThreadPool *pool);
void     ph_syncs_free (PhSyncs *self);

/* Calls `function` in a thread, soon; `data` is let go of by `free` there (or NULL). */
void ph_syncs_begin (PhSyncs       *self,
                     PhSyncFunc     function,
                     gpointer       data,
                     GDestroyNotify free);

/* Until all that were begun are done: FALSE and the first error, where one failed. */
gboolean ph_syncs_wait (PhSyncs *self,
                        GError **error);

G_END_DECLS
