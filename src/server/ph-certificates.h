#pragma once

#include "ph-clock.h"
#include "ph-settings.h"
#include "ph-tls-server.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

#define PH_TYPE_CERTIFICATES (ph_certificates_get_type ())
G_DECLARE_FINAL_TYPE (PhCertificates, ph_certificates, PH, CERTIFICATES, GObject)

/* After so long it looks whether something is to be renewed. */
#define PH_CERTIFICATES_INTERVAL ((gint64)6 * 3600 * G_USEC_PER_SEC)

/* A file that changed is read after so long: tools write two of them. */
#define PH_CERTIFICATES_SETTLE (G_USEC_PER_SEC)

/* An own certificate that ends sooner is worth a word. */
#define PH_CERTIFICATES_WARN_DAYS 14

/**
 * PhCertificates:
 *
 * Which certificates the services show: the user's own where the settings name them,
 * else one of the local authority, made and renewed by itself.  Reads them on a worker,
 * and again when a file, a setting or the time changes; what can't be used never replaces
 * what is in use.  Owned by PhServer.  Property: attention (string or NULL: what is wrong
 * with them).  Signal "changed": there is another PhTlsServer, for new connections.
 */
PhCertificates *ph_certificates_new (PhSettings   *settings,
                                     const char   *directory, /* of the local authority */
                                     PhClock      *clock,
                                     PhWorkerPool *workers);

/* Reads them now. FALSE where there is none to use, with PH_NET_ERROR_CERTIFICATE. */
void     ph_certificates_load_async (PhCertificates     *self,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data);
gboolean ph_certificates_load_finish (PhCertificates *self,
                                      GAsyncResult   *result,
                                      GError        **error);

/* Whether a certificate can be used: readable, with its key, within its dates. */
void     ph_certificates_check_async (PhCertificates     *self,
                                      const PhTlsSource  *source,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data);
gboolean ph_certificates_check_finish (PhCertificates *self,
                                       GAsyncResult   *result,
                                       GError        **error);

/* Borrowed; NULL before the first load. */
PhTlsServer *ph_certificates_get_tls (PhCertificates *self);

/* The authority's certificate in DER.  Borrowed; NULL where none is in use. */
GBytes *ph_certificates_get_authority (PhCertificates *self);

const char *ph_certificates_get_attention (PhCertificates *self);

/* The name that clients should find in it.  Borrowed. */
const char *ph_certificates_get_host_name (PhCertificates *self);

G_END_DECLS
