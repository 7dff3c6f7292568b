#pragma once

#include "ph-mailbox.h"

G_BEGIN_DECLS

/* A call of the store for many messages and its end: an array in the order of `uids`, maybe of
 * the first of them only. */
typedef void (*PhImapAheadStart) (PhMailbox          *mailbox,
                                  const guint32      *uids,
                                  gsize               n_uids,
                                  gpointer            hint,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data);
typedef GPtrArray *(*PhImapAheadFinish) (PhMailbox    *mailbox,
                                         GAsyncResult *result,
                                         GError      **error);

/**
 * PhImapAhead:
 *
 * What a FETCH needs of its messages from the disk, loaded in batches, the next one while the
 * one before goes out.  At most two batches are in memory.  Owned by the fetch.
 */
typedef struct _PhImapAhead PhImapAhead;

/* `ready` is called, once and later, after ph_imap_ahead_find() had to say that it is not there
 * yet.  `uids` must outlive it and stay as they are. */
PhImapAhead *ph_imap_ahead_new (PhMailbox        *mailbox,
                                GArray           *uids,
                                PhImapAheadStart  start,
                                PhImapAheadFinish finish,
                                gpointer          hint,
                                GCancellable     *cancellable,
                                void (*ready) (gpointer user_data),
                                gpointer user_data);
void         ph_imap_ahead_free (PhImapAhead *self);

/* What belongs to the UID at `index`, which never goes down; NULL where the message is gone;
 * borrowed until the next call.  FALSE: not yet, or with `error` never. */
gboolean ph_imap_ahead_find (PhImapAhead *self,
                             guint        index,
                             gpointer    *item,
                             GError     **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhImapAhead, ph_imap_ahead_free)

G_END_DECLS
