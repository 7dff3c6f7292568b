#include "ph-outgoing-private.h"

#include "ph-hand-over.h"
#include "ph-relay-error.h"
#include "ph-report.h"
#include "ph-schedule.h"
#include "ph-store-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (PhOutgoing, ph_outgoing, G_TYPE_OBJECT)

static void
ph_outgoing_finalize (GObject *object)
{
  PhOutgoing *self = PH_OUTGOING (object);

  ph_queue_entry_free (self->entry);
  g_clear_pointer (&self->message, ph_queue_message_unref);
  g_clear_object (&self->forms);
  g_ptr_array_unref (self->attempts);
  g_free (self->subject);
  g_free (self->id);

  G_OBJECT_CLASS (ph_outgoing_parent_class)->finalize (object);
}

static void
ph_outgoing_class_init (PhOutgoingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_outgoing_finalize;
}

static void
ph_outgoing_init (PhOutgoing *self)
{
  self->attempts = g_ptr_array_new_with_free_func (g_object_unref);
}

PhOutgoing *
ph_outgoing_new (const PhOutgoingParts *parts,
                 const char            *id,
                 PhOutgoingMode         mode,
                 PhOutgoingFunc         ended,
                 gpointer               user_data)
{
  PhOutgoing *self = g_object_new (PH_TYPE_OUTGOING, NULL);

  self->parts = parts;
  self->id = g_strdup (id);
  self->mode = mode;
  self->ended = ended;
  self->user_data = user_data;

  return self;
}

/* What came of a recipient */

static void
want_report (PhOutgoing       *self,
             PhQueueAddressee *addressee,
             PhQueueReport     report)
{
  if (ph_report_is_wanted (addressee->notify, report))
    {
      addressee->report = report;
      addressee->next_try = 0;
    }
}

static void
fail (PhOutgoing       *self,
      PhQueueAddressee *addressee,
      const char       *status)
{
  addressee->state = PH_QUEUE_FAILED;
  g_free (addressee->status);
  addressee->status = g_strdup (status);
  want_report (self, addressee, PH_QUEUE_REPORT_FAILED);
}

static void
defer (PhOutgoing       *self,
       PhQueueAddressee *addressee)
{
  gint64 now = ph_outgoing_get_now (self), stop = ph_outgoing_get_expiry (self);
  gint64 next;

  if (now >= stop)
    {
      fail (self, addressee, "5.4.7"); /* RFC 3463: delivery time expired */
      return;
    }

  addressee->state = PH_QUEUE_DEFERRED;
  next = now + ph_schedule_get_delay (&self->parts->config->schedule, addressee->tries, g_random_double_range (-1, 1));
  addressee->next_try = MIN (next, stop);
}

static void
note_reply (PhOutgoing        *self,
            PhQueueAddressee  *addressee,
            const PhSmtpReply *reply)
{
  addressee->tries++;
  addressee->last_try = ph_outgoing_get_now (self);
  g_free (addressee->last_reply);
  addressee->last_reply = ph_smtp_reply_format (reply);
  g_free (addressee->status);
  addressee->status = g_strdup (reply->enhanced);
  self->changed = TRUE;
}

static void
take_result (PhOutgoing            *self,
             PhQueueAddressee      *addressee,
             const PhAttemptResult *result)
{
  g_autofree char *status = g_strdup (result->reply->enhanced);

  note_reply (self, addressee, result->reply);
  g_free (addressee->host);
  g_free (addressee->route);
  addressee->host = g_strdup (result->host);
  addressee->route = g_strdup (result->route);

  switch (result->kind)
    {
    case PH_SMTP_RESULT_DELIVERED:
      addressee->state = PH_QUEUE_DONE;
      if (!result->has_dsn)
        want_report (self, addressee, PH_QUEUE_REPORT_RELAYED);
      break;
    case PH_SMTP_RESULT_PERMANENT:
      fail (self, addressee, status);
      break;
    case PH_SMTP_RESULT_TEMPORARY:
    default:
      defer (self, addressee);
      break;
    }
}

/* Who is tried */

static void
attempt_done_cb (PhAttempt *attempt,
                 gpointer   user_data)
{
  g_autoptr (PhOutgoing) self = user_data;
  const PhSmtpEnvelope  *envelope = ph_attempt_get_envelope (attempt);
  const PhAttemptResult *results = ph_attempt_get_results (attempt);

  for (guint i = 0; i < envelope->recipients->len; i++)
    {
      PhQueueAddressee *addressee = ((PhSmtpRecipient *)envelope->recipients->pdata[i])->handler_data;

      if (!ph_attempt_was_stopped (attempt) || results[i].kind != PH_SMTP_RESULT_TEMPORARY)
        take_result (self, addressee, &results[i]);
    }

  g_ptr_array_add (self->attempts, g_object_ref (attempt));
  self->n_running--;
  ph_outgoing_settle (self);
}

