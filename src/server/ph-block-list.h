#pragma once

#include "ph-clock.h"
#include "ph-settings.h"

G_BEGIN_DECLS

/* Addresses that can be blocked at a time. */
#define PH_BLOCK_LIST_MAX 1000

#define PH_TYPE_BLOCK (ph_block_get_type ())
G_DECLARE_FINAL_TYPE (PhBlock, ph_block, PH, BLOCK, GObject)

/**
 * PhBlock:
 *
 * An address that no service talks to; immutable.  Properties: address (string: as
 * ph_peer_dup_network() makes it, so a /64 of IPv6), until (int64 real µs, 0 for good).
 */
const char *ph_block_get_address (PhBlock *self);
gint64      ph_block_get_until (PhBlock *self);

#define PH_TYPE_BLOCK_LIST (ph_block_list_get_type ())
G_DECLARE_FINAL_TYPE (PhBlockList, ph_block_list, PH, BLOCK_LIST, GObject)

/**
 * PhBlockList:
 *
 * Whom a person has blocked: a GListModel of PhBlock, the latest first.  Kept in the
 * settings (property "blocked"); what is over goes by itself.  Owned by PhServer.
 */
PhBlockList *ph_block_list_new (PhSettings *settings,
                                PhClock    *clock);

/* `seconds` 0: for good.  Takes the place of what was said of it before.  FALSE where it is no address, or
 * PH_BLOCK_LIST_MAX are blocked. */
gboolean ph_block_list_add (PhBlockList *self,
                            const char  *address,
                            guint        seconds);

/* FALSE where it is not blocked. */
gboolean ph_block_list_remove (PhBlockList *self,
                               const char  *address);

/* Borrowed, NULL where it is not blocked. */
PhBlock *ph_block_list_find (PhBlockList *self,
                             const char  *address);

G_END_DECLS
