#include "ph-relay-private.h"

#include "ph-relay-error.h"

#include <string.h>

/* After what can't be read or written just now. */
#define TROUBLE_SECONDS 300

G_DEFINE_FINAL_TYPE (PhRelay, ph_relay, G_TYPE_OBJECT)

static void
end_reader (PhQueueReader *reader)
{
  ph_queue_reader_stop (reader);
  g_object_unref (reader);
}

static void
ph_relay_dispose (GObject *object)
{
  PhRelay *self = PH_RELAY (object);

  if (self->parts.clock != NULL)
    {
      ph_clock_cancel_timer (self->parts.clock, &self->timer);
      ph_relay_end_looking (self);
    }
  g_clear_pointer (&self->queue_reader, end_reader);
  g_clear_pointer (&self->bad_reader, end_reader);
  g_clear_object (&self->parts.dispatcher);
  g_clear_object (&self->parts.directory);
  g_clear_object (&self->parts.clock);
  g_clear_object (&self->poller);

  G_OBJECT_CLASS (ph_relay_parent_class)->dispose (object);
}

static void
ph_relay_finalize (GObject *object)
{
  PhRelay *self = PH_RELAY (object);

  g_clear_object (&self->journal);
  g_object_unref (self->queue);
  g_object_unref (self->bad);
  g_hash_table_unref (self->active);
  g_hash_table_unref (self->wishes);
  g_hash_table_unref (self->halves);
  g_hash_table_unref (self->troubles);
  g_hash_table_unref (self->arriving);
  ph_kept_mail_free (self->kept);
  ph_relay_config_free (self->config);

  G_OBJECT_CLASS (ph_relay_parent_class)->finalize (object);
}

static void
ph_relay_class_init (PhRelayClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_relay_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_relay_finalize;
}

gint64
ph_relay_get_now (PhRelay *self)
{
  return ph_clock_get_real_time (self->parts.clock);
}

