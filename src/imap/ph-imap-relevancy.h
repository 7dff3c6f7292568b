#pragma once

#include "ph-imap-return.h"
#include "ph-search.h"

G_BEGIN_DECLS

/**
 * PhImapRelevancy:
 *
 * How well what a FUZZY search found fits (RFC 6203 4): a message that would have been found
 * without FUZZY has the full score, one that has the words somewhere has half of it.  Part of
 * a SEARCH or SORT.
 */
typedef struct
{
  PhSearchKey *key;   /* the search without FUZZY, to be run over what was found; NULL: nobody asks */
  GArray      *exact; /* of guint32, ascending: what that found; or NULL */
} PhImapRelevancy;

void ph_imap_relevancy_clear (PhImapRelevancy *self);

guint8 ph_imap_relevancy_get_score (const GArray *exact,
                                    guint32       uid);

/* One for each; NULL where nobody asks.  Transfer full. */
guint8 *ph_imap_relevancy_dup_scores (const PhImapRelevancy *self,
                                      const GArray          *uids);

G_END_DECLS
