/* Taking a message: its trace, its bytes, and the answer when it is safe. */

#include "ph-intake-private.h"

#include "ph-binary-mail.h"
#include "ph-delivered-to.h"
#include "ph-delivery-plan.h"
#include "ph-incoming.h"
#include "ph-smtp-session.h"
#include "ph-trace.h"

#include <glib/gi18n-lib.h>

static char *
new_id (PhIntake *self)
{
  return g_strdup_printf ("%" G_GINT64_MODIFIER "X%03X", (guint64)ph_clock_get_real_time (self->clock), self->last_id++ & 0xfff);
}

/* As a string. */
static void
append_received (PhIntake             *self,
                 PhSmtpSession        *session,
                 const PhSmtpEnvelope *envelope,
                 const char           *id,
                 PhBuffer             *out)
{
  PhPeer          *peer = ph_session_get_peer (PH_SESSION (session));
  g_autofree char *tls = peer->is_tls ? g_strdup_printf ("%s %s", peer->tls_version, peer->tls_cipher) : NULL;
  const PhTrace    trace = {
       .helo = ph_smtp_session_get_helo (session),
       .peer_address = peer->address,
       .host = self->host_name,
       .id = id,
       .recipient = envelope->recipients->len == 1 ? ((PhSmtpRecipient *)envelope->recipients->pdata[0])->address : NULL,
       .tls = tls,
       .extended = ph_smtp_session_is_extended (session),
       .lmtp = ph_smtp_session_get_config (session)->role == PH_SMTP_ROLE_LMTP,
       .secured = peer->is_tls,
       .authenticated = ph_smtp_session_get_account (session) != NULL,
       .utf8 = envelope->smtputf8,
       .time = ph_clock_get_real_time (self->clock) / G_USEC_PER_SEC,
  };

  ph_trace_append_received (&trace, out);
  ph_buffer_append (out, "", 1);
}

GObject *
ph_intake_begin_message (PhSmtpHandler        *handler,
                         PhSmtpSession        *session,
                         const PhSmtpEnvelope *envelope,
                         PhSmtpReply         **refusal)
{
  PhIntake        *self = PH_INTAKE (handler);
  PhAccount       *account = ph_smtp_session_get_account (session);
  g_autofree char *id = new_id (self);
  g_auto (PhBuffer) received = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSpool) spool = ph_store_open_spool (self->store, &error);
  PhIncomingTrace incoming = { .id = id, .sender = envelope->sender, .delivered_to = ph_delivered_to_choose (self->accounts, envelope) };
  PhIncoming     *message;

  if (spool == NULL)
    {
      /* Translators: why */
      ph_journal_session_note (ph_session_get_journal (PH_SESSION (session)), N_ ("No room for the message: %s"), _ (error->message));
      *refusal = ph_incoming_reply_for_error (error);
      return NULL;
    }

  /* So that the message leads back to this session. */
  /* Translators: the message’s name in the Received field of its header */
  ph_journal_session_note (ph_session_get_journal (PH_SESSION (session)), N_ ("Its ID in Received is %s"), id);
  append_received (self, session, envelope, id, &received);
  incoming.received = (const char *)ph_buffer_get_data (&received);
  /* A server beside this one may have the same name, and knows what it says. */
  if (ph_smtp_session_get_config (session)->role != PH_SMTP_ROLE_LMTP)
    incoming.authserv = self->host_name;
  if (account != NULL)
    {
      incoming.host = self->host_name;
      incoming.author = ph_account_get_address (account);
      incoming.time = ph_clock_get_real_time (self->clock) / G_USEC_PER_SEC;
    }

  message = ph_incoming_new (spool, &incoming);
  ph_incoming_take_check (message, ph_intake_begin_check (self, session, envelope));

  return G_OBJECT (message);
}

gboolean
ph_intake_write_message (PhSmtpHandler *handler,
                         GObject       *message,
                         const guint8  *data,
                         gsize          length)
{
  return ph_incoming_write (PH_INCOMING (message), data, length);
}

