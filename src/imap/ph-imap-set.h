#pragma once

#include "ph-imap-parser.h"

G_BEGIN_DECLS

/* Both ends are in it; 0 stands for "*" until ph_imap_set_resolve(). */
typedef struct
{
  guint32 first;
  guint32 last;
} PhImapRange;

/* Sequence sets (RFC 3501 section 9) as GArrays of PhImapRange, of sequence numbers
 * or UIDs.  Functions only. */

/* *set: transfer full.  "$" (RFC 5182) is a set of its own: ph_imap_set_is_saved(). */
gboolean ph_imap_set_take (PhImapParser *parser,
                           GArray      **set);

gboolean ph_imap_set_is_saved (const GArray *set);

/* "*" becomes `max`, each range ascends, and they are sorted and merged, so that
 * work is bounded by the mailbox and not by the text (V09).  Where `max` is 0
 * (nothing there) ranges with "*" vanish. */
void ph_imap_set_resolve (GArray *set,
                          guint32 max);

/* Appends ascending numbers as a set: "1:3,7". */
void ph_imap_set_format (const guint32 *numbers,
                         gsize          n,
                         GString       *out);

G_END_DECLS
