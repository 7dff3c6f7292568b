#pragma once

#include "ph-account-store.h"
#include "ph-transfer.h"

G_BEGIN_DECLS

typedef enum {
  PH_EXPORT_EML,     /* a directory for each folder, a file for each message, and posthouse.tsv */
  PH_EXPORT_MBOX,    /* mboxrd: a file for each folder */
  PH_EXPORT_MAILDIR, /* Maildir++ */
} PhExportFormat;

/* Copies an account, or one folder of it, out: every byte of each message, its flags, keywords
 * and date, so that PhImport (and for mbox and Maildir other programs) gets them back.
 * `path` must not be there, or be an empty directory; of one folder as mbox it is the file.
 * Each message is whole or not there; an mbox file is there when it is complete.  Synced.
 * EXISTS, NOT_FOUND. */
void     ph_export_async (PhAccountStore     *account,
                          const char         *folder, /* NULL: all */
                          PhExportFormat      format,
                          const char         *path,
                          GCancellable       *cancellable,
                          PhTransferFunc      progress,
                          gpointer            progress_data,
                          GAsyncReadyCallback callback,
                          gpointer            user_data);
gboolean ph_export_finish (PhAccountStore   *account,
                           GAsyncResult     *result,
                           PhTransferCounts *counts,
                           GError          **error);

G_END_DECLS
