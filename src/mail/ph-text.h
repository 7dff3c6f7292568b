#pragma once

#include "ph-mime-part.h"

G_BEGIN_DECLS

/* Of a text part, this much (encoded) is read when searching. */
#define PH_TEXT_PART_MAX (4 * 1024 * 1024)

/**
 * PhTextPattern:
 *
 * What to look for in text, without regard to case and compatibility forms (about
 * i;unicode-casemap of RFC 5051: NFKC and case folding).  Compiled once, matched
 * often; immutable, may be shared by threads.
 */
typedef struct _PhTextPattern PhTextPattern;

/* `utf8` is taken as UTF-8, bad bytes replaced. "" matches everything. */
PhTextPattern *ph_text_pattern_new (const char *utf8);
void           ph_text_pattern_free (PhTextPattern *self);

/* TRUE if it is in the text, which should be UTF-8. */
gboolean ph_text_pattern_matches (const PhTextPattern *self,
                                  const char          *text,
                                  gsize                length);

/* Text as patterns compare it. */
char *ph_text_fold (const char *utf8,
                    gsize       length);

/* The body of a text part decoded (transfer encoding and charset) to UTF-8.
 * `data` are the bytes that were parsed.  For a part of another type: "". */
char *ph_text_decode_part (const PhMimePart *part,
                           const guint8     *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhTextPattern, ph_text_pattern_free)

G_END_DECLS