static void
add_recipient (PhSmtpEnvelope   *envelope,
               PhQueueAddressee *addressee)
{
  PhSmtpRecipient *recipient = ph_smtp_envelope_add (envelope, addressee->address);

  recipient->notify = addressee->notify;
  recipient->orcpt = g_strdup (addressee->orcpt);
  recipient->handler_data = addressee;
}

/* Only what people of this server send is signed, and what it says itself: what is passed on for others is not ours to
 * vouch for, whatever address they call their own. */
static gboolean
is_ours (PhOutgoing *self)
{
  return self->entry->from_here || self->entry->dropped_in;
}

/* With SMTPUTF8 where the message needs it; where an address does, the client sees that (S09). */
static PhSmtpEnvelope *
new_envelope (PhOutgoing *self)
{
  const PhQueueEntry *entry = self->entry;
  PhSmtpEnvelope     *envelope = ph_smtp_envelope_new (entry->sender);

  envelope->body = entry->body;
  envelope->smtputf8 = ph_message_forms_is_international (self->forms);
  envelope->requiretls = entry->requiretls;
  envelope->tls_is_optional = entry->tls_is_optional;
  envelope->ret = entry->ret;
  envelope->envid = g_strdup (entry->envid);

  return envelope;
}

/* Where all must go through the smarthost, nothing leads around it. */
static const char *
get_via (PhOutgoing *self)
{
  return self->parts->config->guard == PH_RELAY_GUARD_ANYWHERE ? self->entry->via : NULL;
}

static void
attempt (PhOutgoing *self,
         const char *domain, /* NULL: by the smarthost */
         GPtrArray  *addressees)
{
  for (guint start = 0; start < addressees->len; start += PH_ATTEMPT_RECIPIENTS_MAX)
    {
      PhSmtpEnvelope *envelope = new_envelope (self);

      for (guint i = start; i < addressees->len && i < start + PH_ATTEMPT_RECIPIENTS_MAX; i++)
        add_recipient (envelope, addressees->pdata[i]);
      self->n_running++;
      ph_dispatcher_submit (self->parts->dispatcher, ph_attempt_new (self->id, domain, get_via (self), self->forms, envelope, attempt_done_cb, g_object_ref (self)));
    }
}

#define SMARTHOST "" /* in place of a domain */

static void
attempt_all (PhOutgoing *self,
             GPtrArray  *remote)
{
  g_autoptr (GHashTable) domains = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
  GHashTableIter iter;
  const char    *domain;
  GPtrArray     *addressees;

  for (guint i = 0; i < remote->len; i++)
    {
      PhQueueAddressee *addressee = remote->pdata[i];

      domain = strrchr (addressee->address, '@') + 1;
      if (self->parts->config->smarthost != NULL && get_via (self) == NULL && ph_relay_config_find_target (self->parts->config, domain) == NULL)
        domain = SMARTHOST;
      addressees = g_hash_table_lookup (domains, domain);
      if (addressees == NULL)
        {
          addressees = g_ptr_array_new ();
          g_hash_table_insert (domains, (gpointer)domain, addressees);
        }
      g_ptr_array_add (addressees, addressee);
    }

  g_hash_table_iter_init (&iter, domains);
  while (g_hash_table_iter_next (&iter, (gpointer *)&domain, (gpointer *)&addressees))
    attempt (self, strcmp (domain, SMARTHOST) == 0 ? NULL : domain, addressees);
}

/* In English, because it may go into a report; what the error says is in the language of the window. */
static const char *
explain_trouble (const GError *error)
{
  if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA))
    return N_ ("The mailbox is full");
  if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_NO_SPACE))
    return N_ ("The disk is full");
  if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_READ_ONLY))
    return N_ ("The mail can only be read at the moment");

  return N_ ("It could not be delivered here");
}

static void
handed_over_cb (PhQueueAddressee *addressee,
                const GError     *error,
                gpointer          user_data)
{
  PhOutgoing *self = user_data;
  g_autoptr (PhSmtpReply) reply = NULL;

  if (error == NULL)
    reply = ph_smtp_reply_new (250, "2.1.5", "Delivered here");
  else if (g_error_matches (error, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID))
    reply = ph_smtp_reply_new (550, "5.1.1", "%s", error->message);
  else
    {
      reply = ph_smtp_reply_new (451, "4.3.0", "%s", explain_trouble (error));
      g_message ("Relay: %s waits for %s: %s", self->entry->id, addressee->address, error->message);
    }

  note_reply (self, addressee, reply);
  if (reply->code == 250)
    {
      addressee->state = PH_QUEUE_DONE;
      want_report (self, addressee, PH_QUEUE_REPORT_DELIVERED);
    }
  else if (reply->code == 550)
    fail (self, addressee, "5.1.1");
  else
    defer (self, addressee);
}

static void
all_handed_over_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr (PhOutgoing) self = user_data;

  self->n_running--;
  ph_outgoing_settle (self);
}

