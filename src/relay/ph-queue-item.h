#pragma once

#include <gio/gio.h>

#include "ph-queue-state.h"

G_BEGIN_DECLS

#define PH_TYPE_QUEUE_RECIPIENT (ph_queue_recipient_get_type ())
G_DECLARE_FINAL_TYPE (PhQueueRecipient, ph_queue_recipient, PH, QUEUE_RECIPIENT, GObject)

/**
 * PhQueueRecipient:
 *
 * One recipient of a queued message.  Properties, read-only, notified:
 *   address (string), state (uint: PhQueueState), tries (uint), next-try (int64 real µs,
 *   0 for none), last-reply (string or NULL), route (string or NULL: "mx1.example.org, TLS1.3").
 */

#define PH_TYPE_QUEUE_ITEM (ph_queue_item_get_type ())
G_DECLARE_FINAL_TYPE (PhQueueItem, ph_queue_item, PH, QUEUE_ITEM, GObject)

/**
 * PhQueueItem:
 *
 * One message in the relay directory (ID.eml with ID.env) or under bad/, made when somebody
 * asks the list for it; what its file says comes a moment later, notified.
 * Properties, read-only, notified:
 *   id (string), sender (string, "" for none), subject (string or NULL), size (uint64),
 *   arrived (int64 real µs), state (uint: PhQueueState, of the recipient that is soonest),
 *   tries (uint), next-try (int64), last-reply (string or NULL), recipients (GListModel of
 *   PhQueueRecipient), summary (string: "bob@example.org and 2 more"), bad (boolean).
 */
const char *ph_queue_item_get_id (PhQueueItem *self);

G_END_DECLS
