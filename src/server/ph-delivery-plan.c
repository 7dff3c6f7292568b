#include "ph-delivery-plan.h"

#include "ph-leftover.h"
#include "ph-queue-message.h"
#include "ph-relay-error.h"
#include "ph-report.h"
#include "ph-trail.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>

struct _PhDeliveryPlan
{
  GObject parent_instance;

  PhAccounts       *accounts;
  PhStore          *store;
  PhRelay          *relay;   /* NULL: nothing can be sent to others */
  PhJournalSession *journal; /* NULL: nobody to tell */
  PhSpool          *spool;
  GPtrArray        *mailboxes; /* of char*: addresses of accounts */
  PhSmtpEnvelope   *outward;   /* for recipients elsewhere */
  PhSmtpEnvelope   *confirmed; /* recipients here of whose delivery the sender wants to know */
  char             *id;        /* or NULL */
  char             *queue_id;
  guint64           record; /* of a message for here and elsewhere; 0: none */
  GError           *error;  /* while the record is released */
  char             *summary;
};

G_DEFINE_FINAL_TYPE (PhDeliveryPlan, ph_delivery_plan, G_TYPE_OBJECT)

static void
ph_delivery_plan_dispose (GObject *object)
{
  PhDeliveryPlan *self = PH_DELIVERY_PLAN (object);

  g_clear_object (&self->accounts);
  g_clear_object (&self->store);
  g_clear_object (&self->relay);
  g_clear_object (&self->journal);
  g_clear_object (&self->spool);

  G_OBJECT_CLASS (ph_delivery_plan_parent_class)->dispose (object);
}

static void
ph_delivery_plan_finalize (GObject *object)
{
  PhDeliveryPlan *self = PH_DELIVERY_PLAN (object);

  g_ptr_array_unref (self->mailboxes);
  g_clear_pointer (&self->outward, ph_smtp_envelope_free);
  g_clear_pointer (&self->confirmed, ph_smtp_envelope_free);
  g_clear_error (&self->error);
  g_free (self->id);
  g_free (self->queue_id);
  g_free (self->summary);

  G_OBJECT_CLASS (ph_delivery_plan_parent_class)->finalize (object);
}

static void
ph_delivery_plan_class_init (PhDeliveryPlanClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_delivery_plan_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_delivery_plan_finalize;
}

static void
ph_delivery_plan_init (PhDeliveryPlan *self)
{
  self->mailboxes = g_ptr_array_new_with_free_func (g_free);
}

PhDeliveryPlan *
ph_delivery_plan_new (PhAccounts           *accounts,
                      PhStore              *store,
                      PhRelay              *relay,
                      const PhSmtpEnvelope *envelope,
                      PhJournalSession     *journal)
{
  PhDeliveryPlan *self = g_object_new (PH_TYPE_DELIVERY_PLAN, NULL);

  self->accounts = g_object_ref (accounts);
  self->store = g_object_ref (store);
  g_set_object (&self->relay, relay);
  g_set_object (&self->journal, journal);
  self->outward = ph_smtp_envelope_copy_options (envelope);
  self->confirmed = ph_smtp_envelope_copy_options (envelope);

  /* What came as BINARYMIME was re-encoded (RFC 3030 section 3). */
  if (self->outward->body == PH_SMTP_BODY_BINARYMIME)
    self->outward->body = PH_SMTP_BODY_8BITMIME;

  return self;
}

void
ph_delivery_plan_set_id (PhDeliveryPlan *self,
                         const char     *id)
{
  g_return_if_fail (PH_IS_DELIVERY_PLAN (self));

  g_free (self->id);
  self->id = g_strdup (id);
}

static gboolean
has_mailbox (PhDeliveryPlan *self,
             const char     *address)
{
  return g_ptr_array_find_with_equal_func (self->mailboxes, address, g_str_equal, NULL);
}

static PhSmtpRecipient *
add_copy (PhSmtpEnvelope        *envelope,
          const PhSmtpRecipient *recipient,
          const char            *address)
{
  PhSmtpRecipient *copy = ph_smtp_envelope_add (envelope, address);

  copy->notify = recipient->notify;
  copy->orcpt = g_strdup (recipient->orcpt);

  return copy;
}

