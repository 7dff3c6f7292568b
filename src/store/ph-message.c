#include "ph-message-private.h"

#include "ph-summary.h"

#include <errno.h>
#include <unistd.h>

struct _PhMessage
{
  GObject parent_instance;

  PhStoreShared *shared;
  guint32        uid;
  int            fd;
  guint64        size;
  PhMimePart    *structure; /* NULL until it was asked for */
};

G_DEFINE_FINAL_TYPE (PhMessage, ph_message, G_TYPE_OBJECT)

static void
ph_message_finalize (GObject *object)
{
  PhMessage *self = PH_MESSAGE (object);

  if (self->fd >= 0)
    close (self->fd);
  g_clear_pointer (&self->structure, ph_mime_part_free);
  g_clear_pointer (&self->shared, ph_store_shared_unref);

  G_OBJECT_CLASS (ph_message_parent_class)->finalize (object);
}

static void
ph_message_class_init (PhMessageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_message_finalize;
}

static void
ph_message_init (PhMessage *self)
{
  self->fd = -1;
}

PhMessage *
ph_message_new (PhStoreShared *shared,
                guint32        uid,
                int            fd,
                guint64        size)
{
  PhMessage *self = g_object_new (PH_TYPE_MESSAGE, NULL);

  self->shared = ph_store_shared_ref (shared);
  self->uid = uid;
  self->fd = fd;
  self->size = size;

  return self;
}

guint32
ph_message_get_uid (PhMessage *self)
{
  g_return_val_if_fail (PH_IS_MESSAGE (self), 0);

  return self->uid;
}

guint64
ph_message_get_size (PhMessage *self)
{
  g_return_val_if_fail (PH_IS_MESSAGE (self), 0);

  return self->size;
}

gssize
ph_message_read (PhMessage *self,
                 guint64    offset,
                 void      *data,
                 gsize      length,
                 GError   **error)
{
  gsize done = 0;

  g_return_val_if_fail (PH_IS_MESSAGE (self), -1);

  while (done < length)
    {
      ssize_t n = pread (self->fd, (guint8 *)data + done, length - done, (off_t)(offset + done));

      if (n == 0)
        break;
      if (n > 0)
        done += (gsize)n;
      else if (errno != EINTR)
        {
          ph_store_error_set_errno (error, errno, "read a message");
          return -1;
        }
    }

  return (gssize)done;
}

GBytes *
ph_message_dup_bytes (PhMessage *self,
                      GError   **error)
{
  g_return_val_if_fail (PH_IS_MESSAGE (self), NULL);

  return ph_summary_read_file (self->fd, error);
}

static void
parse_in_thread (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (GBytes) bytes = ph_message_dup_bytes (source, &error);

  if (bytes != NULL)
    g_task_return_pointer (task, ph_mime_part_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)), (GDestroyNotify)ph_mime_part_free);
  else
    g_task_return_error (task, error);
}

void
ph_message_load_structure_async (PhMessage          *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PH_IS_MESSAGE (self));

  task = g_task_new (self, cancellable, callback, user_data);
  if (self->structure != NULL)
    g_task_return_pointer (task, NULL, NULL);
  else
    ph_worker_pool_run (ph_store_shared_get_readers (self->shared), task, parse_in_thread);
}

const PhMimePart *
ph_message_load_structure_finish (PhMessage    *self,
                                  GAsyncResult *result,
                                  GError      **error)
{
  GError     *failure = NULL;
  PhMimePart *structure = g_task_propagate_pointer (G_TASK (result), &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return NULL;
    }

  if (self->structure == NULL)
    self->structure = structure;
  else
    g_clear_pointer (&structure, ph_mime_part_free);

  return self->structure;
}
