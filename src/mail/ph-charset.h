#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Text in some charset of the mail world to UTF-8.  Functions only. */

/* Always gives valid UTF-8 without NUL (what can't be read becomes U+FFFD).  An
 * unknown or NULL charset and US-ASCII are taken for UTF-8 if they are, else for
 * Windows-1252. */
char *ph_charset_to_utf8 (const char   *charset,
                          const guint8 *data,
                          gsize         length);

/* TRUE if ph_charset_to_utf8() knows it. */
gboolean ph_charset_is_known (const char *charset);

G_END_DECLS
