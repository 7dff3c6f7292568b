/* The second half of PhOutgoing's work: what has come of the recipients is written down, reported,
 * and the files get their final form. */

#include "ph-outgoing-private.h"

#include "ph-relay-error.h"
#include "ph-report.h"
#include "ph-schedule.h"

#include <string.h>

/* Where the disk takes no write: until it is tried again. */
#define WRITE_AGAIN_SECONDS 30

gint64
ph_outgoing_get_now (PhOutgoing *self)
{
  return ph_clock_get_real_time (self->parts->clock);
}

gint64
ph_outgoing_get_expiry (PhOutgoing *self)
{
  return ph_schedule_get_end (self->entry->since, self->parts->config->give_up_after, *self->entry->sender == '\0');
}

void
ph_outgoing_settle_attempts (PhOutgoing *self,
                             guint       n)
{
  for (; n > 0; n--)
    {
      g_autoptr (PhAttempt) attempt = g_ptr_array_steal_index (self->attempts, 0);

      ph_attempt_settle (attempt);
    }
}

void
ph_outgoing_end (PhOutgoing   *self,
                 PhOutgoingEnd how,
                 const GError *error)
{
  ph_outgoing_settle_attempts (self, self->attempts->len);
  self->ended (self, how, how == PH_OUTGOING_LOST ? NULL : self->entry, error, self->user_data);
  g_object_unref (self); /* of ph_outgoing_start() */
}

static void
saved_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (PhOutgoing) self = user_data;
  g_autoptr (GError) error = NULL;

  self->saving = FALSE;
  if (!ph_queue_directory_change_finish (PH_QUEUE_DIRECTORY (source), result, &error))
    {
      /* The end will write again, and will not give up. */
      g_message ("Relay: %s", error->message);
      self->changed = TRUE;
    }
  else
    ph_outgoing_settle_attempts (self, self->n_saving);
  ph_outgoing_settle (self);
}

static void
save (PhOutgoing *self)
{
  self->saving = TRUE;
  self->n_saving = self->attempts->len;
  self->changed = FALSE;
  ph_queue_directory_change_async (self->parts->directory, PH_QUEUE_SAVE, PH_QUEUE_FOLDER_RELAY, self->id, self->entry, saved_cb, g_object_ref (self));
}

static void change_files (PhOutgoing *self);

static void
change_again_cb (gpointer data)
{
  g_autoptr (PhOutgoing) self = data;

  change_files (self);
}

static void
files_changed_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  static const PhOutgoingEnd ends[] = {
    [PH_QUEUE_SAVE] = PH_OUTGOING_WAITS,
    [PH_QUEUE_MOVE] = PH_OUTGOING_IS_BAD,
    [PH_QUEUE_REMOVE] = PH_OUTGOING_OVER,
  };
  g_autoptr (PhOutgoing) self = user_data;
  g_autoptr (GError) error = NULL;

  if (ph_queue_directory_change_finish (PH_QUEUE_DIRECTORY (source), result, &error))
    {
      ph_outgoing_end (self, ends[self->last_change], NULL);
      return;
    }

  /* What was sent must not be sent again because the disk is full: it stays in memory, and
   * nothing happens to it before it could be written down. */
  g_message ("Relay: %s", error->message);
  if (g_error_matches (error, PH_RELAY_ERROR, PH_RELAY_ERROR_GONE))
    ph_outgoing_end (self, PH_OUTGOING_LOST, error);
  else
    ph_clock_add_timer (self->parts->clock, WRITE_AGAIN_SECONDS * G_USEC_PER_SEC, change_again_cb, g_object_ref (self));
}

static void
change_files (PhOutgoing *self)
{
  ph_queue_directory_change_async (self->parts->directory, self->last_change, PH_QUEUE_FOLDER_RELAY, self->id, self->entry, files_changed_cb, g_object_ref (self));
}

/* The end */

static void
give_reason (PhOutgoing *self)
{
  g_clear_pointer (&self->entry->reason, g_free);

  for (guint i = 0; i < self->entry->addressees->len && self->entry->reason == NULL; i++)
    {
      const PhQueueAddressee *addressee = self->entry->addressees->pdata[i];

      if (addressee->state == PH_QUEUE_FAILED)
        self->entry->reason = g_strdup_printf ("%s: %s", addressee->address, addressee->last_reply);
    }
}

/* Nothing runs, nobody is to be told: the files get their final form. */
static void
conclude (PhOutgoing *self)
{
  PhQueueState state = ph_queue_entry_get_state (self->entry);

  if (ph_report_is_due (self->entry) || (state != PH_QUEUE_DONE && state != PH_QUEUE_FAILED))
    {
      self->last_change = PH_QUEUE_SAVE;
      if (!self->changed)
        {
          ph_outgoing_end (self, PH_OUTGOING_WAITS, NULL);
          return;
        }
    }
  else if (state == PH_QUEUE_DONE)
    self->last_change = PH_QUEUE_REMOVE;
  else
    {
      self->last_change = PH_QUEUE_MOVE;
      give_reason (self);
    }

  change_files (self);
}

