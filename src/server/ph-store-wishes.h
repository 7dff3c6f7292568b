#pragma once

#include "ph-accounts.h"
#include "ph-store.h"

G_BEGIN_DECLS

/* Tells the store each account's quota, and whether its texts are to be indexed, now and
 * whenever that changes, as long as both live.  The store holds the quota against deliveries,
 * APPEND and COPY alike. */
void ph_store_wishes_follow (PhAccounts *accounts,
                             PhStore    *store);

G_END_DECLS
