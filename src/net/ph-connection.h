#pragma once

#include "ph-net-error.h"
#include "ph-poller.h"
#include "ph-session.h"
#include "ph-tls-client.h"
#include "ph-tls-server.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define PH_TYPE_CONNECTION (ph_connection_get_type ())
G_DECLARE_FINAL_TYPE (PhConnection, ph_connection, PH, CONNECTION, GObject)

/* The limits of a connection in seconds.  What a command may take is said by the session
 * (ph_session_set_deadline()); how much is buffered, by ph-session.h and ph-pump.h. */
#define PH_CONNECTION_HANDSHAKE_SECONDS 10 /* TLS, from its first byte to its last (V32) */
#define PH_CONNECTION_STALL_SECONDS 120    /* output waits and the peer takes none of it */
#define PH_CONNECTION_GOODBYE_SECONDS 5    /* to send what is left after a timeout or shut down */
#define PH_CONNECTION_LINGER_SECONDS 2     /* from our last byte until the peer closes */
#define PH_CONNECTION_EOF_SECONDS 10       /* to finish what came before the peer's half-close */

/* Bytes that wait in the kernel for a peer who does not read; it would take megabytes for each (V38). */
#define PH_CONNECTION_UNSENT_MAX (256 * 1024)

/* Called once, the last thing that a connection does, from the poller's dispatch.  `error` is NULL where the session asked for the close, else why
 * it broke off: PH_NET_ERROR_TLS, _TIMED_OUT or _FAILED. */
typedef void (*PhConnectionClosedFunc) (PhConnection *connection,
                                        const GError *error,
                                        gpointer      user_data);

/**
 * PhConnection:
 *
 * Drives one PhSession on a non-blocking socket: reads and feeds, writes, shakes
 * hands, watches deadlines, closes.  It holds at most PH_SESSION_INPUT_MAX of
 * input, reads no more while the session does not take it, and tells the session
 * when output is drained; idle it holds no buffer at all.  It reports bytes, TLS
 * and the end to the session's journal.
 *
 * Starts by itself in the next dispatch of the poller.  Whoever makes it owns it;
 * it keeps itself alive while it runs, until `closed` was called.
 */

/* `socket` is a connected stream socket, referenced; nobody else may touch it from now.
 * `tls` NULL where there is none to offer; `implicit_tls` shakes hands before
 * ph_session_start().  `alpn` as ph_tls_server_create_session(). */
PhConnection *ph_connection_new_accepted (PhPoller              *poller,
                                          GSocket               *socket,
                                          PhPeer                *peer,
                                          PhSession             *session,
                                          PhTlsServer           *tls,
                                          gboolean               implicit_tls,
                                          const char            *alpn,
                                          PhConnectionClosedFunc closed,
                                          gpointer               user_data);

/* We are the client; the socket comes from ph_connector_connect_async().  `tls_name` is
 * the server's name for SNI and verification. */
PhConnection *ph_connection_new_outgoing (PhPoller              *poller,
                                          GSocket               *socket,
                                          PhPeer                *peer,
                                          PhSession             *session,
                                          PhTlsClient           *tls,
                                          const char            *tls_name,
                                          gboolean               implicit_tls,
                                          PhConnectionClosedFunc closed,
                                          gpointer               user_data);

/* Borrowed. */
PhSession *ph_connection_get_session (PhConnection *self);
PhPeer    *ph_connection_get_peer (PhConnection *self);

/* Both act in the next dispatch, so they may be called from anywhere.
 *
 * The session says goodbye (421, BYE), then the connection closes, at the latest after
 * PH_CONNECTION_GOODBYE_SECONDS and PH_CONNECTION_LINGER_SECONDS. */
void ph_connection_shut_down (PhConnection *self);

/* Closes without a word. */
void ph_connection_abort (PhConnection *self);

G_END_DECLS
