#pragma once

#include "ph-folder.h"
#include "ph-imap-parser.h"

G_BEGIN_DECLS

/* The items of STATUS (RFC 3501 6.3.10, 8438, 7889).  Functions only. */

/* "(MESSAGES UIDNEXT)" as a mask of our own; *uses_modseq is set if HIGHESTMODSEQ is in it. */
gboolean ph_imap_status_take (PhImapParser *parser,
                              guint        *items,
                              gboolean     *uses_modseq);

/* "STATUS name (…)" */
void ph_imap_status_format (const char           *name,
                            guint                 items,
                            const PhFolderStatus *status,
                            guint64               append_limit,
                            gboolean              utf8,
                            GString              *out);

G_END_DECLS
