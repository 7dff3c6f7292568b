/* CREATE, DELETE, RENAME and SUBSCRIBE: what changes the list of folders. */

#include "ph-account-store-private.h"
#include "ph-mailbox-private.h"
#include "ph-path.h"
#include "ph-pending.h"

#include <string.h>

typedef struct
{
  PhJob        job;
  char        *name;
  char        *target; /* of RENAME */
  PhSpecialUse special_use;
  gboolean     subscribed;
  GPtrArray   *made; /* directories, to be taken back */
} FolderJob;

static void
folder_job_free (PhJob *job)
{
  FolderJob *self = (FolderJob *)job;

  g_free (self->name);
  g_free (self->target);
  g_clear_pointer (&self->made, g_ptr_array_unref);
}

/* NULL, and the task has its error, for a name that can't be. */
static FolderJob *
new_job (PhAccountStore *account,
         const char     *name,
         GTask          *task, /* taken */
         gpointer        tag)
{
  g_autofree char *normal = ph_folder_name_normalize (name);
  FolderJob       *self;

  g_task_set_source_tag (task, tag);
  if (normal == NULL)
    {
      g_task_return_new_error (task, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, "A folder can't be called so");
      g_object_unref (task);
      return NULL;
    }

  self = ph_job_new (sizeof *self, G_OBJECT (account), task);
  self->name = g_steal_pointer (&normal);
  self->job.free = folder_job_free;
  self->job.done = ph_job_return_boolean;

  return self;
}

static gboolean
list_folders (FolderJob *self,
              PhWriter  *writer,
              GError   **error)
{
  self->job.folders = ph_index_list_folders (writer->index, error);

  return self->job.folders != NULL;
}

static void
run_pending (PhJob    *job,
             PhWriter *writer)
{
  g_autoptr (GError) error = NULL;

  /* What is left over is done when the account is opened again. */
  if (!ph_pending_run_folders (writer, &error))
    g_warning ("%s", error->message);
}

/* CREATE */

static gboolean
exists (PhWriter   *writer,
        const char *name)
{
  g_auto (PhFolderRow) row = { 0 };

  return ph_folder_row_load (writer->index, name, &row, NULL);
}

static gboolean
create_one (FolderJob   *self,
            PhWriter    *writer,
            const char  *name,
            PhSpecialUse special_use,
            GError     **error)
{
  g_autofree char *directory = ph_path_encode_folder (name);
  g_auto (PhFolderRow) row = { 0 };

  if (directory == NULL)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, "The name is too long");
      return FALSE;
    }
  if (!ph_maildir_make_folder (writer->maildir, directory, error))
    return FALSE;

  g_ptr_array_add (self->made, g_steal_pointer (&directory));

  return ph_folder_row_insert (writer, name, special_use, &row, error);
}

/* The folder, and what is missing above it. */
static gboolean
create_run (PhJob    *job,
            PhWriter *writer,
            GError  **error)
{
  FolderJob *self = (FolderJob *)job;

  self->made = g_ptr_array_new_with_free_func (g_free);
  if (exists (writer, self->name))
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_EXISTS, "There is a folder of that name");
      return FALSE;
    }

  for (const char *end = strchr (self->name, PH_FOLDER_DELIMITER); end != NULL; end = strchr (end + 1, PH_FOLDER_DELIMITER))
    {
      g_autofree char *parent = g_strndup (self->name, (gsize)(end - self->name));

      if (!exists (writer, parent) && !create_one (self, writer, parent, PH_SPECIAL_NONE, error))
        return FALSE;
    }

  return create_one (self, writer, self->name, self->special_use, error) && list_folders (self, writer, error);
}

static void
create_undo (PhJob    *job,
             PhWriter *writer)
{
  FolderJob *self = (FolderJob *)job;

  for (guint i = 0; self->made != NULL && i < self->made->len; i++)
    ph_maildir_remove_folder (writer->maildir, self->made->pdata[i], NULL);
}

