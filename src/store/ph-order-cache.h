#pragma once

#include "ph-sort.h"

G_BEGIN_DECLS

/* Orders of one folder that are remembered. */
#define PH_ORDER_CACHE_MAX 4

/**
 * PhOrderCache:
 *
 * The last results of SORT and THREAD in an open folder.  The keys of a message never change:
 * an order that was computed for many messages is right for some of them; threads are right
 * for the very same messages only.  Owned by the PhMailbox.  Main context only.
 */
typedef struct _PhOrderCache PhOrderCache;

PhOrderCache *ph_order_cache_new (void);
void          ph_order_cache_free (PhOrderCache *self);

/* `uids` in their order, ascending in `uids`; NULL: not known.  Transfer full. */
GArray *ph_order_cache_find (PhOrderCache *self,
                             const GArray *criteria, /* of PhSortCriterion */
                             const GArray *uids);
void    ph_order_cache_add (PhOrderCache *self,
                            GArray       *criteria,
                            const GArray *sorted);

/* Array of PhThreadNode, or NULL.  Transfer full. */
GArray *ph_order_cache_find_threads (PhOrderCache     *self,
                                     PhThreadAlgorithm algorithm,
                                     const GArray     *uids);
void    ph_order_cache_add_threads (PhOrderCache     *self,
                                    PhThreadAlgorithm algorithm,
                                    GArray           *uids,
                                    GArray           *nodes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhOrderCache, ph_order_cache_free)

G_END_DECLS
