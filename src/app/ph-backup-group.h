#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_BACKUP_GROUP (ph_backup_group_get_type ())
G_DECLARE_FINAL_TYPE (PhBackupGroup, ph_backup_group, PH, BACKUP_GROUP, AdwPreferencesGroup)

/**
 * PhBackupGroup:
 *
 * Where a person backs the server up, and reads how to go back to a backup: that needs an empty
 * data folder and nobody who serves from it, so it is no work of a window that does.
 */
void ph_backup_group_set_server (PhBackupGroup *self,
                                 PhServer      *server);

G_END_DECLS
