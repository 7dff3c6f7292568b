#include "ph-queue-directory.h"

#include "ph-header.h"
#include "ph-relay-error.h"
#include "ph-worker-pool.h"

#include <glib/gi18n-lib.h>
#include <malloc.h>
#include <string.h>

/* An fsync waits for the disk, not for a core; who waits at the same time shares one. */
#define WRITERS 16

/* Entries that are handed over at once. */
#define BATCH 500

/* From so many files on, it is worth giving back what reading them took. */
#define TIDY_FROM 1000

/* Of a header, to find the subject for the window. */
#define SUBJECT_BYTES (16 * 1024)

struct _PhQueueDirectory
{
  GObject parent_instance;

  PhQueueFiles *files;
  PhWorkerPool *reader; /* one thread: see PhQueueFiles */
  PhWorkerPool *writers;
};

G_DEFINE_FINAL_TYPE (PhQueueDirectory, ph_queue_directory, G_TYPE_OBJECT)

static void
ph_queue_directory_dispose (GObject *object)
{
  PhQueueDirectory *self = PH_QUEUE_DIRECTORY (object);

  g_clear_object (&self->reader);
  g_clear_object (&self->writers);

  G_OBJECT_CLASS (ph_queue_directory_parent_class)->dispose (object);
}

static void
ph_queue_directory_finalize (GObject *object)
{
  ph_queue_files_unref (PH_QUEUE_DIRECTORY (object)->files);

  G_OBJECT_CLASS (ph_queue_directory_parent_class)->finalize (object);
}

static void
ph_queue_directory_class_init (PhQueueDirectoryClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_queue_directory_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_queue_directory_finalize;
}

static void
ph_queue_directory_init (PhQueueDirectory *self)
{
  self->reader = ph_worker_pool_new ("relay-reader", 1);
  self->writers = ph_worker_pool_new ("relay-writers", WRITERS);
}

PhQueueDirectory *
ph_queue_directory_new (const char *relay_dir,
                        const char *bad_dir)
{
  PhQueueDirectory *self = g_object_new (PH_TYPE_QUEUE_DIRECTORY, NULL);

  self->files = ph_queue_files_new (relay_dir, bad_dir);

  return self;
}

const char *
ph_queue_directory_get_path (PhQueueDirectory *self,
                             PhQueueFolder     folder)
{
  return ph_queue_files_get_path (self->files, folder);
}

void
ph_queue_directory_run (PhQueueDirectory *self,
                        GTask            *task,
                        GTaskThreadFunc   function)
{
  ph_worker_pool_run (self->reader, task, function);
}

void
ph_queue_directory_run_many (PhQueueDirectory *self,
                             GTask            *task,
                             GTaskThreadFunc   function)
{
  ph_worker_pool_run (self->writers, task, function);
}

/* What a job knows; each kind uses what it needs. */
typedef struct
{
  PhQueueFiles    *files;
  PhQueueFolder    folder;
  PhQueueChange    change;
  char            *id;
  char           **ids; /* NULL: all */
  gint64           now;
  PhSpool         *spool;
  PhQueueEntry    *entry;
  char            *env; /* the text of the entry */
  PhQueueMessage  *message;
  char            *subject;
  PhQueueFoundFunc found;
  gpointer         found_data;
  guint            n_read;
  GPtrArray       *half;
  GPtrArray       *troubles;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  ph_queue_files_unref (job->files);
  g_free (job->id);
  g_strfreev (job->ids);
  g_clear_object (&job->spool);
  ph_queue_entry_free (job->entry);
  g_free (job->env);
  g_clear_pointer (&job->message, ph_queue_message_unref);
  g_free (job->subject);
  g_clear_pointer (&job->half, g_ptr_array_unref);
  g_clear_pointer (&job->troubles, g_ptr_array_unref);
  g_free (job);
}

static GTask *
make_task (PhQueueDirectory   *self,
           Job               **job,
           GAsyncReadyCallback callback,
           gpointer            user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  *job = g_new0 (Job, 1);
  (*job)->files = ph_queue_files_ref (self->files);
  g_task_set_task_data (task, *job, job_free);

  return task;
}

