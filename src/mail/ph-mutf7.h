#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Mailbox names in IMAP's modified UTF-7 (RFC 3501 5.1.3).  Functions only.
 * Strict: one name has one form, everything else is refused (I30, V36). */

/* UTF-8, or NULL if `text` is not canonical modified UTF-7 (8-bit, controls,
 * printable ASCII or lone surrogates in base64, pad bits, "&…-&…-"). */
char *ph_mutf7_decode (const char *text,
                       gsize       length);

/* NULL if `utf8` is not valid UTF-8 or has control characters. */
char *ph_mutf7_encode (const char *utf8);

G_END_DECLS
