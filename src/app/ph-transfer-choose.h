#pragma once

#include "ph-choose-file.h"
#include "ph-server.h"

G_BEGIN_DECLS

/* Each asks for a file or a folder, and then shows a PhTransferDialog that does it; nothing where
 * the person thinks better of it.  `widget` is any of the window that asks. */

/* `mode` PH_CHOOSE_OPEN: a message or an mbox; PH_CHOOSE_FOLDER: a directory.  `folder` NULL: as ph_server_import_async(). */
void ph_transfer_choose_import (GtkWidget   *widget,
                                PhServer    *server,
                                const char  *address,
                                const char  *folder,
                                PhChooseMode mode);

/* `folder` NULL: all. */
void ph_transfer_choose_export (GtkWidget  *widget,
                                PhServer   *server,
                                const char *address,
                                const char *folder);

void ph_transfer_choose_backup (GtkWidget *widget,
                                PhServer  *server);

G_END_DECLS
