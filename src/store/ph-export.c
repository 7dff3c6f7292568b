#include "ph-export-writer.h"

#include <unistd.h>

#include "ph-mailbox-private.h"

/* Written between two looks at whether it is cancelled. */
#define GROUP 200

typedef struct
{
  PhExportFormat   format;
  char            *path;
  PhExportWriter  *writer; /* made by the worker */
  GPtrArray       *names;  /* of char*: folders that are to be written */
  guint            next_folder;
  gboolean         is_single;
  PhTransferFunc   progress;
  gpointer         progress_data;
  PhTransferCounts counts;

  /* The folder that is written now. */
  PhIndexQueue *queue;
  PhMailbox    *mailbox;
  gint64        folder;
  GArray       *uids; /* of guint32 */
  char        **keywords;
  guint         next;
  gboolean      begun;
} Export;

static void open_folder (GTask *task);

static void
export_free (gpointer data)
{
  Export *self = data;

  g_clear_pointer (&self->writer, ph_export_writer_free);
  g_clear_object (&self->mailbox);
  g_clear_pointer (&self->uids, g_array_unref);
  g_strfreev (self->keywords);
  g_ptr_array_unref (self->names);
  g_free (self->path);
  g_free (self);
}

static void
end (GTask  *task,
     GError *error)
{
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* On the worker */

static char **
choose_keywords (Export *self,
                 guint64 bits)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; self->keywords[i] != NULL; i++)
    if ((bits & G_GUINT64_CONSTANT (1) << i) != 0)
      g_strv_builder_add (builder, self->keywords[i]);

  return g_strv_builder_end (builder);
}

/* One that was removed meanwhile is left out. */
static gboolean
write_message (Export  *self,
               guint32  uid,
               GError **error)
{
  g_auto (PhMessageRow) row = { 0 };
  g_autoptr (GError) failure = NULL;
  g_auto (GStrv) keywords = NULL;
  int      fd = ph_mailbox_open_file (self->queue, self->folder, uid, &row, &failure);
  gboolean ok;

  if (fd < 0)
    {
      self->counts.n_rejected += !g_error_matches (failure, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND);
      return TRUE;
    }

  keywords = choose_keywords (self, row.info.keywords);
  {
    PhExportMessage message = { fd, uid, row.info.internal_date, row.info.flags, row.info.keywords, row.base, keywords };

    ok = ph_export_writer_add (self->writer, &message, error);
  }
  close (fd);
  if (ok)
    {
      self->counts.n_messages++;
      self->counts.n_bytes += row.file_size;
    }

  return ok;
}

static gboolean
begin_if_new (Export  *self,
              GError **error)
{
  if (self->writer == NULL)
    self->writer = ph_export_writer_new (self->format, self->path, self->is_single, error);
  if (self->writer == NULL || self->begun)
    return self->writer != NULL;

  self->begun = TRUE;

  return ph_export_writer_begin_folder (self->writer, g_ptr_array_index (self->names, self->next_folder), (const char *const *)self->keywords, error);
}

static gboolean
write_group (Export       *self,
             GCancellable *cancellable,
             GError      **error)
{
  guint last = MIN (self->next + GROUP, self->uids->len);

  if (!begin_if_new (self, error))
    return FALSE;
  for (; self->next < last; self->next++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error) || !write_message (self, g_array_index (self->uids, guint32, self->next), error))
      return FALSE;
  if (self->next < self->uids->len)
    return TRUE;
  if (!ph_export_writer_end_folder (self->writer, error))
    return FALSE;

  return self->next_folder + 1 < self->names->len || ph_export_writer_finish (self->writer, error);
}

static void
write_in_thread (GTask        *job,
                 gpointer      object,
                 gpointer      data,
                 GCancellable *cancellable)
{
  GError *error = NULL;

  if (write_group (data, cancellable, &error))
    g_task_return_boolean (job, TRUE);
  else
    g_task_return_error (job, error);
}

/* In the main context */

static void write_next (GTask *task);