/* Reports */

typedef struct
{
  PhQueueEntry   *entry; /* a copy: the outgoing stays in the main context */
  PhQueueMessage *message;
  char           *host_name;
  gint64          now, end;
} ReportJob;

static void
report_job_free (gpointer data)
{
  ReportJob *job = data;

  ph_queue_entry_free (job->entry);
  ph_queue_message_unref (job->message);
  g_free (job->host_name);
  g_free (job);
}

static void
format_in_thread (GTask        *task,
                  gpointer      source,
                  gpointer      data,
                  GCancellable *cancellable)
{
  ReportJob *job = data;
  GBytes    *bytes = ph_report_format (job->entry, job->message, job->host_name, job->now, job->end);

  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify)g_bytes_unref);
  else
    g_task_return_new_error (task, PH_RELAY_ERROR, PH_RELAY_ERROR_FAILED, "The message could not be read");
}

static void
report_later (PhOutgoing   *self,
              const GError *error)
{
  gint64 next = ph_outgoing_get_now (self) + ph_schedule_get_delay (&self->parts->config->schedule, 1, 0);

  g_message ("Relay: a report to %s waits: %s", self->entry->sender, error->message);
  for (guint i = 0; i < self->entry->addressees->len; i++)
    {
      PhQueueAddressee *addressee = self->entry->addressees->pdata[i];

      if (addressee->report != PH_QUEUE_REPORT_NONE && !ph_queue_addressee_waits (addressee))
        addressee->next_try = next;
    }
  self->changed = TRUE;
  conclude (self);
}

static void
reported_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhOutgoing) self = user_data;
  PhRelayHandler *handler = self->parts->handler;
  g_autoptr (GError) error = NULL;

  if (!PH_RELAY_HANDLER_GET_IFACE (handler)->submit_finish (handler, result, &error) && !g_error_matches (error, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID))
    {
      report_later (self, error);
      return;
    }

  if (error != NULL)
    g_message ("Relay: nobody is left to report to: %s", error->message);
  ph_report_clear (self->entry);
  self->changed = TRUE;
  conclude (self);
}

static void
formatted_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (PhOutgoing) self = user_data;
  PhRelayHandler *handler = self->parts->handler;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) report = g_task_propagate_pointer (G_TASK (result), &error);

  if (report == NULL)
    report_later (self, error);
  else if (g_bytes_get_size (report) == 0)
    {
      ph_report_clear (self->entry);
      conclude (self);
    }
  else
    PH_RELAY_HANDLER_GET_IFACE (handler)->submit_async (handler, "", self->entry->sender, report, TRUE, NULL, reported_cb, g_object_ref (self));
}

static void
report (PhOutgoing *self)
{
  ReportJob *job = g_new0 (ReportJob, 1);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, formatted_cb, g_object_ref (self));
  g_autofree char *text = ph_queue_entry_format (self->entry);

  job->entry = ph_queue_entry_parse (self->id, text, strlen (text), NULL);
  job->message = ph_queue_message_ref (self->message);
  job->host_name = g_strdup (self->parts->config->host_name);
  job->now = ph_outgoing_get_now (self);
  job->end = ph_outgoing_get_expiry (self);
  g_task_set_task_data (task, job, report_job_free);
  ph_queue_directory_run (self->parts->directory, task, format_in_thread);
}

/* Nobody answers for mail without a sender (S10); and a stranger may be anybody's name (V26): only
 * people of this server, and who dropped mail in, are told. */
static gboolean
has_reader (PhOutgoing *self)
{
  return *self->entry->sender != '\0' && (self->entry->dropped_in || PH_RELAY_HANDLER_GET_IFACE (self->parts->handler)->is_local (self->parts->handler, self->entry->sender));
}

static void
note_delays (PhOutgoing *self)
{
  gint64 warn = self->entry->since + (gint64)self->parts->config->warn_after * G_USEC_PER_SEC;

  for (guint i = 0; i < self->entry->addressees->len; i++)
    {
      PhQueueAddressee *addressee = self->entry->addressees->pdata[i];

      if (addressee->state != PH_QUEUE_DEFERRED || addressee->delay_told || self->entry->held || ph_outgoing_get_now (self) < warn)
        continue;
      addressee->delay_told = TRUE;
      if (ph_report_is_wanted (addressee->notify, PH_QUEUE_REPORT_DELAYED))
        addressee->report = PH_QUEUE_REPORT_DELAYED;
      self->changed = TRUE;
    }
}

/* Called whenever something has ended.  What there is to report is on disk before it is reported. */
void
ph_outgoing_settle (PhOutgoing *self)
{
  if (self->saving)
    return;

  if (self->n_running > 0)
    {
      if (self->changed)
        save (self);
      return;
    }

  note_delays (self);
  if (!has_reader (self))
    ph_report_clear (self->entry);
  if (!ph_report_is_due (self->entry))
    conclude (self);
  else if (self->changed)
    save (self);
  else
    report (self);
}