static GHashTable *
new_set (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
ph_relay_init (PhRelay *self)
{
  self->queue = ph_queue_list_new (FALSE);
  self->bad = ph_queue_list_new (TRUE);
  self->active = new_set ();
  self->wishes = new_set ();
  self->halves = new_set ();
  self->troubles = new_set ();
  self->arriving = new_set ();
  self->kept = ph_kept_mail_new ();
}

PhRelay *
ph_relay_new (const char     *relay_dir,
              const char     *bad_dir,
              PhClock        *clock,
              PhPoller       *poller,
              PhJournal      *journal,
              PhRelayHandler *handler)
{
  static const PhRelayConfig initial = {
    .host_name = "localhost",
    .interval = 30,
    .warn_after = 4 * 60 * 60,
    .give_up_after = 5 * 24 * 60 * 60,
    .remote_port = 25,
  };
  PhRelay *self = g_object_new (PH_TYPE_RELAY, NULL);

  self->poller = g_object_ref (poller);
  g_set_object (&self->journal, journal);
  self->parts.clock = g_object_ref (clock);
  self->parts.directory = ph_queue_directory_new (relay_dir, bad_dir);
  self->parts.dispatcher = ph_dispatcher_new (clock, poller, journal);
  self->parts.handler = handler;
  self->queue_reader = ph_queue_reader_new (self->queue, PH_QUEUE_FOLDER_RELAY, self->parts.directory, clock);
  self->bad_reader = ph_queue_reader_new (self->bad, PH_QUEUE_FOLDER_BAD, self->parts.directory, clock);
  ph_relay_configure (self, &initial);

  return self;
}

/* The schedule */

/* How the queue shows and schedules what an envelope says. */
void
ph_relay_set_row (PhRelay            *self,
                  PhQueueRow         *row,
                  const PhQueueEntry *entry,
                  const char         *subject)
{
  PhQueueState state = ph_queue_entry_get_state (entry);
  gint64       due = ph_queue_entry_get_due (entry, self->config->warn_after);

  if (state == PH_QUEUE_GUARDED && ph_relay_config_may_send (self->config))
    due = 0;
  ph_queue_list_set (self->queue, row, state, due);
  ph_queue_list_tell (self->queue, row, entry, subject);
}

void
ph_relay_forget_row (PhRelay    *self,
                     PhQueueRow *row)
{
  ph_kept_mail_remove (self->kept, row->id);
  ph_queue_list_remove (self->queue, row);
}

void
ph_relay_add_bad (PhRelay            *self,
                  const PhQueueEntry *entry)
{
  if (ph_queue_list_find (self->bad, entry->id) == NULL)
    ph_queue_list_add (self->bad, entry->id, PH_QUEUE_FAILED, PH_QUEUE_NEVER);
}

static void
outgoing_ended_cb (PhOutgoing         *outgoing,
                   PhOutgoingEnd       end,
                   const PhQueueEntry *entry,
                   const GError       *error,
                   gpointer            user_data)
{
  g_autoptr (PhRelay) self = user_data; /* the outgoing's reference */
  g_autofree char *id = g_strdup (ph_outgoing_get_id (outgoing));
  PhQueueRow      *row = ph_queue_list_find (self->queue, id);

  g_hash_table_remove (self->active, id);
  row->busy = FALSE;
  if (end == PH_OUTGOING_WAITS)
    ph_relay_set_row (self, row, entry, ph_outgoing_get_subject (outgoing));
  else if (end == PH_OUTGOING_LOST && g_error_matches (error, PH_RELAY_ERROR, PH_RELAY_ERROR_FAILED))
    {
      ph_relay_log_once (self, error->message);
      ph_queue_list_set (self->queue, row, PH_QUEUE_DEFERRED, ph_relay_get_now (self) + TROUBLE_SECONDS * G_USEC_PER_SEC);
    }
  else
    {
      ph_relay_forget_row (self, row);
      if (end == PH_OUTGOING_IS_BAD)
        {
          ph_relay_add_bad (self, entry);
          ph_journal_trace (self->journal, PH_TRAIL_GIVEN_UP, id, NULL, entry->reason);
        }
      if (end == PH_OUTGOING_LOST && g_error_matches (error, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID))
        ph_relay_log_once (self, error->message);
    }

  ph_relay_fulfil_wish (self, id);
  ph_relay_pump (self);
}

void
ph_relay_send (PhRelay       *self,
               PhQueueRow    *row,
               PhOutgoingMode mode)
{
  g_autoptr (PhOutgoing) outgoing = ph_outgoing_new (&self->parts, row->id, mode, outgoing_ended_cb, g_object_ref (self));

  row->busy = TRUE;
  row->forced = FALSE;
  ph_queue_list_set (self->queue, row, PH_QUEUE_TRYING, PH_QUEUE_NEVER);
  g_hash_table_insert (self->active, g_strdup (row->id), outgoing);
  ph_outgoing_start (outgoing);
}

static void
timer_cb (gpointer user_data)
{
  PhRelay *self = user_data;

  self->timer = 0;
  ph_relay_look_for_more (self);
  ph_relay_pump (self);
}

/* Wakes at the next due time, and after the interval at the latest: the clock may have been set. */
static void
arm_timer (PhRelay *self)
{
  PhQueueRow *row = ph_queue_list_get_next (self->queue);
  gint64      now = ph_relay_get_now (self), due = now + (gint64)self->config->interval * G_USEC_PER_SEC;

  if (row != NULL && row->due > now)
    due = MIN (due, row->due);
  if (self->timer != 0 && self->timer_due <= due && self->timer_due > now)
    return;

  ph_clock_cancel_timer (self->parts.clock, &self->timer);
  self->timer_due = due;
  self->timer = ph_clock_add_timer (self->parts.clock, due - now, timer_cb, self);
}

void
ph_relay_pump (PhRelay *self)
{
  PhQueueRow *row;

  if (!self->running)
    return;

  while (g_hash_table_size (self->active) < PH_RELAY_ACTIVE_MAX && (row = ph_queue_list_get_next (self->queue)) != NULL && row->due <= ph_relay_get_now (self))
    ph_relay_send (self, row, row->forced ? PH_OUTGOING_FORCE : PH_OUTGOING_TRY);

  arm_timer (self);
}

void
ph_relay_start (PhRelay *self)
{
  g_return_if_fail (PH_IS_RELAY (self));

  if (self->running)
    return;

  self->running = TRUE;
  ph_relay_begin_looking (self);
  ph_relay_pump (self);
}

void
ph_relay_stop (PhRelay *self)
{
  g_return_if_fail (PH_IS_RELAY (self));

  self->running = FALSE;
  ph_clock_cancel_timer (self->parts.clock, &self->timer);
  ph_relay_end_looking (self);
  ph_dispatcher_stop (self->parts.dispatcher);
}

void
ph_relay_configure (PhRelay             *self,
                    const PhRelayConfig *config)
{
  gboolean may_send = ph_relay_config_may_send (config);

  g_return_if_fail (PH_IS_RELAY (self));

  ph_relay_config_free (self->config);
  self->parts.config = self->config = ph_relay_config_copy (config);
  ph_dispatcher_configure (self->parts.dispatcher, config);
  ph_queue_list_set_all_due (self->queue, PH_QUEUE_GUARDED, may_send ? 0 : PH_QUEUE_NEVER);
  ph_relay_pump (self);
}

void
ph_relay_set_resolver (PhRelay    *self,
                       PhResolver *resolver)
{
  g_return_if_fail (PH_IS_RELAY (self));

  ph_dispatcher_set_resolver (self->parts.dispatcher, resolver);
}

/* Queueing */

static void
added_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PhRelay *self = g_task_get_source_object (task);
  g_autoptr (PhQueueEntry) entry = NULL;
  GError *error = NULL;

  g_hash_table_remove (self->arriving, g_task_get_task_data (task));
  entry = ph_queue_directory_add_finish (PH_QUEUE_DIRECTORY (source), result, &error);
  if (entry == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  ph_queue_list_add (self->queue, entry->id, ph_queue_entry_get_state (entry), PH_QUEUE_NEVER);
  ph_kept_mail_add (self->kept, entry, ph_relay_get_now (self));
  g_task_return_pointer (task, g_strdup (entry->id), g_free);
}

void
ph_relay_enqueue_async (PhRelay              *self,
                        PhSpool              *spool,
                        const PhSmtpEnvelope *envelope,
                        GCancellable         *cancellable,
                        GAsyncReadyCallback   callback,
                        gpointer              user_data)
{
  GTask        *task = g_task_new (self, cancellable, callback, user_data);
  char         *id = NULL;
  PhQueueEntry *entry;

  g_return_if_fail (PH_IS_RELAY (self));

  id = ph_queue_files_new_id (ph_relay_get_now (self), self->last_id++);
  entry = ph_queue_entry_new (id, envelope, ph_spool_get_size (spool), ph_relay_get_now (self));
  for (guint i = 0; i < entry->addressees->len && !ph_relay_config_may_send (self->config) && entry->release == 0; i++)
    ((PhQueueAddressee *)entry->addressees->pdata[i])->state = PH_QUEUE_GUARDED;

  g_hash_table_add (self->arriving, g_strdup (id));
  g_task_set_task_data (task, id, g_free);
  ph_queue_directory_add_async (self->parts.directory, spool, entry, added_cb, task);
}

char *
ph_relay_enqueue_finish (PhRelay      *self,
                         GAsyncResult *result,
                         GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ph_relay_commit (PhRelay    *self,
                 const char *id)
{
  PhQueueRow *row = ph_queue_list_find (self->queue, id);

  g_return_if_fail (PH_IS_RELAY (self));

  if (row == NULL || (row->state == PH_QUEUE_GUARDED && !ph_relay_config_may_send (self->config)))
    return;

  ph_queue_list_set (self->queue, row, (PhQueueState)row->state, ph_kept_mail_get_release (self->kept, id));
  ph_relay_pump (self);
}

guint
ph_relay_count_kept (PhRelay       *self,
                     PhKeptMailFunc counts,
                     gpointer       user_data,
                     guint         *total)
{
  g_return_val_if_fail (PH_IS_RELAY (self), 0);

  return ph_kept_mail_count (self->kept, ph_relay_get_now (self), counts, user_data, total);
}
