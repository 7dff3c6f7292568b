#pragma once

#include "ph-store-shared.h"
#include "ph-store.h"

G_BEGIN_DECLS

PhStoreShared *ph_store_get_shared (PhStore *self);

/* Blocks: carries out what a crash left, before anything else uses the store; *unqueued:
 * array of PhAccepted that have still to go elsewhere.  `now`: microseconds. */
gboolean ph_store_replay (PhStoreShared *shared,
                          gint64         now,
                          GPtrArray    **unqueued,
                          GError       **error);

G_END_DECLS
