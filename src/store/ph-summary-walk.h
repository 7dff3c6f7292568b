#pragma once

#include "ph-summary-keep.h"

G_BEGIN_DECLS

/**
 * PhSummaryWalk:
 *
 * The ENVELOPEs and references of a folder's messages, one after the other, as the index keeps
 * them: out of memory, or read ahead in batches, so that the index is never locked for long, and
 * made from the file where it has none.  For one thread at a time; blocks.  Owned by whoever walks.
 */
typedef struct _PhSummaryWalk PhSummaryWalk;

/* Borrowed until the next call; `references` are ids in "<" and ">", never NULL. */
typedef struct
{
  const char *envelope;
  gsize       length;
  const char *references;
} PhSummaryWalkItem;

/* Of the mailbox's folder; the account must outlive it. */
PhSummaryWalk *ph_summary_walk_new (PhMailbox *mailbox);
void           ph_summary_walk_free (PhSummaryWalk *self);

/* Fastest where UIDs ascend.  FALSE where the message can't be read. */
gboolean ph_summary_walk_find (PhSummaryWalk     *self,
                               guint32            uid,
                               PhSummaryWalkItem *item);

/* Of its folder; borrowed. */
PhFolderCache *ph_summary_walk_get_cache (PhSummaryWalk *self);

/* What was made on the way, for ph_mailbox_keep_summaries(); borrowed. */
GPtrArray *ph_summary_walk_get_made (PhSummaryWalk *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhSummaryWalk, ph_summary_walk_free)

G_END_DECLS
