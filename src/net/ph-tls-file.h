#pragma once

#include "ph-net-error.h"

#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* Files of certificates and keys.  All block; FALSE with PH_NET_ERROR_CERTIFICATE and a
 * message that names the file. */

/* Larger than any sane chain; a file above it is not a certificate. */
#define PH_TLS_FILE_MAX (1024 * 1024)

gboolean ph_tls_file_load (const char     *file,
                           gnutls_datum_t *datum,
                           GError        **error);

/* Overwrites and frees what was loaded. */
void ph_tls_file_clear (gnutls_datum_t *datum);

/* Replaces the file as a whole, and waits until it is on disk. */
gboolean ph_tls_file_save (const char           *file,
                           const gnutls_datum_t *datum,
                           int                   mode,
                           GError              **error);

/* FALSE for a key that everybody can read or write. */
gboolean ph_tls_file_check_private (const char *file,
                                    GError    **error);

G_END_DECLS
