#pragma once

#include "ph-auth-result.h"
#include "ph-mail-text.h"
#include "ph-message.h"
#include "ph-received.h"

G_BEGIN_DECLS

/* Text parts that are shown one after the other; more are only in the tree of parts. */
#define PH_MAIL_CONTENT_PARTS_MAX 50

/**
 * PhMailContent:
 *
 * What a worker makes of a message's bytes for PhMailMessage.  A plain struct.
 */
typedef struct
{
  char       *subject;
  char       *from;
  char       *to;
  char       *cc;
  gint64      date;
  char       *return_path;
  char       *delivered_to;
  GPtrArray  *hops;        /* of PhReceived */
  GPtrArray  *checks;      /* of PhAuthResult */
  GPtrArray  *attachments; /* of const PhMimePart, of the message's structure */
  PhMailText *rich_text;
  PhMailText *plain_text; /* NULL: as rich_text */
  PhMailText *headers;
} PhMailContent;

/* Blocks. */
PhMailContent *ph_mail_content_new (PhMessage        *message,
                                    const PhMimePart *root,
                                    GError          **error);
void           ph_mail_content_free (PhMailContent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMailContent, ph_mail_content_free)

G_END_DECLS