static gboolean
has_outward (PhDeliveryPlan *self,
             const char     *address)
{
  for (guint i = 0; i < self->outward->recipients->len; i++)
    if (strcmp (((PhSmtpRecipient *)self->outward->recipients->pdata[i])->address, address) == 0)
      return TRUE;

  return FALSE;
}

/* By the address that was given, so that it means what it means by then.  Only "postmaster" has no domain. */
static void
add_kept (PhDeliveryPlan        *self,
          const PhSmtpRecipient *recipient,
          const char *const     *targets)
{
  const char *const own[] = { recipient->address, NULL };

  for (const char *const *address = strchr (recipient->address, '@') != NULL ? own : targets; address != NULL && *address != NULL; address++)
    if (!has_outward (self, *address))
      add_copy (self->outward, recipient, *address);
}

void
ph_delivery_plan_add (PhDeliveryPlan        *self,
                      const PhSmtpRecipient *recipient,
                      const char *const     *targets)
{
  gboolean is_here = FALSE;

  g_return_if_fail (PH_IS_DELIVERY_PLAN (self));

  /* What is to wait for its time waits in the queue, whoever gets it. */
  if (self->outward->release != 0)
    {
      add_kept (self, recipient, targets);
      return;
    }

  for (guint i = 0; targets != NULL && targets[i] != NULL; i++)
    {
      PhAccount *account = ph_accounts_find (self->accounts, targets[i]);

      is_here |= account != NULL;
      if (account == NULL && !has_outward (self, targets[i]))
        add_copy (self->outward, recipient, targets[i]);
      if (account != NULL && !has_mailbox (self, ph_account_get_address (account)))
        g_ptr_array_add (self->mailboxes, g_strdup (ph_account_get_address (account)));
    }

  if (is_here && (recipient->notify & PH_DSN_NOTIFY_SUCCESS))
    add_copy (self->confirmed, recipient, recipient->address);
}

void
ph_delivery_plan_add_failure (PhDeliveryPlan        *self,
                              const PhSmtpRecipient *recipient,
                              const char            *reply)
{
  g_return_if_fail (PH_IS_DELIVERY_PLAN (self));

  ph_journal_session_note (self->journal, "%s: %s", recipient->address, reply);
  add_copy (self->outward, recipient, recipient->address)->failure = g_strdup (reply);
}

static void
append_kept (PhDeliveryPlan *self,
             GString        *text)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (self->outward->release / G_USEC_PER_SEC);
  g_autofree char *date = g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");

  g_string_append_printf (text, "Kept until %s for %u as %s", date, self->outward->recipients->len, self->queue_id);
}

static void
make_summary (PhDeliveryPlan *self)
{
  GString *text = g_string_new (NULL);
  guint    n_mailboxes = self->mailboxes->len;

  if (n_mailboxes > 0)
    g_string_append_printf (text, "Delivered to %u mailbox%s", n_mailboxes, n_mailboxes == 1 ? "" : "es");
  if (self->queue_id != NULL && self->outward->release != 0)
    append_kept (self, text);
  else if (self->queue_id != NULL)
    g_string_append_printf (text, "%s for %u elsewhere as %s", n_mailboxes > 0 ? ", queued" : "Queued",
                            self->outward->recipients->len, self->queue_id);

  self->summary = g_string_free (text, FALSE);
}

/* The summary for the person at the window, who may speak another language than the client. */
static void
note_summary (PhDeliveryPlan *self)
{
  guint n_mailboxes = self->mailboxes->len, n_others = self->outward->recipients->len;

  if (n_mailboxes > 0)
    /* Translators: a number */
    ph_journal_session_note (self->journal, ngettext ("Delivered to %u mailbox", "Delivered to %u mailboxes", n_mailboxes), n_mailboxes);
  if (self->queue_id != NULL && self->outward->release != 0)
    /* Translators: a number of recipients, and the name of the message in the queue */
    ph_journal_session_note (self->journal, ngettext ("Kept for %u recipient until its time comes, as %s", "Kept for %u recipients until its time comes, as %s", n_others), n_others, self->queue_id);
  else if (self->queue_id != NULL)
    /* Translators: a number of recipients, and the name of the message in the queue */
    ph_journal_session_note (self->journal, ngettext ("Queued for %u recipient elsewhere, as %s", "Queued for %u recipients elsewhere, as %s", n_others), n_others, self->queue_id);
}

