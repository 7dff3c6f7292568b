/* What people do with single messages of the queue.  What is being worked on is left alone until that
 * is over; then the wish is fulfilled. */

#include "ph-relay-private.h"

#include "ph-address.h"
#include "ph-relay-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Changes an envelope on disk. */
typedef void (*EditFunc) (PhQueueEntry *entry,
                          gint64        now,
                          const char   *value);

typedef struct
{
  PhRelay      *relay;
  PhQueueList  *list; /* where it is now */
  PhQueueEntry *entry;
  char         *id;
  PhQueueChange change;
  EditFunc      edit;  /* NULL for REMOVE */
  char         *value; /* for it; NULL where it needs none */
  GTask        *task;  /* of who waits for the end, or NULL */
} Edit;

static Edit *
edit_new (PhRelay      *self,
          PhQueueList  *list,
          PhQueueRow   *row,
          PhQueueChange change,
          EditFunc      func)
{
  Edit *edit = g_new0 (Edit, 1);

  *edit = (Edit){ g_object_ref (self), list, NULL, g_strdup (row->id), change, func, NULL, NULL };
  row->busy = TRUE;

  return edit;
}

static PhQueueFolder
get_folder (const Edit *edit)
{
  return edit->list == edit->relay->bad ? PH_QUEUE_FOLDER_BAD : PH_QUEUE_FOLDER_RELAY;
}

static void
edit_end (Edit         *edit,
          const GError *error)
{
  PhRelay    *self = edit->relay;
  PhQueueRow *row = ph_queue_list_find (edit->list, edit->id);

  if (error != NULL)
    ph_relay_log_once (self, error->message);
  row->busy = FALSE;

  if (edit->change == PH_QUEUE_SAVE && edit->entry != NULL)
    ph_relay_set_row (self, row, edit->entry, NULL);
  else if (edit->change != PH_QUEUE_SAVE && error == NULL && edit->list == self->queue)
    ph_relay_forget_row (self, row);
  else if (edit->change != PH_QUEUE_SAVE && error == NULL)
    ph_queue_list_remove (edit->list, row);
  if (edit->change == PH_QUEUE_MOVE && error == NULL)
    {
      row = ph_queue_list_add (self->queue, edit->id, PH_QUEUE_DUE, PH_QUEUE_NEVER);
      if (row != NULL)
        ph_relay_set_row (self, row, edit->entry, NULL);
    }

  ph_relay_fulfil_wish (self, edit->id);
  ph_relay_pump (self);
  if (edit->task != NULL && error != NULL)
    g_task_return_error (edit->task, g_error_copy (error));
  else if (edit->task != NULL)
    g_task_return_boolean (edit->task, TRUE);
  g_clear_object (&edit->task);
  ph_queue_entry_free (edit->entry);
  g_free (edit->value);
  g_free (edit->id);
  g_free (edit);
  g_object_unref (self);
}

static void
changed_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  ph_queue_directory_change_finish (PH_QUEUE_DIRECTORY (source), result, &error);
  edit_end (user_data, error);
}

static void
change (Edit *edit)
{
  ph_queue_directory_change_async (edit->relay->parts.directory, edit->change, get_folder (edit), edit->id, edit->entry, changed_cb, edit);
}

static void
loaded_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  Edit *edit = user_data;
  g_autoptr (GError) error = NULL;

  edit->entry = ph_queue_directory_load_finish (PH_QUEUE_DIRECTORY (source), result, NULL, NULL, &error);
  if (edit->entry == NULL)
    {
      edit_end (edit, error);
      return;
    }

  edit->edit (edit->entry, ph_relay_get_now (edit->relay), edit->value);
  change (edit);
}

static void
load_and_change (Edit *edit)
{
  ph_queue_directory_load_async (edit->relay->parts.directory, get_folder (edit), edit->id, ph_relay_get_now (edit->relay), loaded_cb, edit);
}

void
ph_relay_fulfil_wish (PhRelay    *self,
                      const char *id)
{
  g_autofree char *key = NULL;
  gpointer         action;

  if (g_hash_table_steal_extended (self->wishes, id, (gpointer *)&key, &action))
    ((PhRelayAction)action) (self, id);
}

