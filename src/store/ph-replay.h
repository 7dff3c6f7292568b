#pragma once

#include "ph-accepted.h"
#include "ph-store-shared.h"

G_BEGIN_DECLS

/* Blocks: gives each mailbox of an accepted message what a crash kept from it, once (the
 * table "delivered" of each account's index says what it has).  An account that is gone
 * from the disk is made again: its mail was accepted. `now`: microseconds. */
gboolean ph_replay_mailboxes (PhStoreShared    *shared,
                              const PhAccepted *accepted,
                              gint64            now,
                              GError          **error);

G_END_DECLS
