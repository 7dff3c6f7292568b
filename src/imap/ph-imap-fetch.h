#pragma once

#include "ph-imap-ahead.h"
#include "ph-imap-content.h"
#include "ph-imap-session-private.h"

G_BEGIN_DECLS

/* What the files of FETCH share: a FETCH on its way, and the functions that make the line
 * of one message.  Owned by the session as its work. */

typedef enum {
  PH_IMAP_FETCH_PHASE_BATCH,    /* begin the next batch */
  PH_IMAP_FETCH_PHASE_MESSAGE,  /* begin the next message */
  PH_IMAP_FETCH_PHASE_OPENED,   /* its file is open */
  PH_IMAP_FETCH_PHASE_LINE,     /* all is there to begin its line */
  PH_IMAP_FETCH_PHASE_SECTION,  /* begin the next section */
  PH_IMAP_FETCH_PHASE_DECODED,  /* its decoded bytes are there */
  PH_IMAP_FETCH_PHASE_CONTENT,  /* its bytes go out */
  PH_IMAP_FETCH_PHASE_FAILED,   /* the command can't go on */
  PH_IMAP_FETCH_PHASE_FINISHED, /* the command ended */
} PhImapFetchPhase;

typedef struct
{
  PhImapFetchItems *items;
  GArray           *uids;
  GArray           *asked; /* for VANISHED: ranges; else NULL */
  gboolean          sets_seen;
  gboolean          unsolicited; /* no command: NOTIFY (RFC 5465) */

  PhImapFetchPhase phase;
  gboolean         waiting; /* for a callback */
  guint            next;    /* in `uids` */
  guint            batch_start;
  guint            batch_end;
  guint            n_gone;
  GError          *error; /* with FAILED */

  PhImapAhead            *summaries; /* of PhMessageSummary; NULL: none is needed */
  PhImapAhead            *messages;  /* of PhMessage; NULL: no file is needed */
  const PhMessageSummary *summary;   /* borrowed */
  PhMessage              *message;
  const PhMimePart       *root; /* of the message, if its structure is needed */
  gsize                   body_offset;
  guint                   section;          /* the next one */
  PhMessage              *decoded;          /* of the BINARY section under way; NULL: there is no such part */
  gboolean                has_nul;          /* in `decoded` */
  gboolean                unknown_encoding; /* somewhere */
  PhImapContent           content;
  GString                *line; /* what is not sent yet */
} PhImapFetch;

/* Tells of messages although no command asked, or only IDLE.  Takes both. */
void ph_imap_fetch_tell (PhImapSession    *session,
                         PhImapFetchItems *items,
                         GArray           *uids);

guint32 ph_imap_fetch_get_uid (const PhImapFetch *self);

/* NULL if the message is not there any more. */
const PhMessageInfo *ph_imap_fetch_find_info (PhImapSession *session,
                                              guint32        uid);

/* Lets go of the message that is under way. */
void ph_imap_fetch_drop_message (PhImapFetch *self);

/* The message is gone: on to the next one. */
void ph_imap_fetch_skip_message (PhImapFetch *self);

/* The phases LINE, SECTION and CONTENT. */
void ph_imap_fetch_begin_line (PhImapSession *session,
                               PhImapFetch   *self);
void ph_imap_fetch_begin_section (PhImapSession *session,
                                  PhImapFetch   *self);
void ph_imap_fetch_begin_decoded (PhImapSession *session,
                                  PhImapFetch   *self);
void ph_imap_fetch_send_piece (PhImapSession *session,
                               PhImapFetch   *self);

G_END_DECLS
