#include "ph-delivery-private.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ph-keyword-file.h"
#include "ph-maildir-name.h"
#include "ph-renumber.h"
#include "ph-spool-private.h"

struct _PhDelivery
{
  gatomicrefcount references;

  PhSpool  *spool;
  PhSummary summary;
  gint64    internal_date;
  gint16    zone;
};

PhDelivery *
ph_delivery_ref (PhDelivery *self)
{
  g_atomic_ref_count_inc (&self->references);

  return self;
}

void
ph_delivery_unref (PhDelivery *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_clear_object (&self->spool);
  ph_summary_clear (&self->summary);
  g_free (self);
}

static void
delivery_unref (gpointer data)
{
  ph_delivery_unref (data);
}

guint64
ph_delivery_get_file_size (PhDelivery *self)
{
  return self->summary.file_size;
}

static PhDelivery *
delivery_new (PhSpool *spool,
              gint64   internal_date,
              gint16   zone)
{
  PhDelivery *self = g_new0 (PhDelivery, 1);

  g_atomic_ref_count_init (&self->references);
  self->spool = g_object_ref (spool);
  self->internal_date = internal_date;
  self->zone = zone;

  return self;
}

static gboolean
measure_and_sync (PhDelivery *self,
                  GError    **error)
{
  const struct timespec times[2] = { { self->internal_date, 0 }, { self->internal_date, 0 } };
  int                   fd = ph_spool_get_fd (self->spool);

  /* Where other programs look for the internal date; no reason to refuse a message. */
  if (futimens (fd, times) < 0)
    g_debug ("The time of a file can't be set");

  return ph_summary_compute (fd, &self->summary, error) && ph_spool_sync (self->spool, error);
}

PhDelivery *
ph_delivery_new_prepared (PhSpool *spool,
                          gint64   internal_date,
                          gint16   zone,
                          GError **error)
{
  g_autoptr(PhDelivery) self = delivery_new (spool, internal_date, zone);

  return measure_and_sync (self, error) ? g_steal_pointer (&self) : NULL;
}

static void
prepare (GTask        *task,
         gpointer      source,
         gpointer      data,
         GCancellable *cancellable)
{
  PhDelivery *self = data;
  GError     *error = NULL;

  if (measure_and_sync (self, &error))
    g_task_return_pointer (task, ph_delivery_ref (self), delivery_unref);
  else
    g_task_return_error (task, error);
}

void
ph_delivery_prepare_async (PhStoreShared      *shared,
                           PhSpool            *spool,
                           gint64              internal_date,
                           gint16              zone,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_task_data (task, delivery_new (spool, internal_date, zone), delivery_unref);
  ph_worker_pool_run (ph_store_shared_get_durable (shared), task, prepare);
}

PhDelivery *
ph_delivery_prepare_finish (GAsyncResult *result,
                            GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

typedef struct
{
  PhJob       job;
  PhDelivery *delivery;
  gint64      folder;
  guint64     quota;
  guint64     record; /* 0: none */
  guint64     oldest; /* of all records that a crash would bring up again; 0: unknown */
  gint64      now;    /* microseconds */
  PhFlags     flags;
  char      **keywords;
  char       *directory; /* of the folder, and the name in it, once linked */
  char       *name;
  guint32     uid;
} AppendJob;

static gboolean
check_quota (AppendJob *self,
             PhWriter  *writer,
             GError   **error)
{
  gint64 used;

  if (!ph_index_get_meta (writer->index, "used", &used, error))
    return FALSE;
  if (self->quota == 0 || (guint64)used + self->delivery->summary.file_size <= self->quota)
    return TRUE;

  g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA, "The mailbox is full");

  return FALSE;
}

/* A clock that was set back can make a name again that is there: the next one is free. */
static gboolean
link_message (AppendJob         *self,
              PhWriter          *writer,
              const PhFolderRow *folder,
              PhMessageRow      *row,
              GError           **error)
{
  int dir_fd = ph_maildir_get_sub (writer->maildir, folder->directory, PH_MAILDIR_CUR, TRUE, error);

  if (dir_fd < 0)
    return FALSE;

  for (guint try = 0;; try++)
    {
      g_autoptr(GError) failure = NULL;
      g_autofree char *base = ph_maildir_name_new (self->now + try, row->file_size, row->info.size);
      g_autofree char *name = ph_maildir_build_name (PH_MAILDIR_CUR, base, row->letters);

      if (ph_spool_link_at (self->delivery->spool, dir_fd, name, &failure))
        {
          row->base = g_steal_pointer (&base);
          self->name = g_steal_pointer (&name);
          self->directory = g_strdup (folder->directory);
          return TRUE;
        }
      if (try == 3 || !g_error_matches (failure, PH_STORE_ERROR, PH_STORE_ERROR_EXISTS))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
    }
}

static void
fill_row (AppendJob    *self,
          PhMessageRow *row,
          guint64       keywords)
{
  const PhSummary *summary = &self->delivery->summary;

  row->info.flags = (guint8)self->flags;
  row->info.keywords = keywords;
  row->info.internal_date = self->delivery->internal_date;
  row->info.internal_zone = self->delivery->zone;
  row->info.save_date = self->now / G_USEC_PER_SEC;
  row->info.size = (guint32)summary->size;
  row->file_size = summary->file_size;
  row->letters = ph_maildir_letters_from_flags (self->flags, keywords, PH_KEYWORD_LETTERS, "");
  row->sub = PH_MAILDIR_CUR;
}

