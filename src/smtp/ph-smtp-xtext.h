#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* xtext of RFC 3461 section 4: how ENVID, ORCPT and AUTH carry any printable text
 * in a parameter.  Functions only. */

/* Decodes; NULL where it is no xtext, or where what comes out has a control
 * character or NUL (V14).  8-bit bytes only with `utf8` (RFC 6533), as valid UTF-8. */
char *ph_smtp_xtext_decode (const char *text,
                            gsize       length,
                            gboolean    utf8);

/* Encodes "+", "=", blanks and what is not printable ASCII; with `utf8` leaves
 * 8-bit bytes as they are. */
char *ph_smtp_xtext_encode (const char *text,
                            gboolean    utf8);

G_END_DECLS
