#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_RECIPIENT_ROW (ph_recipient_row_get_type ())
G_DECLARE_FINAL_TYPE (PhRecipientRow, ph_recipient_row, PH, RECIPIENT_ROW, AdwActionRow)

/**
 * PhRecipientRow:
 *
 * One recipient of a queued message.  `recipient` has the properties of a
 * PhQueueRecipient (relay/ph-queue-item.h).
 */
GtkWidget *ph_recipient_row_new (GObject *recipient);

G_END_DECLS
