#pragma once

#include "ph-net-error.h"

#include <glib-object.h>
#include <gnutls/gnutls.h>

G_BEGIN_DECLS

#define PH_TYPE_TLS_SERVER (ph_tls_server_get_type ())
G_DECLARE_FINAL_TYPE (PhTlsServer, ph_tls_server, PH, TLS_SERVER, GObject)

/* TLS 1.2 and 1.3 with forward secrecy, and nothing older (V31). */
#define PH_TLS_PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:%SERVER_PRECEDENCE"

/**
 * PhTlsServer:
 *
 * The certificate, key, priorities and ticket key that our listeners show to
 * their clients.  Immutable; to change the certificate make a new one and give
 * it to the listeners: running connections keep theirs.  Shared by reference.
 */

/* From PEM files: a chain, server's certificate first, and its key.  A key file that
 * others can read is refused.  `priority` NULL for PH_TLS_PRIORITY.  Blocks (reads
 * files): call it from a worker or at start.
 * NULL with PH_NET_ERROR_CERTIFICATE and a message that says which file and why. */
PhTlsServer *ph_tls_server_new (const char *certificate_file,
                                const char *key_file,
                                const char *priority,
                                GError    **error);

/* The same, making a self-signed pair first (ph_tls_certificate_make()) where neither
 * file exists.  Blocks. */
PhTlsServer *ph_tls_server_new_or_make (const char        *certificate_file,
                                        const char        *key_file,
                                        const char *const *names,
                                        gint64             now,
                                        GError           **error);

/* Real time in microseconds. */
gint64 ph_tls_server_get_expiry (PhTlsServer *self);

/* SHA-256 of the certificate: "AB:CD:…". Borrowed. */
const char *ph_tls_server_get_fingerprint (PhTlsServer *self);

/* TRUE where issuer and subject are the same. */
gboolean ph_tls_server_is_self_signed (PhTlsServer *self);

/* For PhConnection: a non-blocking server session.  `alpn` is the one protocol name to
 * accept where the client offers names ("imap"; V40), NULL for any.  The caller frees it
 * with gnutls_deinit() and keeps `self` alive until then. */
gnutls_session_t ph_tls_server_create_session (PhTlsServer *self,
                                               const char  *alpn);

G_END_DECLS
