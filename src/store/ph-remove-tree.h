#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Blocks.  Removes all that is in a directory, and where `itself` the directory; links, not what they lead
 * to.  FALSE, with errno, where something could not be. */
gboolean ph_remove_tree (const char *path,
                         gboolean    itself);

G_END_DECLS
