#include "ph-settings-writer.h"

#include "ph-settings-file.h"
#include "ph-worker-pool.h"

struct _PhSettingsWriter
{
  GObject parent_instance;

  char         *path;
  GKeyFile     *file;
  char         *on_disk; /* what was read or last written; NULL: no file */
  PhWorkerPool *worker;
  GPtrArray    *waiting; /* of GTask: to be told when the next write is done */
  guint         save_timeout;
  guint         save_delay; /* of the timeout */
  gboolean      dirty;
  gboolean      saving;
  char         *error;
};

G_DEFINE_FINAL_TYPE (PhSettingsWriter, ph_settings_writer, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_ERROR,
};

static void
ph_settings_writer_get_property (GObject    *object,
                                 guint       property_id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  g_value_set_string (value, PH_SETTINGS_WRITER (object)->error);
}

static void
ph_settings_writer_finalize (GObject *object)
{
  PhSettingsWriter *self = PH_SETTINGS_WRITER (object);

  g_clear_handle_id (&self->save_timeout, g_source_remove);
  g_clear_object (&self->worker);
  g_clear_pointer (&self->file, g_key_file_unref);
  g_ptr_array_unref (self->waiting);
  g_free (self->on_disk);
  g_free (self->path);
  g_free (self->error);

  G_OBJECT_CLASS (ph_settings_writer_parent_class)->finalize (object);
}

static void
ph_settings_writer_class_init (PhSettingsWriterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ph_settings_writer_get_property;
  object_class->finalize = ph_settings_writer_finalize;
  g_object_class_install_property (object_class, PROP_ERROR,
                                   g_param_spec_string ("error", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
ph_settings_writer_init (PhSettingsWriter *self)
{
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  self->worker = ph_worker_pool_new ("settings", 1);
}

PhSettingsWriter *
ph_settings_writer_new (const char *path,
                        const char *on_disk,
                        GKeyFile   *file)
{
  PhSettingsWriter *self = g_object_new (PH_TYPE_SETTINGS_WRITER, NULL);

  self->path = g_strdup (path);
  self->on_disk = g_strdup (on_disk);
  self->file = g_key_file_ref (file);

  return self;
}

typedef struct
{
  char *path;
  char *expected; /* NULL: no file yet */
  char *text;
} PhSettingsJob;

static void
ph_settings_job_free (gpointer data)
{
  PhSettingsJob *job = data;

  g_free (job->path);
  g_free (job->expected);
  g_free (job->text);
  g_free (job);
}

static void
write_in_thread (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  PhSettingsJob *job = data;
  GError        *error = NULL;

  if (ph_settings_file_write (job->path, job->expected, job->text, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
set_error (PhSettingsWriter *self,
           const GError     *error)
{
  if (g_strcmp0 (self->error, error != NULL ? error->message : NULL) == 0)
    return;

  g_free (self->error);
  self->error = error != NULL ? g_strdup (error->message) : NULL;
  g_object_notify (G_OBJECT (self), "error");
}

static void
answer_waiting (PhSettingsWriter *self,
                const GError     *error)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < waiting->len; i++)
    {
      if (error != NULL)
        g_task_return_error (waiting->pdata[i], g_error_copy (error));
      else
        g_task_return_boolean (waiting->pdata[i], TRUE);
    }
}

static void save_now (PhSettingsWriter *self);

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  PhSettingsWriter *self = PH_SETTINGS_WRITER (source);
  PhSettingsJob    *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  self->saving = FALSE;
  if (g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_free (self->on_disk);
      self->on_disk = g_steal_pointer (&job->text);
    }
  set_error (self, error);

  /* Who asked while this ran waits for the next write. */
  if (self->dirty && error == NULL)
    save_now (self);
  else
    answer_waiting (self, error);
}

static PhSettingsJob *
make_job (PhSettingsWriter *self)
{
  PhSettingsJob *job = g_new (PhSettingsJob, 1);

  job->path = g_strdup (self->path);
  job->expected = g_strdup (self->on_disk);
  job->text = g_key_file_to_data (self->file, NULL, NULL);

  return job;
}

static void
save_now (PhSettingsWriter *self)
{
  g_autoptr (GTask) task = NULL;

  g_clear_handle_id (&self->save_timeout, g_source_remove);
  if (self->saving)
    return;

  self->saving = TRUE;
  self->dirty = FALSE;
  task = g_task_new (self, NULL, written_cb, NULL);
  g_task_set_task_data (task, make_job (self), ph_settings_job_free);
  ph_worker_pool_run (self->worker, task, write_in_thread);
}

static gboolean
save_timeout_cb (gpointer data)
{
  PhSettingsWriter *self = data;

  self->save_timeout = 0;
  save_now (self);

  return G_SOURCE_REMOVE;
}

void
ph_settings_writer_schedule (PhSettingsWriter *self,
                             guint             delay)
{
  g_return_if_fail (PH_IS_SETTINGS_WRITER (self));

  self->dirty = TRUE;
  if (self->save_timeout != 0 && self->save_delay <= delay)
    return;

  g_clear_handle_id (&self->save_timeout, g_source_remove);
  self->save_delay = delay;
  self->save_timeout = g_timeout_add (delay, save_timeout_cb, self);
}

void
ph_settings_writer_save_async (PhSettingsWriter   *self,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PH_IS_SETTINGS_WRITER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  if (!self->dirty && !self->saving)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  g_ptr_array_add (self->waiting, g_object_ref (task));
  save_now (self);
}

gboolean
ph_settings_writer_save_finish (PhSettingsWriter *self,
                                GAsyncResult     *result,
                                GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
ph_settings_writer_flush (PhSettingsWriter *self,
                          GError          **error)
{
  PhSettingsJob *job;
  gboolean       written;

  g_return_val_if_fail (PH_IS_SETTINGS_WRITER (self), FALSE);

  while (self->saving)
    g_main_context_iteration (NULL, TRUE);

  if (!self->dirty)
    return TRUE;

  g_clear_handle_id (&self->save_timeout, g_source_remove);
  self->dirty = FALSE;
  job = make_job (self);
  written = ph_settings_file_write (job->path, job->expected, job->text, error);
  if (written)
    {
      g_free (self->on_disk);
      self->on_disk = g_steal_pointer (&job->text);
    }
  ph_settings_job_free (job);

  return written;
}
