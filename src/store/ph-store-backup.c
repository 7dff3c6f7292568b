/* A backup of a store that works. */

#include "ph-backup-private.h"
#include "ph-store-private.h"

typedef struct
{
  PhStoreShared   *shared;
  char            *path;
  GPtrArray       *extras;
  PhTransferCounts counts;
  PhTransferFunc   progress;
  gpointer         progress_data;
} Call;

/* On its way to the main context. */
typedef struct
{
  GTask           *task;
  PhTransferCounts counts;
} Progress;

void
ph_backup_extra_free (PhBackupExtra *self)
{
  g_free (self->path);
  g_free (self->text);
  g_free (self->name);
  g_free (self);
}

PhBackupExtra *
ph_backup_extra_new (const char *name,
                     const char *path,
                     const char *text)
{
  PhBackupExtra *self = g_new0 (PhBackupExtra, 1);

  self->name = g_strdup (name);
  self->path = g_strdup (path);
  self->text = g_strdup (text);

  return self;
}

static void
call_free (gpointer data)
{
  Call *self = data;

  ph_store_shared_unref (self->shared);
  g_ptr_array_unref (self->extras);
  g_free (self->path);
  g_free (self);
}

static gboolean
add_extra (PhBackup            *backup,
           const PhBackupExtra *extra,
           GError             **error)
{
  if (extra->text != NULL)
    return ph_backup_add_bytes (backup, extra->name, extra->text, error);
  if (g_file_test (extra->path, G_FILE_TEST_IS_DIR))
    return ph_backup_add_directory (backup, extra->path, extra->name, error);

  return ph_backup_add_file (backup, extra->path, extra->name, error);
}

static void
progress_free (gpointer data)
{
  Progress *self = data;

  g_object_unref (self->task);
  g_free (self);
}

static gboolean
tell_cb (gpointer data)
{
  Progress *self = data;
  Call     *call = g_task_get_task_data (self->task);

  if (!g_task_get_completed (self->task))
    call->progress (&self->counts, call->progress_data);

  return G_SOURCE_REMOVE;
}

static void
progress_cb (const PhTransferCounts *counts,
             gpointer                user_data)
{
  Progress *self = g_new (Progress, 1);

  self->task = g_object_ref (user_data);
  self->counts = *counts;
  g_main_context_invoke_full (g_task_get_context (self->task), G_PRIORITY_DEFAULT, tell_cb, self, progress_free);
}

static gboolean
write_backup (Call         *self,
              GTask        *task,
              GCancellable *cancellable,
              GError      **error)
{
  g_autoptr (PhBackup) backup = ph_backup_new (self->path, cancellable, error);
  gboolean ok = backup != NULL;

  if (ok && self->progress != NULL)
    ph_backup_set_progress (backup, progress_cb, task);

  for (guint i = 0; ok && i < self->extras->len; i++)
    ok = add_extra (backup, g_ptr_array_index (self->extras, i), error);
  ok = ok && ph_backup_add_mail (backup, self->shared, error) && ph_backup_finish (backup, error);
  if (backup != NULL)
    self->counts = *ph_backup_get_counts (backup);

  return ok;
}

static void
write_in_thread (GTask        *task,
                 gpointer      object,
                 gpointer      data,
                 GCancellable *cancellable)
{
  GError *error = NULL;

  if (write_backup (data, task, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
ph_store_backup_async (PhStore            *self,
                       const char         *path,
                       GPtrArray          *extras,
                       GCancellable       *cancellable,
                       PhTransferFunc      progress,
                       gpointer            progress_data,
                       GAsyncReadyCallback callback,
                       gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  Call *call;

  g_return_if_fail (PH_IS_STORE (self));

  task = g_task_new (self, cancellable, callback, user_data);
  call = g_new0 (Call, 1);
  call->shared = ph_store_shared_ref (ph_store_get_shared (self));
  call->path = g_strdup (path);
  call->extras = g_ptr_array_ref (extras);
  call->progress = progress;
  call->progress_data = progress_data;
  g_task_set_task_data (task, call, call_free);
  g_task_set_check_cancellable (task, FALSE);
  ph_worker_pool_run (ph_store_shared_get_readers (call->shared), task, write_in_thread);
}

gboolean
ph_store_backup_finish (PhStore          *self,
                        GAsyncResult     *result,
                        PhTransferCounts *counts,
                        GError          **error)
{
  if (counts != NULL)
    *counts = ((Call *)g_task_get_task_data (G_TASK (result)))->counts;

  return g_task_propagate_boolean (G_TASK (result), error);
}
