#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Encoded words of RFC 2047: non-ASCII text in header fields.  Functions only. */

/* Decodes every encoded word in a raw value; folds become blanks, 8-bit is
 * guessed.  Always valid UTF-8 in one line, without control characters. */
char *ph_encoded_word_decode (const char *raw,
                              gsize       length);

/* Unstructured text (Subject) as ASCII, folded with CRLF and a blank; `column`
 * is where it starts in its line (the length of "Subject: ").  Line ends and
 * controls in the text become blanks (V14). */
char *ph_encoded_word_encode_text (const char *utf8,
                                   gsize       column);

/* The same as a phrase (a display name): an atom, a quoted string or encoded words. */
char *ph_encoded_word_encode_phrase (const char *utf8,
                                     gsize       column);

G_END_DECLS
