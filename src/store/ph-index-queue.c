#include "ph-keyword-file.h"
#include "ph-uidlist.h"

#include <glib/gi18n-lib.h>

/* Jobs in one transaction: so many share its fsync, and none waits for more. */
#define BATCH_MAX 256

struct _PhIndexQueue
{
  gatomicrefcount references;

  PhStoreShared *shared;
  PhIndex       *index;   /* the worker's */
  PhMaildir     *maildir; /* the worker's, but for what its header allows */
  PhUidlists    *lists;   /* the worker's */
  PhSyncs       *syncs;   /* the worker's */
  GHashTable    *looks;   /* the worker's */
  char          *index_path;

  GMutex   mutex; /* guards the next six */
  GQueue   waiting;
  GQueue   background;
  GQueue   finished;
  gboolean running;
  gboolean telling;
  gboolean damaged; /* and nobody was told yet */

  PhJobApplyFunc apply; /* main context */
  PhDamagedFunc  damaged_func;
  gpointer       owner_data;

  GMutex   reader_mutex;
  PhIndex *reader;
};

PhIndexQueue *
ph_index_queue_new (PhStoreShared *shared,
                    PhIndex       *index,
                    PhMaildir     *maildir,
                    PhUidlists    *lists,
                    const char    *index_path)
{
  PhIndexQueue *self = g_new0 (PhIndexQueue, 1);

  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->mutex);
  g_mutex_init (&self->reader_mutex);
  self->shared = ph_store_shared_ref (shared);
  self->index = index;
  self->maildir = maildir;
  self->lists = lists;
  self->syncs = ph_syncs_new (ph_store_shared_get_syncers (shared));
  self->looks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->index_path = g_strdup (index_path);

  return self;
}

static gboolean
queue_free (gpointer data)
{
  PhIndexQueue *self = data;

  g_clear_pointer (&self->reader, ph_index_close);
  g_clear_pointer (&self->index, ph_index_close);
  ph_maildir_free (self->maildir);
  ph_uidlists_free (self->lists);
  ph_syncs_free (self->syncs);
  g_hash_table_unref (self->looks);
  g_mutex_clear (&self->mutex);
  g_mutex_clear (&self->reader_mutex);
  g_free (self->index_path);
  ph_store_shared_unref (self->shared);
  g_free (self);

  return G_SOURCE_REMOVE;
}

static void
queue_unref (gpointer data)
{
  PhIndexQueue *self = data;

  if (g_atomic_ref_count_dec (&self->references))
    queue_free (self);
}

static void
close_index (GTask        *task,
             gpointer      source,
             gpointer      data,
             GCancellable *cancellable)
{
  PhIndexQueue *self = data;

  g_mutex_lock (&self->reader_mutex);
  g_clear_pointer (&self->reader, ph_index_close);
  g_mutex_unlock (&self->reader_mutex);
  g_clear_pointer (&self->index, ph_index_close);
  g_task_return_boolean (task, TRUE);
}

void
ph_index_queue_close (PhIndexQueue       *self,
                      GAsyncReadyCallback closed,
                      gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, closed, user_data);

  ph_index_queue_set_owner (self, NULL, NULL, NULL);
  g_task_set_task_data (task, self, queue_unref);
  ph_worker_pool_run (ph_store_shared_get_durable (self->shared), task, close_index);
}

void
ph_index_queue_set_owner (PhIndexQueue  *self,
                          PhJobApplyFunc apply,
                          PhDamagedFunc  damaged,
                          gpointer       user_data)
{
  self->apply = apply;
  self->damaged_func = damaged;
  self->owner_data = user_data;
}

static void
tell_damaged (PhIndexQueue *self)
{
  PhDamagedFunc function = self->damaged_func;

  self->damaged_func = NULL;
  if (function != NULL)
    function (self->owner_data);
}

