#pragma once

#include "ph-net-error.h"

#include <glib-object.h>
#include <gnutls/gnutls.h>

G_BEGIN_DECLS

#define PH_TYPE_TLS_CLIENT (ph_tls_client_get_type ())
G_DECLARE_FINAL_TYPE (PhTlsClient, ph_tls_client, PH, TLS_CLIENT, GObject)

typedef enum {
  PH_TLS_VERIFY_NONE, /* opportunistic (RFC 7435): any certificate will do */
  PH_TLS_VERIFY_NAME, /* a trusted chain for the name that we wanted */
} PhTlsVerify;

/* Whether these certificates, the server's own first, are what is wanted. */
typedef gboolean (*PhTlsCheckFunc) (const gnutls_datum_t *chain,
                                    guint                 n,
                                    gpointer              user_data);

/**
 * PhTlsClient:
 *
 * What we demand of a server that we connect to.  Immutable and shared by
 * reference: make one for each policy, not for each connection, because loading
 * the system's authorities takes tens of milliseconds.
 */

/* `ca_file` is a PEM file of authorities, NULL for the system's; not read with
 * PH_TLS_VERIFY_NONE.  Blocks where it reads.  NULL with PH_NET_ERROR_CERTIFICATE. */
PhTlsClient *ph_tls_client_new (PhTlsVerify verify,
                                const char *ca_file,
                                GError    **error);

/* Another rule than those two; `destroy` frees its data. */
PhTlsClient *ph_tls_client_new_with_check (PhTlsCheckFunc check,
                                           gpointer       user_data,
                                           GDestroyNotify destroy);

/* For PhConnection: a non-blocking client session for `name`, which is sent as SNI
 * unless it is a numeric address; NULL not with PH_TLS_VERIFY_NAME.  `name` and
 * the client are borrowed until gnutls_deinit(). */
gnutls_session_t ph_tls_client_create_session (PhTlsClient *self,
                                               const char  *name);

G_END_DECLS
