#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_QUEUE_DETAILS (ph_queue_details_get_type ())
G_DECLARE_FINAL_TYPE (PhQueueDetails, ph_queue_details, PH, QUEUE_DETAILS, AdwWindow)

/**
 * PhQueueDetails:
 *
 * One queued message with each of its recipients, kept up to date while it is open.
 * `item` has the properties of a PhQueueItem (relay/ph-queue-item.h).
 */
GtkWidget *ph_queue_details_new (GObject   *item,
                                 GtkWindow *parent);

G_END_DECLS