/* The actions: what each does to a row that is not busy. */

typedef void (*ActFunc) (PhRelay     *self,
                         PhQueueList *list,
                         PhQueueRow  *row);

/* Does it now, or when the row is not busy any more.  FALSE where there is no such message. */
static gboolean
act (PhRelay      *self,
     PhQueueList  *list,
     const char   *id,
     PhRelayAction action,
     ActFunc       func)
{
  PhQueueRow *row = ph_queue_list_find (list, id);

  if (row == NULL)
    return FALSE;

  if (row->busy)
    g_hash_table_insert (self->wishes, g_strdup (id), (gpointer)action);
  else
    func (self, list, row);

  return TRUE;
}

static void
set_held (PhQueueEntry *entry,
          gint64        now,
          const char   *value)
{
  entry->held = TRUE;
}

static void
hold (PhRelay     *self,
      PhQueueList *list,
      PhQueueRow  *row)
{
  ph_queue_list_set (list, row, PH_QUEUE_HELD, PH_QUEUE_NEVER);
  load_and_change (edit_new (self, list, row, PH_QUEUE_SAVE, set_held));
}

gboolean
ph_relay_hold (PhRelay    *self,
               const char *id)
{
  g_return_val_if_fail (PH_IS_RELAY (self), FALSE);

  return act (self, self->queue, id, ph_relay_hold, hold);
}

static void
begin_anew (PhQueueEntry *entry,
            gint64        now,
            const char   *value)
{
  ph_queue_entry_begin_anew (entry, now);
}

static void
release (PhRelay     *self,
         PhQueueList *list,
         PhQueueRow  *row)
{
  ph_queue_list_set (list, row, PH_QUEUE_DUE, PH_QUEUE_NEVER);
  load_and_change (edit_new (self, list, row, PH_QUEUE_SAVE, begin_anew));
}

gboolean
ph_relay_release (PhRelay    *self,
                  const char *id)
{
  g_return_val_if_fail (PH_IS_RELAY (self), FALSE);

  return act (self, self->queue, id, ph_relay_release, release);
}

static void
force (PhRelay     *self,
       PhQueueList *list,
       PhQueueRow  *row)
{
  row->forced = TRUE;
  ph_queue_list_set (list, row, (PhQueueState)row->state, 0);
  ph_relay_pump (self);
}

gboolean
ph_relay_try_now (PhRelay    *self,
                  const char *id)
{
  g_return_val_if_fail (PH_IS_RELAY (self), FALSE);

  return act (self, self->queue, id, ph_relay_try_now, force);
}

static void
give_up (PhRelay     *self,
         PhQueueList *list,
         PhQueueRow  *row)
{
  ph_relay_send (self, row, PH_OUTGOING_BOUNCE);
}

gboolean
ph_relay_bounce (PhRelay    *self,
                 const char *id)
{
  g_return_val_if_fail (PH_IS_RELAY (self), FALSE);

  return act (self, self->queue, id, ph_relay_bounce, give_up);
}

static void delete (PhRelay     *self,
                    PhQueueList *list,
                    PhQueueRow  *row)
{
  ph_queue_list_set (list, row, (PhQueueState)row->state, PH_QUEUE_NEVER);
  change (edit_new (self, list, row, PH_QUEUE_REMOVE, NULL));
}

gboolean
ph_relay_remove (PhRelay    *self,
                 const char *id)
{
  g_return_val_if_fail (PH_IS_RELAY (self), FALSE);

  return act (self, self->queue, id, ph_relay_remove, delete) || act (self, self->bad, id, ph_relay_remove, delete);
}

static void
put_back (PhRelay     *self,
          PhQueueList *list,
          PhQueueRow  *row)
{
  load_and_change (edit_new (self, list, row, PH_QUEUE_MOVE, begin_anew));
}

gboolean
ph_relay_requeue (PhRelay    *self,
                  const char *id)
{
  g_return_val_if_fail (PH_IS_RELAY (self), FALSE);

  return act (self, self->bad, id, ph_relay_requeue, put_back);
}

/* Edits that somebody waits for */

