#pragma once

#include "ph-queue-entry.h"
#include "ph-queue-item.h"

G_BEGIN_DECLS

/* For PhQueueList.  Knows its id and state; the rest comes with the first update. */
PhQueueItem *ph_queue_item_new (const char  *id,
                                PhQueueState state,
                                gboolean     bad);
void         ph_queue_item_set_state (PhQueueItem *self,
                                      PhQueueState state);
void         ph_queue_item_update (PhQueueItem        *self,
                                   const PhQueueEntry *entry,
                                   const char         *subject); /* NULL leaves what is known */

G_END_DECLS
