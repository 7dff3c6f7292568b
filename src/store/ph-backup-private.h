#pragma once

#include "ph-backup.h"
#include "ph-store-shared.h"

G_BEGIN_DECLS

/* For the other files of the backup. */

/* All accounts: mail/. */
gboolean ph_backup_add_mail (PhBackup      *self,
                             PhStoreShared *shared,
                             GError       **error);

/* Where it is written. */
const char *ph_backup_get_part (PhBackup *self);

/* All bytes of an open file, and its times, as a new file; makes its directories. */
gboolean ph_backup_copy (int         from,
                         const char *to,
                         char      **checksum,
                         guint64    *size,
                         GError    **error);

/* Copies it as `name`, and lists it. */
gboolean ph_backup_add_fd (PhBackup   *self,
                           int         fd,
                           const char *name,
                           guint64    *size,
                           GError    **error);

/* Lists what was written otherwise. */
gboolean ph_backup_note (PhBackup   *self,
                         const char *name,
                         const char *checksum,
                         GError    **error);

/* Tells how far it is, and not too often. */
typedef struct
{
  PhTransferFunc function; /* or NULL */
  gpointer       user_data;
  gint64         last; /* monotonic time */
} PhBackupProgress;

void ph_backup_progress_tell (PhBackupProgress       *self,
                              const PhTransferCounts *counts);

/* One message more. */
void ph_backup_count (PhBackup *self,
                      guint64   bytes);

G_END_DECLS
