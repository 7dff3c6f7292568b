#include "ph-worker-pool.h"

typedef struct
{
  GTask          *task; /* owned; NULL: `work` with `data` */
  GTaskThreadFunc function;
  PhWorkerFunc    work;
  gpointer        data;
} PhJob;

struct _PhWorkerPool
{
  GObject parent_instance;

  GThreadPool *threads;
};

G_DEFINE_FINAL_TYPE (PhWorkerPool, ph_worker_pool, G_TYPE_OBJECT)

static void
ph_worker_pool_finalize (GObject *object)
{
  PhWorkerPool *self = PH_WORKER_POOL (object);

  if (self->threads != NULL)
    g_thread_pool_free (self->threads, FALSE, TRUE);

  G_OBJECT_CLASS (ph_worker_pool_parent_class)->finalize (object);
}

static void
ph_worker_pool_class_init (PhWorkerPoolClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_worker_pool_finalize;
}

static void
ph_worker_pool_init (PhWorkerPool *self)
{
}

static gboolean
drop_task_cb (gpointer data)
{
  g_object_unref (data);

  return G_SOURCE_REMOVE;
}

/* The last reference to a task holds its source object, often a main-context object that may
 * not be finalized in a thread (it may even own this pool): so it goes back where it came from. */
static void
drop_task (GTask *task)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, drop_task_cb, task, NULL);
  g_source_attach (source, g_task_get_context (task));
}

static void
run_task (PhJob *job)
{
  if (!g_task_return_error_if_cancelled (job->task))
    job->function (job->task, g_task_get_source_object (job->task), g_task_get_task_data (job->task), g_task_get_cancellable (job->task));

  drop_task (job->task);
}

static void
run_job (gpointer data,
         gpointer user_data)
{
  g_autofree PhJob *job = data;

  if (job->task != NULL)
    run_task (job);
  else
    job->work (job->data);
}

PhWorkerPool *
ph_worker_pool_new (const char *name,
                    guint       n_threads)
{
  PhWorkerPool *self = g_object_new (PH_TYPE_WORKER_POOL, NULL);

  /* Not exclusive: an exclusive pool starts all its threads at once, and a thread that nobody
   * uses need not be there.  A shared pool never fails to start. */
  self->threads = g_thread_pool_new (run_job, NULL, (int)n_threads, FALSE, NULL);

  return self;
}

void
ph_worker_pool_run (PhWorkerPool   *self,
                    GTask          *task,
                    GTaskThreadFunc function)
{
  PhJob *job;

  g_return_if_fail (PH_IS_WORKER_POOL (self));
  g_return_if_fail (G_IS_TASK (task));

  job = g_new0 (PhJob, 1);
  job->task = g_object_ref (task);
  job->function = function;
  g_thread_pool_push (self->threads, job, NULL);
}

void
ph_worker_pool_push (PhWorkerPool *self,
                     PhWorkerFunc  function,
                     gpointer      data)
{
  PhJob *job;

  g_return_if_fail (PH_IS_WORKER_POOL (self));

  job = g_new0 (PhJob, 1);
  job->work = function;
  job->data = data;
  g_thread_pool_push (self->threads, job, NULL);
}

guint
ph_worker_pool_get_n_waiting (PhWorkerPool *self)
{
  g_return_val_if_fail (PH_IS_WORKER_POOL (self), 0);

  return g_thread_pool_unprocessed (self->threads);
}
