#pragma once

#include "ph-buffer.h"

G_BEGIN_DECLS

/* An automatic reply as a message (RFC 3834 section 3).  Borrows all of it. */
typedef struct
{
  const char *name;    /* of who is away, or NULL */
  const char *from;    /* the address at which the message reached them */
  const char *to;      /* the sender of the message */
  const char *subject; /* "": "Auto: " and that of the message */
  const char *text;
  const char *answered_subject; /* or NULL */
  const char *answered_id;      /* Message-ID with its brackets, or NULL */
  const char *references;       /* or NULL; see PhReplyHeader */
  const char *host;             /* for the Message-ID */
  gint64      time;             /* seconds */
} PhReply;

/* Characters of a subject that is repeated. */
#define PH_REPLY_SUBJECT_MAX 200

/* Appends it with CRLF line ends. */
void ph_reply_format (const PhReply *self,
                      PhBuffer      *out);

G_END_DECLS
