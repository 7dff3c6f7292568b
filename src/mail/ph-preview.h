#pragma once

#include "ph-mime-part.h"

G_BEGIN_DECLS

/* RFC 8970 3.3: so much at most, in characters. */
#define PH_PREVIEW_CHARS_MAX 200

/* The beginning of what a person would read of a message (RFC 8970): of its first
 * text/plain part that is no attachment, else of its first text/html without the tags;
 * blanks collapsed, controls left out.  "" where there is no text.  Looks at the first
 * few KiB of one part only.  `data` are the bytes that were parsed.  Transfer full. */
char *ph_preview_make (const PhMimePart *root,
                       const guint8     *data);

G_END_DECLS
