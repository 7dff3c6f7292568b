#pragma once

#include "ph-control.h"

G_BEGIN_DECLS

/* In the data folder. */
#define PH_CONTROL_SOCKET_NAME "control"

#define PH_TYPE_CONTROL_SOCKET (ph_control_socket_get_type ())
G_DECLARE_FINAL_TYPE (PhControlSocket, ph_control_socket, PH, CONTROL_SOCKET, GObject)

/**
 * PhControlSocket:
 *
 * The door for the command line: a Unix socket in the data folder, where PhControl is
 * offered as peer-to-peer D-Bus to processes of the same user.  It needs no bus, so it is
 * there without a session and inside a sandbox, and there is one for each data folder.
 * Whoever has opened the store of that folder owns the socket too, so what an earlier
 * process left there is replaced.  Gone with the last reference.
 */
PhControlSocket *ph_control_socket_new (PhControl  *control,
                                        const char *data_dir,
                                        GError    **error);

/* The address of the socket in the folder that `directory` is open on.  By the
 * descriptor, because a socket's path has at most 107 bytes. */
GSocketAddress *ph_control_socket_new_address (int directory);

G_END_DECLS
