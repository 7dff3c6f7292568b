#pragma once

#include "ph-mail-item.h"
#include "ph-mailbox.h"

G_BEGIN_DECLS

/* What only PhMailList does with its items. */

typedef void (*PhMailItemGoneFunc) (guint32  uid,
                                    gpointer user_data);

/* `gone` is called when the last one lets go of it. */
PhMailItem *ph_mail_item_new (const PhMessageInfo *info,
                              PhMailItemGoneFunc   gone,
                              gpointer             user_data);

/* The list goes first. */
void ph_mail_item_disown (PhMailItem *self);

/* Tells of flags that changed. */
void ph_mail_item_update (PhMailItem          *self,
                          const PhMessageInfo *info);

/* What the store knows of it; NULL where it could not be read. */
void ph_mail_item_take_summary (PhMailItem             *self,
                                const PhMessageSummary *summary);

G_END_DECLS
