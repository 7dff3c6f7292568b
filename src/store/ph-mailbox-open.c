/* Opening a folder, and STATUS: what looks at the directory. */

#include "ph-folder-scan.h"
#include "ph-folder-watch.h"
#include "ph-mailbox-private.h"
#include "ph-pending.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct
{
  PhJob          job;
  char          *name;
  gint64         now;
  gboolean       load;    /* FALSE where the mailbox is open already */
  gint64         scanned; /* real time in microseconds before the directory was listed; 0: it was not */
  PhFolderFound  found;
  PhFolderRow    folder;
  PhUidRows     *infos; /* of PhMessageInfo */
  char         **keywords;
  PhFolderTimes  times;
  PhFolderStatus status;

  gboolean      has_open; /* an open mailbox, whose directory agreed when it had the times `seen` */
  PhFolderTimes seen;
  gboolean      is_in_memory; /* so it has still: STATUS is what the mailbox knows */
} OpenJob;

static gboolean
load_infos (OpenJob  *self,
            PhWriter *writer,
            GError  **error)
{
  sqlite3_stmt *statement;
  int           result = -1;

  self->infos = ph_uid_rows_new (sizeof (PhMessageInfo));
  statement = ph_index_query (writer->index, error, "SELECT " PH_MESSAGE_INFO_COLUMNS " FROM messages WHERE folder = ? ORDER BY uid", "i", self->folder.id);
  while (statement != NULL && (result = ph_index_step (writer->index, statement, error)) == 1)
    {
      PhMessageInfo info = { 0 };

      ph_message_info_read (statement, &info);
      ph_uid_rows_append (self->infos, &info, 1);
      ph_folder_status_count (&self->status, &info, 1);
    }
  self->keywords = ph_index_load_keywords (writer->index, self->folder.id, error);

  return result == 0 && self->keywords != NULL;
}

static gboolean
load_and_scan (OpenJob  *self,
               PhWriter *writer,
               GError  **error)
{
  if (!ph_folder_row_load (writer->index, self->name, &self->folder, error))
    return FALSE;

  self->times = ph_folder_times_get (writer->maildir, self->folder.directory);

  if (!ph_store_shared_check_writable (writer->shared, NULL) || ph_folder_looks_hold (writer, self->folder.id, &self->times))
    return TRUE;
  self->scanned = g_get_real_time ();

  return ph_folder_scan (&self->job, writer, &self->folder, NULL, self->now, &self->found, error);
}

/* Where all agreed and nothing is still to be done, the next to open it need not list it. */
static void
remember_look (PhJob    *job,
               PhWriter *writer)
{
  OpenJob *self = (OpenJob *)job;

  if (self->scanned > 0 && !self->found.stale && !self->found.left_out)
    ph_folder_looks_add (writer, self->folder.id, &self->times, self->scanned);
}

/* Then nothing depends on how many messages there are. */
static gboolean
knows_all (OpenJob  *self,
           PhWriter *writer)
{
  gboolean knows;

  if (!self->has_open || !ph_folder_row_load (writer->index, self->name, &self->folder, NULL))
    return FALSE;

  self->times = ph_folder_times_get (writer->maildir, self->folder.directory);
  knows = memcmp (&self->times, &self->seen, sizeof self->seen) == 0;
  if (!knows)
    ph_folder_row_clear (&self->folder);

  return knows;
}

static gboolean
open_run (PhJob    *job,
          PhWriter *writer,
          GError  **error)
{
  OpenJob *self = (OpenJob *)job;

  if (knows_all (self, writer))
    return TRUE;

  return load_and_scan (self, writer, error) && (!self->load || load_infos (self, writer, error));
}

static void
sweep_if_stale (OpenJob *self)
{
  if (self->found.stale)
    ph_pending_push_sweep (ph_account_store_get_queue (PH_ACCOUNT_STORE (self->job.owner)), self->job.owner);
}

static void
push_open (PhAccountStore *account,
           const char     *name,
           PhMailbox      *open,
           GTask          *task);

static void
open_done (PhJob *job)
{
  OpenJob        *self = (OpenJob *)job;
  PhAccountStore *account = PH_ACCOUNT_STORE (job->owner);
  PhMailbox      *mailbox;

  if (job->error != NULL)
    {
      g_task_return_error (job->task, g_steal_pointer (&job->error));
      return;
    }

  sweep_if_stale (self);
  /* Then the watch looks once more, and knows it. */
  if (self->found.left_out)
    self->times = (PhFolderTimes){ 0 };
  mailbox = ph_account_store_peek_mailbox (account, self->folder.id);
  if (mailbox != NULL)
    g_object_ref (mailbox);
  else if (self->load)
    mailbox = ph_mailbox_new (account, &self->folder, g_steal_pointer (&self->infos), &self->status, g_steal_pointer (&self->keywords), &self->times);

  if (mailbox != NULL)
    g_task_return_pointer (job->task, mailbox, g_object_unref);
  else /* closed meanwhile */
    push_open (account, self->name, NULL, g_steal_pointer (&job->task));
}

static void
open_free (PhJob *job)
{
  OpenJob *self = (OpenJob *)job;

  g_free (self->name);
  ph_folder_row_clear (&self->folder);
  g_clear_pointer (&self->infos, ph_uid_rows_free);
  g_clear_pointer (&self->keywords, g_strfreev);
}

