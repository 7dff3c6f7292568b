#pragma once

#include "ph-journal-session.h"
#include "ph-transport.h"

G_BEGIN_DECLS

/* What a TLS handshake came to, for the person at the transcript: version, cipher,
 * group, the name and protocol that were asked for, whose certificates were shown.
 * One note of several lines, so that what was said before and after is parted. */

/* After the handshake; `peer` is what ph_transport_describe() made of it. */
void ph_tls_notes_write (gnutls_session_t  tls,
                         PhPeer           *peer,
                         PhJournalSession *journal);

/* After one that failed, and why. */
void ph_tls_notes_write_failure (PhTransport      *transport,
                                 const char       *why,
                                 PhJournalSession *journal);

/* SHA-256 of a certificate in DER: "AB:CD:…". */
char *ph_tls_notes_format_fingerprint (const gnutls_datum_t *der);

/* Its subject, names, issuer and last day, in a line. */
char *ph_tls_notes_format_certificate (const gnutls_datum_t *der);

G_END_DECLS
