#pragma once

#include "ph-net-error.h"
#include "ph-poller.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define PH_CONNECTOR_SECONDS 30 /* S17 */

/* Connects to a numeric address without blocking, with a time limit of
 * PH_CONNECTOR_SECONDS.  Finish gives a connected socket for
 * ph_connection_new_outgoing() (transfer full).  Errors: PH_NET_ERROR_UNREACHABLE
 * (refused, no route), _TIMED_OUT, _FAILED, with why in a few English words that have a
 * translation; G_IO_ERROR_CANCELLED. */
void     ph_connector_connect_async (PhPoller           *poller,
                                     const char         *address,
                                     guint16             port,
                                     GCancellable       *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data);
GSocket *ph_connector_connect_finish (GAsyncResult *result,
                                      GError      **error);

G_END_DECLS