/* Main context.  One at a time, because `done` may run a main loop. */
static gboolean
tell_finished (gpointer data)
{
  PhIndexQueue *self = data;
  gboolean      damaged;
  PhJob        *job;

  g_mutex_lock (&self->mutex);
  self->telling = FALSE;
  damaged = self->damaged;
  while ((job = g_queue_pop_head (&self->finished)) != NULL)
    {
      g_mutex_unlock (&self->mutex);
      if (self->apply != NULL && job->error == NULL)
        self->apply (job, self->owner_data);
      if (job->done != NULL)
        job->done (job);
      ph_job_free (job);
      g_mutex_lock (&self->mutex);
    }
  g_mutex_unlock (&self->mutex);
  if (damaged)
    tell_damaged (self);

  return G_SOURCE_REMOVE;
}

/* With the mutex, which it unlocks. */
static void
unlock_and_tell (PhIndexQueue *self)
{
  gboolean tell = !self->telling;

  self->telling = TRUE;
  g_mutex_unlock (&self->mutex);

  if (tell)
    {
      g_atomic_ref_count_inc (&self->references);
      g_idle_add_full (G_PRIORITY_DEFAULT, tell_finished, self, queue_unref);
    }
}

static void
finish_batch (PhIndexQueue *self,
              GPtrArray    *batch)
{
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < batch->len; i++)
    g_queue_push_tail (&self->finished, g_ptr_array_index (batch, i));
  self->damaged |= ph_index_is_damaged (self->index);
  unlock_and_tell (self);
}

static gboolean
may_run (PhIndexQueue *self,
         PhJob        *job,
         GError      **error)
{
  if (job->task != NULL && g_cancellable_set_error_if_cancelled (g_task_get_cancellable (job->task), error))
    return FALSE;

  return job->reads || ph_store_shared_check_writable (self->shared, error);
}

static void
run_job (PhIndexQueue *self,
         PhWriter     *writer,
         PhJob        *job)
{
  if (!may_run (self, job, &job->error) || !ph_index_run (self->index, &job->error, "SAVEPOINT job", ""))
    return;

  if (job->run (job, writer, &job->error) && ph_index_run (self->index, &job->error, "RELEASE job", ""))
    return;

  if (ph_index_in_transaction (self->index))
    {
      ph_index_run (self->index, NULL, "ROLLBACK TO job", "");
      ph_index_run (self->index, NULL, "RELEASE job", "");
    }
  if (job->undo != NULL)
    job->undo (job, writer);
}

/* A job that failed has taken back its own; a batch that fails takes back all. */
static void
undo_batch (PhIndexQueue *self,
            PhWriter     *writer,
            GPtrArray    *batch,
            const GError *error)
{
  if (ph_index_in_transaction (self->index))
    ph_index_run (self->index, NULL, "ROLLBACK", "");
  /* What was begun before it failed. */
  ph_syncs_wait (self->syncs, NULL);

  for (guint i = 0; i < batch->len; i++)
    {
      PhJob *job = g_ptr_array_index (batch, i);

      if (job->error == NULL)
        {
          job->error = g_error_copy (error);
          if (job->undo != NULL)
            job->undo (job, writer);
        }
    }
}

/* An index or a directory that can't be written is not trusted with more (V43). */
static void
note_failure (PhIndexQueue *self,
              const GError *error)
{
  if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_FAILED))
    ph_store_shared_fail (self->shared, error->message);
}

/* Folders to which a batch adds messages. */
static GArray *
list_grown (GPtrArray *batch)
{
  GArray *folders = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < batch->len; i++)
    {
      PhJob *job = g_ptr_array_index (batch, i);

      for (guint n = 0; job->error == NULL && n < job->changes->len; n++)
        {
          PhChange *change = g_ptr_array_index (job->changes, n);
          gboolean  known = change->added->len == 0;

          for (guint k = 0; k < folders->len && !known; k++)
            known = g_array_index (folders, gint64, k) == change->folder;
          if (!known)
            g_array_append_val (folders, change->folder);
        }
    }

  return folders;
}

