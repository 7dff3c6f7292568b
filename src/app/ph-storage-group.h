#pragma once

#include <adwaita.h>

#include "ph-account-figures.h"

G_BEGIN_DECLS

/* Accounts that have a row of their own: those with the most mail. */
#define PH_STORAGE_GROUP_ROWS 5

#define PH_TYPE_STORAGE_GROUP (ph_storage_group_get_type ())
G_DECLARE_FINAL_TYPE (PhStorageGroup, ph_storage_group, PH, STORAGE_GROUP, AdwPreferencesGroup)

/**
 * PhStorageGroup:
 *
 * The mail that lies here: what waits in the queue and since when, and what the accounts have on the
 * disk.  Looks from time to time while it is seen.
 */
void ph_storage_group_set_server (PhStorageGroup *self,
                                  PhServer       *server);

G_END_DECLS
