#pragma once

#include "ph-listener.h"
#include "ph-service-rules.h"
#include "ph-service.h"
#include "ph-settings-keys.h"

G_BEGIN_DECLS

/* What only PhServer does with a service. */

/* `make_session` with `user_data` as for a listener; `alpn` and `farewell` (or NULL)
 * are the protocol's.  Static strings. */
PhService *ph_service_new (const PhSettingsService *row,
                           PhPoller                *poller,
                           const char              *alpn,
                           const char              *farewell,
                           PhListenerSessionFunc    make_session,
                           gpointer                 user_data);

/* What the settings say.  Takes effect at the next start. */
void ph_service_configure (PhService  *self,
                           gboolean    enabled,
                           const char *address,
                           guint16     port);

gboolean ph_service_is_configured (PhService  *self,
                                   gboolean    enabled,
                                   const char *address,
                                   guint16     port);

/* How it treats its clients: those who come from now on. */
void ph_service_set_rules (PhService            *self,
                           const PhServiceRules *rules);

/* Whether it is of no use without a certificate. */
gboolean ph_service_needs_tls (PhService *self);

/* For connections from now on. */
void ph_service_set_tls (PhService   *self,
                         PhTlsServer *tls);

/* Who is sent away, as for a listener. */
void ph_service_set_refuse (PhService            *self,
                            PhListenerRefuseFunc  refuse,
                            PhListenerRefusedFunc refused,
                            gpointer              user_data);

/* Listens, or becomes PH_SERVICE_FAILED with a reason.  Nothing if it runs. */
void ph_service_start (PhService   *self,
                       PhTlsServer *tls);

/* Without listening: it could not get so far. */
void ph_service_fail (PhService  *self,
                      const char *reason);

/* Done when no session is left; at once where it does not run. */
void     ph_service_stop_async (PhService          *self,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);
gboolean ph_service_stop_finish (PhService    *self,
                                 GAsyncResult *result,
                                 GError      **error);

G_END_DECLS
