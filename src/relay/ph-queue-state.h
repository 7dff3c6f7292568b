#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of one recipient; of a message, that of the recipient who comes first in this list. */
typedef enum {
  PH_QUEUE_DUE, /* waits for a free sender */
  PH_QUEUE_TRYING,
  PH_QUEUE_DEFERRED, /* tried; waits for its next time */
  PH_QUEUE_HELD,     /* until somebody releases it */
  PH_QUEUE_GUARDED,  /* kept back by the egress guard */
  PH_QUEUE_DONE,     /* delivered, for a recipient; the item goes when all are done or failed */
  PH_QUEUE_FAILED,   /* given up: reported to the sender, kept under bad/ */
} PhQueueState;

/* The due time of what waits for somebody, not for a time. */
#define PH_QUEUE_NEVER G_MAXINT64

/* In ID.env: "due", "trying", … */
const char *ph_queue_state_to_word (PhQueueState state);

/* PH_QUEUE_DUE for what is not known. */
PhQueueState ph_queue_state_from_word (const char *word);

G_END_DECLS
