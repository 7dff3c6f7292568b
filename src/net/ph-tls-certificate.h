#pragma once

#include "ph-net-error.h"

G_BEGIN_DECLS

/* How long a self-made certificate is good: the longest that all clients take. */
#define PH_TLS_CERTIFICATE_DAYS 825

/* Makes a key (ECDSA P-256) and a self-signed certificate for it, and writes both as
 * PEM, atomically: the key first, mode 0600, then the certificate.  `names` (NULL
 * terminated, or NULL) are further host names and numeric addresses beside this
 * host's name, localhost, 127.0.0.1 and ::1.  `now` is real time in microseconds.
 * Blocks (key generation, fsync): for a worker.
 * FALSE with PH_NET_ERROR_CERTIFICATE. */
gboolean ph_tls_certificate_make (const char        *certificate_file,
                                  const char        *key_file,
                                  const char *const *names,
                                  gint64             now,
                                  GError           **error);

G_END_DECLS