static gboolean
find_thread (AppendJob    *self,
             PhWriter     *writer,
             PhMessageRow *row,
             GError      **error)
{
  gint64 thread;

  if (!ph_thread_find (writer->index, &self->delivery->summary.ids, ph_object_id_hash (row->base, strlen (row->base)), &thread, error))
    return FALSE;
  row->info.thread = (guint64)thread;

  return TRUE;
}

/* In one commit with the message, so that a replay knows exactly. */
static gboolean
note_record (AppendJob *self,
             PhWriter  *writer,
             GError   **error)
{
  if (self->record == 0)
    return TRUE;

  return ph_index_run (writer->index, error, "DELETE FROM delivered WHERE record < ?", "i", (gint64)self->oldest) && ph_index_run (writer->index, error, "INSERT OR IGNORE INTO delivered VALUES (?)", "i", (gint64)self->record);
}

static gboolean
append_run (PhJob    *job,
            PhWriter *writer,
            GError  **error)
{
  AppendJob *self = (AppendJob *)job;
  g_auto(PhFolderRow) folder = { 0 };
  g_auto(PhMessageRow) row = { 0 };
  guint64   keywords;
  PhChange *change;
  gboolean  found;

  found = self->folder != 0 ? ph_folder_row_load_by_id (writer->index, self->folder, &folder, error) : ph_folder_row_load (writer->index, "INBOX", &folder, error);
  if (!found || !check_quota (self, writer, error) || !ph_folder_ensure_uids (job, writer, &folder, 1, error))
    return FALSE;

  change = ph_job_get_change (job, folder.id);
  if (!ph_index_map_keywords (writer->index, folder.id, (const char *const *)self->keywords, &keywords, &change->keywords, error))
    return FALSE;

  folder.modseq++;
  fill_row (self, &row, keywords);
  if (!link_message (self, writer, &folder, &row, error) || !find_thread (self, writer, &row, error) || !ph_message_row_insert (writer->index, &folder, &row, change, error) ||
      !ph_summary_save (&self->delivery->summary, writer->index, (gint64)row.info.object, error))
    return FALSE;
  self->uid = row.info.uid;
  if (!note_record (self, writer, error))
    return FALSE;

  return ph_folder_row_save (writer->index, &folder, error);
}

static void
append_undo (PhJob    *job,
             PhWriter *writer)
{
  AppendJob *self = (AppendJob *)job;
  int        dir_fd;

  if (self->name == NULL)
    return;

  dir_fd = ph_maildir_open_sub (writer->maildir, self->directory, PH_MAILDIR_CUR, NULL);
  if (dir_fd >= 0)
    {
      unlinkat (dir_fd, self->name, 0);
      close (dir_fd);
    }
}

static void
append_done (PhJob *job)
{
  if (job->error != NULL)
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  else
    g_task_return_int (job->task, ((AppendJob *)job)->uid);
}

static void
append_free (PhJob *job)
{
  AppendJob *self = (AppendJob *)job;

  ph_delivery_unref (self->delivery);
  g_strfreev (self->keywords);
  g_free (self->directory);
  g_free (self->name);
}

void
ph_delivery_append (PhDelivery        *self,
                    PhAccountStore    *account,
                    gint64             folder,
                    PhFlags            flags,
                    const char *const *keywords,
                    guint64            record,
                    GTask             *task)
{
  AppendJob *job = ph_job_new (sizeof *job, G_OBJECT (account), task);

  job->job.run = append_run;
  job->job.undo = append_undo;
  job->job.done = append_done;
  job->job.free = append_free;
  job->delivery = ph_delivery_ref (self);
  job->folder = folder;
  job->quota = ph_account_store_get_quota (account);
  job->record = record;
  job->oldest = ph_store_shared_get_oldest_record (ph_account_store_get_shared (account));
  job->now = ph_clock_get_real_time (ph_store_shared_get_clock (ph_account_store_get_shared (account)));
  job->flags = flags;
  job->keywords = g_strdupv ((char **)keywords);
  ph_index_queue_push (ph_account_store_get_queue (account), &job->job);
}

gboolean
ph_delivery_replay (PhDelivery *self,
                    PhWriter   *writer,
                    guint64     record,
                    gint64      now,
                    GError    **error)
{
  g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_change_free);
  AppendJob job = { .job.changes = changes, .delivery = self, .record = record, .now = now };
  gint64    n_delivered;
  gboolean  ok;

  if (!ph_index_get_number (writer->index, &n_delivered, 0, error, "SELECT count(*) FROM delivered WHERE record = ?", "i", (gint64)record))
    return FALSE;
  if (n_delivered > 0)
    return TRUE;

  ok = append_run (&job.job, writer, error);
  if (!ok)
    append_undo (&job.job, writer);
  g_clear_pointer (&job.job.folders, g_ptr_array_unref);
  g_free (job.directory);
  g_free (job.name);

  return ok;
}