static gboolean
reserve_uids (PhIndexQueue *self,
              PhWriter     *writer,
              const GArray *folders,
              GError      **error)
{
  for (guint i = 0; i < folders->len; i++)
    {
      g_auto (PhFolderRow) folder = { 0 };

      /* One that was deleted in the same batch has none to reserve. */
      if (ph_folder_row_load_by_id (self->index, g_array_index (folders, gint64, i), &folder, NULL) && !ph_uidlists_reserve (self->lists, writer, &folder, folder.uidnext, error))
        return FALSE;
    }

  return TRUE;
}

/* What the letters in names will mean. */
static gboolean
write_keywords (PhIndexQueue *self,
                PhWriter     *writer,
                GPtrArray    *batch,
                GError      **error)
{
  for (guint i = 0; i < batch->len; i++)
    {
      PhJob *job = g_ptr_array_index (batch, i);

      for (guint n = 0; job->error == NULL && n < job->changes->len; n++)
        {
          PhChange *change = g_ptr_array_index (job->changes, n);
          g_auto (PhFolderRow) folder = { 0 };

          if (change->keywords != NULL && ph_folder_row_load_by_id (self->index, change->folder, &folder, NULL) && !ph_keyword_file_write (writer, &folder, error))
            return FALSE;
        }
    }

  return TRUE;
}

/* Names and files beside each other; then the row, which promises both.  A file is not whole by having its size: where
 * a row came before its bytes, a power cut on ext4 left messages of NULs. */
static gboolean
make_safe (PhIndexQueue *self,
           GError      **error)
{
  return ph_maildir_sync (self->maildir, error) && ph_syncs_wait (self->syncs, error) && ph_index_run (self->index, error, "COMMIT", "");
}

static gboolean
commit_batch (PhIndexQueue *self,
              PhWriter     *writer,
              GPtrArray    *batch,
              GError      **error)
{
  g_autoptr (GArray) grown = NULL;
  gint64 used;

  if (!ph_index_run (self->index, error, "BEGIN IMMEDIATE", ""))
    return FALSE;

  for (guint i = 0; i < batch->len; i++)
    {
      PhJob *job = g_ptr_array_index (batch, i);

      run_job (self, writer, job);
      if (!ph_index_in_transaction (self->index))
        {
          /* Translators: why */
          g_set_error (error, PH_STORE_ERROR, job->error != NULL ? job->error->code : PH_STORE_ERROR_FAILED, _ ("The index of the mail gave up: %s"), job->error != NULL ? _ (job->error->message) : "?");
          return FALSE;
        }
    }

  grown = list_grown (batch);
  if (!reserve_uids (self, writer, grown, error) || !write_keywords (self, writer, batch, error) || !ph_index_get_meta (self->index, "used", &used, error) || !make_safe (self, error))
    return FALSE;

  for (guint i = 0; i < grown->len; i++)
    ph_uidlists_follow (self->lists, writer, g_array_index (grown, gint64, i));

  for (guint i = 0; i < batch->len; i++)
    ((PhJob *)g_ptr_array_index (batch, i))->used = used;

  return TRUE;
}

/* On a full disk what makes room is tried again, with what was kept for it. */
static void
retry_with_reserve (PhIndexQueue *self,
                    PhWriter     *writer,
                    GPtrArray    *batch)
{
  g_autoptr (GPtrArray) retry = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < batch->len; i++)
    {
      PhJob *job = g_ptr_array_index (batch, i);

      if (!job->frees || !g_error_matches (job->error, PH_STORE_ERROR, PH_STORE_ERROR_NO_SPACE))
        continue;
      g_ptr_array_add (retry, job);
    }
  if (retry->len == 0)
    return;

  /* Even where it was spent before: what was removed since may be room by now. */
  ph_store_shared_spend_reserve (self->shared);

  for (guint i = 0; i < retry->len; i++)
    {
      PhJob *job = g_ptr_array_index (retry, i);

      g_clear_error (&job->error);
      g_ptr_array_set_size (job->changes, 0);
      g_clear_pointer (&job->folders, g_ptr_array_unref);
    }
  if (!commit_batch (self, writer, retry, &error))
    {
      undo_batch (self, writer, retry, error);
      note_failure (self, error);
    }
}

