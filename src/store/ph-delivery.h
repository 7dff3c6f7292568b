#pragma once

#include "ph-account-store-private.h"
#include "ph-spool.h"
#include "ph-summary.h"

G_BEGIN_DECLS

/**
 * PhDelivery:
 *
 * A message that is on disk and measured, and can be linked into any number of
 * folders.  Made by a worker from a spool; counted.  The order that makes it safe:
 * the file is synced first; then, in the account's queue, linked into cur/, the
 * directory synced, the index committed.  A crash before the commit leaves at most a
 * file that the next scan gives a UID: whole, once, and never acknowledged.
 *
 * Mail that comes in waits for the disk once less: it is linked into tmp/,
 * file and directory are synced beside each other, the index is committed, and it goes
 * to cur/.  So a name in cur/ is that of a whole file, as ever; a row whose file is
 * still in tmp/ after a power cut is that of a whole file, too (ph_folder_scan()).
 */
typedef struct _PhDelivery PhDelivery;

PhDelivery *ph_delivery_ref (PhDelivery *self);
void        ph_delivery_unref (PhDelivery *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDelivery, ph_delivery_unref)

/* Measured by the job that adds it, to one folder, unordered: for small ones. */
PhDelivery *ph_delivery_new (PhSpool *spool,
                             gint64   internal_date,
                             gint16   zone);

/* The same for one of several mailboxes: it has that account's own Delivered-To (RFC 9228) by then, so that nobody sees who else
 * has the message; in a file of its own, unless it begins so. */
PhDelivery *ph_delivery_new_addressed (PhStoreShared *shared,
                                       PhSpool       *spool,
                                       const char    *address,
                                       gint64         internal_date,
                                       gint16         zone);

/* The bytes of that field. */
gsize ph_delivery_measure_address (const char *address);

/* Syncs and measures.  `internal_date`: seconds; the file's time becomes it. */
void        ph_delivery_prepare_async (PhStoreShared      *shared,
                                       PhSpool            *spool,
                                       gint64              internal_date,
                                       gint16              zone,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);
PhDelivery *ph_delivery_prepare_finish (GAsyncResult *result,
                                        GError      **error);

/* Adds deliveries to one folder (0: what its spool says), all or none, in order; may take one message away
 * in the same commit.  `task` (taken) returns the UIDs as a GArray of guint32, or an error.
 * OVER_QUOTA; NOT_FOUND where what is to be replaced is gone. */
typedef struct _PhAppendJob PhAppendJob;

PhAppendJob *ph_append_job_new (PhAccountStore *account,
                                gint64          folder,
                                GTask          *task);
void         ph_append_job_add (PhAppendJob       *self,
                                PhDelivery        *delivery,
                                PhFlags            flags,
                                const char *const *keywords,
                                const PhKeptUid   *kept); /* or NULL */
void         ph_append_job_replace (PhAppendJob *self,
                                    gint64       folder,
                                    guint32      uid);

/* Notes it as the delivery of that PhAccepted, which takes no more room than is promised;
 * `again`: where that was done already, this does nothing. */
void ph_append_job_note (PhAppendJob *self,
                         guint64      record,
                         gboolean     again);

/* It replaces nothing, which would be gone before it is safe.  Its file need not be synced yet. */
void ph_append_job_set_unordered (PhAppendJob *self);

/* Takes it. */
void ph_append_job_push (PhAppendJob *self);

G_END_DECLS