/* `open`: the mailbox, where it is, or NULL. */
static OpenJob *
new_job (PhAccountStore *account,
         const char     *name,
         PhMailbox      *open,
         GTask          *task)
{
  OpenJob *job = ph_job_new (sizeof *job, G_OBJECT (account), task);

  job->job.after = remember_look;
  job->job.free = open_free;
  ph_job_set_reads (&job->job);
  job->name = g_strdup (name);
  job->now = ph_account_store_get_now (account);
  job->has_open = open != NULL && ph_folder_watch_get_seen (ph_mailbox_get_watch (open), &job->seen);

  return job;
}

static void
push_open (PhAccountStore *account,
           const char     *name,
           PhMailbox      *open,
           GTask          *task)
{
  OpenJob *job = new_job (account, name, open, task);

  job->job.run = open_run;
  job->job.done = open_done;
  job->load = open == NULL;
  ph_index_queue_push (ph_account_store_get_queue (account), &job->job);
}

/* NULL, and the task has its error, for a name that can't be. */
static char *
normalize_name (GTask      *task,
                const char *name)
{
  char *normal = ph_folder_name_normalize (name);

  if (normal == NULL)
    g_task_return_new_error (task, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, N_ ("There is no such folder"));

  return normal;
}

static PhMailbox *
peek_open (PhAccountStore *account,
           const char     *name)
{
  const PhFolder *folder = ph_account_store_find_folder (account, name);

  return folder != NULL ? ph_account_store_peek_mailbox (account, folder->id) : NULL;
}

void
ph_account_store_open_mailbox_async (PhAccountStore     *self,
                                     const char         *name,
                                     GCancellable       *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *normal = normalize_name (task, name);

  g_return_if_fail (PH_IS_ACCOUNT_STORE (self));

  if (normal == NULL)
    return;

  push_open (self, normal, peek_open (self, normal), g_steal_pointer (&task));
}

PhMailbox *
ph_account_store_open_mailbox_finish (PhAccountStore *self,
                                      GAsyncResult   *result,
                                      GError        **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
status_run (PhJob    *job,
            PhWriter *writer,
            GError  **error)
{
  OpenJob        *self = (OpenJob *)job;
  PhFolderStatus *status = &self->status;
  sqlite3_stmt   *statement;

  self->is_in_memory = knows_all (self, writer);
  if (self->is_in_memory)
    return TRUE;
  if (!load_and_scan (self, writer, error))
    return FALSE;

  statement = ph_index_query (writer->index, error, "SELECT count(*), total(uid >= ?), total((flags & 1) = 0), total((flags & 8) != 0), total(size), total(CASE WHEN (flags & 8) != 0 THEN size ELSE 0 END) FROM messages WHERE folder = ?", "ii",
                              (gint64)self->folder.recent, self->folder.id);
  if (statement == NULL || ph_index_step (writer->index, statement, error) < 0)
    return FALSE;

  status->messages = (guint32)sqlite3_column_int64 (statement, 0);
  status->recent = (guint32)sqlite3_column_int64 (statement, 1);
  status->unseen = (guint32)sqlite3_column_int64 (statement, 2);
  status->deleted = (guint32)sqlite3_column_int64 (statement, 3);
  status->size = (guint64)sqlite3_column_int64 (statement, 4);
  status->deleted_size = (guint64)sqlite3_column_int64 (statement, 5);
  status->uidvalidity = self->folder.uidvalidity;
  status->uidnext = self->folder.uidnext;
  status->highestmodseq = self->folder.modseq;
  g_snprintf (status->mailbox_id, sizeof status->mailbox_id, "F%s", self->folder.guid);
  sqlite3_reset (statement);

  return TRUE;
}

static void push_status (PhAccountStore *account,
                         const char     *name,
                         PhMailbox      *open,
                         GTask          *task);

static void
status_done (PhJob *job)
{
  OpenJob        *self = (OpenJob *)job;
  PhAccountStore *account = PH_ACCOUNT_STORE (job->owner);
  PhMailbox      *mailbox = self->is_in_memory ? ph_account_store_peek_mailbox (account, self->folder.id) : NULL;

  if (job->error != NULL)
    {
      g_task_return_error (job->task, g_steal_pointer (&job->error));
      return;
    }

  if (self->is_in_memory && mailbox == NULL) /* closed meanwhile */
    {
      push_status (account, self->name, NULL, g_steal_pointer (&job->task));
      return;
    }
  if (mailbox != NULL)
    ph_mailbox_get_status (mailbox, &self->status);
  sweep_if_stale (self);
  g_task_return_pointer (job->task, g_memdup2 (&self->status, sizeof self->status), g_free);
}

static void
push_status (PhAccountStore *account,
             const char     *name,
             PhMailbox      *open,
             GTask          *task)
{
  OpenJob *job = new_job (account, name, open, task);

  job->job.run = status_run;
  job->job.done = status_done;
  ph_index_queue_push (ph_account_store_get_queue (account), &job->job);
}

void
ph_account_store_status_async (PhAccountStore     *self,
                               const char         *name,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *normal = normalize_name (task, name);

  g_return_if_fail (PH_IS_ACCOUNT_STORE (self));

  if (normal == NULL)
    return;

  push_status (self, normal, peek_open (self, normal), g_steal_pointer (&task));
}

gboolean
ph_account_store_status_finish (PhAccountStore *self,
                                GAsyncResult   *result,
                                PhFolderStatus *status,
                                GError        **error)
{
  g_autofree PhFolderStatus *found = g_task_propagate_pointer (G_TASK (result), error);

  if (found != NULL)
    *status = *found;

  return found != NULL;
}