/* Only people of this server are told: a stranger may be anybody's name (V26). */
static void
send_receipt (PhIntake       *self,
              PhDeliveryPlan *plan)
{
  const char *sender = ph_delivery_plan_get_sender (plan);
  g_autoptr (GBytes) receipt = NULL;

  if (*sender != '\0' && ph_intake_is_local (self, sender))
    receipt = ph_delivery_plan_format_receipt (plan, self->host_name, ph_clock_get_real_time (self->clock));
  if (receipt != NULL)
    ph_intake_submit (self, "", sender, receipt);
}

static void
planned_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  PhDeliveryPlan *plan = PH_DELIVERY_PLAN (source);
  g_autoptr (GTask) task = user_data;
  PhIntake *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  if (ph_delivery_plan_carry_out_finish (plan, result, &error))
    {
      send_receipt (self, plan);
      ph_intake_answer (self, plan);
    }
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

  ph_spool_set_place (converted, ph_spool_get_place (spool));
  if (self->recoders == NULL)
    self->recoders = ph_worker_pool_new ("recode", 1);
  ph_binary_mail_convert_async (spool, converted, self->recoders, converted_cb, g_steal_pointer (&owned));
}

/* Converts it where it must be. */
static void
take (PhIntake *self,
      GTask    *task, /* transfer full */
      PhSpool  *spool,
      gboolean  is_binary)
{
  if (is_binary)
    convert (self, task, spool);
  else
    carry_out (task, spool);
}

/* A message while it is found out who sent it. */
typedef struct
{
  GTask      *task;
  PhIncoming *incoming;
  gboolean    is_binary;
} Checked;

static void
checked_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autofree Checked *checked = user_data;
  g_autoptr (GTask) task = checked->task;
  g_autoptr (PhIncoming) incoming = checked->incoming;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSpool) spool = ph_intake_check_finish (PH_INTAKE (source), result, &error);

  if (error != NULL)
    g_task_return_pointer (task, ph_incoming_reply_for_error (error), (GDestroyNotify)ph_smtp_reply_free);
  else if (spool == NULL)
    g_task_return_pointer (task, ph_incoming_finish (incoming), (GDestroyNotify)ph_smtp_reply_free);
  else
    take (PH_INTAKE (source), g_steal_pointer (&task), spool, checked->is_binary);
}

static void
check_and_take (PhIntake         *self,
                GTask            *task, /* transfer full */
                PhIncoming       *incoming,
                PhJournalSession *journal,
                gboolean          is_binary)
{
  Checked *checked = g_new (Checked, 1);

  *checked = (Checked){ task, g_object_ref (incoming), is_binary };
  ph_intake_check_async (self, incoming, journal, checked_cb, checked);
}

#define GOES_IN_CIRCLES "This message was forwarded from here before: it goes in circles"

/* V28: forwarded from here before.  Who sends it new may send what they have got. */
static gboolean
goes_in_circles (PhIntake              *self,
                 PhSmtpSession         *session,
                 PhIncoming            *incoming,
                 const PhSmtpRecipient *recipient)
{
  return ph_smtp_session_get_account (session) == NULL && ph_delivered_to_is_forwarded (self->accounts, recipient) &&
         ph_incoming_was_delivered_to (incoming, recipient->address);
}

