#include "ph-intake.h"

#include "ph-binary-mail.h"
#include "ph-delivery-plan.h"
#include "ph-incoming.h"
#include "ph-relay-error.h"
#include "ph-smtp-session.h"
#include "ph-trace.h"

#include <string.h>

/* Kept free for the index, the queue's state and deletions (V42). */
#define PH_INTAKE_RESERVE (16 * 1024 * 1024)

struct _PhIntake
{
  GObject parent_instance;

  PhAccounts *accounts;
  PhStore    *store;
  PhClock    *clock;
  PhRelay    *relay; /* weak */
  char       *host_name;
  guint       last_id;

  PhWorkerPool *recoders; /* NULL before the first BINARYMIME */
};

static void smtp_handler_init (PhSmtpHandlerInterface *iface);
static void relay_handler_init (PhRelayHandlerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PhIntake, ph_intake, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (PH_TYPE_SMTP_HANDLER, smtp_handler_init) G_IMPLEMENT_INTERFACE (PH_TYPE_RELAY_HANDLER, relay_handler_init))

static void
ph_intake_dispose (GObject *object)
{
  PhIntake *self = PH_INTAKE (object);

  g_clear_weak_pointer (&self->relay);
  g_clear_object (&self->recoders);
  g_clear_object (&self->accounts);
  g_clear_object (&self->store);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (ph_intake_parent_class)->dispose (object);
}

static void
ph_intake_finalize (GObject *object)
{
  g_free (PH_INTAKE (object)->host_name);

  G_OBJECT_CLASS (ph_intake_parent_class)->finalize (object);
}

static void
ph_intake_class_init (PhIntakeClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_intake_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_intake_finalize;
}

static void
ph_intake_init (PhIntake *self)
{
}

PhIntake *
ph_intake_new (PhAccounts *accounts,
               PhStore    *store,
               PhClock    *clock)
{
  PhIntake *self = g_object_new (PH_TYPE_INTAKE, NULL);

  self->accounts = g_object_ref (accounts);
  self->store = g_object_ref (store);
  self->clock = g_object_ref (clock);
  self->host_name = g_strdup ("localhost");

  return self;
}

void
ph_intake_set_relay (PhIntake *self,
                     PhRelay  *relay)
{
  g_return_if_fail (PH_IS_INTAKE (self));

  g_set_weak_pointer (&self->relay, relay);
}

void
ph_intake_set_host_name (PhIntake   *self,
                         const char *host_name)
{
  g_return_if_fail (PH_IS_INTAKE (self));

  g_free (self->host_name);
  self->host_name = g_strdup (host_name);
}

static char *
new_id (PhIntake *self)
{
  return g_strdup_printf ("%" G_GINT64_MODIFIER "X%03X", (guint64)ph_clock_get_real_time (self->clock), self->last_id++ & 0xfff);
}

/* Yes or no */

static PhSmtpReply *
check_sender (PhSmtpHandler        *handler,
              PhSmtpSession        *session,
              const PhSmtpEnvelope *envelope)
{
  PhIntake  *self = PH_INTAKE (handler);
  PhAccount *account = ph_smtp_session_get_account (session);

  if (ph_store_get_free_space (self->store) < envelope->declared_size + PH_INTAKE_RESERVE)
    return ph_smtp_reply_new (452, "4.3.1", "The disk is full; try again later");

  /* S28: people send as themselves; reports of their programs have no sender. */
  if (account != NULL && *envelope->sender != '\0' && !ph_accounts_may_send_as (self->accounts, account, envelope->sender))
    return ph_smtp_reply_new (553, "5.7.1", "%s may not send as %s", ph_account_get_address (account), envelope->sender);

  return NULL;
}

static PhSmtpReply *
check_recipient (PhSmtpHandler        *handler,
                 PhSmtpSession        *session,
                 const PhSmtpEnvelope *envelope,
                 PhSmtpRecipient      *recipient)
{
  PhIntake *self = PH_INTAKE (handler);
  g_auto (GStrv) targets = NULL;

  switch (ph_accounts_resolve (self->accounts, recipient->address, &targets))
    {
    case PH_RECIPIENT_UNKNOWN:
      return ph_smtp_reply_new (550, "5.1.1", "There is nobody named %s here", recipient->address);

    case PH_RECIPIENT_REMOTE:
      /* V27: for others only what people of this server send. */
      if (ph_smtp_session_get_account (session) == NULL)
        return ph_smtp_reply_new (550, "5.7.1", "Mail for %s is not relayed", recipient->address);
      break;

    case PH_RECIPIENT_LOCAL:
    default:
      break;
    }

  recipient->handler_data = g_steal_pointer (&targets);
  recipient->handler_free = (GDestroyNotify)g_strfreev;

  return NULL;
}

/* Taking the message */

