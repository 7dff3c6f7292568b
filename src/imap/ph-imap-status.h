#pragma once

#include "ph-folder.h"
#include "ph-imap-parser.h"

G_BEGIN_DECLS

/* The items of STATUS (RFC 3501 6.3.10, 8438, 7889).  Functions only. */

/* Some of the mask, in the order of the names in ph-imap-status.c. */
typedef enum {
  PH_IMAP_STATUS_MESSAGES = 1 << 0,
  PH_IMAP_STATUS_UIDNEXT = 1 << 2,
  PH_IMAP_STATUS_UIDVALIDITY = 1 << 3,
  PH_IMAP_STATUS_UNSEEN = 1 << 4,
  PH_IMAP_STATUS_HIGHESTMODSEQ = 1 << 8,
} PhImapStatusItems;

/* "(MESSAGES UIDNEXT)" as such a mask; *uses_modseq is set if HIGHESTMODSEQ is in it. */
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
