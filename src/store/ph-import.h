#pragma once

#include "ph-account-store.h"
#include "ph-mbox-reader.h"
#include "ph-transfer.h"

G_BEGIN_DECLS

/* Copies what is in files and directories (PhImportSource) into an account: into `folder`, or
 * NULL for INBOX, and the folders below it that the source has (which stand beside INBOX
 * where `folder` is NULL).  Folders are made where they are missing.  A Maildir with a
 * dovecot-uidlist keeps its UIDs and its UIDVALIDITY, so that clients know it again, where its
 * folder here has given no UID yet; else its messages get new ones (PhKeptUid).  Messages are added
 * in small groups, each whole and on disk; what can't be taken is kept in `rejected_dir`
 * (made then) as N.eml, with a line in reasons.tsv.  `progress` (or NULL) is called in the
 * main context after each group.  Ends early where it is cancelled, the disk or the quota
 * is full; what is in is in. */
void     ph_import_async (PhAccountStore     *account,
                          const char *const  *paths,
                          const char         *folder,
                          PhMboxDialect       dialect,
                          const char         *rejected_dir,
                          GCancellable       *cancellable,
                          PhTransferFunc      progress,
                          gpointer            progress_data,
                          GAsyncReadyCallback callback,
                          gpointer            user_data);
gboolean ph_import_finish (PhAccountStore   *account,
                           GAsyncResult     *result,
                           PhTransferCounts *counts, /* also set where it failed */
                           GError          **error);

G_END_DECLS
