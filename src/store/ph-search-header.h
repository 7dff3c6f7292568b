#pragma once

#include "ph-header.h"
#include "ph-text.h"

G_BEGIN_DECLS

/* What a key for a header field finds in the header itself.  Functions only; any thread. */

gboolean ph_search_header_matches (const PhHeader      *header,
                                   const char          *name,
                                   const PhTextPattern *pattern);

/* Appends (char *) whatever such a key may find, here or in the ENVELOPE (ph-search-envelope.h):
 * what is in none of these is not found. */
void ph_search_header_collect (const PhHeader *header,
                               GPtrArray      *texts);

G_END_DECLS
