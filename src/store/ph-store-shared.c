#include "ph-store-shared.h"

#include "ph-spare-files.h"
#include "ph-syncs.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <linux/btrfs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Threads that wait for a disk: so many deliveries are synced in parallel, and so many
 * accounts written at once. */
#define DURABLE_THREADS 8
/* Threads that read and compute. */
#define READER_THREADS 4

/* Kept in a file of its own for what makes room on a full disk; taken back when there is
 * this many times as much. */
#define RESERVE_NAME "../reserve" /* from the mail directory */
#define RESERVE_BYTES (2 * 1024 * 1024)
#define RESERVE_FACTOR 4

struct _PhStoreShared
{
  gatomicrefcount references;

  PhClock      *clock;
  PhWorkerPool *durable;
  PhWorkerPool *readers;
  GThreadPool  *syncers;
  PhWatcher    *watcher;
  PhSpareFiles *spares;
  int           lock_fd;
  int           mail_fd;
  int           intake_fd;
  GArray       *records; /* of guint64: ids that are not released, ascending; main context */
  guint64       last_record;
  char         *mail_path;
  guint         standard_folders; /* atomic */

  GMutex            mutex;
  gboolean          has_reserve; /* guarded by mutex */
  char             *failure;     /* NULL while all is well; guarded by mutex */
  PhStoreFailedFunc failed;      /* main context */
  gpointer          failed_data;
  PhStoreClosedFunc closed;
  gpointer          closed_data;
};

/* A directory that is ours alone, or an error (V47). */
static gboolean
check_directory (int         fd,
                 const char *path,
                 GError    **error)
{
  struct stat st;

  if (fstat (fd, &st) < 0)
    return ph_store_error_set_errno (error, errno, N_ ("The mail directory can’t be looked at"));

  if (st.st_uid != geteuid ())
    {
      /* Translators: a path */
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, _ ("The mail directory %s belongs to another user"), path);
      return FALSE;
    }
  if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    {
      /* Translators: a path, and its mode */
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, _ ("The mail directory %s is open to other users (mode %04o): make it 0700"), path, (guint)(st.st_mode & 07777));
      return FALSE;
    }

  return TRUE;
}

static int
open_directory (int         at,
                const char *path,
                GError    **error)
{
  int fd = openat (at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
    /* Translators: a path */
    g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, _ ("The mail directory %s is a link or no directory"), path);
  else if (fd < 0)
    ph_store_error_set_errno (error, errno, N_ ("The mail directory can’t be opened"));

  return fd;
}

/* The lock dies with the process, so a crash leaves none behind; the text in the file
 * is only there to name its owner. */
static gboolean
take_lock (PhStoreShared *self,
           int            dir_fd,
           const char    *data_dir,
           GError       **error)
{
  char    text[32] = "";
  ssize_t length;

  self->lock_fd = openat (dir_fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (self->lock_fd < 0)
    return ph_store_error_set_errno (error, errno, N_ ("The lock file can’t be opened"));

  if (flock (self->lock_fd, LOCK_EX | LOCK_NB) < 0)
    {
      length = pread (self->lock_fd, text, sizeof text - 1, 0);
      text[MAX (length, 0)] = '\0';
      /* Translators: a number, and a path */
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_LOCKED, _ ("Another server (process %s) uses %s"), *g_strstrip (text) != '\0' ? text : "?", data_dir);
      return FALSE;
    }

  length = g_snprintf (text, sizeof text, "%d\n", (int)getpid ());
  if (ftruncate (self->lock_fd, 0) < 0 || pwrite (self->lock_fd, text, (size_t)length, 0) != length)
    return ph_store_error_set_errno (error, errno, N_ ("The lock file can’t be written"));

  return TRUE;
}

/* Makes DIR/NAME where it is not there; its descriptor, or -1. */
static int
open_below (int         dir_fd,
            const char *name,
            GError    **error)
{
  int fd;

  if (mkdirat (dir_fd, name, 0700) < 0 && errno != EEXIST)
    {
      ph_store_error_set_errno (error, errno, N_ ("The mail directory can’t be made"));
      return -1;
    }

  fd = open_directory (dir_fd, name, error);
  if (fd >= 0 && !check_directory (fd, name, error))
    {
      close (fd);
      return -1;
    }

  return fd;
}

/* What was made here is there after a power cut, with all that comes into it.  The directory
 * above may be somebody else's: then it is theirs to keep. */
