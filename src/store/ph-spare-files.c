#include "ph-spare-files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

struct _PhSpareFiles
{
  int           dir_fd;
  PhWorkerPool *worker; /* NULL until the first is asked for */

  GMutex   mutex; /* guards what follows */
  int      files[PH_SPARE_FILES];
  guint    n_files;
  gboolean is_filling; /* or never to be filled: the file system has no unnamed files */
};

PhSpareFiles *
ph_spare_files_new (int dir_fd)
{
  PhSpareFiles *self = g_new0 (PhSpareFiles, 1);

  g_mutex_init (&self->mutex);
  self->dir_fd = dir_fd;

  return self;
}

void
ph_spare_files_free (PhSpareFiles *self)
{
  g_clear_object (&self->worker);
  for (guint i = 0; i < self->n_files; i++)
    close (self->files[i]);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* TRUE where the file has its place, and another is wanted. */
static gboolean
add (PhSpareFiles *self,
     int           fd)
{
  gboolean more;

  g_mutex_lock (&self->mutex);
  self->files[self->n_files++] = fd; /* only one thread adds, and only while there is room */
  more = self->n_files < PH_SPARE_FILES;
  self->is_filling = more;
  g_mutex_unlock (&self->mutex);

  return more;
}

/* The second half of the descriptors is for what somebody waits for: connections, and the files of their mail (V39). */
static gboolean
is_spare (int fd)
{
  struct rlimit limit;

  return getrlimit (RLIMIT_NOFILE, &limit) != 0 || (rlim_t)fd < limit.rlim_cur / 2;
}

static void
fill (GTask        *task,
      gpointer      source,
      gpointer      data,
      GCancellable *cancellable)
{
  PhSpareFiles *self = data;
  int           fd;

  do
    {
      fd = openat (self->dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
      if (fd >= 0 && !is_spare (fd))
        {
          close (fd);
          fd = -1;
          errno = EMFILE;
        }
    }
  while (fd >= 0 && add (self, fd));

  /* A full disk or too many open files may pass; a file system stays what it is. */
  if (fd < 0 && errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
    {
      g_mutex_lock (&self->mutex);
      self->is_filling = FALSE;
      g_mutex_unlock (&self->mutex);
    }
  g_task_return_boolean (task, TRUE);
}

int
ph_spare_files_take (PhSpareFiles *self)
{
  gboolean is_low;
  int      fd = -1;

  g_mutex_lock (&self->mutex);
  if (self->n_files > 0)
    fd = self->files[--self->n_files];
  is_low = self->n_files < PH_SPARE_FILES * 3 / 4 && !self->is_filling;
  self->is_filling |= is_low;
  g_mutex_unlock (&self->mutex);

  if (is_low)
    {
      g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);

      if (self->worker == NULL)
        self->worker = ph_worker_pool_new ("store-spares", 1);
      g_task_set_task_data (task, self, NULL);
      ph_worker_pool_run (self->worker, task, fill);
    }

  return fd;
}