static GObject *
begin_message (PhSmtpHandler        *handler,
               PhSmtpSession        *session,
               const PhSmtpEnvelope *envelope,
               PhSmtpReply         **refusal)
{
  PhIntake        *self = PH_INTAKE (handler);
  PhAccount       *account = ph_smtp_session_get_account (session);
  PhPeer          *peer = ph_session_get_peer (PH_SESSION (session));
  g_autofree char *id = new_id (self);
  g_autofree char *tls = peer->is_tls ? g_strdup_printf ("%s %s", peer->tls_version, peer->tls_cipher) : NULL;
  g_auto (PhBuffer) received = { 0 };
  g_autoptr (PhSpool) spool = NULL;
  g_autoptr (GError) error = NULL;
  PhIncomingTrace incoming = { .sender = envelope->sender };
  PhTrace         trace = {
            .helo = ph_smtp_session_get_helo (session),
            .peer_address = peer->address,
            .host = self->host_name,
            .id = id,
            .recipient = envelope->recipients->len == 1 ? ((PhSmtpRecipient *)envelope->recipients->pdata[0])->address : NULL,
            .tls = tls,
            .extended = ph_smtp_session_is_extended (session),
            .lmtp = ph_smtp_session_get_config (session)->role == PH_SMTP_ROLE_LMTP,
            .secured = peer->is_tls,
            .authenticated = account != NULL,
            .utf8 = envelope->smtputf8,
            .time = ph_clock_get_real_time (self->clock) / G_USEC_PER_SEC,
  };

  spool = ph_store_open_spool (self->store, &error);
  if (spool == NULL)
    {
      *refusal = ph_incoming_reply_for_error (error);
      return NULL;
    }

  ph_trace_append_received (&trace, &received);
  ph_buffer_append (&received, "", 1);
  incoming.received = (const char *)ph_buffer_get_data (&received);
  if (account != NULL)
    {
      incoming.host = self->host_name;
      incoming.author = ph_account_get_address (account);
      incoming.time = trace.time;
    }

  return G_OBJECT (ph_incoming_new (spool, &incoming));
}

static gboolean
write_message (PhSmtpHandler *handler,
               GObject       *message,
               const guint8  *data,
               gsize          length)
{
  return ph_incoming_write (PH_INCOMING (message), data, length);
}

static void     submit_async (PhRelayHandler     *handler,
                              const char         *sender,
                              const char         *address,
                              GBytes             *message,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);
static gboolean is_local (PhRelayHandler *handler,
                          const char     *address);

/* Only people of this server are told: a stranger may be anybody's name (V26). */
static void
send_receipt (PhIntake       *self,
              PhDeliveryPlan *plan)
{
  const char *sender = ph_delivery_plan_get_sender (plan);
  g_autoptr (GBytes) receipt = NULL;

  if (*sender != '\0' && is_local (PH_RELAY_HANDLER (self), sender))
    receipt = ph_delivery_plan_format_receipt (plan, self->host_name, ph_clock_get_real_time (self->clock));
  if (receipt != NULL)
    submit_async (PH_RELAY_HANDLER (self), "", sender, receipt, NULL, NULL, NULL);
}

static void
planned_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  PhDeliveryPlan *plan = PH_DELIVERY_PLAN (source);
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (ph_delivery_plan_carry_out_finish (plan, result, &error))
    send_receipt (g_task_get_source_object (task), plan);
  if (error == NULL)
    g_task_return_pointer (task, ph_smtp_reply_new (250, "2.0.0", "%s", ph_delivery_plan_get_summary (plan)), (GDestroyNotify)ph_smtp_reply_free);
  else
    g_task_return_pointer (task, ph_incoming_reply_for_error (error), (GDestroyNotify)ph_smtp_reply_free);
}

/* The message is whole: into the mailboxes and the queue with it. */
static void
carry_out (GTask   *task, /* transfer full; its data is the plan */
           PhSpool *spool)
{
  /* Not cancelled when the client goes: what has arrived whole is kept (S14). */
  ph_delivery_plan_carry_out_async (g_task_get_task_data (task), spool, planned_cb, task);
}

static void
converted_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSpool) spool = ph_binary_mail_convert_finish (result, &error);

  if (spool != NULL)
    carry_out (g_steal_pointer (&task), spool);
  else if (error != NULL)
    g_task_return_pointer (task, ph_incoming_reply_for_error (error), (GDestroyNotify)ph_smtp_reply_free);
  else
    g_task_return_pointer (task, ph_smtp_reply_new (554, "5.6.1", "A part that is not labelled binary has binary in it"), (GDestroyNotify)ph_smtp_reply_free);
}

static void
convert (PhIntake *self,
         GTask    *task, /* transfer full */
         PhSpool  *spool)
{
  g_autoptr (GTask) owned = task;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSpool) converted = ph_store_open_spool (self->store, &error);

  if (converted == NULL)
    {
      g_task_return_pointer (task, ph_incoming_reply_for_error (error), (GDestroyNotify)ph_smtp_reply_free);
      return;
    }

  if (self->recoders == NULL)
    self->recoders = ph_worker_pool_new ("recode", 1);
  ph_binary_mail_convert_async (spool, converted, self->recoders, converted_cb, g_steal_pointer (&owned));
}

