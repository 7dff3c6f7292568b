#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_QUEUE_ROW (ph_queue_row_get_type ())
G_DECLARE_FINAL_TYPE (PhQueueRow, ph_queue_row, PH, QUEUE_ROW, AdwBin)

/**
 * PhQueueRow:
 *
 * A message of the queue: state, for whom, about what, its tries and the next one,
 * the last reply.  Property: item (an object with the properties that
 * relay/ph-queue-item.h documents).
 */

G_END_DECLS
