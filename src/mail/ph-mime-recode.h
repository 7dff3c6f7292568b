#pragma once

#include "ph-buffer.h"

G_BEGIN_DECLS

/* What the way ahead takes. */
typedef enum {
  PH_MIME_RECODE_FOR_7BIT, /* ASCII lines only */
  PH_MIME_RECODE_FOR_8BIT, /* lines of any bytes but NUL (RFC 6152) */
} PhMimeRecodeTarget;

typedef enum {
  PH_MIME_RECODE_UNNEEDED,   /* it fits as it is; nothing was appended */
  PH_MIME_RECODE_DONE,       /* `out` has the message that fits */
  PH_MIME_RECODE_IMPOSSIBLE, /* it would break a signature, or no MIME encoding is allowed there */
} PhMimeRecodeResult;

/* A line that is too long for SMTP (RFC 5321 4.5.3.1.6), without its line end. */
#define PH_MIME_RECODE_LINE_MAX 998

/**
 * Makes a message fit for a transport that takes less: parts whose bytes can't pass become
 * base64 (text of lines: quoted-printable), and say so; everything else stays byte for byte
 * (RFC 3030 section 3, RFC 6152 section 3, S21).  Parts of a multipart/signed or encrypted
 * are never touched.  For 8 bits a long line alone is no reason.  Linear in time, in a
 * constant stack; `out` grows to at most a third more than the message.
 */
PhMimeRecodeResult ph_mime_recode (const guint8      *data,
                                   gsize              length,
                                   PhMimeRecodeTarget target,
                                   PhBuffer          *out);

G_END_DECLS
