/* Making, deleting, renaming and subscribing folders. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ph-copy.h"
#include "ph-mailbox-private.h"
#include "ph-path.h"
#include "ph-pending.h"
#include "ph-uidlist.h"

typedef struct
{
  PhJob        job;
  char        *name;
  char        *to; /* rename */
  PhSpecialUse special_use;
  gboolean     subscribed;
  gint64       now; /* microseconds */
  PhCopyLinks  links;
  GPtrArray   *made; /* directories that a failed job removes */
} FolderJob;

static void
folder_free (PhJob *job)
{
  FolderJob *self = (FolderJob *)job;

  g_free (self->name);
  g_free (self->to);
  ph_copy_links_clear (&self->links);
  g_ptr_array_unref (self->made);
}

static void
folder_undo (PhJob    *job,
             PhWriter *writer)
{
  FolderJob *self = (FolderJob *)job;

  ph_copy_links_undo (&self->links, writer);
  for (guint i = self->made->len; i > 0; i--)
    ph_maildir_remove_folder (writer->maildir, g_ptr_array_index (self->made, i - 1), NULL);
}

/* Directories are renamed and removed once the commit says so. */
static void
folder_after (PhJob    *job,
              PhWriter *writer)
{
  g_autoptr (GError) error = NULL;

  if (!ph_pending_run_folders (writer, &error))
    g_warning ("A folder's directory stays as it was for now: %s", error->message);
}

static gboolean
list_folders (FolderJob *self,
              PhWriter  *writer,
              GError   **error)
{
  g_clear_pointer (&self->job.folders, g_ptr_array_unref);
  self->job.folders = ph_index_list_folders (writer->index, error);

  return self->job.folders != NULL;
}

/* `present` FALSE and no error where there is none of that name. */
static gboolean
look_up (PhWriter    *writer,
         const char  *name,
         PhFolderRow *row,
         gboolean    *present,
         GError     **error)
{
  g_autoptr (GError) missing = NULL;

  *present = ph_folder_row_load (writer->index, name, row, &missing);
  if (*present || g_error_matches (missing, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&missing));

  return FALSE;
}

static gboolean
make_folder (FolderJob   *self,
             PhWriter    *writer,
             const char  *name,
             PhSpecialUse special_use,
             PhFolderRow *row,
             GError     **error)
{
  g_autofree char *directory = ph_path_encode_folder (name);

  /* One that another program has made meanwhile is not ours to take back. */
  if (!ph_maildir_has_folder (writer->maildir, directory))
    g_ptr_array_add (self->made, g_strdup (directory));

  return ph_maildir_make_folder (writer->maildir, directory, error) && ph_folder_row_insert (writer, name, special_use, row, error) && ph_uidlists_write (writer->lists, writer, row, error);
}

static gboolean
make_parents (FolderJob  *self,
              PhWriter   *writer,
              const char *name,
              GError    **error)
{
  for (const char *slash = strchr (name, PH_FOLDER_DELIMITER); slash != NULL; slash = strchr (slash + 1, PH_FOLDER_DELIMITER))
    {
      g_autofree char *parent = g_strndup (name, (gsize)(slash - name));
      g_auto (PhFolderRow) row = { 0 };
      gboolean present;

      if (!look_up (writer, parent, &row, &present, error) || (!present && !make_folder (self, writer, parent, PH_SPECIAL_NONE, &row, error)))
        return FALSE;
    }

  return TRUE;
}

static gboolean
set_exists (GError **error)
{
  g_set_error_literal (error, PH_STORE_ERROR, PH_STORE_ERROR_EXISTS, N_ ("There is a folder of that name"));

  return FALSE;
}

static gboolean
create_run (PhJob    *job,
            PhWriter *writer,
            GError  **error)
{
  FolderJob *self = (FolderJob *)job;
  g_auto (PhFolderRow) row = { 0 };
  gboolean present;
  gint64   n_special;

  if (!look_up (writer, self->name, &row, &present, error))
    return FALSE;
  if (present)
    return set_exists (error);

  /* RFC 6154 3: one folder for each use. */
  if (self->special_use != PH_SPECIAL_NONE)
    {
      if (!ph_index_get_number (writer->index, &n_special, 0, error, "SELECT count(*) FROM folders WHERE special_use = ?", "i", (gint64)self->special_use))
        return FALSE;
      if (n_special > 0)
        {
          g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_ALLOWED, N_ ("Another folder has that use"));
          return FALSE;
        }
    }

  return make_parents (self, writer, self->name, error) && make_folder (self, writer, self->name, self->special_use, &row, error) && list_folders (self, writer, error);
}

static gboolean
delete_run (PhJob    *job,
            PhWriter *writer,
            GError  **error)
{
  FolderJob *self = (FolderJob *)job;
  g_auto (PhFolderRow) row = { 0 };

  if (!ph_folder_row_load (writer->index, self->name, &row, error))
    return FALSE;

  ph_job_get_change (job, row.id)->deleted = TRUE;

  return ph_index_delete_folder (writer->index, row.id, error) && ph_pending_add_remove (writer->index, row.directory, error) && list_folders (self, writer, error);
}

