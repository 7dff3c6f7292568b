#pragma once

#include "ph-store-shared.h"
#include "ph-store.h"

G_BEGIN_DECLS

PhStoreShared *ph_store_get_shared (PhStore *self);

G_END_DECLS
