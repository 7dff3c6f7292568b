#pragma once

#include "ph-imap-parser.h"
#include "ph-imap-view.h"
#include "ph-search.h"

G_BEGIN_DECLS

/* The program of a SEARCH (RFC 3501 6.4.4, with WITHIN and SAVEDATE).  Functions only. */

#define PH_IMAP_SEARCH_DEPTH_MAX 50
#define PH_IMAP_SEARCH_KEYS_MAX 1000

/* What keys may ask for besides finding. */
typedef enum {
  PH_IMAP_SEARCH_USES_MODSEQ = 1 << 0, /* the result tells of it (RFC 7162 3.1.5) */
  PH_IMAP_SEARCH_IS_FUZZY = 1 << 1,    /* the result has scores (RFC 6203) */
  PH_IMAP_SEARCH_WANDERS = 1 << 2,     /* the result is another one later, without any change */
} PhImapSearchTraits;

/* Takes all keys up to the end; sequence numbers become UIDs of `view`.  NULL and
 * a mistake in the parser.  Iterative: depth is a counter, not stack (V06).  `exact`: FUZZY
 * (RFC 6203) changes nothing; else the words of a text under it may stand anywhere. */
PhSearchKey *ph_imap_search_key_take (PhImapParser *parser,
                                      PhImapView   *view,
                                      gboolean      exact,
                                      guint        *traits);

G_END_DECLS
