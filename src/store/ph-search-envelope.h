#pragma once

#include "ph-envelope.h"
#include "ph-search.h"
#include "ph-summary-walk.h"
#include "ph-text.h"

G_BEGIN_DECLS

/* Keys that ask for what an ENVELOPE has are answered out of it, without opening the message's
 * file.  Functions only; any thread. */

typedef enum {
  PH_SEARCH_ANSWER_NO,
  PH_SEARCH_ANSWER_YES,
  PH_SEARCH_ANSWER_READ, /* only the header itself can tell */
} PhSearchAnswer;

/* TRUE and the field of the ENVELOPE that has a header, by its name. */
gboolean ph_search_envelope_find_field (const char      *name,
                                        PhEnvelopeField *field);

/* RFC 3501 6.4.4: "in the envelope structure's FROM field".  `pattern` is that of the text of
 * `key`. */
PhSearchAnswer ph_search_envelope_matches (const PhSummaryWalkItem *item,
                                           const PhSearchKey       *key,
                                           PhEnvelopeField          field,
                                           const PhTextPattern     *pattern);

G_END_DECLS
