#include "ph-syncs.h"

/* As many as there are durable workers: more only wait for the same journal. */
#define SYNC_THREADS 8

typedef struct
{
  PhSyncs       *syncs; /* waits for this one, so it is there */
  PhSyncFunc     function;
  gpointer       data;
  GDestroyNotify free;
} Sync;

struct _PhSyncs
{
  GThreadPool *pool;

  GMutex  mutex; /* guards what follows */
  GCond   done;
  guint   n_waiting;
  GError *error; /* the first */
};

static void
run (gpointer data,
     gpointer user_data)
{
  g_autofree Sync *sync = data;
  PhSyncs         *self = sync->syncs;
  g_autoptr (GError) error = NULL;

  (void)sync->function (sync->data, &error);
  if (sync->free != NULL)
    sync->free (sync->data);

  g_mutex_lock (&self->mutex);
  if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  if (--self->n_waiting == 0)
    g_cond_signal (&self->done);
  g_mutex_unlock (&self->mutex);
}

GThreadPool *
ph_syncs_new_pool (void)
{
  /* Not exclusive: such a pool always has a thread, or gets one. */
  return g_thread_pool_new (run, NULL, SYNC_THREADS, FALSE, NULL);
}

PhSyncs *
ph_syncs_new (GThreadPool *pool)
{
  PhSyncs *self = g_new0 (PhSyncs, 1);

  self->pool = pool;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->done);

  return self;
}

void
ph_syncs_free (PhSyncs *self)
{
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->done);
  g_clear_error (&self->error);
  g_free (self);
}

void
ph_syncs_begin (PhSyncs       *self,
                PhSyncFunc     function,
                gpointer       data,
                GDestroyNotify free)
{
  Sync *sync = g_new (Sync, 1);

  *sync = (Sync){ self, function, data, free };
  g_mutex_lock (&self->mutex);
  self->n_waiting++;
  g_mutex_unlock (&self->mutex);
  g_thread_pool_push (self->pool, sync, NULL);
}

gboolean
ph_syncs_wait (PhSyncs *self,
               GError **error)
{
  g_autoptr (GError) failure = NULL;

  g_mutex_lock (&self->mutex);
  while (self->n_waiting > 0)
    g_cond_wait (&self->done, &self->mutex);
  failure = g_steal_pointer (&self->error);
  g_mutex_unlock (&self->mutex);

  if (failure == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&failure));

  return FALSE;
}
