#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_QUEUE_VIEW (ph_queue_view_get_type ())
G_DECLARE_FINAL_TYPE (PhQueueView, ph_queue_view, PH, QUEUE_VIEW, AdwBin)

/**
 * PhQueueView:
 *
 * Mail on its way to others, and mail that could not be delivered.  It changes
 * nothing itself: the signal "queue-action" (string: id, uint: PhQueueAction) asks, and the
 * window's action "win.reroute" (strings: ids).
 * Actions work on all chosen rows; what destroys mail asks first.
 */

/* Models of objects with the properties that relay/ph-queue-item.h documents. */
void ph_queue_view_set_models (PhQueueView *self,
                               GListModel  *queue,
                               GListModel  *bad);

G_END_DECLS
