#pragma once

#include "ph-mailbox.h"
#include "ph-threader.h"

G_BEGIN_DECLS

/* SORT and THREAD (RFC 5256, 5957) of messages that a search found: on a worker, out of the
 * ENVELOPEs that the index keeps.  Functions only. */

typedef enum {
  PH_SORT_ARRIVAL,
  PH_SORT_CC,
  PH_SORT_DATE,
  PH_SORT_DISPLAY_FROM,
  PH_SORT_DISPLAY_TO,
  PH_SORT_FROM,
  PH_SORT_RELEVANCY, /* RFC 6203 6 */
  PH_SORT_SIZE,
  PH_SORT_SUBJECT,
  PH_SORT_TO,
} PhSortKey;

typedef struct
{
  PhSortKey key;
  gboolean  reverse;
} PhSortCriterion;

typedef enum {
  PH_THREAD_ORDEREDSUBJECT,
  PH_THREAD_REFERENCES,
} PhThreadAlgorithm;

/* `criteria` of PhSortCriterion, `uids` of guint32: all arrays are borrowed and kept as long as
 * it takes.  What is equal stays in the order of UIDs.  `relevant`: for PH_SORT_RELEVANCY, those
 * that come first, ascending; or NULL. */
void    ph_mailbox_sort_async (PhMailbox          *self,
                               GArray             *criteria,
                               GArray             *uids,
                               GArray             *relevant,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data);
GArray *ph_mailbox_sort_finish (PhMailbox    *self,
                                GAsyncResult *result,
                                GError      **error); /* of guint32 */

void    ph_mailbox_thread_async (PhMailbox          *self,
                                 PhThreadAlgorithm   algorithm,
                                 GArray             *uids,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);
GArray *ph_mailbox_thread_finish (PhMailbox    *self,
                                  GAsyncResult *result,
                                  GError      **error); /* of PhThreadNode; numbers are UIDs */

G_END_DECLS
