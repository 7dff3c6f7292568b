#include "ph-hand-over.h"

#include "ph-relay-error.h"

typedef struct
{
  PhRelayHandler *handler;
  PhQueueMessage *message;
  char           *sender;
  gboolean        from_here;
  GPtrArray      *addressees;
  guint           next;
  GBytes         *bytes;
  PhHandOverFunc  told;
  gpointer        user_data;
} HandOver;

static void
hand_over_free (gpointer data)
{
  HandOver *self = data;

  g_object_unref (self->handler);
  ph_queue_message_unref (self->message);
  g_free (self->sender);
  g_ptr_array_unref (self->addressees);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self);
}

/* Line ends as mailboxes have them: a bare LF is one, too; a bare CR becomes a blank (V02). */
static GBytes *
canonicalize (const GByteArray *bytes)
{
  GByteArray *out = g_byte_array_sized_new (bytes->len + bytes->len / 32 + 2);

  for (guint i = 0; i < bytes->len; i++)
    {
      const guint8 *byte = bytes->data + i;

      if (*byte == '\n')
        g_byte_array_append (out, (const guint8 *)"\r\n", 2);
      else if (*byte != '\r')
        g_byte_array_append (out, byte, 1);
      else if (i + 1 == bytes->len || byte[1] != '\n')
        g_byte_array_append (out, (const guint8 *)" ", 1);
    }
  if (out->len > 0 && out->data[out->len - 1] != '\n')
    g_byte_array_append (out, (const guint8 *)"\r\n", 2);

  return g_byte_array_free_to_bytes (out);
}

static void
read_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  g_autoptr (GByteArray) bytes = ph_queue_message_read_start (data, PH_HAND_OVER_MAX + 1);

  if (bytes == NULL)
    g_task_return_new_error (task, PH_RELAY_ERROR, PH_RELAY_ERROR_FAILED, "The message could not be read");
  else if (bytes->len > PH_HAND_OVER_MAX)
    g_task_return_new_error (task, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, "The message is larger than %d MiB", PH_HAND_OVER_MAX / 1024 / 1024);
  else
    g_task_return_pointer (task, canonicalize (bytes), (GDestroyNotify)g_bytes_unref);
}

static void hand_over_next (GTask *task);

static void
submitted_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  GTask    *task = user_data;
  HandOver *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  PH_RELAY_HANDLER_GET_IFACE (self->handler)->submit_finish (self->handler, result, &error);
  self->told (self->addressees->pdata[self->next++], error, self->user_data);
  hand_over_next (task);
}

static void
hand_over_next (GTask *task) /* taken */
{
  HandOver *self = g_task_get_task_data (task);

  if (self->next == self->addressees->len)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  PH_RELAY_HANDLER_GET_IFACE (self->handler)->submit_async (self->handler, self->sender, ((PhQueueAddressee *)self->addressees->pdata[self->next])->address, self->bytes, self->from_here, NULL, submitted_cb, task);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  GTask    *task = user_data;
  HandOver *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->bytes = g_task_propagate_pointer (G_TASK (result), &error);
  for (; self->bytes == NULL && self->next < self->addressees->len; self->next++)
    self->told (self->addressees->pdata[self->next], error, self->user_data);
  hand_over_next (task);
}

void
ph_hand_over_async (PhQueueDirectory   *directory,
                    PhRelayHandler     *handler,
                    PhQueueMessage     *message,
                    const char         *sender,
                    gboolean            from_here,
                    GPtrArray          *addressees,
                    PhHandOverFunc      told,
                    GAsyncReadyCallback callback,
                    gpointer            user_data)
{
  GTask    *task = g_task_new (NULL, NULL, callback, user_data);
  HandOver *self = g_new0 (HandOver, 1);
  g_autoptr (GTask) reading = g_task_new (NULL, NULL, read_cb, task);

  self->handler = g_object_ref (handler);
  self->message = ph_queue_message_ref (message);
  self->sender = g_strdup (sender);
  self->from_here = from_here;
  self->addressees = g_ptr_array_ref (addressees);
  self->told = told;
  self->user_data = user_data;
  g_task_set_task_data (task, self, hand_over_free);
  g_task_set_task_data (reading, ph_queue_message_ref (message), (GDestroyNotify)ph_queue_message_unref);
  ph_queue_directory_run (directory, reading, read_in_thread);
}
