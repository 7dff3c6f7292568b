#include "ph-folder-sync.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

struct _PhFolderSync
{
  char    *path;
  GMutex   mutex; /* guards what follows */
  GCond    done;
  guint64  n_wanted; /* counts who asked */
  guint64  n_done;   /* so many of them have what they asked for */
  gboolean running;
  int      failure; /* errno of the one that failed, or 0 */
};

PhFolderSync *
ph_folder_sync_new (const char *path)
{
  PhFolderSync *self = g_new0 (PhFolderSync, 1);

  self->path = g_strdup (path);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->done);

  return self;
}

void
ph_folder_sync_free (PhFolderSync *self)
{
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->done);
  g_free (self->path);
  g_free (self);
}

/* With the lock, which is let go while the disk works.  Where the folder can't even be opened, this is the
 * caller's trouble alone: an errno. */
static int
run (PhFolderSync *self)
{
  guint64 up_to = self->n_wanted;
  int     fd = g_open (self->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  int     failure = 0;

  if (fd < 0)
    return errno;

  self->running = TRUE;
  g_mutex_unlock (&self->mutex);
  if (fsync (fd) != 0)
    failure = errno;
  close (fd);
  g_mutex_lock (&self->mutex);
  self->running = FALSE;
  self->n_done = up_to;
  self->failure = failure;
  g_cond_broadcast (&self->done);

  return failure;
}

int
ph_folder_sync_wait (PhFolderSync *self)
{
  guint64 wanted;
  int     failure;

  g_mutex_lock (&self->mutex);
  wanted = ++self->n_wanted;
  failure = self->failure;
  while (self->n_done < wanted && failure == 0)
    {
      if (self->running)
        g_cond_wait (&self->done, &self->mutex);
      else
        failure = run (self);
      if (failure == 0)
        failure = self->failure;
    }
  g_mutex_unlock (&self->mutex);

  return failure;
}
