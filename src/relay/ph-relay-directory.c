/* What is in the relay directory, by whomever. */

#include "ph-relay-private.h"

/* Pairs of which one half is missing that are remembered; more are found when the directory is read. */
#define HALVES_MAX 1000

/* What another program does in the directory is looked at together. */
#define GATHER_TIME (20 * G_TIME_SPAN_MILLISECOND)

void
ph_relay_log_once (PhRelay    *self,
                   const char *line)
{
  if (g_hash_table_size (self->troubles) < HALVES_MAX && g_hash_table_add (self->troubles, g_strdup (line)))
    g_message ("Relay: %s", line);
}

static void
queue_found_cb (GPtrArray *entries,
                gpointer   user_data)
{
  PhRelay *self = user_data;
  g_autoptr (GPtrArray) taken = entries;

  ph_queue_list_freeze (self->queue);
  for (guint i = 0; i < taken->len; i++)
    {
      const PhQueueEntry *entry = taken->pdata[i];
      PhQueueRow         *row = NULL;

      if (!g_hash_table_contains (self->arriving, entry->id))
        row = ph_queue_list_add (self->queue, entry->id, PH_QUEUE_DUE, PH_QUEUE_NEVER);
      if (row == NULL)
        continue;
      ph_relay_set_row (self, row, entry, NULL);
      ph_kept_mail_add (self->kept, entry, ph_relay_get_now (self));
    }
  ph_queue_list_thaw (self->queue);
  ph_relay_pump (self);
}

static void
bad_found_cb (GPtrArray *entries,
              gpointer   user_data)
{
  PhRelay *self = user_data;
  g_autoptr (GPtrArray) taken = entries;

  ph_queue_list_freeze (self->bad);
  for (guint i = 0; i < taken->len; i++)
    ph_relay_add_bad (self, taken->pdata[i]);
  ph_queue_list_thaw (self->bad);
}

static void
take_scan (PhRelay      *self,
           GAsyncResult *result)
{
  g_autoptr (GPtrArray) half = NULL;
  g_autoptr (GPtrArray) troubles = NULL;
  g_autoptr (GError) error = NULL;

  if (!ph_queue_directory_scan_finish (self->parts.directory, result, &half, &troubles, &error))
    {
      ph_relay_log_once (self, error->message);
      return;
    }

  for (guint i = 0; i < troubles->len; i++)
    ph_relay_log_once (self, troubles->pdata[i]);
  for (guint i = 0; i < half->len && g_hash_table_size (self->halves) < HALVES_MAX; i++)
    g_hash_table_add (self->halves, g_strdup (half->pdata[i]));
}

static void
bad_scanned_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (PhRelay) self = user_data;

  take_scan (self, result);
}

static void
scanned_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhRelay) self = user_data;

  self->scanning = FALSE;
  take_scan (self, result);
  if (self->read_all)
    ph_relay_look_for_more (self);
}

static void
scan (PhRelay           *self,
      const char *const *ids)
{
  self->scanning = TRUE;
  ph_queue_directory_scan_async (self->parts.directory, PH_QUEUE_FOLDER_RELAY, ids, ph_relay_get_now (self), queue_found_cb, scanned_cb, g_object_ref (self));
}

/* Without a watch all of it is read; else only what is known to be half there. */
void
ph_relay_look_for_more (PhRelay *self)
{
  g_autofree const char **ids = NULL;

  if (!self->running || self->scanning)
    return;

  if (self->read_all || self->watch == NULL)
    {
      self->read_all = FALSE;
      scan (self, NULL);
      return;
    }
  if (g_hash_table_size (self->halves) == 0)
    return;

  ids = (const char **)g_hash_table_get_keys_as_array (self->halves, NULL);
  scan (self, ids);
  g_hash_table_remove_all (self->halves); /* who is still half there comes back */
}

static void
gather_cb (gpointer user_data)
{
  PhRelay *self = user_data;

  self->gather_timer = 0;
  ph_relay_look_for_more (self);
}

/* Our own writing is seen, too: those ids are known. */
static void
watch_changed_cb (const char *id,
                  gpointer    user_data)
{
  PhRelay *self = user_data;

  if (id == NULL || g_hash_table_size (self->halves) >= HALVES_MAX)
    self->read_all = TRUE;
  else if (g_hash_table_contains (self->arriving, id) || ph_queue_list_find (self->queue, id) != NULL)
    return;
  else
    g_hash_table_add (self->halves, g_strdup (id));

  if (self->gather_timer == 0)
    self->gather_timer = ph_clock_add_timer (self->parts.clock, GATHER_TIME, gather_cb, self);
}

void
ph_relay_begin_looking (PhRelay *self)
{
  const char *path = ph_queue_directory_get_path (self->parts.directory, PH_QUEUE_FOLDER_RELAY);

  /* Watched before it is read, so that nothing slips through in between. */
  g_mkdir_with_parents (path, 0700);
  self->watch = ph_queue_watch_new (self->poller, path, watch_changed_cb, self);
  self->read_all = TRUE;
  ph_relay_look_for_more (self);
  ph_queue_directory_scan_async (self->parts.directory, PH_QUEUE_FOLDER_BAD, NULL, ph_relay_get_now (self), bad_found_cb, bad_scanned_cb, g_object_ref (self));
}

void
ph_relay_end_looking (PhRelay *self)
{
  ph_clock_cancel_timer (self->parts.clock, &self->gather_timer);
  g_clear_pointer (&self->watch, ph_queue_watch_free);
}
