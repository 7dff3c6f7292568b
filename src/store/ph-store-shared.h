#pragma once

#include "ph-clock.h"
#include "ph-store-error.h"
#include "ph-watcher.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

/**
 * PhStoreShared:
 *
 * What a PhStore, its accounts, spools and workers have in common: the locked data
 * directory, the pools, and whether an I/O error has made it read-only.  Counted;
 * the last reference is dropped in the main context, where the pools' threads are
 * waited for and the lock on the directory ends.
 */
typedef struct _PhStoreShared PhStoreShared;

typedef void (*PhStoreFailedFunc) (const char *reason,
                                   gpointer    user_data);
typedef void (*PhStoreClosedFunc) (const char *address,
                                   gpointer    user_data);

/* Makes and locks `data_dir` (V47). */
PhStoreShared *ph_store_shared_new (const char *data_dir,
                                    PhClock    *clock,
                                    GError    **error);
PhStoreShared *ph_store_shared_ref (PhStoreShared *self);
void           ph_store_shared_unref (PhStoreShared *self);

/* Called once in the main context after the first failure; NULL to be told no more. */
void ph_store_shared_set_failed_func (PhStoreShared    *self,
                                      PhStoreFailedFunc function,
                                      gpointer          user_data);

/* Called in the main context when the index of an account has been closed; NULL to be told no more. */
void ph_store_shared_set_closed_func (PhStoreShared    *self,
                                      PhStoreClosedFunc function,
                                      gpointer          user_data);
void ph_store_shared_tell_closed (PhStoreShared *self,
                                  const char    *address);

PhClock      *ph_store_shared_get_clock (PhStoreShared *self);     /* main context */
PhWorkerPool *ph_store_shared_get_durable (PhStoreShared *self);   /* for what must reach the disk */
PhWorkerPool *ph_store_shared_get_readers (PhStoreShared *self);   /* for the rest */
GThreadPool  *ph_store_shared_get_syncers (PhStoreShared *self);   /* for PhSyncs */
PhWatcher    *ph_store_shared_get_watcher (PhStoreShared *self);   /* main context */
int           ph_store_shared_get_intake_fd (PhStoreShared *self); /* directory of PhAccepted */
int           ph_store_shared_get_mail_fd (PhStoreShared *self);
const char   *ph_store_shared_get_mail_path (PhStoreShared *self); /* absolute, no links in it */

/* Main context.  A new unnamed file in the mail directory without waiting for the disk, or -1
 * where none is ready: then make one. */
int ph_store_shared_take_spare_file (PhStoreShared *self);

/* Which folders an account has that is new: a bit (1 << PhSpecialUse) for each; all, until it is set.  Any thread reads. */
void  ph_store_shared_set_standard_folders (PhStoreShared *self,
                                            guint          special_uses);
guint ph_store_shared_get_standard_folders (PhStoreShared *self);

/* On a worker.  Gives up the space that is kept so that mail can be removed on a full disk (V42), and waits until the
 * file system has what was given up. */
void ph_store_shared_spend_reserve (PhStoreShared *self);

/* On a worker: takes it back where there is room again. */
void ph_store_shared_restore_reserve (PhStoreShared *self);

/* Main context: a new id for a PhAccepted, which is replayed until it is released. */
guint64 ph_store_shared_take_record (PhStoreShared *self);
void    ph_store_shared_keep_record (PhStoreShared *self, /* one from before */
                                     guint64        record);
void    ph_store_shared_release_record (PhStoreShared *self,
                                        guint64        record);
guint64 ph_store_shared_get_oldest_record (PhStoreShared *self);

/* Any thread.  An fsync or a write failed: from here on nothing is accepted (V43). */
void ph_store_shared_fail (PhStoreShared *self,
                           const char    *reason);

/* Any thread.  FALSE and PH_STORE_ERROR_READ_ONLY after ph_store_shared_fail(). */
gboolean ph_store_shared_check_writable (PhStoreShared *self,
                                         GError       **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhStoreShared, ph_store_shared_unref)

G_END_DECLS
