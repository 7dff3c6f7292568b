#pragma once

#include <gio/gio.h>

#include "ph-transfer.h"

G_BEGIN_DECLS

/* The list of all files of a backup, in the form of sha256sum(1); it is there when all of them
 * are, and checked with "sha256sum -c" too. */
#define PH_BACKUP_LIST_NAME "SHA256SUMS"

/**
 * PhBackup:
 *
 * A copy of the data folder, made while the server works: of each account a snapshot of the
 * index, and the messages that it has.  (What is removed while it is copied is missing in
 * it, as another program's removal would be.)  The Maildirs have their dovecot-uidlist,
 * so that Dovecot can serve them as they are.  Written beside its place, as PATH.part, and
 * named when it is complete.  Blocks: on a worker, one call at a time.
 */
typedef struct _PhBackup PhBackup;

/* PH_STORE_ERROR_EXISTS where `path` is there. */
PhBackup *ph_backup_new (const char   *path,
                         GCancellable *cancellable,
                         GError      **error);

/* Called where it is written, a few times a second. */
void ph_backup_set_progress (PhBackup      *self,
                             PhTransferFunc progress,
                             gpointer       user_data);

/* What is not complete goes away. */
void ph_backup_free (PhBackup *self);

/* A file, if it is there. */
gboolean ph_backup_add_file (PhBackup   *self,
                             const char *path,
                             const char *name, /* in the backup */
                             GError    **error);

/* A file of these bytes. */
gboolean ph_backup_add_bytes (PhBackup   *self,
                              const char *name,
                              const char *text,
                              GError    **error);

/* The files of a directory, if it is there, but not those below it. */
gboolean ph_backup_add_directory (PhBackup   *self,
                                  const char *path,
                                  const char *name,
                                  GError    **error);

/* Syncs, and names it. */
gboolean ph_backup_finish (PhBackup *self,
                           GError  **error);

/* Messages, their bytes, and files that could not be read. */
const PhTransferCounts *ph_backup_get_counts (PhBackup *self);

/* Reads all of a backup: FALSE and an error names the first file that is not as it was written.  `progress`, or
 * NULL, is called a few times a second, by the thread that called this. */
gboolean ph_backup_verify (const char       *path,
                           GCancellable     *cancellable,
                           PhTransferFunc    progress,
                           gpointer          user_data,
                           PhTransferCounts *counts, /* files and bytes */
                           GError          **error);

/* Verifies it, then copies it to `data_dir`, which must not be there or be empty, and is so again where it does not
 * come to its end.  Synced. */
gboolean ph_backup_restore (const char       *path,
                            const char       *data_dir,
                            GCancellable     *cancellable,
                            PhTransferFunc    progress,
                            gpointer          user_data,
                            PhTransferCounts *counts,
                            GError          **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhBackup, ph_backup_free)

G_END_DECLS
