#pragma once

#include "ph-queue-list.h"

G_BEGIN_DECLS

/* The rows that have a due time, the earliest first: a binary heap of pointers, eight bytes
 * for each.  Rows know their places in it, so that they can leave from anywhere. */

/* NULL where it is empty. */
PhQueueRow *ph_due_heap_peek (GPtrArray *heap);

/* Puts it where it belongs by its due time; PH_QUEUE_NEVER: nowhere. */
void ph_due_heap_update (GPtrArray  *heap,
                         PhQueueRow *row);

G_END_DECLS