/* The first steps in the life of the message. */
static void
trace (PhDeliveryPlan *self)
{
  if (self->id == NULL)
    return;

  ph_journal_session_trace (self->journal, PH_TRAIL_RECEIVED, self->id, NULL, self->outward->sender);
  for (guint i = 0; i < self->mailboxes->len; i++)
    ph_journal_session_trace (self->journal, PH_TRAIL_DELIVERED, self->id, NULL, self->mailboxes->pdata[i]);
  if (self->queue_id != NULL)
    ph_journal_session_trace (self->journal, PH_TRAIL_QUEUED, self->id, self->queue_id, NULL);
}

static void
finish (PhDeliveryPlan *self,
        GTask          *task)
{
  make_summary (self);
  if (self->queue_id != NULL)
    ph_relay_commit (self->relay, self->queue_id);
  note_summary (self);
  ph_journal_session_add_message (self->journal);
  trace (self);
  g_task_return_boolean (task, TRUE);
}

static void
note_failure (PhDeliveryPlan *self,
              gboolean        is_queueing,
              const GError   *error)
{
  if (is_queueing)
    /* Translators: why a message could not be put into the queue */
    ph_journal_session_note (self->journal, N_ ("Queueing failed: %s"), _ (error->message));
  else
    /* Translators: why a message could not be put into mailboxes */
    ph_journal_session_note (self->journal, N_ ("Delivery failed: %s"), _ (error->message));
}

static void
delivered_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PhDeliveryPlan *self = g_task_get_source_object (task);
  GError         *error = NULL;

  if (ph_store_deliver_finish (PH_STORE (source), result, &error))
    {
      finish (self, task);
      return;
    }

  note_failure (self, FALSE, error);
  g_task_return_error (task, error);
}

/* Borrows them; ends with NULL. */
static GPtrArray *
list_addresses (PhDeliveryPlan *self)
{
  GPtrArray *addresses = g_ptr_array_new ();

  g_ptr_array_extend (addresses, self->mailboxes, NULL, NULL);
  g_ptr_array_add (addresses, NULL);

  return addresses;
}

static void
deliver (PhDeliveryPlan *self,
         GTask          *task) /* transfer full */
{
  g_autoptr (GPtrArray) addresses = NULL;

  if (self->mailboxes->len == 0)
    {
      finish (self, task);
      g_object_unref (task);
      return;
    }

  addresses = list_addresses (self);
  ph_store_deliver_async (self->store, self->spool, (const char *const *)addresses->pdata, delivered_cb, task);
}

static void
released_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PhDeliveryPlan *self = g_task_get_source_object (task);

  ph_store_release_finish (PH_STORE (source), result);
  g_task_return_error (task, g_steal_pointer (&self->error));
}

/* Whoever is told so sends it again: nothing of it may come up after a crash. */
static void
fail (PhDeliveryPlan *self,
      GTask          *task, /* transfer full */
      gboolean        is_queueing,
      GError         *error) /* transfer full */
{
  note_failure (self, is_queueing, error);
  if (self->queue_id != NULL)
    ph_relay_withdraw (self->relay, self->queue_id);
  if (self->record != 0)
    {
      self->error = error;
      ph_store_release_async (self->store, self->record, released_cb, task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
noted_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PhDeliveryPlan *self = g_task_get_source_object (task);
  GError         *error = NULL;

  if (ph_store_set_queued_finish (PH_STORE (source), result, &error))
    ph_store_deliver_accepted_async (self->store, self->record, delivered_cb, g_steal_pointer (&task));
  else
    fail (self, g_steal_pointer (&task), TRUE, error);
}

static void
queued_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PhDeliveryPlan *self = g_task_get_source_object (task);
  GError         *error = NULL;

  self->queue_id = ph_relay_enqueue_finish (PH_RELAY (source), result, &error);
  if (self->queue_id == NULL)
    fail (self, g_steal_pointer (&task), TRUE, error);
  else if (self->record != 0)
    ph_store_set_queued_async (self->store, self->record, noted_cb, g_steal_pointer (&task));
  else
    finish (self, task);
}

static void
enqueue (PhDeliveryPlan *self,
         GTask          *task) /* transfer full */
{
  ph_relay_enqueue_async (self->relay, self->spool, self->outward, NULL, queued_cb, task);
}

static void
accepted_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PhDeliveryPlan *self = g_task_get_source_object (task);
  GError         *error = NULL;

  self->record = ph_store_accept_finish (PH_STORE (source), result, &error);
  if (self->record != 0)
    enqueue (self, g_steal_pointer (&task));
  else
    fail (self, g_steal_pointer (&task), FALSE, error);
}

