#pragma once

#include "ph-sender-check.h"
#include "ph-smtp-reply.h"
#include "ph-spool.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define PH_TYPE_INCOMING (ph_incoming_get_type ())
G_DECLARE_FINAL_TYPE (PhIncoming, ph_incoming, PH, INCOMING, GObject)

/**
 * PhIncoming:
 *
 * A message while its bytes arrive: holds back the header (bounded: V07) until it
 * is whole, checks and mends it, puts the trace fields before it, and passes the
 * rest through to the spool.  Owned by the SMTP session that receives.
 *
 * The spool begins with Return-Path, which is for mailboxes; whoever relays the
 * file leaves that field out (RFC 5321 section 4.4).  Delivered-To fields that are there stay (RFC 9228).
 */
typedef struct
{
  const char *id;           /* in the Received field */
  const char *sender;       /* for Return-Path: "" is the null sender */
  const char *received;     /* the whole Received field with its CRLF */
  const char *delivered_to; /* the only mailbox that gets it, or the only recipient, whose mail is forwarded; or NULL */
  const char *authserv;     /* our name in Authentication-Results: what others wrote by it goes (RFC 8601 section 5); or NULL */

  /* From here on: only for mail that is submitted (RFC 6409 section 8), else NULL. */
  const char *host;   /* for a Message-ID, where the message has none */
  const char *author; /* for a From, likewise */
  gint64      time;   /* seconds: for a Date, likewise */
} PhIncomingTrace;

/* `trace` is copied. */
PhIncoming *ph_incoming_new (PhSpool               *spool,
                             const PhIncomingTrace *trace);

/* As the trace says; borrowed. */
const char *ph_incoming_get_id (PhIncoming *self);

/* What finds out who sent it (transfer full); before the first byte.  It is told when nobody wants to know any more. */
void           ph_incoming_take_check (PhIncoming    *self,
                                       PhSenderCheck *check);
PhSenderCheck *ph_incoming_get_check (PhIncoming *self); /* borrowed, or NULL */

/* With a check, and once all has come: the header as it came (borrowed), and where in the spool the body begins. */
GBytes *ph_incoming_get_header (PhIncoming *self,
                                guint64    *body_offset);

/* Refuses it for a reason of others (transfer full). */
void ph_incoming_refuse (PhIncoming  *self,
                         PhSmtpReply *refusal);

/* FALSE once it is refused: ph_incoming_finish() says why. */
gboolean ph_incoming_write (PhIncoming   *self,
                            const guint8 *data,
                            gsize         length);

/* All has come: NULL, or the refusal (transfer full). */
PhSmtpReply *ph_incoming_finish (PhIncoming *self);

/* Once all has come: TRUE where the header as it came has no such field (RFC 5322 section 3.6). */
gboolean ph_incoming_lacks_date (PhIncoming *self);
gboolean ph_incoming_lacks_message_id (PhIncoming *self);

/* Of the bytes as they came, without the trace fields: the same for the same message, however
 * it was cut, while this program runs; and their number. */
guint64 ph_incoming_get_digest (PhIncoming *self,
                                guint64    *size);

/* Once all has come: TRUE where a Delivered-To field says that it was at that address before (V28). */
gboolean ph_incoming_was_delivered_to (PhIncoming *self,
                                       const char *address);

/* Borrowed. */
PhSpool *ph_incoming_get_spool (PhIncoming *self);

/* What a failure of the store means to a client: 452 4.3.1, 552 5.2.2 … */
PhSmtpReply *ph_incoming_reply_for_error (const GError *error);

G_END_DECLS