static gboolean
sync_made (int      dir_fd,
           GError **error)
{
  int      above_fd = openat (dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean ok = above_fd < 0 || fsync (above_fd) == 0;

  if (above_fd >= 0)
    close (above_fd);
  ok = ok && fsync (dir_fd) == 0;

  return ok || ph_store_error_set_errno (error, errno, N_ ("The mail directory can’t be synced"));
}

static gboolean
open_all (PhStoreShared *self,
          const char    *data_dir,
          GError       **error)
{
  char    *resolved;
  int      dir_fd;
  gboolean ok;

  if (g_mkdir_with_parents (data_dir, 0700) < 0)
    return ph_store_error_set_errno (error, errno, N_ ("The mail directory can’t be made"));

  dir_fd = open_directory (AT_FDCWD, data_dir, error);
  if (dir_fd < 0)
    return FALSE;

  ok = check_directory (dir_fd, data_dir, error) && take_lock (self, dir_fd, data_dir, error);
  if (ok)
    self->mail_fd = open_below (dir_fd, "mail", error);
  if (self->mail_fd >= 0)
    self->intake_fd = open_below (dir_fd, "intake", error);
  ok = self->intake_fd >= 0 && sync_made (dir_fd, error);
  /* That there is none is no reason not to start. */
  if (ok)
    ph_store_shared_restore_reserve (self);
  close (dir_fd);
  if (!ok)
    return FALSE;

  /* SQLite wants a path; it refuses one that has a link in it. */
  resolved = realpath (data_dir, NULL);
  if (resolved == NULL)
    return ph_store_error_set_errno (error, errno, N_ ("The mail directory can’t be resolved"));
  self->mail_path = g_build_filename (resolved, "mail", NULL);
  free (resolved);

  return TRUE;
}

PhStoreShared *
ph_store_shared_new (const char *data_dir,
                     PhClock    *clock,
                     GError    **error)
{
  g_autoptr (PhStoreShared) self = g_new0 (PhStoreShared, 1);

  g_atomic_ref_count_init (&self->references);
  g_mutex_init (&self->mutex);
  self->lock_fd = self->mail_fd = self->intake_fd = -1;
  self->standard_folders = G_MAXUINT;
  self->records = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->clock = g_object_ref (clock);

  if (!open_all (self, data_dir, error))
    return NULL;

  self->durable = ph_worker_pool_new ("store-durable", DURABLE_THREADS);
  self->readers = ph_worker_pool_new ("store-readers", READER_THREADS);
  self->syncers = ph_syncs_new_pool ();
  self->watcher = ph_watcher_new ();
  self->spares = ph_spare_files_new (self->mail_fd);

  return g_steal_pointer (&self);
}

PhStoreShared *
ph_store_shared_ref (PhStoreShared *self)
{
  g_atomic_ref_count_inc (&self->references);

  return self;
}

void
ph_store_shared_unref (PhStoreShared *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_clear_object (&self->durable);
  g_clear_object (&self->readers);
  if (self->syncers != NULL)
    g_thread_pool_free (self->syncers, FALSE, TRUE);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->watcher, ph_watcher_free);
  g_clear_pointer (&self->spares, ph_spare_files_free);
  if (self->mail_fd >= 0)
    close (self->mail_fd);
  if (self->intake_fd >= 0)
    close (self->intake_fd);
  g_array_unref (self->records);
  if (self->lock_fd >= 0)
    close (self->lock_fd);
  g_free (self->mail_path);
  g_free (self->failure);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

void
ph_store_shared_set_failed_func (PhStoreShared    *self,
                                 PhStoreFailedFunc function,
                                 gpointer          user_data)
{
  self->failed = function;
  self->failed_data = user_data;
}

void
ph_store_shared_set_closed_func (PhStoreShared    *self,
                                 PhStoreClosedFunc function,
                                 gpointer          user_data)
{
  self->closed = function;
  self->closed_data = user_data;
}

void
ph_store_shared_tell_closed (PhStoreShared *self,
                             const char    *address)
{
  if (self->closed != NULL)
    self->closed (address, self->closed_data);
}

PhClock *
ph_store_shared_get_clock (PhStoreShared *self)
{
  return self->clock;
}

PhWorkerPool *
ph_store_shared_get_durable (PhStoreShared *self)
{
  return self->durable;
}

PhWorkerPool *
ph_store_shared_get_readers (PhStoreShared *self)
{
  return self->readers;
}

GThreadPool *
ph_store_shared_get_syncers (PhStoreShared *self)
{
  return self->syncers;
}

PhWatcher *
ph_store_shared_get_watcher (PhStoreShared *self)
{
  return self->watcher;
}

void
ph_store_shared_set_standard_folders (PhStoreShared *self,
                                      guint          special_uses)
{
  g_atomic_int_set (&self->standard_folders, special_uses);
}

guint
ph_store_shared_get_standard_folders (PhStoreShared *self)
{
  return (guint)g_atomic_int_get (&self->standard_folders);
}

int
ph_store_shared_take_spare_file (PhStoreShared *self)
{
  return ph_spare_files_take (self->spares);
}

void
ph_store_shared_spend_reserve (PhStoreShared *self)
{
  g_mutex_lock (&self->mutex);
  /* A full btrfs can take a name away, but not shorten a file. */
  if (self->has_reserve)
    unlinkat (self->mail_fd, RESERVE_NAME, 0);
  self->has_reserve = FALSE;
  g_mutex_unlock (&self->mutex);

  /* It gives room back with its next commit, and not before; others know no such call, and need none. */
  ioctl (self->mail_fd, BTRFS_IOC_SYNC, NULL);
}

/* One that is there as a whole stays, however full the disk is. */
static gboolean
allocate_reserve (PhStoreShared *self)
{
  int            fd = openat (self->mail_fd, RESERVE_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  struct stat    st;
  struct statvfs room;
  gboolean       ok;

  if (fd < 0)
    return FALSE;

  ok = fstat (fd, &st) == 0 && st.st_blocks * 512 >= RESERVE_BYTES;
  if (!ok && fstatvfs (fd, &room) == 0 && (guint64)room.f_bavail * room.f_frsize >= RESERVE_FACTOR * RESERVE_BYTES)
    ok = posix_fallocate (fd, 0, RESERVE_BYTES) == 0;
  close (fd);

  return ok;
}

void
ph_store_shared_restore_reserve (PhStoreShared *self)
{
  g_mutex_lock (&self->mutex);
  if (!self->has_reserve)
    self->has_reserve = allocate_reserve (self);
  g_mutex_unlock (&self->mutex);
}

/* Above all before it, also when the clock was set back; random at the end, so that one
 * that was noted before a restart is not taken for another. */
guint64
ph_store_shared_take_record (PhStoreShared *self)
{
  guint64 record = (guint64)ph_clock_get_real_time (self->clock) << 8 | (g_random_int () & 0xff);

  record = MAX (record, self->last_record + 1) & G_MAXINT64;
  self->last_record = record;
  g_array_append_val (self->records, record);

  return record;
}

void
ph_store_shared_keep_record (PhStoreShared *self,
                             guint64        record)
{
  self->last_record = MAX (self->last_record, record);
  g_array_append_val (self->records, record);
}

void
ph_store_shared_release_record (PhStoreShared *self,
                                guint64        record)
{
  for (guint i = 0; i < self->records->len; i++)
    if (g_array_index (self->records, guint64, i) == record)
      {
        g_array_remove_index (self->records, i);
        return;
      }
}

guint64
ph_store_shared_get_oldest_record (PhStoreShared *self)
{
  return self->records->len > 0 ? g_array_index (self->records, guint64, 0) : 0;
}

int
ph_store_shared_get_intake_fd (PhStoreShared *self)
{
  return self->intake_fd;
}

int
ph_store_shared_get_mail_fd (PhStoreShared *self)
{
  return self->mail_fd;
}

const char *
ph_store_shared_get_mail_path (PhStoreShared *self)
{
  return self->mail_path;
}

static gboolean
tell_failed (gpointer data)
{
  PhStoreShared *self = data;

  if (self->failed != NULL)
    self->failed (self->failure, self->failed_data);

  return G_SOURCE_REMOVE;
}

static void
unref_shared (gpointer data)
{
  ph_store_shared_unref (data);
}

void
ph_store_shared_fail (PhStoreShared *self,
                      const char    *reason)
{
  gboolean first;

  g_mutex_lock (&self->mutex);
  first = self->failure == NULL;
  if (first)
    self->failure = g_strdup (reason);
  g_mutex_unlock (&self->mutex);

  if (first)
    g_idle_add_full (G_PRIORITY_DEFAULT, tell_failed, ph_store_shared_ref (self), unref_shared);
}

gboolean
ph_store_shared_check_writable (PhStoreShared *self,
                                GError       **error)
{
  gboolean ok;

  g_mutex_lock (&self->mutex);
  ok = self->failure == NULL;
  if (!ok)
    /* Translators: why */
    g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_READ_ONLY, _ ("The mail store is read-only: %s"), self->failure);
  g_mutex_unlock (&self->mutex);

  return ok;
}
