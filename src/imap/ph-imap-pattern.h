#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longer ones match nothing. */
#define PH_IMAP_PATTERN_MAX 2048

/**
 * PhImapPattern:
 *
 * A mailbox pattern of LIST (RFC 3501 6.3.8): "*" matches all, "%" all but the
 * delimiter.  Matched by advancing a set of positions: time is at most name ×
 * pattern, without recursion (V10).  Immutable.
 */
typedef struct _PhImapPattern PhImapPattern;

PhImapPattern *ph_imap_pattern_new (const char *utf8);
void           ph_imap_pattern_free (PhImapPattern *self);

/* INBOX at level 1 matches in any case. */
gboolean ph_imap_pattern_matches (const PhImapPattern *self,
                                  const char          *name);

/* TRUE if it ends with "%": then LSUB and RECURSIVEMATCH tell of parents. */
gboolean ph_imap_pattern_ends_at_level (const PhImapPattern *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhImapPattern, ph_imap_pattern_free)

G_END_DECLS