static gboolean
rename_one (FolderJob      *self,
            PhWriter       *writer,
            const PhFolder *folder,
            GError        **error)
{
  g_autofree char *name = g_strconcat (self->to, folder->name + strlen (self->name), NULL);
  g_autofree char *normal = ph_folder_name_normalize (name);
  g_autofree char *from = ph_path_encode_folder (folder->name);
  g_autofree char *to = normal != NULL ? ph_path_encode_folder (normal) : NULL;
  g_auto (PhFolderRow) row = { 0 };
  gboolean present;

  if (to == NULL)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, N_ ("The name would be too long"));
      return FALSE;
    }
  if (!look_up (writer, normal, &row, &present, error))
    return FALSE;
  if (present)
    return set_exists (error);

  ph_job_get_change (&self->job, folder->id)->name = g_strdup (normal);

  return ph_index_run (writer->index, error, "UPDATE folders SET name = ? WHERE id = ?", "si", normal, folder->id) && ph_pending_add_rename (writer->index, from, to, error);
}

/* `name` or something below it. */
static gboolean
is_at_or_below (const char *folder,
                const char *name)
{
  gsize length = strlen (name);

  return strncmp (folder, name, length) == 0 && (folder[length] == '\0' || folder[length] == PH_FOLDER_DELIMITER);
}

static gboolean
rename_tree (FolderJob *self,
             PhWriter  *writer,
             GError   **error)
{
  g_autoptr (GPtrArray) folders = ph_index_list_folders (writer->index, error);
  gboolean any = FALSE;

  if (folders == NULL)
    return FALSE;

  for (guint i = 0; i < folders->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (folders, i);

      if (!folder->exists || !is_at_or_below (folder->name, self->name))
        continue;
      any = TRUE;
      if (!rename_one (self, writer, folder, error))
        return FALSE;
    }
  if (!any)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, N_ ("There is no such folder"));
      return FALSE;
    }

  return make_parents (self, writer, self->to, error) && list_folders (self, writer, error);
}

/* I10: the messages go to the new folder, INBOX and what is below it stay. */
static gboolean
rename_inbox (FolderJob *self,
              PhWriter  *writer,
              GError   **error)
{
  g_auto (PhFolderRow) inbox = { 0 };
  g_auto (PhFolderRow) target = { 0 };
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GArray) copied = g_array_new (FALSE, FALSE, sizeof (PhCopiedUid));
  gboolean present;

  if (!look_up (writer, self->to, &target, &present, error) || (present && !set_exists (error)))
    return FALSE;
  if (!ph_folder_row_load (writer->index, "INBOX", &inbox, error) || !make_parents (self, writer, self->to, error) || !make_folder (self, writer, self->to, PH_SPECIAL_NONE, &target, error) || !ph_index_copy_annotations (writer->index, inbox.id, target.id, error))
    return FALSE;

  rows = ph_message_rows_load (writer->index, inbox.id, 1, G_MAXUINT32, error);

  return rows != NULL && ph_copy_messages (&self->job, writer, &inbox, &target, rows, TRUE, self->now, &self->links, copied, error) && ph_folder_row_save (writer->index, &inbox, error) && ph_folder_row_save (writer->index, &target, error) && list_folders (self, writer, error);
}

static gboolean
rename_run (PhJob    *job,
            PhWriter *writer,
            GError  **error)
{
  FolderJob *self = (FolderJob *)job;

  return strcmp (self->name, "INBOX") == 0 ? rename_inbox (self, writer, error) : rename_tree (self, writer, error);
}

static gboolean
subscribe_run (PhJob    *job,
               PhWriter *writer,
               GError  **error)
{
  FolderJob *self = (FolderJob *)job;
  gboolean   ok;

  if (self->subscribed)
    ok = ph_index_run (writer->index, error, "INSERT OR IGNORE INTO subscriptions VALUES (?)", "s", self->name);
  else
    ok = ph_index_run (writer->index, error, "DELETE FROM subscriptions WHERE name = ?", "s", self->name);

  return ok && list_folders (self, writer, error);
}

static void
subscribe_after (PhJob    *job,
                 PhWriter *writer)
{
  g_autoptr (GError) error = NULL;

  /* The index has it; the file is for others and for a rebuild. */
  if (!ph_account_write_subscriptions (writer, &error))
    g_info ("The list of subscriptions was not written: %s", error->message);
}

static void
rename_done (PhJob *job)
{
  if (job->error == NULL)
    ph_pending_push_sweep (ph_account_store_get_queue (PH_ACCOUNT_STORE (job->owner)), job->owner);
  ph_job_return_boolean (job);
}

