#pragma once

#include "ph-net-error.h"

#include <glib-object.h>
#include <gnutls/gnutls.h>

G_BEGIN_DECLS

#define PH_TYPE_TLS_SERVER (ph_tls_server_get_type ())
G_DECLARE_FINAL_TYPE (PhTlsServer, ph_tls_server, PH, TLS_SERVER, GObject)

/* TLS 1.2 and 1.3 with forward secrecy, and nothing older (V31). */
#define PH_TLS_PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-SHA1:-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:%SERVER_PRECEDENCE"

/* Certificates of one server; each SNI name is looked up in them and nowhere else (V32). */
#define PH_TLS_SERVER_CERTIFICATES_MAX 100

/* Where a certificate is. */
typedef struct
{
  const char *certificate_file; /* PEM: a chain, the server's first; or PKCS#12, with the key in it */
  const char *key_file;         /* PEM; NULL or "" where it is in the file above */
  const char *password;         /* of the key; NULL or "" for none */
} PhTlsSource;

/**
 * PhTlsServer:
 *
 * The certificates, keys, priorities and ticket key that our listeners show to their
 * clients.  Of several certificates the one is shown that has the name the client
 * asked for (SNI) and a kind of key that it takes; the first, where none has.  Its
 * certificates never change: to change them make a new one and give it to the listeners:
 * running connections keep theirs.  Shared by reference.
 */

/* At least one source.  A key file that others can read is refused, as is a key that
 * does not belong to its certificate.  `priority` NULL for PH_TLS_PRIORITY.  Blocks (reads
 * files): call it from a worker.
 * NULL with PH_NET_ERROR_CERTIFICATE and a message that says which file and why. */
PhTlsServer *ph_tls_server_new (const PhTlsSource *sources,
                                guint              n_sources,
                                const char        *priority,
                                GError           **error);

/* What clients will find wrong with the first certificate: a sentence, or NULL.  It has
 * expired or is not good yet (*is_out_of_date), or is not for `name`. */
char *ph_tls_server_find_fault (PhTlsServer *self,
                                const char  *name,
                                gint64       now,
                                gboolean    *is_out_of_date);

/* Of the first certificate.  Real time in microseconds. */
gint64 ph_tls_server_get_expiry (PhTlsServer *self);

/* Of the first certificate: SHA-256, "AB:CD:…". Borrowed. */
const char *ph_tls_server_get_fingerprint (PhTlsServer *self);

/* What identifies all of them, to see whether they are others. Borrowed. */
const char *ph_tls_server_get_identity (PhTlsServer *self);

/* TRUE where issuer and subject of the first are the same. */
gboolean ph_tls_server_is_self_signed (PhTlsServer *self);

/* Whether clients are asked for a certificate of theirs, which they need not have.  Not
 * unless set: some bother their user with the question. */
void ph_tls_server_ask_certificates (PhTlsServer *self,
                                     gboolean     ask);

/* For PhConnection: a non-blocking server session.  `alpn` is the one protocol name to
 * accept where the client offers names ("imap"; V40), NULL for any.  The caller frees it
 * with gnutls_deinit() and keeps `self` alive until then. */
gnutls_session_t ph_tls_server_create_session (PhTlsServer *self,
                                               const char  *alpn);

G_END_DECLS
