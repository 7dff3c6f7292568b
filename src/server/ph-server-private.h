#pragma once

#include "ph-server.h"
#include "ph-store.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

/* For the parts of PhServer. Borrowed. */
PhStore      *ph_server_get_store (PhServer *self);
PhWorkerPool *ph_server_get_workers (PhServer *self);

G_END_DECLS