void
ph_account_store_create_folder_async (PhAccountStore     *self,
                                      const char         *name,
                                      PhSpecialUse        special_use,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data)
{
  FolderJob *job;

  g_return_if_fail (PH_IS_ACCOUNT_STORE (self));

  job = new_job (self, name, g_task_new (self, cancellable, callback, user_data), ph_account_store_create_folder_async);
  if (job == NULL)
    return;

  job->special_use = special_use;
  job->job.run = create_run;
  job->job.undo = create_undo;
  job->job.alone = TRUE;
  ph_index_queue_push (ph_account_store_get_queue (self), &job->job);
}

/* DELETE */

static gboolean
delete_run (PhJob    *job,
            PhWriter *writer,
            GError  **error)
{
  FolderJob *self = (FolderJob *)job;
  g_auto (PhFolderRow) row = { 0 };

  if (strcmp (self->name, "INBOX") == 0)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_ALLOWED, "INBOX can't be deleted");
      return FALSE;
    }
  if (!ph_folder_row_load (writer->index, self->name, &row, error))
    return FALSE;

  ph_job_get_change (job, row.id)->deleted = TRUE;

  return ph_index_delete_folder (writer->index, row.id, error) && ph_pending_add_remove (writer->index, row.directory, error) && list_folders (self, writer, error);
}

void
ph_account_store_delete_folder_async (PhAccountStore     *self,
                                      const char         *name,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data)
{
  FolderJob *job;

  g_return_if_fail (PH_IS_ACCOUNT_STORE (self));

  job = new_job (self, name, g_task_new (self, cancellable, callback, user_data), ph_account_store_delete_folder_async);
  if (job == NULL)
    return;

  job->job.run = delete_run;
  job->job.after = run_pending;
  job->job.alone = TRUE;
  ph_index_queue_push (ph_account_store_get_queue (self), &job->job);
}

/* RENAME */

static gboolean
rename_one (FolderJob  *self,
            PhWriter   *writer,
            const char *from,
            const char *to,
            GError    **error)
{
  g_auto (PhFolderRow) row = { 0 };
  g_autofree char *directory = ph_path_encode_folder (to);
  PhChange        *change;

  if (directory == NULL)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, "The name is too long");
      return FALSE;
    }
  if (!ph_folder_row_load (writer->index, from, &row, error))
    return FALSE;

  change = ph_job_get_change (&self->job, row.id);
  g_free (change->name);
  change->name = g_strdup (to);

  return ph_index_run (writer->index, error, "UPDATE folders SET name = ? WHERE id = ?", "si", to, row.id) && ph_pending_add_rename (writer->index, row.directory, directory, error);
}

/* Parents of the new name, as CREATE makes them. */
static gboolean
make_parents (FolderJob *self,
              PhWriter  *writer,
              GError   **error)
{
  self->made = g_ptr_array_new_with_free_func (g_free);
  for (const char *end = strchr (self->target, PH_FOLDER_DELIMITER); end != NULL; end = strchr (end + 1, PH_FOLDER_DELIMITER))
    {
      g_autofree char *parent = g_strndup (self->target, (gsize)(end - self->target));

      if (!exists (writer, parent) && !create_one (self, writer, parent, PH_SPECIAL_NONE, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
rename_run (PhJob    *job,
            PhWriter *writer,
            GError  **error)
{
  FolderJob       *self = (FolderJob *)job;
  g_autofree char *prefix = g_strdup_printf ("%s%c", self->name, PH_FOLDER_DELIMITER);
  g_autoptr (GPtrArray) before = NULL;
  gboolean any = FALSE;

  if (exists (writer, self->target))
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_EXISTS, "There is a folder of that name");
      return FALSE;
    }
  if (g_str_has_prefix (self->target, prefix))
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, "A folder can't be moved into itself");
      return FALSE;
    }

  before = ph_index_list_folders (writer->index, error);
  if (before == NULL || !make_parents (self, writer, error))
    return FALSE;

  for (guint i = 0; i < before->len; i++)
    {
      const PhFolder  *folder = before->pdata[i];
      g_autofree char *to = NULL;

      if (!folder->exists || (strcmp (folder->name, self->name) != 0 && !g_str_has_prefix (folder->name, prefix)))
        continue;
      any = TRUE;
      to = g_strconcat (self->target, folder->name + strlen (self->name), NULL);
      if (!rename_one (self, writer, folder->name, to, error))
        return FALSE;
    }
  if (!any)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, "There is no such folder");
      return FALSE;
    }

  return list_folders (self, writer, error);
}

