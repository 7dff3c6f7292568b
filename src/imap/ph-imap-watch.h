#pragma once

#include "ph-imap-notify.h"
#include "ph-imap-session-private.h"

G_BEGIN_DECLS

/**
 * PhImapWatch:
 *
 * What NOTIFY (RFC 5465) keeps in a session: what was asked for, the folder list as the client
 * knows it, and which folders changed since it was told.  It tells when no command runs, or
 * during IDLE, a moment after the first change.  Owned by its session.
 */

/* Takes `wanted`, which replaces what was asked for before. */
void ph_imap_watch_set (PhImapSession *session,
                        PhImapNotify  *wanted);
void ph_imap_watch_free (PhImapWatch *self);

/* NULL before the first NOTIFY. */
const PhImapNotify *ph_imap_watch_get_wanted (PhImapWatch *self);

/* A command ended, the mailbox changed, or the peer read what waited: maybe there is something
 * to tell. */
void ph_imap_watch_wake (PhImapWatch *self);

/* The session itself made, removed or renamed this folder, with those below it: its client knows
 * (5).  NULL for either is nothing. */
void ph_imap_watch_forget_name (PhImapWatch *self,
                                const char  *name);

/* The items of STATUS that tell of such events, as a mask of ph-imap-status.h; `snapshot`: for
 * the STATUS indicator (3.1). */
guint ph_imap_watch_get_status_items (PhImapSession *session,
                                      guint          events, /* PhImapEvents */
                                      gboolean       snapshot);

G_END_DECLS
