#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The transport of peer-to-peer D-Bus over a socket that is already known to be of the
 * same user.  GDBus would pass credentials over a GUnixConnection, which fail between two
 * sandboxes, as neither sees the other's process id; so it gets bare streams, and nobody
 * authenticates.  `fd` is taken.  End with g_dbus_connection_new_finish(). */
void ph_control_stream_connect (int                 fd,
                                gboolean            as_server,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);

/* The user at the other end of the socket is ours (SO_PEERCRED). */
gboolean ph_control_stream_is_same_user (int fd);

G_END_DECLS
