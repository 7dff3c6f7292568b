#pragma once

#include "ph-imap-session-private.h"

G_BEGIN_DECLS

/* Of one session; each costs a search of what changed. */
#define PH_IMAP_CONTEXTS_MAX 8

/**
 * PhImapContext:
 *
 * A search whose result the client wants to be kept told of (CONTEXT=SEARCH, RFC 5267 4.3), and that
 * result as the client knows it.  What is expunged leaves it before EXPUNGE is told; what is new, and
 * what has other flags, is looked at after that has been told, before the command's tagged line or at
 * once in IDLE.  The session owns them until it leaves the mailbox.
 */
typedef struct _PhImapContext PhImapContext;

/* Of the command that runs, from this moment on. */
PhImapContext *ph_imap_context_new (PhImapSession     *session,
                                    const PhSearchKey *key);
void           ph_imap_context_free (PhImapContext *self);

/* TRUE if a context of the session has this tag. */
gboolean ph_imap_context_exists (PhImapSession *session,
                                 const char    *tag);

/* Takes `self`, whose command found these. */
void ph_imap_context_add (PhImapSession *session,
                          PhImapContext *self,
                          const GArray  *uids); /* ascending */

/* FALSE if there is none of that tag. */
gboolean ph_imap_context_remove (PhImapSession *session,
                                 const char    *tag);

/* Of what is no longer in the mailbox; to be called before EXPUNGE is told. */
void ph_imap_context_tell_gone (PhImapSession *session);

/* Begins to look at what changed, and tells it; TRUE if there is something: then
 * ph_imap_session_release_answer() is called at the end of it. */
gboolean ph_imap_context_update (PhImapSession *session);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhImapContext, ph_imap_context_free)

G_END_DECLS
