#pragma once

#include "ph-annotation.h"
#include "ph-imap-session-private.h"

G_BEGIN_DECLS

/* What other files need of METADATA (RFC 5464).  Functions only. */

#define PH_IMAP_METADATA_SIZE_MAX 65536 /* of one value; shown to clients */
G_STATIC_ASSERT (PH_IMAP_METADATA_SIZE_MAX == PH_ANNOTATION_SIZE_MAX);

/* "* METADATA " and the mailbox, `name` NULL for the server; then entries, each with a space before. */
void ph_imap_metadata_begin_line (PhImapSession *self,
                                  const char    *name,
                                  GString       *line);
void ph_imap_metadata_append_entry (GString    *line,
                                    const char *entry);

/* NO with METADATA MAXSIZE (4.3). */
void ph_imap_metadata_refuse_size (PhImapSession *self);

/* TRUE where it is this session that sets them. */
gboolean ph_imap_metadata_is_own (PhImapSession   *self,
                                  const GPtrArray *annotations);

G_END_DECLS
