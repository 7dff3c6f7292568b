#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhFolderSync:
 *
 * Makes the names in a folder durable for many threads at once: one fsync serves all who came before it
 * began.  Owned by PhQueueFiles.
 */
typedef struct _PhFolderSync PhFolderSync;

PhFolderSync *ph_folder_sync_new (const char *path);
void          ph_folder_sync_free (PhFolderSync *self);

/* Blocks until what was done in the folder before this call is on disk: 0, or an errno.  A failure is final
 * (V43): what the system has lost, it will not find by being asked again. */
int ph_folder_sync_wait (PhFolderSync *self);

G_END_DECLS