static PhDeliveryPlan *
make_plan (PhIntake             *self,
           PhSmtpSession        *session,
           const PhSmtpEnvelope *envelope)
{
  PhDeliveryPlan *plan = ph_delivery_plan_new (self->accounts, self->store, self->relay, envelope, ph_session_get_journal (PH_SESSION (session)));

  for (guint i = 0; i < envelope->recipients->len; i++)
    {
      PhSmtpRecipient *recipient = envelope->recipients->pdata[i];

      ph_delivery_plan_add (plan, recipient, recipient->handler_data);
    }

  return plan;
}

static void
end_message_async (PhSmtpHandler        *handler,
                   PhSmtpSession        *session,
                   const PhSmtpEnvelope *envelope,
                   GObject              *message,
                   GCancellable         *cancellable,
                   GAsyncReadyCallback   callback,
                   gpointer              user_data)
{
  PhIntake *self = PH_INTAKE (handler);
  g_autoptr (GTask) task = g_task_new (handler, NULL, callback, user_data);
  PhSmtpReply *refusal = ph_incoming_finish (PH_INCOMING (message));
  PhSpool     *spool = ph_incoming_get_spool (PH_INCOMING (message));

  if (refusal != NULL)
    {
      g_task_return_pointer (task, refusal, (GDestroyNotify)ph_smtp_reply_free);
      return;
    }

  g_task_set_task_data (task, make_plan (self, session, envelope), g_object_unref);
  if (envelope->body == PH_SMTP_BODY_BINARYMIME)
    convert (self, g_steal_pointer (&task), spool);
  else
    carry_out (g_steal_pointer (&task), spool);
}

static PhSmtpReply *
end_message_finish (PhSmtpHandler *handler,
                    GAsyncResult  *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

static void
smtp_handler_init (PhSmtpHandlerInterface *iface)
{
  iface->check_sender = check_sender;
  iface->check_recipient = check_recipient;
  iface->begin_message = begin_message;
  iface->write_message = write_message;
  iface->end_message_async = end_message_async;
  iface->end_message_finish = end_message_finish;
}

/* From the relay: reports, and what other programs dropped into its directory */

static gboolean
is_local (PhRelayHandler *handler,
          const char     *address)
{
  PhIntake   *self = PH_INTAKE (handler);
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
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static PhSpool *
spool_bytes (PhIntake   *self,
             const char *sender,
             GBytes     *message,
             GError    **error)
{
  g_autoptr (PhSpool) spool = ph_store_open_spool (self->store, error);
  g_auto (PhBuffer) prefix = { 0 };
  gsize         length;
  const guint8 *data = g_bytes_get_data (message, &length);

  if (spool == NULL)
    return NULL;

  ph_trace_append_return_path (sender, &prefix);
  if (!ph_spool_write (spool, ph_buffer_get_data (&prefix), ph_buffer_get_length (&prefix), error) || !ph_spool_write (spool, data, length, error))
    return NULL;

  return g_steal_pointer (&spool);
}

static void
submit_async (PhRelayHandler     *handler,
              const char         *sender,
              const char         *address,
              GBytes             *message,
              GCancellable       *cancellable,
              GAsyncReadyCallback callback,
              gpointer            user_data)
{
  PhIntake *self = PH_INTAKE (handler);
  g_autoptr (GTask) task = g_task_new (handler, cancellable, callback, user_data);
  g_autoptr (PhSmtpEnvelope) envelope = ph_smtp_envelope_new (sender);
  g_autoptr (PhDeliveryPlan) plan = NULL;
  g_autoptr (PhSpool) spool = NULL;
  g_auto (GStrv) targets = NULL;
  GError *error = NULL;

  if (ph_accounts_resolve (self->accounts, address, &targets) == PH_RECIPIENT_UNKNOWN)
    {
      g_task_return_new_error (task, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, "There is nobody named %s here", address);
      return;
    }

  spool = spool_bytes (self, sender, message, &error);
  if (spool == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  plan = ph_delivery_plan_new (self->accounts, self->store, self->relay, envelope, NULL);
  ph_delivery_plan_add (plan, ph_smtp_envelope_add (envelope, address), (const char *const *)targets);
  ph_delivery_plan_carry_out_async (plan, spool, submitted_cb, g_steal_pointer (&task));
}

static gboolean
submit_finish (PhRelayHandler *handler,
               GAsyncResult   *result,
               GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
relay_handler_init (PhRelayHandlerInterface *iface)
{
  iface->is_local = is_local;
  iface->submit_async = submit_async;
  iface->submit_finish = submit_finish;
}
