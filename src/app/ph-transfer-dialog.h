#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_TRANSFER_DIALOG (ph_transfer_dialog_get_type ())
G_DECLARE_FINAL_TYPE (PhTransferDialog, ph_transfer_dialog, PH, TRANSFER_DIALOG, AdwWindow)

/**
 * PhTransferDialog:
 *
 * Brings mail into an account, or out of it, or backs everything up, from the moment that it is
 * made: says how far it has come, can be cancelled, and says in the end what became of it.
 * Closing it cancels.
 */

/* `folder` and `paths` as for ph_server_import_async(). */
GtkWidget *ph_transfer_dialog_new_import (PhServer          *server,
                                          const char        *address,
                                          const char        *folder,
                                          const char *const *paths,
                                          GtkWindow         *parent);

/* As mbox: everything (`folder` NULL) into a directory, or one folder into a file; `path` must not be there. */
GtkWidget *ph_transfer_dialog_new_export (PhServer   *server,
                                          const char *address,
                                          const char *folder,
                                          const char *path,
                                          GtkWindow  *parent);

/* All that the server has, in a directory that must not be there. */
GtkWidget *ph_transfer_dialog_new_backup (PhServer   *server,
                                          const char *path,
                                          GtkWindow  *parent);

G_END_DECLS
