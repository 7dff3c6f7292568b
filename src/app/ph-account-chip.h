#pragma once

#include <gtk/gtk.h>

#include "ph-session-list.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT_CHIP (ph_account_chip_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountChip, ph_account_chip, PH, ACCOUNT_CHIP, GtkWidget)

/**
 * PhAccountChip:
 *
 * Lets a person choose one of the accounts that have logged in as the only one whose sessions a
 * list shows; its label is the choice.
 * Property: account (string, "" for any; notified).
 */
void ph_account_chip_set_list (PhAccountChip *self,
                               PhSessionList *list);

G_END_DECLS
