#pragma once

#include "ph-header.h"

G_BEGIN_DECLS

/* Of the field References of a reply: the last of them. */
#define PH_REPLY_REFERENCES_MAX 20

/* Who writes to more people than this writes to nobody in person. */
#define PH_REPLY_RECIPIENTS_MAX 50

/* Bytes of a Message-ID with its brackets; one that is longer is none. */
#define PH_REPLY_ID_MAX 250

/**
 * PhReplyHeader:
 *
 * What the header of a message says to who would answer it automatically, for a person (RFC 3834): whether that makes
 * sense, for whom it is, and what a reply refers to.  A plain struct of values, owned by whoever parsed it.
 */
typedef struct
{
  const char *problem;    /* why it is not to be answered, for the log ("it came by a mailing list"); literal, NULL for nothing */
  GPtrArray  *recipients; /* of char *, normalised: To, Cc, Bcc and their Resent- forms */
  char       *subject;    /* decoded, UTF-8, or NULL */
  char       *message_id; /* with its brackets, or NULL */
  char       *references; /* for the field References (RFC 5322 section 3.6.4): ids with blanks between them, or NULL */
} PhReplyHeader;

/* `data` is the beginning of a message, at least its header. */
PhReplyHeader *ph_reply_header_parse (const guint8 *data,
                                      gsize         length);
void           ph_reply_header_free (PhReplyHeader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhReplyHeader, ph_reply_header_free)

/* What shows that a program or a mailing list sent it: Auto-Submitted, Precedence, List-*; for the log, literal.  NULL for
 * nothing. */
const char *ph_reply_header_find_automatic (const PhHeader *header);

/* Why nothing is to be sent to whom a message came from (MAIL FROM; "" is the null sender): nobody or a program reads
 * there.  For the log, literal.  NULL for nothing. */
const char *ph_reply_header_find_sender_problem (const char *sender);

G_END_DECLS
