#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define PH_TYPE_WORKER_POOL (ph_worker_pool_get_type ())
G_DECLARE_FINAL_TYPE (PhWorkerPool, ph_worker_pool, PH, WORKER_POOL, GObject)

typedef void (*PhWorkerFunc) (gpointer data);

/**
 * PhWorkerPool:
 *
 * Threads of our own for work that blocks, bounded in number, because GTask's
 * shared pool makes everyone wait once forty tasks block in it.  A job is a
 * GTask; it runs in a thread and its result comes back to the task's own main
 * context, as with g_task_run_in_thread().  Disposing waits for what is queued.
 */
PhWorkerPool *ph_worker_pool_new (const char *name,
                                  guint       n_threads);

/* Runs `function` on a thread of the pool.  Jobs start in the order of calls. */
void ph_worker_pool_run (PhWorkerPool   *self,
                         GTask          *task,
                         GTaskThreadFunc function);

/* The same without a task, for what tells of its end by itself: `function` gets `data`, and nothing comes back. */
void ph_worker_pool_push (PhWorkerPool *self,
                          PhWorkerFunc  function,
                          gpointer      data);

/* Jobs that wait for a thread. */
guint ph_worker_pool_get_n_waiting (PhWorkerPool *self);

G_END_DECLS