static FolderJob *
new_job (PhAccountStore *self,
         const char     *name,
         const char     *to,
         GTask          *task)
{
  FolderJob *job = ph_job_new (sizeof *job, G_OBJECT (self), task);

  job->job.undo = folder_undo;
  job->job.done = ph_job_return_boolean;
  job->job.free = folder_free;
  job->name = g_strdup (name);
  job->to = g_strdup (to);
  job->now = ph_clock_get_real_time (ph_store_shared_get_clock (ph_account_store_get_shared (self)));
  job->made = g_ptr_array_new_with_free_func (g_free);

  return job;
}

static void
push (PhAccountStore *self,
      FolderJob      *job)
{
  ph_index_queue_push (ph_account_store_get_queue (self), &job->job);
}

/* A task, or NULL with the callback on its way, where a name can't be (`code`). */
static GTask *
new_task (PhAccountStore     *self,
          const char         *normal,
          PhStoreError        code,
          GCancellable       *cancellable,
          GAsyncReadyCallback callback,
          gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  if (normal != NULL)
    return g_steal_pointer (&task);

  g_task_return_new_error (task, PH_STORE_ERROR, (gint)code, code == PH_STORE_ERROR_NOT_FOUND ? N_ ("There is no such folder") : N_ ("That can't be the name of a folder"));

  return NULL;
}

static void
refuse (GTask       *task,
        PhStoreError code,
        const char  *message)
{
  g_task_return_new_error (task, PH_STORE_ERROR, (gint)code, "%s", message);
  g_object_unref (task);
}

gboolean
ph_account_store_finish (PhAccountStore *self,
                         GAsyncResult   *result,
                         GError        **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ph_account_store_create_folder_async (PhAccountStore     *self,
                                      const char         *name,
                                      PhSpecialUse        special_use,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data)
{
  g_autofree char *normal = ph_folder_name_normalize (name);
  GTask           *task = new_task (self, normal, PH_STORE_ERROR_INVALID, cancellable, callback, user_data);
  FolderJob       *job;

  if (task == NULL)
    return;

  job = new_job (self, normal, NULL, task);
  job->job.run = create_run;
  job->special_use = special_use;
  push (self, job);
}

void
ph_account_store_delete_folder_async (PhAccountStore     *self,
                                      const char         *name,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data)
{
  g_autofree char *normal = ph_folder_name_normalize (name);
  GTask           *task = new_task (self, normal, PH_STORE_ERROR_NOT_FOUND, cancellable, callback, user_data);
  FolderJob       *job;

  if (task == NULL)
    return;
  if (strcmp (normal, "INBOX") == 0)
    {
      refuse (task, PH_STORE_ERROR_NOT_ALLOWED, N_ ("INBOX can't be deleted"));
      return;
    }

  job = new_job (self, normal, NULL, task);
  job->job.run = delete_run;
  job->job.after = folder_after;
  job->job.alone = TRUE;
  push (self, job);
}

void
ph_account_store_rename_folder_async (PhAccountStore     *self,
                                      const char         *from,
                                      const char         *to,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data)
{
  g_autofree char *normal_from = ph_folder_name_normalize (from);
  g_autofree char *normal_to = ph_folder_name_normalize (to);
  GTask           *task = new_task (self, normal_from, PH_STORE_ERROR_NOT_FOUND, cancellable, callback, user_data);
  FolderJob       *job;

  if (task == NULL)
    return;
  if (normal_to == NULL)
    {
      refuse (task, PH_STORE_ERROR_INVALID, N_ ("That can't be the name of a folder"));
      return;
    }
  if (strcmp (normal_to, normal_from) == 0 || strcmp (normal_to, "INBOX") == 0)
    {
      refuse (task, PH_STORE_ERROR_EXISTS, N_ ("There is a folder of that name"));
      return;
    }
  if (strcmp (normal_from, "INBOX") != 0 && is_at_or_below (normal_to, normal_from))
    {
      refuse (task, PH_STORE_ERROR_NOT_ALLOWED, N_ ("A folder can't be moved into itself"));
      return;
    }

  job = new_job (self, normal_from, normal_to, task);
  job->job.run = rename_run;
  job->job.after = folder_after;
  job->job.done = rename_done;
  job->job.alone = TRUE;
  push (self, job);
}

void
ph_account_store_subscribe_async (PhAccountStore     *self,
                                  const char         *name,
                                  gboolean            subscribed,
                                  GCancellable       *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer            user_data)
{
  g_autofree char *normal = ph_folder_name_normalize (name);
  GTask           *task = new_task (self, normal, PH_STORE_ERROR_INVALID, cancellable, callback, user_data);
  FolderJob       *job;

  if (task == NULL)
    return;

  job = new_job (self, normal, NULL, task);
  job->job.run = subscribe_run;
  job->job.after = subscribe_after;
  job->subscribed = subscribed;
  push (self, job);
}
