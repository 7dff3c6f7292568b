#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A browser, or a page in one, that talks to a mail port (V40). */

/* Whether `word` is a method of HTTP (RFC 9110 section 9.1, 5789, 9113 section 3.4). */
gboolean ph_http_verb_is (const char *word,
                          gsize       length);

/* Whether `line` is a request line (RFC 9112 section 3): for protocols in which anything
 * may be the first word. */
gboolean ph_http_verb_begins (const char *line,
                              gsize       length);

G_END_DECLS
