#pragma once

#include "ph-worker-pool.h"

G_BEGIN_DECLS

/* For all of it: what takes longer is given up (RFC 8461 section 3.3). */
#define PH_STS_FETCH_SECONDS 60

/* Where a policy is: "mta-sts.example.org", and its addresses, which have been found fine to connect to; nobody else is asked for them. */
typedef struct
{
  const char        *host;
  const char *const *addresses; /* numeric, NULL-terminated */
  guint16            port;
  const char        *authorities; /* a PEM file; NULL: those of the system */
} PhStsSource;

/* The text of a policy by HTTPS, at most PH_STS_POLICY_MAX bytes of text/plain, from a host whose certificate is good; redirects are
 * not followed.  Runs on a worker, which it holds for as long as it takes: cancel it then.  NULL with an error that says why. */
void    ph_sts_fetch_async (PhWorkerPool       *workers,
                            const PhStsSource  *source,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data);
GBytes *ph_sts_fetch_finish (GAsyncResult *result,
                             GError      **error);

G_END_DECLS
