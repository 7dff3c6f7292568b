#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_CONNECT_FILES (ph_connect_files_get_type ())
G_DECLARE_FINAL_TYPE (PhConnectFiles, ph_connect_files, PH, CONNECT_FILES, AdwPreferencesGroup)

/**
 * PhConnectFiles:
 *
 * What sets a mail program up without typing: files to save, and records to publish.
 */
void ph_connect_files_set_account (PhConnectFiles *self,
                                   PhServer       *server,
                                   PhAccount      *account);

G_END_DECLS
