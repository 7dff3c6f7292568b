#pragma once

#include "ph-poller.h"
#include "ph-service-answer.h"
#include "ph-service-probe.h"
#include "ph-worker-pool.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* All of it, from the first packet to the goodbye. */
#define PH_SERVICE_TEST_SECONDS 10

/* What is tested; copied. */
typedef struct
{
  PhServiceProtocol protocol;
  const char       *address; /* numeric, as it is listened on: of "0.0.0.0" and "::" the loopback is tried */
  guint16           port;
  gboolean          implicit_tls;
  const char       *host_name; /* to be in the certificate */
  GBytes           *authority; /* in DER, who is to have signed it; NULL: those that the system trusts */
} PhServiceTarget;

/* Connects as a client would, and says what came of it: see PhServiceAnswer.  What a client could not
 * use is such an answer, too; the only error is G_IO_ERROR_CANCELLED.  Certificates are verified on
 * `workers`.  Transfer full. */
void             ph_service_test_async (PhPoller              *poller,
                                        PhWorkerPool          *workers,
                                        PhClock               *clock,
                                        const PhServiceTarget *target,
                                        GCancellable          *cancellable,
                                        GAsyncReadyCallback    callback,
                                        gpointer               user_data);
PhServiceAnswer *ph_service_test_finish (GAsyncResult *result,
                                         GError      **error);

G_END_DECLS
