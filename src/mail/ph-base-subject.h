#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The base subject of RFC 5256 2.1: a subject without "Re:", "[list]" and "(fwd)".
 * Functions only. */

/* `raw` as in the header (RFC 2047 and all), may be NULL; the result is UTF-8 and
 * transfer full.  *is_reply (may be NULL): something was taken off that a reply or a
 * forwarded message has.  Linear in time. */
char *ph_base_subject_extract (const char *raw,
                               gsize       length,
                               gboolean   *is_reply);

G_END_DECLS
