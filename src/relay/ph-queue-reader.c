#include "ph-queue-reader.h"

/* Files read at once. */
#define RUNNING_MAX 2

struct _PhQueueReader
{
  GObject parent_instance;

  PhQueueList      *list;
  PhQueueFolder     folder;
  PhQueueDirectory *directory;
  PhClock          *clock;
  GPtrArray        *wishes; /* of ids, each once */
  guint             n_running;
  gboolean          stopped;
};

G_DEFINE_FINAL_TYPE (PhQueueReader, ph_queue_reader, G_TYPE_OBJECT)

typedef struct
{
  PhQueueReader *reader;
  guint8         serial; /* of the row, when it was asked */
  char          *id;
} PhReading;

static void
ph_queue_reader_finalize (GObject *object)
{
  PhQueueReader *self = PH_QUEUE_READER (object);

  g_object_unref (self->list);
  g_object_unref (self->directory);
  g_object_unref (self->clock);
  g_ptr_array_unref (self->wishes);

  G_OBJECT_CLASS (ph_queue_reader_parent_class)->finalize (object);
}

static void
ph_queue_reader_class_init (PhQueueReaderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_queue_reader_finalize;
}

static void
ph_queue_reader_init (PhQueueReader *self)
{
  self->wishes = g_ptr_array_new_with_free_func (g_free);
}

static void read_next (PhQueueReader *self);

static void
wish (PhQueueReader *self,
      PhQueueRow    *row)
{
  if (row->wished)
    return;

  row->wished = TRUE;
  g_ptr_array_add (self->wishes, g_strdup (row->id));
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  PhReading *reading = user_data;
  g_autoptr (PhQueueReader) self = reading->reader;
  g_autofree char *id = reading->id;
  g_autofree char *subject = NULL;
  g_autoptr (PhQueueMessage) message = NULL;
  g_autoptr (PhQueueEntry) entry = ph_queue_directory_load_finish (PH_QUEUE_DIRECTORY (source), result, &message, &subject, NULL);
  PhQueueRow *row = entry != NULL && !self->stopped ? ph_queue_list_find (self->list, id) : NULL;

  if (row != NULL && row->serial == reading->serial)
    ph_queue_list_tell (self->list, row, entry, subject);
  else if (row != NULL)
    wish (self, row);
  g_free (reading);
  self->n_running--;
  read_next (self);
}

static void
read_row (PhQueueReader *self,
          PhQueueRow    *row)
{
  PhReading *reading = g_new (PhReading, 1);

  *reading = (PhReading){ g_object_ref (self), row->serial, g_strdup (row->id) };
  self->n_running++;
  ph_queue_directory_load_async (self->directory, self->folder, row->id, ph_clock_get_real_time (self->clock), read_cb, reading);
}

static void
read_next (PhQueueReader *self)
{
  while (!self->stopped && self->n_running < RUNNING_MAX && self->wishes->len > 0)
    {
      g_autofree char *id = g_ptr_array_steal_index (self->wishes, self->wishes->len - 1);
      PhQueueRow      *row = ph_queue_list_find (self->list, id);

      if (row == NULL)
        continue;
      row->wished = FALSE;
      if (row->item != NULL)
        read_row (self, row);
    }
}

static void
wanted_cb (PhQueueRow *row,
           gpointer    user_data)
{
  wish (user_data, row);
  read_next (user_data);
}

PhQueueReader *
ph_queue_reader_new (PhQueueList      *list,
                     PhQueueFolder     folder,
                     PhQueueDirectory *directory,
                     PhClock          *clock)
{
  PhQueueReader *self = g_object_new (PH_TYPE_QUEUE_READER, NULL);

  self->list = g_object_ref (list);
  self->folder = folder;
  self->directory = g_object_ref (directory);
  self->clock = g_object_ref (clock);
  ph_queue_list_set_wanted (list, wanted_cb, self);

  return self;
}

void
ph_queue_reader_stop (PhQueueReader *self)
{
  g_return_if_fail (PH_IS_QUEUE_READER (self));

  self->stopped = TRUE;
  ph_queue_list_set_wanted (self->list, NULL, NULL);
  g_ptr_array_set_size (self->wishes, 0);
}
