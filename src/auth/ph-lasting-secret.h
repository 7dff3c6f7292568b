#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Random bytes that are the same in each run.  Functions only. */

/* Fills `secret` from the file, or makes them both where it has not just so many bytes.  Blocks.  FALSE with a GFileError where it
 * can't be kept; then `secret` is a random one all the same.  Nothing is synced: a power cut costs no more than a new one. */
gboolean ph_lasting_secret_load (const char *file,
                                 guint8     *secret,
                                 gsize       length,
                                 GError    **error);

G_END_DECLS
