#pragma once

#include "ph-imap-session-private.h"

G_BEGIN_DECLS

/**
 * PhImapResync:
 *
 * What a client already knows of a mailbox: the QRESYNC parameter of SELECT (RFC 7162
 * 3.2.5).  A plain struct, cleared by its owner.
 */
typedef struct
{
  gboolean given;
  gboolean by_numbers; /* it came with sequence numbers, which UIDONLY forbids */
  guint32  uidvalidity;
  guint64  modseq;
  GArray  *known; /* UIDs it has, as PhImapRange; NULL: maybe any */
} PhImapResync;

/* " (17 2000 1:100 (1,50 1,60))" after the word QRESYNC.  The numbers of the last part are
 * for servers that forget what was expunged; ours says too much rather than too little
 * without them (I19). */
gboolean ph_imap_resync_take (PhImapParser *parser,
                              PhImapResync *self);
void     ph_imap_resync_clear (PhImapResync *self);

/* "* VANISHED (EARLIER) …" of those of the ranges (of PhUidRange) that are in `set` (of
 * PhImapRange, resolved; NULL: all); nothing where there are none. */
void ph_imap_session_tell_vanished (PhImapSession *self,
                                    const GArray  *vanished,
                                    const GArray  *set);

/* Flags of what changed since, among `known`. */
void ph_imap_resync_tell_changes (const PhImapResync *self,
                                  PhImapSession      *session);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhImapResync, ph_imap_resync_clear)

G_END_DECLS
