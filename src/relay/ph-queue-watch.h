#pragma once

#include "ph-poller.h"

G_BEGIN_DECLS

/**
 * PhQueueWatch:
 *
 * Sees what other programs put into the relay directory, as they do it, so that nobody has to
 * look through all of it again and again.  Owned by the relay.
 */
typedef struct _PhQueueWatch PhQueueWatch;

/* `id`: a file of this message was written or has come, by whomever; NULL: so much happened that
 * the directory must be read. */
typedef void (*PhQueueWatchFunc) (const char *id,
                                  gpointer    user_data);

/* NULL where the system can't: then only reading helps. */
PhQueueWatch *ph_queue_watch_new (PhPoller        *poller,
                                  const char      *path,
                                  PhQueueWatchFunc changed,
                                  gpointer         user_data);
void          ph_queue_watch_free (PhQueueWatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhQueueWatch, ph_queue_watch_free)

G_END_DECLS
