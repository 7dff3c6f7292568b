#include "ph-queue-list-private.h"

#include <string.h>

/* An id of ours is 23 characters; of 64 bytes the allocator takes 8 for itself. */
G_STATIC_ASSERT (G_STRUCT_OFFSET (PhQueueRow, id) + 24 <= 56);

struct _PhQueueList
{
  GObject parent_instance;

  GSequence        *rows; /* of PhQueueRow, owned, by id */
  GPtrArray        *heap; /* of those with a due time */
  gboolean          bad;
  guint             frozen;
  guint             frozen_length; /* before the freeze */
  PhQueueWantedFunc wanted;
  gpointer          wanted_data;
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PhQueueList, ph_queue_list, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
row_free (gpointer data)
{
  PhQueueRow *row = data;

  g_clear_weak_pointer (&row->item);
  g_free (row);
}

static void
ph_queue_list_finalize (GObject *object)
{
  PhQueueList *self = PH_QUEUE_LIST (object);

  g_ptr_array_unref (self->heap);
  g_sequence_free (self->rows);

  G_OBJECT_CLASS (ph_queue_list_parent_class)->finalize (object);
}

static void
ph_queue_list_class_init (PhQueueListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_queue_list_finalize;
}

static void
ph_queue_list_init (PhQueueList *self)
{
  self->rows = g_sequence_new (row_free);
  self->heap = g_ptr_array_new ();
}

PhQueueList *
ph_queue_list_new (gboolean bad)
{
  PhQueueList *self = g_object_new (PH_TYPE_QUEUE_LIST, NULL);

  self->bad = bad;

  return self;
}

void
ph_queue_list_set_wanted (PhQueueList      *self,
                          PhQueueWantedFunc wanted,
                          gpointer          user_data)
{
  g_return_if_fail (PH_IS_QUEUE_LIST (self));

  self->wanted = wanted;
  self->wanted_data = user_data;
}

/* The model */

static GType
get_item_type (GListModel *model)
{
  return PH_TYPE_QUEUE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  PhQueueList *self = PH_QUEUE_LIST (model);

  return self->frozen > 0 ? self->frozen_length : ph_queue_list_get_length (self);
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  PhQueueList   *self = PH_QUEUE_LIST (model);
  GSequenceIter *place = g_sequence_get_iter_at_pos (self->rows, (int)MIN (position, G_MAXINT));
  PhQueueRow    *row;
  PhQueueItem   *item;

  if (g_sequence_iter_is_end (place))
    return NULL;

  row = g_sequence_get (place);
  if (row->item != NULL)
    return g_object_ref (row->item);

  item = ph_queue_item_new (row->id, (PhQueueState)row->state, self->bad);
  g_set_weak_pointer (&row->item, item);
  if (self->wanted != NULL)
    self->wanted (row, self->wanted_data);

  return item;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* Rows */

/* With a string in place of the second row. */
static int
compare_to_id (gconstpointer row,
               gconstpointer id,
               gpointer      looked_for)
{
  /* g_sequence_lookup() passes the data first or second, as it goes. */
  const char *a = row == looked_for ? looked_for : ((const PhQueueRow *)row)->id;
  const char *b = id == looked_for ? looked_for : ((const PhQueueRow *)id)->id;

  return strcmp (a, b);
}

static int
compare_rows (gconstpointer a,
              gconstpointer b,
              gpointer      user_data)
{
  return strcmp (((const PhQueueRow *)a)->id, ((const PhQueueRow *)b)->id);
}

PhQueueRow *
ph_queue_list_find (PhQueueList *self,
                    const char  *id)
{
  GSequenceIter *place = g_sequence_lookup (self->rows, (gpointer)id, compare_to_id, (gpointer)id);

  return place != NULL ? g_sequence_get (place) : NULL;
}

static void
tell_change (PhQueueList   *self,
             GSequenceIter *place,
             guint          removed,
             guint          added)
{
  if (self->frozen == 0)
    g_list_model_items_changed (G_LIST_MODEL (self), (guint)g_sequence_iter_get_position (place), removed, added);
}

PhQueueRow *
ph_queue_list_add (PhQueueList *self,
                   const char  *id,
                   PhQueueState state,
                   gint64       due)
{
  gsize       length = strlen (id) + 1;
  PhQueueRow *row;

  if (ph_queue_list_find (self, id) != NULL)
    return NULL;

  row = g_malloc0 (MAX (sizeof (PhQueueRow), G_STRUCT_OFFSET (PhQueueRow, id) + length));
  memcpy (row->id, id, length);
  row->state = state & 7;
  row->due = due;
  row->place = g_sequence_insert_sorted (self->rows, row, compare_rows, NULL);
  ph_due_heap_update (self->heap, row);
  tell_change (self, row->place, 0, 1);

  return row;
}

void
ph_queue_list_remove (PhQueueList *self,
                      PhQueueRow  *row)
{
  guint position = (guint)g_sequence_iter_get_position (row->place);

  row->due = PH_QUEUE_NEVER;
  ph_due_heap_update (self->heap, row);
  g_sequence_remove (row->place);
  if (self->frozen == 0)
    g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

void
ph_queue_list_freeze (PhQueueList *self)
{
  if (self->frozen++ == 0)
    self->frozen_length = ph_queue_list_get_length (self);
}

void
ph_queue_list_thaw (PhQueueList *self)
{
  if (--self->frozen == 0 && (self->frozen_length > 0 || ph_queue_list_get_length (self) > 0))
    g_list_model_items_changed (G_LIST_MODEL (self), 0, self->frozen_length, ph_queue_list_get_length (self));
}

void
ph_queue_list_set (PhQueueList *self,
                   PhQueueRow  *row,
                   PhQueueState state,
                   gint64       due)
{
  row->due = due;
  ph_due_heap_update (self->heap, row);
  row->state = state & 7;
  row->serial++;
  if (row->item != NULL)
    ph_queue_item_set_state (row->item, state);
}

void
ph_queue_list_tell (PhQueueList        *self,
                    PhQueueRow         *row,
                    const PhQueueEntry *entry,
                    const char         *subject)
{
  if (row->item != NULL)
    ph_queue_item_update (row->item, entry, subject);
}

PhQueueRow *
ph_queue_list_get_next (PhQueueList *self)
{
  return ph_due_heap_peek (self->heap);
}

void
ph_queue_list_set_all_due (PhQueueList *self,
                           PhQueueState state,
                           gint64       due)
{
  for (GSequenceIter *place = g_sequence_get_begin_iter (self->rows); !g_sequence_iter_is_end (place); place = g_sequence_iter_next (place))
    {
      PhQueueRow *row = g_sequence_get (place);

      if (row->state != state || row->busy)
        continue;
      row->due = due;
      ph_due_heap_update (self->heap, row);
    }
}

guint
ph_queue_list_get_length (PhQueueList *self)
{
  return (guint)g_sequence_get_length (self->rows);
}
