#pragma once

#include "ph-mailbox.h"

G_BEGIN_DECLS

/* Stretches of `uids` (of guint32, ascending) that are no longer in the mailbox: an array
 * of guint, the place of the first and how many, one pair after the other, ascending. */
GArray *ph_mail_gaps_find (GArray    *uids,
                           PhMailbox *mailbox);

G_END_DECLS
