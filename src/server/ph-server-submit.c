/* The part of PhServer that takes a message from this computer's user without a
 * protocol: from the command line or the window. */

#include "ph-address.h"
#include "ph-delivered-to.h"
#include "ph-delivery-plan.h"
#include "ph-incoming.h"
#include "ph-server-error.h"
#include "ph-server-private.h"
#include "ph-smtp-data-decoder.h"
#include "ph-trace.h"

#include <string.h>

static PhSmtpEnvelope *
make_envelope (const char        *sender,
               const char *const *recipients,
               GBytes            *message)
{
  PhSmtpEnvelope *envelope = ph_smtp_envelope_new (sender);
  gsize           length, line = 0;
  const guint8   *data = g_bytes_get_data (message, &length);

  for (gsize i = 0; i < length; i++)
    {
      if (data[i] >= 0x80)
        envelope->body = PH_SMTP_BODY_8BITMIME;
      line = data[i] == '\n' ? 0 : line + 1;
      envelope->has_long_lines |= line > PH_SMTP_TEXT_LINE_SAFE + (data[i] == '\r');
    }
  envelope->from_here = TRUE;
  envelope->smtputf8 = !g_str_is_ascii (sender);
  for (; *recipients != NULL; recipients++)
    envelope->smtputf8 |= !g_str_is_ascii (*recipients);

  return envelope;
}

/* Each recipient becomes mailboxes here, or goes into the envelope for others. */
static gboolean
add_recipients (PhServer          *self,
                PhDeliveryPlan    *plan,
                PhSmtpEnvelope    *envelope,
                const char *const *recipients,
                GError           **error)
{
  for (; *recipients != NULL; recipients++)
    {
      g_autofree char *address = ph_address_normalize (*recipients);
      PhSmtpRecipient *recipient;

      if (address == NULL)
        {
          g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_REFUSED, "“%s” is not an address like name@example.org", *recipients);
          return FALSE;
        }
      recipient = ph_smtp_envelope_add (envelope, address);
      recipient->handler_free = (GDestroyNotify)g_strfreev;
      if (ph_accounts_resolve (self->accounts, address, (GStrv *)&recipient->handler_data) == PH_RECIPIENT_UNKNOWN)
        {
          g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_REFUSED, "There is nobody named %s here", address);
          return FALSE;
        }
      ph_delivery_plan_add (plan, recipient, recipient->handler_data);
    }

  return TRUE;
}

static PhIncoming *
open_message (PhServer             *self,
              const PhSmtpEnvelope *envelope,
              GError              **error)
{
  PhTrace trace = {
    .helo = self->host_name,
    .host = self->host_name,
    .time = ph_clock_get_real_time (self->clock) / G_USEC_PER_SEC,
  };
  PhIncomingTrace incoming = {
    .sender = envelope->sender,
    .delivered_to = ph_delivered_to_choose (self->accounts, envelope),
    .host = self->host_name,
    .author = envelope->sender,
    .time = trace.time,
  };
  g_auto (PhBuffer) received = { 0 };
  g_autoptr (PhSpool) spool = ph_store_open_spool (self->store, error);

  if (spool == NULL)
    return NULL;

  ph_trace_append_received (&trace, &received);
  ph_buffer_append (&received, "", 1);
  incoming.received = (const char *)ph_buffer_get_data (&received);

  return ph_incoming_new (spool, &incoming);
}

/* Files of this system end their lines with LF alone. */
static void
write_lines (PhIncoming *incoming,
             GBytes     *message)
{
  gsize         left;
  const guint8 *line = g_bytes_get_data (message, &left);

  while (left > 0)
    {
      const guint8 *end = memchr (line, '\n', left);
      gsize         length = end != NULL ? (gsize)(end - line) : left;
      gsize         text_length = length > 0 && line[length - 1] == '\r' ? length - 1 : length;

      ph_incoming_write (incoming, line, text_length);
      ph_incoming_write (incoming, (const guint8 *)"\r\n", 2);
      length += end != NULL ? 1 : 0;
      line += length;
      left -= length;
    }
}

static void
carried_out_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PhServer *self = g_task_get_source_object (task);
  GError   *error = NULL;

  if (ph_delivery_plan_carry_out_finish (PH_DELIVERY_PLAN (source), result, &error))
    {
      ph_responder_consider (self->responder, PH_DELIVERY_PLAN (source));
      g_task_return_pointer (task, g_strdup (ph_delivery_plan_get_summary (PH_DELIVERY_PLAN (source))), g_free);
    }
  else
    g_task_return_error (task, error);
}

void
ph_server_submit_async (PhServer           *self,
                        const char         *sender,
                        const char *const  *recipients,
                        GBytes             *message,
                        GCancellable       *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (PhSmtpEnvelope) envelope = NULL;
  g_autoptr (PhDeliveryPlan) plan = NULL;
  g_autoptr (PhIncoming) incoming = NULL;
  g_autoptr (PhSmtpReply) refusal = NULL;
  guint64 size_max;
  GError *error = NULL;

  g_return_if_fail (PH_IS_SERVER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  envelope = make_envelope (sender, recipients, message);
  plan = ph_delivery_plan_new (self->accounts, self->store, self->relay, envelope, NULL);
  g_object_get (self->settings, "message-size-max", &size_max, NULL);
  if (g_bytes_get_size (message) > size_max)
    g_set_error (&error, PH_SERVER_ERROR, PH_SERVER_ERROR_REFUSED, "The message is larger than %" G_GUINT64_FORMAT " bytes", size_max);
  if (error != NULL || !add_recipients (self, plan, envelope, recipients, &error) || (incoming = open_message (self, envelope, &error)) == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  write_lines (incoming, message);
  refusal = ph_incoming_finish (incoming);
  if (refusal != NULL)
    {
      g_task_return_new_error (task, PH_SERVER_ERROR, PH_SERVER_ERROR_REFUSED, "%s", refusal->text);
      return;
    }

  ph_delivery_plan_carry_out_async (plan, ph_incoming_get_spool (incoming), carried_out_cb, g_steal_pointer (&task));
}

char *
ph_server_submit_finish (PhServer     *self,
                         GAsyncResult *result,
                         GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
