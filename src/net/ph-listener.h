#pragma once

#include "ph-acceptor.h"
#include "ph-connection.h"

G_BEGIN_DECLS

#define PH_TYPE_LISTENER (ph_listener_get_type ())
G_DECLARE_FINAL_TYPE (PhListener, ph_listener, PH, LISTENER, GObject)

#define PH_LISTENER_PER_ADDRESS 20  /* connections from one address (IPv6: from one /64) */
#define PH_LISTENER_TOTAL 2000      /* connections of one listener */
#define PH_LISTENER_GRACE_SECONDS 2 /* between shut down and abort when it stops */

/* Makes the session for a new connection: transfer full.  NULL refuses the client, which
 * then gets the farewell. */
typedef PhSession *(*PhListenerSessionFunc) (PhListener *listener,
                                             PhPeer     *peer,
                                             gpointer    user_data);

/* Asked before a session is made: NULL, or what the client is told who must go (borrowed, used at once; not
 * sent where TLS is implicit). */
typedef const char *(*PhListenerRefuseFunc) (PhPeer  *peer,
                                             gpointer user_data);

/* Told of each client that is sent away, for that or for a limit.  `words` are what it is told, or
 * NULL; `why` is the limit in a sentence for the log, NULL for another reason; `peer` is who it was, NULL where it is gone. */
typedef void (*PhListenerRefusedFunc) (PhPeer     *peer,
                                       const char *words,
                                       const char *why,
                                       gpointer    user_data);

/**
 * PhListener:
 *
 * One service on one address and port: a PhAcceptor takes clients in, a
 * PhConnection drives each from then on.  Knows how many there are, in all and from
 * each address, and sends those above the limits away with a farewell, as it does
 * with those for whom there is no file descriptor (V39).
 *
 * Can be started again once a stop is finished, elsewhere too.  Owned by the server,
 * who stops it before it lets it go: each connection keeps it alive.  Property: n-connections (uint).
 */
PhListener *ph_listener_new (PhPoller             *poller,
                             PhListenerSessionFunc make_session,
                             gpointer              user_data);

/* For connections from now on. `tls` NULL: none. `implicit_tls` without `tls` is an error at start. */
void ph_listener_set_tls (PhListener  *self,
                          PhTlsServer *tls,
                          gboolean     implicit_tls,
                          const char  *alpn);

/* Whether there is TLS to offer; then clients may be held to it (see PhPeer): for connections from now on, too. */
gboolean ph_listener_has_tls (PhListener *self);
void     ph_listener_require_tls (PhListener *self,
                                  gboolean    require);

/* PH_LISTENER_TOTAL and PH_LISTENER_PER_ADDRESS unless set; for new connections.  From three quarters of
 * the total on, and where there is no descriptor for one more, the sessions are hurried (ph_session_set_hurried()). */
void ph_listener_set_limits (PhListener *self,
                             guint       total,
                             guint       per_address);

/* What a client above the limits is told, with its CR LF: "421 4.7.0 Too many connections\r\n".
 * Not sent where TLS is implicit.  NULL (the default): closes without a word. */
void ph_listener_set_farewell (PhListener *self,
                               const char *farewell);

/* For connections from now on; NULL: nobody is refused. */
void ph_listener_set_refuse (PhListener           *self,
                             PhListenerRefuseFunc  refuse,
                             PhListenerRefusedFunc refused, /* or NULL */
                             gpointer              user_data);

/* `address` is numeric ("127.0.0.1", "::1", "0.0.0.0", "::" for all, IPv4 too); port 0
 * takes a free one.  Errors: PH_NET_ERROR_ADDRESS_IN_USE, _NOT_PERMITTED or _FAILED, with
 * a sentence for the user that says what would help. */
gboolean ph_listener_start (PhListener *self,
                            const char *address,
                            guint16     port,
                            GError    **error);

/* Accepts no more at once, lets all sessions say goodbye, aborts those that remain after
 * PH_LISTENER_GRACE_SECONDS.  Ends when no connection is left; never fails. */
void     ph_listener_stop_async (PhListener         *self,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
gboolean ph_listener_stop_finish (PhListener   *self,
                                  GAsyncResult *result,
                                  GError      **error);

/* The session that writes into this journal says goodbye, as when the listener stops, but
 * alone.  FALSE where none of its sessions does. */
gboolean ph_listener_disconnect (PhListener       *self,
                                 PhJournalSession *journal);

gboolean ph_listener_is_running (PhListener *self);

/* The port in use; 0 unless running. */
guint16 ph_listener_get_port (PhListener *self);
guint   ph_listener_get_n_connections (PhListener *self);

/* How many clients were sent away since it was made. */
guint64 ph_listener_get_n_refused (PhListener *self);

G_END_DECLS