static void
set_via (PhQueueEntry *entry,
         gint64        now,
         const char   *value)
{
  g_free (entry->via);
  entry->via = *value != '\0' ? g_strdup (value) : NULL;
  ph_queue_entry_begin_anew (entry, now);
}

static void
readdress (PhQueueEntry *entry,
           gint64        now,
           const char   *value)
{
  ph_queue_entry_readdress (entry, value);
  ph_queue_entry_begin_anew (entry, now);
}

/* Takes the value, and the task. */
static void
edit_row (PhRelay      *self,
          PhQueueList  *list,
          PhQueueChange how,
          EditFunc      func,
          const char   *id,
          char         *value,
          GTask        *task)
{
  PhQueueRow *row = ph_queue_list_find (list, id);
  Edit       *edit;

  if (row != NULL && !row->busy)
    {
      edit = edit_new (self, list, row, how, func);
      edit->value = value;
      edit->task = task;
      load_and_change (edit);
      return;
    }

  if (row == NULL)
    /* Translators: the name of a message */
    g_task_return_new_error (task, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, _ ("There is no message “%s” for which this can be done"), id);
  else
    /* Translators: the name of a message */
    g_task_return_new_error (task, PH_RELAY_ERROR, PH_RELAY_ERROR_FAILED, _ ("“%s” is being worked on: try again in a moment"), id);
  g_free (value);
  g_object_unref (task);
}

void
ph_relay_reroute_async (PhRelay            *self,
                        const char         *id,
                        const char         *server,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (PhRelayTarget) target = *server != '\0' ? ph_relay_target_parse (server) : NULL;

  if (*server == '\0' || target != NULL)
    edit_row (self, self->queue, PH_QUEUE_SAVE, set_via, id, g_strdup (server), task);
  else
    {
      /* Translators: what was written */
      g_task_return_new_error (task, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, _ ("“%s” is no server: write HOST or HOST:PORT"), server);
      g_object_unref (task);
    }
}

void
ph_relay_requeue_to_async (PhRelay            *self,
                           const char         *id,
                           const char         *recipient,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  char  *address = ph_address_normalize (recipient);

  if (address != NULL)
    edit_row (self, self->bad, PH_QUEUE_MOVE, readdress, id, address, task);
  else
    {
      /* Translators: what was written */
      g_task_return_new_error (task, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, _ ("“%s” is no address"), recipient);
      g_object_unref (task);
    }
}

gboolean
ph_relay_edit_finish (PhRelay      *self,
                      GAsyncResult *result,
                      GError      **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
shown_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (PhQueueEntry) entry = ph_queue_directory_load_finish (PH_QUEUE_DIRECTORY (source), result, NULL, NULL, &error);

  if (entry != NULL)
    g_task_return_pointer (task, ph_queue_entry_format (entry), g_free);
  else
    g_task_return_error (task, error);
}

void
ph_relay_show_async (PhRelay            *self,
                     const char         *id,
                     GAsyncReadyCallback callback,
                     gpointer            user_data)
{
  GTask        *task = g_task_new (self, NULL, callback, user_data);
  PhQueueFolder folder = ph_queue_list_find (self->bad, id) != NULL ? PH_QUEUE_FOLDER_BAD : PH_QUEUE_FOLDER_RELAY;

  if (folder == PH_QUEUE_FOLDER_BAD || ph_queue_list_find (self->queue, id) != NULL)
    {
      ph_queue_directory_load_async (self->parts.directory, folder, id, ph_relay_get_now (self), shown_cb, task);
      return;
    }

  /* Translators: the name of a message */
  g_task_return_new_error (task, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, _ ("There is no message “%s”"), id);
  g_object_unref (task);
}

char *
ph_relay_show_finish (PhRelay      *self,
                      GAsyncResult *result,
                      GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ph_relay_withdraw (PhRelay    *self,
                   const char *id)
{
  ph_relay_remove (self, id);
}

GListModel *
ph_relay_get_queue (PhRelay *self)
{
  g_return_val_if_fail (PH_IS_RELAY (self), NULL);

  return G_LIST_MODEL (self->queue);
}

GListModel *
ph_relay_get_bad (PhRelay *self)
{
  g_return_val_if_fail (PH_IS_RELAY (self), NULL);

  return G_LIST_MODEL (self->bad);
}
