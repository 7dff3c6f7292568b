#pragma once

#include "ph-smtp-reply.h"

G_BEGIN_DECLS

/* What a hostile server may send (V16). */
#define PH_SMTP_REPLY_LINE_MAX 4096
#define PH_SMTP_REPLY_LINES_MAX 100
#define PH_SMTP_REPLY_KEPT_MAX 8192 /* bytes of text; the rest is read and forgotten */

typedef enum {
  PH_SMTP_REPLY_MORE,    /* the line was part of a reply that goes on */
  PH_SMTP_REPLY_WHOLE,   /* the reply is here */
  PH_SMTP_REPLY_INVALID, /* no reply, or too long a one */
} PhSmtpReplyStep;

/**
 * PhSmtpReplyParser:
 *
 * Puts the lines of a server's reply together (RFC 5321 section 4.2), leniently
 * where that is harmless: bare LF, no text.  A plain struct, embedded in the
 * client; zero bytes is a valid new one.
 */
typedef struct
{
  guint    code; /* of the reply under way */
  guint    n_lines;
  char    *enhanced; /* of the first line that had one */
  GString *text;     /* of its lines without it, parted by '\n' */
} PhSmtpReplyParser;

void ph_smtp_reply_parser_clear (PhSmtpReplyParser *self);

/* Takes a line without its end. *reply (transfer full) is set where it is whole. */
PhSmtpReplyStep ph_smtp_reply_parser_take_line (PhSmtpReplyParser *self,
                                                const char        *line,
                                                gsize              length,
                                                PhSmtpReply      **reply);

G_END_DECLS
