#pragma once

#include "ph-journal.h"
#include "ph-smtp-session-private.h"

#include <string.h>

/* A server for receiving sessions: it takes all mail but for some names, and keeps it
 * in memory.  Local parts decide: "unknown" 550, "full" 452, sender "banned" 550. */
#define STUB_TYPE_HANDLER (stub_handler_get_type ())
G_DECLARE_FINAL_TYPE (StubHandler, stub_handler, STUB, HANDLER, GObject)

struct _StubHandler
{
  GObject parent_instance;

  GPtrArray *accepted;     /* of GString: "sender|recipient,recipient|body" */
  gboolean   refuse_begin; /* 452 to DATA */
  gsize      write_max;    /* bytes of a message that write_message takes; 0 for all */
  gboolean   hold;         /* end_message waits for stub_handler_release() */
  GTask     *held;
  guint      n_open;   /* sinks that are alive */
  guint      hold_max; /* seconds that mail may be kept from STUB_NOW on */
};

/* The sink of one message. */
#define STUB_TYPE_MESSAGE (stub_message_get_type ())
G_DECLARE_FINAL_TYPE (StubMessage, stub_message, STUB, MESSAGE, GObject)

struct _StubMessage
{
  GObject      parent_instance;
  StubHandler *handler; /* owned */
  GString     *bytes;
  gboolean     failed;
};

G_DEFINE_FINAL_TYPE (StubMessage, stub_message, G_TYPE_OBJECT)

static void
stub_message_finalize (GObject *object)
{
  StubMessage *self = STUB_MESSAGE (object);

  g_string_free (self->bytes, TRUE);
  self->handler->n_open--;
  g_object_unref (self->handler);
  G_OBJECT_CLASS (stub_message_parent_class)->finalize (object);
}

static void
stub_message_class_init (StubMessageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = stub_message_finalize;
}

static void
stub_message_init (StubMessage *self)
{
  self->bytes = g_string_new (NULL);
}

static PhSmtpReply *
stub_check_sender (PhSmtpHandler        *handler,
                   PhSmtpSession        *session,
                   const PhSmtpEnvelope *envelope)
{
  return g_str_has_prefix (envelope->sender, "banned@") ? ph_smtp_reply_new (550, "5.7.1", "No mail from %s", envelope->sender) : NULL;
}

static PhSmtpReply *
stub_check_recipient (PhSmtpHandler        *handler,
                      PhSmtpSession        *session,
                      const PhSmtpEnvelope *envelope,
                      PhSmtpRecipient      *recipient)
{
  if (g_str_has_prefix (recipient->address, "unknown@"))
    return ph_smtp_reply_new (550, "5.1.1", "Nobody\nof that name");
  if (g_str_has_prefix (recipient->address, "full@"))
    return ph_smtp_reply_new (452, "4.2.2", "Full");

  recipient->handler_data = g_strdup (recipient->address);
  recipient->handler_free = g_free;

  return NULL;
}

static GObject *
stub_begin_message (PhSmtpHandler        *handler,
                    PhSmtpSession        *session,
                    const PhSmtpEnvelope *envelope,
                    PhSmtpReply         **refusal)
{
  StubHandler *self = STUB_HANDLER (handler);
  StubMessage *message;

  if (self->refuse_begin)
    {
      *refusal = ph_smtp_reply_new (452, "4.3.1", "No room");
      return NULL;
    }

  message = g_object_new (STUB_TYPE_MESSAGE, NULL);
  message->handler = g_object_ref (self);
  self->n_open++;

  return G_OBJECT (message);
}

static gboolean
stub_write_message (PhSmtpHandler *handler,
                    GObject       *object,
                    const guint8  *data,
                    gsize          length)
{
  StubHandler *self = STUB_HANDLER (handler);
  StubMessage *message = STUB_MESSAGE (object);

  g_assert_false (message->failed);
  g_assert_cmpuint (length, >, 0);
  g_string_append_len (message->bytes, (const char *)data, (gssize)length);
  message->failed = self->write_max > 0 && message->bytes->len > self->write_max;

  return !message->failed;
}

static void
stub_free_reply (gpointer reply)
{
  ph_smtp_reply_free (reply);
}

static void
stub_end_message_async (PhSmtpHandler        *handler,
                        PhSmtpSession        *session,
                        const PhSmtpEnvelope *envelope,
                        GObject              *object,
                        GCancellable         *cancellable,
                        GAsyncReadyCallback   callback,
                        gpointer              user_data)
{
  StubHandler *self = STUB_HANDLER (handler);
  StubMessage *message = STUB_MESSAGE (object);
  g_autoptr (GTask) task = g_task_new (handler, NULL, callback, user_data);

  g_assert_cmpuint (envelope->recipients->len, >, 0);
  if (message->failed)
    {
      g_task_return_pointer (task, ph_smtp_reply_new (452, "4.3.1", "Ran out of room"), stub_free_reply);
      return;
    }

  if (!g_cancellable_is_cancelled (cancellable))
    {
      GString *kept = g_string_new (envelope->sender);

      for (guint i = 0; i < envelope->recipients->len; i++)
        g_string_append_printf (kept, "%c%s", i == 0 ? '|' : ',', ((PhSmtpRecipient *)envelope->recipients->pdata[i])->address);
      g_string_append_c (kept, '|');
      g_string_append_len (kept, message->bytes->str, (gssize)message->bytes->len);
      g_ptr_array_add (self->accepted, kept);
    }

  if (self->hold)
    self->held = g_object_ref (task);
  else
    g_task_return_pointer (task, ph_smtp_reply_new (250, "2.0.0", "Kept"), stub_free_reply);
}

static PhSmtpReply *
stub_end_message_finish (PhSmtpHandler *handler,
                         GAsyncResult  *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

#define STUB_NOW (G_GINT64_CONSTANT (1764158400) * G_USEC_PER_SEC) /* 2025-11-26T12:00:00Z */

static guint
stub_get_hold_max (PhSmtpHandler *handler,
                   gint64        *now)
{
  *now = STUB_NOW;

  return STUB_HANDLER (handler)->hold_max;
}

static void
stub_handler_iface_init (PhSmtpHandlerInterface *iface)
{
  iface->get_hold_max = stub_get_hold_max;
  iface->check_sender = stub_check_sender;
  iface->check_recipient = stub_check_recipient;
  iface->begin_message = stub_begin_message;
  iface->write_message = stub_write_message;
  iface->end_message_async = stub_end_message_async;
  iface->end_message_finish = stub_end_message_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (StubHandler, stub_handler, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (PH_TYPE_SMTP_HANDLER, stub_handler_iface_init))

static void
stub_handler_finalize (GObject *object)
{
  g_ptr_array_unref (STUB_HANDLER (object)->accepted);
  G_OBJECT_CLASS (stub_handler_parent_class)->finalize (object);
}

static void
stub_handler_class_init (StubHandlerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = stub_handler_finalize;
}

static void
stub_free_string (gpointer string)
{
  g_string_free (string, TRUE);
}

static void
stub_handler_init (StubHandler *self)
{
  self->accepted = g_ptr_array_new_with_free_func (stub_free_string);
}

static inline void
stub_handler_release (StubHandler *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->held);

  self->hold = FALSE;
  g_task_return_pointer (task, ph_smtp_reply_new (250, "2.0.0", "Kept"), stub_free_reply);
}

/* The i-th message that was kept, as "sender|recipients|body". */
static inline const GString *
stub_handler_get (StubHandler *self,
                  guint        i)
{
  g_assert_cmpuint (i, <, self->accepted->len);

  return self->accepted->pdata[i];
}

static inline void
iterate_all (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}