static void
return_outcome (GTask   *task,
                gboolean ok,
                GError  *error)
{
  if (ok)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Adding */

static void
add_in_thread (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  Job     *job = data;
  GError  *error = NULL;
  gboolean ok = ph_queue_files_prepare (job->files, &error) && ph_queue_files_add (job->files, job->spool, job->entry, &error);

  return_outcome (task, ok, error);
}

void
ph_queue_directory_add_async (PhQueueDirectory   *self,
                              PhSpool            *spool,
                              PhQueueEntry       *entry,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  Job *job;
  g_autoptr (GTask) task = make_task (self, &job, callback, user_data);

  job->spool = g_object_ref (spool);
  job->entry = entry;
  ph_worker_pool_run (self->writers, task, add_in_thread);
}

PhQueueEntry *
ph_queue_directory_add_finish (PhQueueDirectory *self,
                               GAsyncResult     *result,
                               GError          **error)
{
  Job *job = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&job->entry) : NULL;
}

/* Loading */

/* What the header says to the window, and to the relay. */
static char *
read_header (PhQueueMessage *message,
             PhQueueEntry   *entry)
{
  g_autoptr (GByteArray) bytes = ph_queue_message_read_start (message, SUBJECT_BYTES);
  g_autoptr (PhHeader) header = bytes != NULL ? ph_header_parse (bytes->data, bytes->len) : NULL;
  g_autofree char *tls = header != NULL ? ph_header_dup_text (header, "TLS-Required") : NULL;

  /* RFC 8689 section 5; REQUIRETLS counts more. */
  entry->tls_is_optional = tls != NULL && g_ascii_strcasecmp (tls, "no") == 0 && !entry->requiretls;

  return header != NULL ? ph_header_dup_text (header, "Subject") : NULL;
}

static void
load_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  Job        *job = data;
  GError     *error = NULL;
  PhQueueFind found = ph_queue_files_find (job->files, job->folder, job->id, job->now, &job->entry, &error);

  if (found == PH_QUEUE_FOUND)
    job->message = ph_queue_files_open (job->files, job->folder, job->id, &error);
  else if (error == NULL)
    /* Translators: the name of a message */
    g_set_error (&error, PH_RELAY_ERROR, PH_RELAY_ERROR_GONE, _ ("%s is not whole"), job->id);

  if (job->message != NULL)
    job->subject = read_header (job->message, job->entry);
  return_outcome (task, job->message != NULL, error);
}

void
ph_queue_directory_load_async (PhQueueDirectory   *self,
                               PhQueueFolder       folder,
                               const char         *id,
                               gint64              now,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  Job *job;
  g_autoptr (GTask) task = make_task (self, &job, callback, user_data);

  job->folder = folder;
  job->id = g_strdup (id);
  job->now = now;
  ph_worker_pool_run (self->reader, task, load_in_thread);
}

PhQueueEntry *
ph_queue_directory_load_finish (PhQueueDirectory *self,
                                GAsyncResult     *result,
                                PhQueueMessage  **message,
                                char            **subject,
                                GError          **error)
{
  Job *job = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;

  if (message != NULL)
    *message = g_steal_pointer (&job->message);
  if (subject != NULL)
    *subject = g_steal_pointer (&job->subject);

  return g_steal_pointer (&job->entry);
}

/* Changing */

static void
change_in_thread (GTask        *task,
                  gpointer      source,
                  gpointer      data,
                  GCancellable *cancellable)
{
  Job     *job = data;
  GError  *error = NULL;
  gboolean ok;

  if (job->change == PH_QUEUE_SAVE)
    ok = ph_queue_files_save (job->files, job->folder, job->id, job->env, &error);
  else if (job->change == PH_QUEUE_MOVE)
    ok = ph_queue_files_move (job->files, job->folder, job->id, job->env, &error);
  else
    ok = ph_queue_files_remove (job->files, job->folder, job->id, &error);

  return_outcome (task, ok, error);
}

void
ph_queue_directory_change_async (PhQueueDirectory   *self,
                                 PhQueueChange       change,
                                 PhQueueFolder       folder,
                                 const char         *id,
                                 const PhQueueEntry *entry,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  Job *job;
  g_autoptr (GTask) task = make_task (self, &job, callback, user_data);

  job->change = change;
  job->folder = folder;
  job->id = g_strdup (id);
  job->env = entry != NULL ? ph_queue_entry_format (entry) : NULL;
  ph_worker_pool_run (self->writers, task, change_in_thread);
}

