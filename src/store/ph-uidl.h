#pragma once

#include "ph-index-rows.h"

G_BEGIN_DECLS

/* What POP3 knows messages by (RFC 1939 section 7).  Functions only.
 *
 * In INBOX it is UIDVALIDITY.UID, and nothing is written down.  A copy that leaves INBOX takes it along, through as many
 * folders as it goes, and has it again when it is back (P02): no client fetches a message again because somebody has tried
 * where it belongs.  Where INBOX has that one already, a copy that comes in begins anew, so that no two are the same. */

#define PH_UIDL_MAX 70

/* 1 to 70 characters from 0x21 to 0x7e. */
gboolean ph_uidl_is_valid (const char *text);

char *ph_uidl_format (guint32 uidvalidity,
                      guint32 uid);

/* Sets the `uidl` of a copy that `row` of `source` gets in `target`; of a `move` within one folder, too. */
gboolean ph_uidl_inherit (PhIndex            *index,
                          const PhFolderRow  *source,
                          const PhMessageRow *row,
                          const PhFolderRow  *target,
                          gboolean            move,
                          PhMessageRow       *copy,
                          GError            **error);

G_END_DECLS
