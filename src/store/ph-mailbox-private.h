#pragma once

#include "ph-account-store-private.h"
#include "ph-folder-cache.h"
#include "ph-folder-scan.h"
#include "ph-mailbox.h"
#include "ph-order-cache.h"
#include "ph-uid-rows.h"

G_BEGIN_DECLS

/* For the other files of the store. */

/* Takes `infos` and `keywords`; registers itself with the account. `counts`: of `infos`. `times`: of its
 * directory before it was loaded. */
PhMailbox *ph_mailbox_new (PhAccountStore       *account,
                           const PhFolderRow    *folder,
                           PhUidRows            *infos,
                           const PhFolderStatus *counts,
                           char                **keywords,
                           const PhFolderTimes  *times);

/* One message more, or (`sign` -1) less, in what is counted by flags and sizes. */
void ph_folder_status_count (PhFolderStatus      *self,
                             const PhMessageInfo *info,
                             int                  sign);

/* From memory: as of the last commit that was applied. */
void ph_mailbox_get_status (PhMailbox      *self,
                            PhFolderStatus *status);

struct _PhFolderWatch *ph_mailbox_get_watch (PhMailbox *self);

/* Of its name now. */
char *ph_mailbox_dup_directory (PhMailbox *self);

gint64          ph_mailbox_get_folder (PhMailbox *self);
PhAccountStore *ph_mailbox_get_account (PhMailbox *self);

/* What is remembered of its messages. */
PhFolderCache *ph_mailbox_get_cache (PhMailbox *self);
PhOrderCache  *ph_mailbox_get_orders (PhMailbox *self);

/* Applies what was committed and emits "changed". */
void ph_mailbox_apply (PhMailbox *self,
                       PhChange  *change);

/* A task for a call on this mailbox; NULL (and the callback will get the error) where
 * the folder is deleted. */
GTask *ph_mailbox_new_task (PhMailbox          *self,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data,
                            gpointer            tag);

/* Any thread; blocks.  The file of a message, as it is stored, and its row; -1 and an error
 * (NOT_FOUND).  `row` is to be cleared by the caller, whatever the result. */
int ph_mailbox_open_file (PhIndexQueue *queue,
                          gint64        folder_id,
                          guint32       uid,
                          PhMessageRow *row,
                          GError      **error);

/* Any thread; blocks.  The reader's part of opening a message. *object (may be NULL):
 * its row's. */
PhMessage *ph_mailbox_read_message (PhStoreShared *shared,
                                    PhIndexQueue  *queue,
                                    gint64         folder_id,
                                    guint32        uid,
                                    PhMessageHold  hold,
                                    gint64        *object,
                                    GError       **error);

G_END_DECLS
