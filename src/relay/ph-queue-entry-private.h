#pragma once

#include "ph-queue-entry.h"

G_BEGIN_DECLS

/* For the reader of ID.env.  `addressee`: taken. */
PhQueueEntry *ph_queue_entry_new_empty (const char *id);
void          ph_queue_entry_add (PhQueueEntry     *self,
                                  PhQueueAddressee *addressee);

G_END_DECLS
