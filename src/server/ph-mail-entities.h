#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Character references of HTML.  Functions only. */

/* The one at the start of `text` (an "&"): writes its UTF-8 with a NUL into `target` and
 * returns its length in `text`; 0 where it is none that we know. */
gsize ph_mail_entity_decode (const char *text,
                             gsize       length,
                             char        target[8]);

/* All in a value of an attribute. */
char *ph_mail_entities_decode (const char *text,
                               gsize       length);

G_END_DECLS