/* NULL where all of it goes in circles, and the other server is to tell so (V26). */
static PhDeliveryPlan *
make_plan (PhIntake             *self,
           PhSmtpSession        *session,
           const PhSmtpEnvelope *envelope,
           PhIncoming           *incoming)
{
  g_autoptr (PhDeliveryPlan) plan = ph_delivery_plan_new (self->accounts, self->store, self->relay, envelope, ph_session_get_journal (PH_SESSION (session)));
  guint n_circles = 0;

  ph_delivery_plan_set_id (plan, ph_incoming_get_id (incoming));
  for (guint i = 0; i < envelope->recipients->len; i++)
    {
      PhSmtpRecipient *recipient = envelope->recipients->pdata[i];

      if (goes_in_circles (self, session, incoming, recipient))
        {
          n_circles++;
          ph_delivery_plan_add_failure (plan, recipient, "554 5.4.6 " GOES_IN_CIRCLES);
        }
      else
        {
          ph_delivery_plan_add (plan, recipient, recipient->handler_data);
        }
    }

  return n_circles < envelope->recipients->len || ph_intake_is_local (self, envelope->sender) ? g_steal_pointer (&plan) : NULL;
}

/* Whoever sends it, reports among them (RFC 5322 section 3.6): it is the message that is short of them, though
 * submission adds them (RFC 6409 section 8). */
static void
note_missing (PhIncoming       *incoming,
              PhJournalSession *journal)
{
  if (ph_incoming_lacks_date (incoming))
    ph_journal_session_add_finding (journal, N_ ("A message had no Date"));
  if (ph_incoming_lacks_message_id (incoming))
    ph_journal_session_add_finding (journal, N_ ("A message had no Message-ID"));
}

void
ph_intake_end_message_async (PhSmtpHandler        *handler,
                             PhSmtpSession        *session,
                             const PhSmtpEnvelope *envelope,
                             GObject              *message,
                             GCancellable         *cancellable,
                             GAsyncReadyCallback   callback,
                             gpointer              user_data)
{
  PhIntake *self = PH_INTAKE (handler);
  g_autoptr (GTask) task = g_task_new (handler, NULL, callback, user_data);
  g_autoptr (PhDeliveryPlan) plan = NULL;
  PhSmtpReply *refusal = ph_incoming_finish (PH_INCOMING (message));
  PhSpool     *spool = ph_incoming_get_spool (PH_INCOMING (message));
  guint64      size, digest = ph_incoming_get_digest (PH_INCOMING (message), &size);

  note_missing (PH_INCOMING (message), ph_session_get_journal (PH_SESSION (session)));
  /* Sent before, and taken, but nobody was there any more to be told (S14). */
  if (refusal == NULL && ph_recent_mail_take (self->recent, envelope, digest, size))
    {
      ph_journal_session_note (ph_session_get_journal (PH_SESSION (session)), N_ ("This message was taken before, when its sender was gone: it is not delivered twice"));
      refusal = ph_smtp_reply_new (250, "2.0.0", "Taken already");
    }
  if (refusal == NULL && (plan = make_plan (self, session, envelope, PH_INCOMING (message))) == NULL)
    refusal = ph_smtp_reply_new (554, "5.4.6", GOES_IN_CIRCLES);
  if (refusal != NULL)
    {
      g_task_return_pointer (task, refusal, (GDestroyNotify)ph_smtp_reply_free);
      return;
    }

  g_task_set_task_data (task, g_steal_pointer (&plan), g_object_unref);
  if (ph_incoming_get_check (PH_INCOMING (message)) != NULL)
    check_and_take (self, g_steal_pointer (&task), PH_INCOMING (message), ph_session_get_journal (PH_SESSION (session)), envelope->body == PH_SMTP_BODY_BINARYMIME);
  else
    take (self, g_steal_pointer (&task), spool, envelope->body == PH_SMTP_BODY_BINARYMIME);
}

PhSmtpReply *
ph_intake_end_message_finish (PhSmtpHandler *handler,
                              GAsyncResult  *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

void
ph_intake_message_unanswered (PhSmtpHandler        *handler,
                              PhSmtpSession        *session,
                              const PhSmtpEnvelope *envelope,
                              GObject              *message)
{
  guint64 size, digest = ph_incoming_get_digest (PH_INCOMING (message), &size);

  ph_recent_mail_add (PH_INTAKE (handler)->recent, envelope, digest, size);
}