static void
moved_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  guint32 uidvalidity;
  g_autoptr (GArray) copied = ph_mailbox_copy_finish (PH_MAILBOX (source), result, &uidvalidity, &error);

  if (copied != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
inbox_opened_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (PhMailbox) inbox = ph_account_store_open_mailbox_finish (PH_ACCOUNT_STORE (source), result, &error);
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  const char *target = g_task_get_task_data (task);

  if (inbox == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  for (guint i = 0; i < ph_mailbox_get_n_messages (inbox); i++)
    g_array_append_val (uids, ph_mailbox_get_info (inbox, i)->uid);
  ph_mailbox_copy_async (inbox, (const guint32 *)(gpointer)uids->data, uids->len, target, TRUE, NULL, moved_cb, g_steal_pointer (&task));
}

static void
inbox_target_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (ph_account_store_finish (PH_ACCOUNT_STORE (source), result, &error))
    ph_account_store_open_mailbox_async (PH_ACCOUNT_STORE (source), "INBOX", NULL, inbox_opened_cb, g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

void
ph_account_store_rename_folder_async (PhAccountStore     *self,
                                      const char         *from,
                                      const char         *to,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data)
{
  g_autofree char *target = ph_folder_name_normalize (to);
  FolderJob       *job;
  GTask           *task;

  g_return_if_fail (PH_IS_ACCOUNT_STORE (self));

  task = g_task_new (self, cancellable, callback, user_data);
  job = new_job (self, target != NULL ? from : "", task, ph_account_store_rename_folder_async);
  if (job == NULL)
    return;

  if (strcmp (job->name, "INBOX") == 0)
    {
      /* I10: its messages go into the new folder, INBOX and its children stay. */
      g_task_set_task_data (task, g_steal_pointer (&target), g_free);
      g_object_ref (task);
      ph_job_free (&job->job);
      ph_account_store_create_folder_async (self, g_task_get_task_data (task), PH_SPECIAL_NONE, NULL, inbox_target_cb, task);
      return;
    }

  job->target = g_steal_pointer (&target);
  job->job.run = rename_run;
  job->job.undo = create_undo;
  job->job.after = run_pending;
  job->job.alone = TRUE;
  ph_index_queue_push (ph_account_store_get_queue (self), &job->job);
}

/* SUBSCRIBE */

static gboolean
subscribe_run (PhJob    *job,
               PhWriter *writer,
               GError  **error)
{
  FolderJob *self = (FolderJob *)job;
  gboolean   written;

  if (self->subscribed)
    written = ph_index_run (writer->index, error, "INSERT OR IGNORE INTO subscriptions VALUES (?)", "s", self->name);
  else
    written = ph_index_run (writer->index, error, "DELETE FROM subscriptions WHERE name = ?", "s", self->name);

  return written && list_folders (self, writer, error);
}

static void
write_subscriptions (PhJob    *job,
                     PhWriter *writer)
{
  g_autoptr (GError) error = NULL;

  if (!ph_account_write_subscriptions (writer, &error))
    g_warning ("%s", error->message);
}

void
ph_account_store_subscribe_async (PhAccountStore     *self,
                                  const char         *name,
                                  gboolean            subscribed,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data)
{
  FolderJob *job;

  g_return_if_fail (PH_IS_ACCOUNT_STORE (self));

  job = new_job (self, name, g_task_new (self, cancellable, callback, user_data), ph_account_store_subscribe_async);
  if (job == NULL)
    return;

  job->subscribed = subscribed;
  job->job.run = subscribe_run;
  job->job.after = write_subscriptions;
  ph_index_queue_push (ph_account_store_get_queue (self), &job->job);
}

gboolean
ph_account_store_finish (PhAccountStore *self,
                         GAsyncResult   *result,
                         GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
