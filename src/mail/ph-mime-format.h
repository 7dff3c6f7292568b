#pragma once

#include "ph-buffer.h"
#include "ph-header.h"
#include "ph-mime-part.h"

G_BEGIN_DECLS

/* What IMAP shows of a message (RFC 3501 7.4.2), in its syntax.  Functions only.
 * The result is valid IMAP whatever the mail: what can't be a quoted string is a
 * literal, NUL is dropped (I33, I34). */

/* "(date subject from …)", ENVELOPE. */
void ph_mime_format_envelope (const PhHeader *header,
                              PhBuffer       *out);

/* BODY, or with `extended` BODYSTRUCTURE.  `data` are the bytes that were parsed. */
void ph_mime_format_structure (const PhMimePart *root,
                               const guint8     *data,
                               gboolean          extended,
                               PhBuffer         *out);

/* An IMAP string: quoted where it can be, else a literal. */
void ph_mime_format_string (const void *data,
                            gsize       length,
                            PhBuffer   *out);

/* The same, and NIL for NULL. */
void ph_mime_format_nstring (const char *string,
                             PhBuffer   *out);

G_END_DECLS
