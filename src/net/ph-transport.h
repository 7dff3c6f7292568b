#pragma once

#include "ph-net-error.h"
#include "ph-peer.h"

#include <gnutls/gnutls.h>

G_BEGIN_DECLS

typedef enum {
  PH_TRANSPORT_OK,
  PH_TRANSPORT_AGAIN,  /* would block: see wants_write */
  PH_TRANSPORT_END,    /* the peer will send no more */
  PH_TRANSPORT_FAILED, /* the error is set */
} PhTransportResult;

/**
 * PhTransport:
 *
 * The bytes of a connection: a non-blocking socket, in clear or with GnuTLS
 * directly on it.  Knows no session, no buffer and no poller.  A plain struct,
 * embedded in PhConnection; the fd is borrowed.
 */
typedef struct
{
  int              fd;
  gnutls_session_t tls;           /* NULL while in clear */
  const char      *asked_name;    /* borrowed; NULL in a server */
  gboolean         has_unsent;    /* a record that GnuTLS could not write whole */
  gboolean         wants_write;   /* after AGAIN: wait until the socket can be written */
  gboolean         may_have_more; /* after a read: do not wait for the poller */
  int              alert;         /* what was sent where the handshake failed, else -1 */
} PhTransport;

/* Takes the session; what follows goes through it.  `asked_name` (borrowed) is what we ask for
 * as the client, NULL where we are the server. */
void ph_transport_take_tls (PhTransport     *self,
                            gnutls_session_t tls,
                            const char      *asked_name);
void ph_transport_clear (PhTransport *self);

/* In clear: whether there is something to read. */
gboolean ph_transport_has_input (PhTransport *self);

PhTransportResult ph_transport_read (PhTransport *self,
                                     void        *data,
                                     gsize        size,
                                     gsize       *length,
                                     GError     **error);

/* After AGAIN the next call must begin with the same bytes. */
PhTransportResult ph_transport_write (PhTransport *self,
                                      const void  *data,
                                      gsize        length,
                                      gsize       *written,
                                      GError     **error);

/* For what was read and has no reply yet: the peer hears at once that it came, not 40 ms later.
 * Many clients hold back their next small piece until then (Nagle's algorithm, RFC 9293 3.7.4). */
void ph_transport_acknowledge (PhTransport *self);

/* PH_NET_ERROR_TLS where it fails; the alert is then sent. */
PhTransportResult ph_transport_shake_hands (PhTransport *self,
                                            GError     **error);

/* Says that we will send no more: TLS close_notify, then the FIN. */
PhTransportResult ph_transport_end (PhTransport *self);

/* The name that the client asked for (SNI), or NULL.  Transfer full. */
char *ph_transport_dup_asked_name (PhTransport *self);

/* A copy of `peer` with what the handshake negotiated. */
PhPeer *ph_transport_describe (PhTransport *self,
                               PhPeer      *peer);

G_END_DECLS
