#pragma once

#include "ph-queue-item.h"

G_BEGIN_DECLS

/* For PhRelay.  Copies; `recipients` NULL-terminated. */
PhQueueItem *ph_queue_item_new (const char        *id,
                                const char        *sender,
                                const char *const *recipients,
                                guint64            size,
                                gint64             arrived);
void         ph_queue_item_set_state (PhQueueItem *self,
                                      PhQueueState state);
PhQueueState ph_queue_item_get_state (PhQueueItem *self);

G_END_DECLS
