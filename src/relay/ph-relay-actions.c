/* What people do with single messages of the queue.  What is being worked on is left alone until that
 * is over; then the wish is fulfilled. */

#include "ph-relay-private.h"

#include "ph-relay-error.h"

/* Changes an envelope on disk. */
typedef void (*EditFunc) (PhQueueEntry *entry,
                          gint64        now);

typedef struct
{
  PhRelay      *relay;
  PhQueueList  *list; /* where it is now */
  PhQueueEntry *entry;
  char         *id;
  PhQueueChange change;
  EditFunc      edit; /* NULL for REMOVE */
} Edit;

static Edit *
edit_new (PhRelay      *self,
          PhQueueList  *list,
          PhQueueRow   *row,
          PhQueueChange change,
          EditFunc      func)
{
  Edit *edit = g_new0 (Edit, 1);

  *edit = (Edit){ g_object_ref (self), list, NULL, g_strdup (row->id), change, func };
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
  ph_queue_entry_free (edit->entry);
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

  edit->edit (edit->entry, ph_relay_get_now (edit->relay));
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
          gint64        now)
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
release (PhRelay     *self,
         PhQueueList *list,
         PhQueueRow  *row)
{
  ph_queue_list_set (list, row, PH_QUEUE_DUE, PH_QUEUE_NEVER);
  load_and_change (edit_new (self, list, row, PH_QUEUE_SAVE, ph_queue_entry_begin_anew));
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
  load_and_change (edit_new (self, list, row, PH_QUEUE_MOVE, ph_queue_entry_begin_anew));
}

gboolean
ph_relay_requeue (PhRelay    *self,
                  const char *id)
{
  g_return_val_if_fail (PH_IS_RELAY (self), FALSE);

  return act (self, self->bad, id, ph_relay_requeue, put_back);
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
