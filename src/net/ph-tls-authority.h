#pragma once

#include "ph-net-error.h"

G_BEGIN_DECLS

/* How long a certificate that the authority signed is good, and from when on a new one
 * is made; and the same for the authority itself, which people have to trust anew. */
#define PH_TLS_SERVER_DAYS 397
#define PH_TLS_SERVER_RENEW_DAYS 30
#define PH_TLS_AUTHORITY_DAYS (10 * 365)
#define PH_TLS_AUTHORITY_RENEW_DAYS PH_TLS_SERVER_DAYS

/* The files of a directory: the authority and what it signed. */
#define PH_TLS_AUTHORITY_CERTIFICATE "authority.crt"
#define PH_TLS_AUTHORITY_KEY "authority.key"
#define PH_TLS_SERVER_CERTIFICATE "server.crt"
#define PH_TLS_SERVER_KEY "server.key"

/* The local authority: a certificate that signs this server's own and nothing else, so
 * that a client that trusts it once takes each renewed certificate.
 *
 * Makes in `directory` what is not there, unusable, about to expire or (for the server's)
 * not signed by the authority or without one of the names: keys of ECDSA P-256, mode
 * 0600; each file replaced whole, a key before its certificate.  `names` (NULL-terminated,
 * the host name first) are host names and numeric addresses beside localhost, 127.0.0.1
 * and ::1.  `now` is real time in microseconds.  Blocks (keys, fsync): for a worker.
 * FALSE with PH_NET_ERROR_CERTIFICATE. */
gboolean ph_tls_authority_ensure (const char        *directory,
                                  const char *const *names,
                                  gint64             now,
                                  GError           **error);

/* The authority's certificate in DER; NULL where there is none.  Blocks. */
GBytes *ph_tls_authority_load (const char *directory);

G_END_DECLS