gboolean
ph_queue_directory_change_finish (PhQueueDirectory *self,
                                  GAsyncResult     *result,
                                  GError          **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Scanning */

typedef struct
{
  PhQueueFoundFunc found;
  gpointer         user_data;
  GPtrArray       *entries;
} Batch;

static gboolean
hand_over_cb (gpointer data)
{
  Batch *batch = data;

  batch->found (batch->entries, batch->user_data);
  g_free (batch);

  return G_SOURCE_REMOVE;
}

/* With the priority of the task, so that it comes before the task's own end. */
static void
hand_over (GTask     *task,
           GPtrArray *entries)
{
  Job   *job = g_task_get_task_data (task);
  Batch *batch = g_new (Batch, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  *batch = (Batch){ job->found, job->found_data, entries };
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, hand_over_cb, batch, NULL);
  g_source_attach (source, g_task_get_context (task));
}

static GPtrArray *
new_batch (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)ph_queue_entry_free);
}

static void
take_find (Job        *job,
           PhQueueFind found,
           const char *id,
           GError     *error) /* taken */
{
  if (found == PH_QUEUE_FOUND_HALF)
    g_ptr_array_add (job->half, g_strdup (id));
  else if (error != NULL)
    g_ptr_array_add (job->troubles, g_strdup_printf ("%s/%s.env: %s", ph_queue_files_get_path (job->files, job->folder), id, error->message));
  g_clear_error (&error);
}

static void
scan_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  Job       *job = data;
  GPtrArray *entries = new_batch ();
  g_autoptr (GPtrArray) all = NULL;
  GError *error = NULL;

  if (!ph_queue_files_prepare (job->files, &error))
    {
      g_ptr_array_unref (entries);
      g_task_return_error (task, error);
      return;
    }

  if (job->ids == NULL)
    {
      all = ph_queue_files_list (job->files, job->folder, job->now);
      g_ptr_array_add (all, NULL);
    }
  for (char **id = all != NULL ? (char **)all->pdata : job->ids; *id != NULL; id++)
    {
      PhQueueEntry *entry = NULL;
      PhQueueFind   found = ph_queue_files_find (job->files, job->folder, *id, job->now, &entry, &error);

      job->n_read++;
      take_find (job, found, *id, g_steal_pointer (&error));
      if (entry != NULL)
        g_ptr_array_add (entries, entry);
      if (entries->len == BATCH)
        {
          hand_over (task, entries);
          entries = new_batch ();
        }
    }

  hand_over (task, entries);
  g_task_return_boolean (task, TRUE);
}

void
ph_queue_directory_scan_async (PhQueueDirectory   *self,
                               PhQueueFolder       folder,
                               const char *const  *ids,
                               gint64              now,
                               PhQueueFoundFunc    found,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  Job *job;
  g_autoptr (GTask) task = make_task (self, &job, callback, user_data);

  job->folder = folder;
  job->ids = g_strdupv ((GStrv)ids);
  job->now = now;
  job->found = found;
  job->found_data = user_data;
  job->half = g_ptr_array_new_with_free_func (g_free);
  job->troubles = g_ptr_array_new_with_free_func (g_free);
  ph_worker_pool_run (self->reader, task, scan_in_thread);
}

/* What was read is freed elsewhere than where it was made, and the allocator keeps it all: of a long queue, tens of MB. */
static void
tidy_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
#ifdef __GLIBC__
  malloc_trim (0);
#endif
  g_task_return_boolean (task, TRUE);
}

gboolean
ph_queue_directory_scan_finish (PhQueueDirectory *self,
                                GAsyncResult     *result,
                                GPtrArray       **half,
                                GPtrArray       **troubles,
                                GError          **error)
{
  Job *job = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;

  if (job->n_read >= TIDY_FROM)
    {
      g_autoptr (GTask) tidy = g_task_new (self, NULL, NULL, NULL);

      ph_worker_pool_run (self->reader, tidy, tidy_in_thread);
    }

  *half = g_steal_pointer (&job->half);
  *troubles = g_steal_pointer (&job->troubles);

  return TRUE;
}
