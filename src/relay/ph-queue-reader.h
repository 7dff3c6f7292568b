#pragma once

#include "ph-clock.h"
#include "ph-queue-directory.h"
#include "ph-queue-list.h"

G_BEGIN_DECLS

#define PH_TYPE_QUEUE_READER (ph_queue_reader_get_type ())
G_DECLARE_FINAL_TYPE (PhQueueReader, ph_queue_reader, PH, QUEUE_READER, GObject)

/**
 * PhQueueReader:
 *
 * Reads what the items of a list show.  However fast somebody scrolls or asks, only a few
 * files are read at once, the newest wish first, and none for an item that is gone when its
 * turn comes: mail that is to be sent needs the same threads.  Owned by the relay; main
 * context only.
 */
PhQueueReader *ph_queue_reader_new (PhQueueList      *list,
                                    PhQueueFolder     folder,
                                    PhQueueDirectory *directory,
                                    PhClock          *clock);

/* Nothing is read from here on; the list may live longer. */
void ph_queue_reader_stop (PhQueueReader *self);

G_END_DECLS
