#pragma once

#include <gio/gio.h>

#include "ph-account.h"
#include "ph-smtp-envelope.h"
#include "ph-smtp-reply.h"

G_BEGIN_DECLS

typedef struct _PhSmtpSession PhSmtpSession;

#define PH_TYPE_SMTP_HANDLER (ph_smtp_handler_get_type ())
G_DECLARE_INTERFACE (PhSmtpHandler, ph_smtp_handler, PH, SMTP_HANDLER, GObject)

/**
 * PhSmtpHandler:
 *
 * What a receiving SMTP session needs from the server: yes or no for a sender
 * and for each recipient, a place for the bytes, and the final word.  A refusal
 * is a reply (transfer full); NULL is yes.  The session has made the envelope,
 * knows the peer, the EHLO name and, on submission, the account; the handler asks
 * it for them.  Main context; nothing here blocks.
 */
struct _PhSmtpHandlerInterface
{
  GTypeInterface parent_iface;

  /* How many seconds a submitted message may be kept before it goes out, where it asks for that
   * (RFC 4865), from *now (real µs) on; 0: never.  May be NULL. */
  guint (*get_hold_max) (PhSmtpHandler *self,
                         gint64        *now);

  PhSmtpReply *(*check_sender) (PhSmtpHandler        *self,
                                PhSmtpSession        *session,
                                const PhSmtpEnvelope *envelope);

  /* `recipient` is not yet in `envelope`; the handler may set its handler_data. */
  PhSmtpReply *(*check_recipient) (PhSmtpHandler        *self,
                                   PhSmtpSession        *session,
                                   const PhSmtpEnvelope *envelope,
                                   PhSmtpRecipient      *recipient);

  /* A sink for one message, or NULL and *refusal.  The session drops its reference
   * to give up a message that is not finished. */
  GObject *(*begin_message) (PhSmtpHandler        *self,
                             PhSmtpSession        *session,
                             const PhSmtpEnvelope *envelope,
                             PhSmtpReply         **refusal);

  /* Bytes of the message, dots unstuffed, CRLF line ends, in pieces of any size.
   * After a FALSE the session reads on to the end of the data, writes no more, and
   * calls end_message, which then refuses. */
  gboolean (*write_message) (PhSmtpHandler *self,
                             GObject       *message,
                             const guint8  *data,
                             gsize          length);

  /* The end of the data: store, sync, queue.  The reply (never NULL) is for the
   * whole message: 250 only when it is safe. */
  void (*end_message_async) (PhSmtpHandler        *self,
                             PhSmtpSession        *session,
                             const PhSmtpEnvelope *envelope,
                             GObject              *message,
                             GCancellable         *cancellable,
                             GAsyncReadyCallback   callback,
                             gpointer              user_data);
  PhSmtpReply *(*end_message_finish) (PhSmtpHandler *self,
                                      GAsyncResult  *result);

  /* The message was taken, but the client is gone and was not told: it will send it again
   * (S14).  May be NULL. */
  void (*message_unanswered) (PhSmtpHandler        *self,
                              PhSmtpSession        *session,
                              const PhSmtpEnvelope *envelope,
                              GObject              *message);
};

G_END_DECLS