static void
written_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  GTask  *task = user_data;
  Export *self = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      end (task, error);
      return;
    }

  if (self->progress != NULL)
    self->progress (&self->counts, self->progress_data);
  if (self->next < self->uids->len)
    {
      write_next (task);
      return;
    }

  self->next_folder++;
  open_folder (task);
}

static void
write_next (GTask *task)
{
  Export         *self = g_task_get_task_data (task);
  PhAccountStore *account = g_task_get_source_object (task);
  g_autoptr (GTask) job = g_task_new (NULL, g_task_get_cancellable (task), written_cb, task);

  g_task_set_check_cancellable (job, FALSE);
  g_task_set_task_data (job, self, NULL);
  ph_worker_pool_run (ph_store_shared_get_readers (ph_account_store_get_shared (account)), job, write_in_thread);
}

static void
take_folder (Export    *self,
             PhMailbox *mailbox)
{
  guint n = ph_mailbox_get_n_messages (mailbox);

  g_clear_object (&self->mailbox);
  g_clear_pointer (&self->uids, g_array_unref);
  g_strfreev (self->keywords);
  self->mailbox = mailbox;
  self->folder = ph_mailbox_get_folder (mailbox);
  self->keywords = g_strdupv ((char **)ph_mailbox_get_keywords (mailbox, NULL));
  self->uids = g_array_sized_new (FALSE, FALSE, sizeof (guint32), n);
  for (guint i = 0; i < n; i++)
    g_array_append_val (self->uids, ph_mailbox_get_info (mailbox, i)->uid);
  self->next = 0;
  self->begun = FALSE;
}

static void
opened_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  GTask     *task = user_data;
  Export    *self = g_task_get_task_data (task);
  GError    *error = NULL;
  PhMailbox *mailbox = ph_account_store_open_mailbox_finish (PH_ACCOUNT_STORE (object), result, &error);

  if (mailbox == NULL)
    {
      end (task, error);
      return;
    }

  take_folder (self, mailbox);
  write_next (task);
}

static void
open_folder (GTask *task)
{
  Export *self = g_task_get_task_data (task);

  if (self->next_folder == self->names->len)
    end (task, NULL);
  else
    ph_account_store_open_mailbox_async (g_task_get_source_object (task), g_ptr_array_index (self->names, self->next_folder), NULL, opened_cb, task);
}

static void
list_folders (Export         *self,
              PhAccountStore *account,
              const char     *folder)
{
  GPtrArray *folders = ph_account_store_get_folders (account);

  self->names = g_ptr_array_new_with_free_func (g_free);
  if (folder != NULL)
    {
      g_ptr_array_add (self->names, g_strdup (folder));
      return;
    }

  for (guint i = 0; i < folders->len; i++)
    {
      const PhFolder *found = g_ptr_array_index (folders, i);

      if (found->exists)
        g_ptr_array_add (self->names, g_strdup (found->name));
    }
}

void
ph_export_async (PhAccountStore     *account,
                 const char         *folder,
                 PhExportFormat      format,
                 const char         *path,
                 GCancellable       *cancellable,
                 PhTransferFunc      progress,
                 gpointer            progress_data,
                 GAsyncReadyCallback callback,
                 gpointer            user_data)
{
  GTask  *task;
  Export *self;

  g_return_if_fail (PH_IS_ACCOUNT_STORE (account));

  task = g_task_new (account, cancellable, callback, user_data);
  self = g_new0 (Export, 1);
  self->format = format;
  self->path = g_strdup (path);
  self->is_single = folder != NULL;
  self->progress = progress;
  self->progress_data = progress_data;
  self->queue = ph_account_store_get_queue (account);
  list_folders (self, account, folder);
  g_task_set_task_data (task, self, export_free);
  g_task_set_check_cancellable (task, FALSE);
  open_folder (task);
}

gboolean
ph_export_finish (PhAccountStore   *account,
                  GAsyncResult     *result,
                  PhTransferCounts *counts,
                  GError          **error)
{
  if (counts != NULL)
    *counts = ((Export *)g_task_get_task_data (G_TASK (result)))->counts;

  return g_task_propagate_boolean (G_TASK (result), error);
}
