#pragma once

#include "ph-accounts.h"
#include "ph-store.h"

G_BEGIN_DECLS

/* Tells the store each account's quota, now and whenever one changes, as long as both
 * live.  The store holds it against deliveries, APPEND and COPY alike. */
void ph_quotas_follow (PhAccounts *accounts,
                       PhStore    *store);

G_END_DECLS
