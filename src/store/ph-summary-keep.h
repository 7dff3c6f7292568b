#pragma once

#include "ph-mailbox-private.h"
#include "ph-summary.h"

G_BEGIN_DECLS

/* Summaries that the index had not: made from the file of a message by whoever needs one, and
 * then kept, so that it happens once. */

typedef struct
{
  gint64    object;
  PhSummary summary;
} PhMadeSummary;

/* Any thread; blocks.  NULL where the message can't be read. */
PhMadeSummary *ph_made_summary_read (PhStoreShared *shared,
                                     PhIndexQueue  *queue,
                                     gint64         folder,
                                     guint32        uid);
void           ph_made_summary_free (gpointer made);

/* Main context: writes `made` (of PhMadeSummary) to the index, in the background. */
void ph_mailbox_keep_summaries (PhMailbox *self,
                                GPtrArray *made);

G_END_DECLS
