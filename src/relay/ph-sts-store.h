#pragma once

#include "ph-send-context.h"
#include "ph-sts-policy.h"

G_BEGIN_DECLS

/* Domains in memory: what is not there is read from its file. */
#define PH_STS_STORE_MAX 1000

/* Seconds: what DNS has said of a domain counts for so long; a policy is fetched anew after so long, though its id
 * is the same; and where that failed, not again before (RFC 8461 sections 3.3, 10.2). */
#define PH_STS_CHECKED_SECONDS 60
#define PH_STS_REFRESH_SECONDS (24 * 60 * 60)
#define PH_STS_RETRY_SECONDS 300

#define PH_TYPE_STS_STORE (ph_sts_store_get_type ())
G_DECLARE_FINAL_TYPE (PhStsStore, ph_sts_store, PH, STS_STORE, GObject)

/**
 * PhStsStore:
 *
 * The MTA-STS policies of the domains that mail goes to: finds out by DNS whether there is a new one, fetches
 * it, and keeps it for as long as it says, in a file for each domain too, so that nobody who holds back DNS or
 * HTTPS can make us forget it (V33).  Each domain is asked about once at a time, whoever waits.
 * Owned by the dispatcher.
 */
PhStsStore *ph_sts_store_new (PhSendContext *context); /* borrowed until the stop */

/* What runs ends soon, without a policy; nothing may be asked from here on. */
void ph_sts_store_stop (PhStsStore *self);

/* `domain` is canonical, and no literal.  NULL where no policy is in force; the journal is told what came of it. */
void         ph_sts_store_find_async (PhStsStore         *self,
                                      const char         *domain,
                                      PhJournalSession   *journal,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data);
PhStsPolicy *ph_sts_store_find_finish (PhStsStore   *self,
                                       GAsyncResult *result);

G_END_DECLS