static gboolean
is_tried_now (PhOutgoing             *self,
              const PhQueueAddressee *addressee)
{
  if (!ph_queue_addressee_waits (addressee))
    return FALSE;
  if (self->mode == PH_OUTGOING_FORCE)
    return TRUE;

  return !self->entry->held && (addressee->state != PH_QUEUE_DEFERRED || addressee->next_try <= ph_outgoing_get_now (self));
}

static void
try_all (PhOutgoing *self)
{
  PhRelayHandler *handler = self->parts->handler;
  g_autoptr (GPtrArray) local = g_ptr_array_new ();
  g_autoptr (GPtrArray) remote = g_ptr_array_new ();

  self->n_running++; /* whatever ends at once, settles at the end of this */
  for (guint i = 0; i < self->entry->addressees->len; i++)
    {
      PhQueueAddressee *addressee = self->entry->addressees->pdata[i];

      if (!is_tried_now (self, addressee))
        continue;
      if (PH_RELAY_HANDLER_GET_IFACE (handler)->is_local (handler, addressee->address))
        g_ptr_array_add (local, addressee);
      else if (ph_relay_config_may_send (self->parts->config))
        g_ptr_array_add (remote, addressee);
      else if (addressee->state != PH_QUEUE_GUARDED)
        {
          addressee->state = PH_QUEUE_GUARDED;
          self->changed = TRUE;
        }
    }

  attempt_all (self, remote);
  if (local->len > 0)
    {
      self->n_running++;
      ph_hand_over_async (self->parts->directory, handler, self->message, self->entry->sender, is_ours (self), local, handed_over_cb, all_handed_over_cb, g_object_ref (self));
    }

  self->n_running--;
  ph_outgoing_settle (self);
}

/* Signing */

static gboolean
is_to_be_signed (PhOutgoing *self)
{
  return self->parts->config->signer != NULL && ph_relay_config_may_send (self->parts->config) && is_ours (self);
}

static void
prepared_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhOutgoing) self = user_data;

  ph_message_forms_prepare_finish (self->forms, result);
  try_all (self);
}

static void
try_as_is (PhOutgoing *self)
{
  if (is_to_be_signed (self) || self->entry->smtputf8)
    ph_message_forms_prepare_async (self->forms, PH_FORM_AS_IS, prepared_cb, g_object_ref (self));
  else
    try_all (self);
}

static void
shortened_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (PhOutgoing) self = user_data;

  if (ph_message_forms_prepare_finish (self->forms, result))
    try_all (self);
  else
    try_as_is (self);
}

/* S01: lines that are too long for others are encoded; but what is passed on for others goes as it came, for it may be signed. */
static void
prepare_and_try (PhOutgoing *self)
{
  PhDkimSigner *signer = is_to_be_signed (self) ? self->parts->config->signer : NULL;

  self->forms = ph_message_forms_new (self->parts->directory, self->message, self->entry, signer, ph_outgoing_get_now (self) / G_USEC_PER_SEC);
  if (self->entry->has_long_lines && is_ours (self))
    ph_message_forms_prepare_async (self->forms, PH_FORM_7BIT, shortened_cb, g_object_ref (self));
  else
    try_as_is (self);
}

static void
give_up_all (PhOutgoing *self)
{
  for (guint i = 0; i < self->entry->addressees->len; i++)
    {
      PhQueueAddressee *addressee = self->entry->addressees->pdata[i];

      if (!ph_queue_addressee_waits (addressee))
        continue;
      if (addressee->last_reply == NULL)
        addressee->last_reply = g_strdup ("554 5.0.0 Given up by hand");
      fail (self, addressee, "5.0.0");
    }

  self->changed = TRUE;
  ph_outgoing_settle (self);
}

static void
loaded_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhOutgoing) self = user_data;
  g_autoptr (GError) error = NULL;

  self->entry = ph_queue_directory_load_finish (PH_QUEUE_DIRECTORY (source), result, &self->message, &self->subject, &error);
  if (self->entry == NULL)
    ph_outgoing_end (self, PH_OUTGOING_LOST, error);
  else if (self->mode == PH_OUTGOING_BOUNCE)
    give_up_all (self);
  else
    prepare_and_try (self);
}

void
ph_outgoing_start (PhOutgoing *self)
{
  g_return_if_fail (PH_IS_OUTGOING (self) && self->entry == NULL);

  g_object_ref (self);
  ph_queue_directory_load_async (self->parts->directory, PH_QUEUE_FOLDER_RELAY, self->id, ph_outgoing_get_now (self), loaded_cb, g_object_ref (self));
}

const char *
ph_outgoing_get_id (PhOutgoing *self)
{
  return self->id;
}

const PhQueueEntry *
ph_outgoing_get_entry (PhOutgoing *self)
{
  return self->entry;
}

const char *
ph_outgoing_get_subject (PhOutgoing *self)
{
  return self->subject;
}
