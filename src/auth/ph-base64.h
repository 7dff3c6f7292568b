#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Strict base64 (RFC 4648 section 3.3 to 3.5), as SASL wants it: nothing but the
 * alphabet, whole groups, padding only at the end, no stray bits.  NULL where it
 * is not.  A NUL follows the *n_bytes; the caller wipes them with ph_base64_wipe(). */
guint8 *ph_base64_decode_strict (const char *text,
                                 gsize       length,
                                 gsize      *n_bytes);

/* Overwrites and frees what was decoded; NULL-tolerant. */
void ph_base64_wipe (guint8 *bytes,
                     gsize   n_bytes);

G_END_DECLS
