#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * PhPeer:
 *
 * Who is at the other end of a connection, and how it is protected.  Filled in
 * by the connection; sessions only read it.  Reference counted and shared.
 */
typedef struct
{
  char    *address; /* numeric: "127.0.0.1", "::1" */
  guint16  port;
  gboolean is_loopback;  /* the address is of this computer's loopback range */
  gboolean talked_first; /* in clear, before we had said anything */
  gboolean must_use_tls; /* the listener's rule: in clear nothing of weight is done, from wherever it comes */

  gboolean is_tls;
  char    *tls_version;          /* "TLS1.3"; NULL without TLS, as the rest */
  char    *tls_cipher;           /* "ECDHE-ECDSA-AES-256-GCM"… as GnuTLS names it */
  char    *tls_sni;              /* the name the client asked for, or NULL */
  GBytes  *tls_exporter;         /* RFC 9266 channel binding, or NULL */
  GBytes  *tls_server_end_point; /* RFC 5929 channel binding, or NULL */
  char    *tls_certificate;      /* SHA-256 ("AB:CD:…") of the peer's certificate where it showed one within its dates, else NULL */
} PhPeer;

#define PH_TYPE_PEER (ph_peer_get_type ())
GType   ph_peer_get_type (void) G_GNUC_CONST;
PhPeer *ph_peer_new (const char *address,
                     guint16     port);
PhPeer *ph_peer_ref (PhPeer *self);
void    ph_peer_unref (PhPeer *self);

/* Whom a numeric address stands for: itself, or its /64 in IPv6, which one household has for itself
 * ("2001:0db8:0000:0001::/64"; taken too).  NULL where it is none.  Transfer full. */
char *ph_peer_dup_network (const char *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhPeer, ph_peer_unref)

G_END_DECLS
