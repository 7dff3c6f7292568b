/* From the relay: reports, and what other programs dropped into its directory. */

#include "ph-intake-private.h"

#include "ph-delivered-to.h"
#include "ph-delivery-plan.h"
#include "ph-relay-error.h"
#include "ph-trace.h"

#include <string.h>

gboolean
ph_intake_is_local (PhIntake   *self,
                    const char *address)
{
  const char *at = strrchr (address, '@');

  return at != NULL && ph_accounts_is_local_domain (self->accounts, at + 1);
}

static void
submitted_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (ph_delivery_plan_carry_out_finish (PH_DELIVERY_PLAN (source), result, &error))
    {
      ph_intake_answer (g_task_get_source_object (task), PH_DELIVERY_PLAN (source));
      g_task_return_boolean (task, TRUE);
    }
  else
    g_task_return_error (task, error);
}

void
ph_intake_answer (PhIntake       *self,
                  PhDeliveryPlan *plan)
{
  if (self->responder != NULL)
    ph_responder_consider (self->responder, plan);
}

/* A header with 8-bit in it asks for SMTPUTF8 all the way (RFC 6531). */
static gboolean
needs_utf8 (GBytes *message)
{
  gsize         length, i = 0;
  const guint8 *data = g_bytes_get_data (message, &length);

  while (i < length && data[i] < 0x80 && !(data[i] == '\n' && i + 1 < length && (data[i + 1] == '\r' || data[i + 1] == '\n')))
    i++;

  return i < length && data[i] >= 0x80;
}

static PhSpool *
spool_bytes (PhIntake             *self,
             const PhSmtpEnvelope *envelope,
             GBytes               *message,
             GError              **error)
{
  g_autoptr (PhSpool) spool = ph_store_open_spool (self->store, error);
  g_auto (PhBuffer) prefix = { 0 };
  const char   *delivered_to = ph_delivered_to_choose (self->accounts, envelope);
  gsize         length;
  const guint8 *data = g_bytes_get_data (message, &length);

  if (spool == NULL)
    return NULL;

  ph_trace_append_return_path (envelope->sender, &prefix);
  if (delivered_to != NULL)
    ph_trace_append_delivered_to (delivered_to, &prefix);
  if (!ph_spool_write (spool, ph_buffer_get_data (&prefix), ph_buffer_get_length (&prefix), error) || !ph_spool_write (spool, data, length, error))
    return NULL;

  return g_steal_pointer (&spool);
}

static void
submit_async (PhRelayHandler     *handler,
              const char         *sender,
              const char         *address,
              GBytes             *message,
              gboolean            from_here,
              GCancellable       *cancellable,
              GAsyncReadyCallback callback,
              gpointer            user_data)
{
  PhIntake *self = PH_INTAKE (handler);
  g_autoptr (GTask) task = g_task_new (handler, cancellable, callback, user_data);
  g_autoptr (PhSmtpEnvelope) envelope = ph_smtp_envelope_new (sender);
  g_autoptr (PhDeliveryPlan) plan = NULL;
  g_autoptr (PhSpool) spool = NULL;
  PhSmtpRecipient *recipient = ph_smtp_envelope_add (envelope, address);
  GError          *error = NULL;

  recipient->handler_free = (GDestroyNotify)g_strfreev;
  if (ph_accounts_resolve (self->accounts, address, (GStrv *)&recipient->handler_data) == PH_RECIPIENT_UNKNOWN)
    {
      g_task_return_new_error (task, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, "There is nobody named %s here", address);
      return;
    }

  spool = spool_bytes (self, envelope, message, &error);
  if (spool == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  envelope->from_here = from_here;
  envelope->smtputf8 = !g_str_is_ascii (address) || needs_utf8 (message);
  plan = ph_delivery_plan_new (self->accounts, self->store, self->relay, envelope, NULL);
  ph_delivery_plan_add (plan, recipient, recipient->handler_data);
  ph_delivery_plan_carry_out_async (plan, spool, submitted_cb, g_steal_pointer (&task));
}

static gboolean
submit_finish (PhRelayHandler *handler,
               GAsyncResult   *result,
               GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ph_intake_submit (PhIntake   *self,
                  const char *sender,
                  const char *address,
                  GBytes     *message)
{
  submit_async (PH_RELAY_HANDLER (self), sender, address, message, TRUE, NULL, NULL, NULL);
}

static gboolean
is_local (PhRelayHandler *handler,
          const char     *address)
{
  return ph_intake_is_local (PH_INTAKE (handler), address);
}

void
ph_intake_init_relay_handler (PhRelayHandlerInterface *iface)
{
  iface->is_local = is_local;
  iface->submit_async = submit_async;
  iface->submit_finish = submit_finish;
}
