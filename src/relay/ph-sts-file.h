#pragma once

#include "ph-sts-policy.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

/* The MTA-STS policy of a domain on disk: a key file with the text, its id and when it was fetched, named after the domain below `folder`
 * (0600, in 0700), so that nobody who holds back DNS or HTTPS can make us forget it (V33).  Written and read by `workers`. */

/* Later; a failure is logged. */
void ph_sts_file_write (PhWorkerPool *workers,
                        const char   *folder,
                        const char   *domain,
                        const char   *id,
                        gint64        fetched, /* seconds since 1970 */
                        GBytes       *policy);

void ph_sts_file_read_async (PhWorkerPool       *workers,
                             const char         *folder,
                             const char         *domain,
                             GAsyncReadyCallback callback,
                             gpointer            user_data);

/* NULL where there is none that can be understood, is that domain's, and was fetched before `now`; else with its *id, transfer full. */
PhStsPolicy *ph_sts_file_read_finish (GAsyncResult *result,
                                      gint64        now,
                                      char        **id,
                                      gint64       *fetched);

G_END_DECLS
