#pragma once

#include "ph-journal-session.h"
#include "ph-peer.h"

#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* What a TLS handshake came to, for the person at the transcript: version, cipher,
 * group, the name and protocol that were asked for, whose certificates were shown. */

/* After the handshake; `peer` is what ph_transport_describe() made of it. */
void ph_tls_notes_write (gnutls_session_t  tls,
                         PhPeer           *peer,
                         PhJournalSession *journal);

/* SHA-256 of a certificate in DER: "AB:CD:…". */
char *ph_tls_notes_format_fingerprint (const gnutls_datum_t *der);

/* Its subject, names, issuer and last day, in a line. */
char *ph_tls_notes_format_certificate (const gnutls_datum_t *der);

G_END_DECLS