static void
run_batch (PhIndexQueue *self,
           GPtrArray    *batch)
{
  PhWriter writer = { self->index, self->maildir, self->shared, self->lists, self->syncs, self->looks, NULL };
  g_autoptr (GError) error = NULL;

  if (!commit_batch (self, &writer, batch, &error))
    {
      undo_batch (self, &writer, batch, error);
      note_failure (self, error);
      retry_with_reserve (self, &writer, batch);
    }
  else
    ph_store_shared_restore_reserve (self->shared);

  for (guint i = 0; i < batch->len; i++)
    {
      PhJob *job = g_ptr_array_index (batch, i);

      if (job->error == NULL && job->after != NULL)
        job->after (job, &writer);
    }
  ph_maildir_release (self->maildir);

  finish_batch (self, batch);
}

/* FALSE when there is nothing left to do; then nobody runs. */
static gboolean
take_batch (PhIndexQueue *self,
            GPtrArray    *batch)
{
  PhJob *job;

  g_mutex_lock (&self->mutex);
  while (batch->len < BATCH_MAX && (job = g_queue_peek_head (&self->waiting)) != NULL && !(job->alone && batch->len > 0))
    {
      g_ptr_array_add (batch, g_queue_pop_head (&self->waiting));
      if (job->alone)
        break;
    }
  if (batch->len == 0 && (job = g_queue_pop_head (&self->background)) != NULL)
    g_ptr_array_add (batch, job);
  self->running = batch->len > 0;
  g_mutex_unlock (&self->mutex);

  return batch->len > 0;
}

/* In a thread of the pool; what goes with the last reference may own that pool, so it goes in the main context. */
static void
run_queue (gpointer data)
{
  PhIndexQueue *self = data;
  g_autoptr (GPtrArray) batch = g_ptr_array_new ();

  while (take_batch (self, batch))
    {
      run_batch (self, batch);
      g_ptr_array_set_size (batch, 0);
    }

  if (g_atomic_ref_count_dec (&self->references))
    g_idle_add_full (G_PRIORITY_DEFAULT, queue_free, self, NULL);
}

void
ph_index_queue_push (PhIndexQueue *self,
                     PhJob        *job)
{
  gboolean start;

  g_mutex_lock (&self->mutex);
  g_queue_push_tail (job->background ? &self->background : &self->waiting, job);
  start = !self->running;
  self->running = TRUE;
  g_mutex_unlock (&self->mutex);

  if (!start)
    return;

  g_atomic_ref_count_inc (&self->references);
  ph_worker_pool_push (ph_store_shared_get_durable (self->shared), run_queue, self);
}

const char *
ph_index_queue_get_path (PhIndexQueue *self)
{
  return self->index_path;
}

PhMaildir *
ph_index_queue_get_maildir (PhIndexQueue *self)
{
  return self->maildir;
}

PhIndex *
ph_index_queue_lock_reader (PhIndexQueue *self,
                            GError      **error)
{
  g_mutex_lock (&self->reader_mutex);
  if (self->reader == NULL)
    self->reader = ph_index_open (self->index_path, TRUE, error);
  if (self->reader == NULL)
    g_mutex_unlock (&self->reader_mutex);

  return self->reader;
}

void
ph_index_queue_unlock_reader (PhIndexQueue *self)
{
  gboolean damaged = ph_index_is_damaged (self->reader);

  g_mutex_unlock (&self->reader_mutex);
  if (!damaged)
    return;

  g_mutex_lock (&self->mutex);
  self->damaged = TRUE;
  unlock_and_tell (self);
}
