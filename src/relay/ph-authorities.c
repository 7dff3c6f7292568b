#include "ph-authorities.h"

#include "ph-worker-pool.h"

struct _PhAuthorities
{
  GObject parent_instance;

  char         *file;
  PhTlsClient  *client;
  PhWorkerPool *worker;
  gboolean      is_reading;
  GQueue        waiting; /* of GTask, owned */
};

G_DEFINE_FINAL_TYPE (PhAuthorities, ph_authorities, G_TYPE_OBJECT)

static void
ph_authorities_finalize (GObject *object)
{
  PhAuthorities *self = PH_AUTHORITIES (object);

  g_clear_object (&self->worker);
  g_clear_object (&self->client);
  g_free (self->file);

  G_OBJECT_CLASS (ph_authorities_parent_class)->finalize (object);
}

static void
ph_authorities_class_init (PhAuthoritiesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_authorities_finalize;
}

static void
ph_authorities_init (PhAuthorities *self)
{
  self->worker = ph_worker_pool_new ("authorities", 1);
}

PhAuthorities *
ph_authorities_new (const char *file)
{
  PhAuthorities *self = g_object_new (PH_TYPE_AUTHORITIES, NULL);

  self->file = g_strdup (file);

  return self;
}

static void
read_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  GError      *error = NULL;
  PhTlsClient *client = ph_tls_client_new (PH_TLS_VERIFY_NAME, data, &error);

  if (client != NULL)
    g_task_return_pointer (task, client, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  PhAuthorities *self = PH_AUTHORITIES (source);
  g_autoptr (GError) error = NULL;

  self->is_reading = FALSE;
  self->client = g_task_propagate_pointer (G_TASK (result), &error);
  if (error != NULL)
    g_warning ("%s", error->message);

  while (!g_queue_is_empty (&self->waiting))
    {
      g_autoptr (GTask) task = g_queue_pop_head (&self->waiting);

      g_task_return_boolean (task, TRUE);
    }
}

void
ph_authorities_read_async (PhAuthorities      *self,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr (GTask) reading = NULL;

  g_queue_push_tail (&self->waiting, g_task_new (self, NULL, callback, user_data));
  if (self->is_reading)
    return;

  self->is_reading = TRUE;
  reading = g_task_new (self, NULL, read_cb, NULL);
  g_task_set_task_data (reading, g_strdup (self->file), g_free);
  ph_worker_pool_run (self->worker, reading, read_in_thread);
}

PhTlsClient *
ph_authorities_get (PhAuthorities *self)
{
  return self->client;
}

const char *
ph_authorities_get_file (PhAuthorities *self)
{
  return self->file;
}