/* One record for all of it, before any has a part. */
static void
accept_whole (PhDeliveryPlan *self,
              GTask          *task) /* transfer full */
{
  g_autoptr (GBytes) elsewhere = ph_leftover_format (self->outward, ph_spool_get_size (self->spool), g_get_real_time ());
  g_autoptr (GPtrArray) addresses = list_addresses (self);

  ph_store_accept_async (self->store, self->spool, (const char *const *)addresses->pdata, elsewhere, accepted_cb, task);
}

void
ph_delivery_plan_carry_out_async (PhDeliveryPlan     *self,
                                  PhSpool            *spool,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PH_IS_DELIVERY_PLAN (self) && self->spool == NULL);

  task = g_task_new (self, NULL, callback, user_data);
  self->spool = g_object_ref (spool);

  if (self->outward->recipients->len == 0)
    deliver (self, g_steal_pointer (&task));
  else if (self->relay == NULL)
    g_task_return_new_error (task, PH_RELAY_ERROR, PH_RELAY_ERROR_FAILED, N_ ("The relay does not run"));
  else if (self->mailboxes->len > 0)
    accept_whole (self, g_steal_pointer (&task));
  else
    enqueue (self, g_steal_pointer (&task));
}

gboolean
ph_delivery_plan_carry_out_finish (PhDeliveryPlan *self,
                                   GAsyncResult   *result,
                                   GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

const char *
ph_delivery_plan_get_summary (PhDeliveryPlan *self)
{
  return self->summary;
}

const char *
ph_delivery_plan_get_sender (PhDeliveryPlan *self)
{
  return self->outward->sender;
}

const GPtrArray *
ph_delivery_plan_get_mailboxes (PhDeliveryPlan *self)
{
  return self->mailboxes;
}

PhJournalSession *
ph_delivery_plan_get_journal (PhDeliveryPlan *self)
{
  return self->journal;
}

PhSpool *
ph_delivery_plan_get_spool (PhDeliveryPlan *self)
{
  return self->spool;
}

GBytes *
ph_delivery_plan_format_receipt (PhDeliveryPlan *self,
                                 const char     *host_name,
                                 gint64          now)
{
  g_autoptr (PhQueueEntry) entry = NULL;
  g_autoptr (PhQueueMessage) message = NULL;
  int fd;

  g_return_val_if_fail (PH_IS_DELIVERY_PLAN (self) && self->spool != NULL, NULL);

  if (self->confirmed->recipients->len == 0)
    return NULL;
  fd = fcntl (ph_spool_get_fd (self->spool), F_DUPFD_CLOEXEC, 0);
  if (fd < 0)
    return NULL;

  message = ph_queue_message_new (fd);
  entry = ph_queue_entry_new ("receipt", self->confirmed, ph_spool_get_size (self->spool), now);
  for (guint i = 0; i < entry->addressees->len; i++)
    {
      PhQueueAddressee *addressee = entry->addressees->pdata[i];

      addressee->report = PH_QUEUE_REPORT_DELIVERED;
      addressee->status = g_strdup ("2.1.5");
      addressee->last_try = now;
    }

  return ph_report_format (entry, message, host_name, now, 0);
}
