#include "ph-backup.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ph-backup-private.h"
#include "ph-remove-tree.h"

struct _PhBackup
{
  char            *path;
  char            *part; /* what is written, NULL once it is named */
  FILE            *list;
  GCancellable    *cancellable;
  PhTransferCounts counts;
  PhBackupProgress progress;
};

#define PROGRESS_INTERVAL (G_USEC_PER_SEC / 5)

void
ph_backup_progress_tell (PhBackupProgress       *self,
                         const PhTransferCounts *counts)
{
  gint64 now = g_get_monotonic_time ();

  if (self->function == NULL || now - self->last < PROGRESS_INTERVAL)
    return;

  self->last = now;
  self->function (counts, self->user_data);
}

PhBackup *
ph_backup_new (const char   *path,
               GCancellable *cancellable,
               GError      **error)
{
  g_autoptr (PhBackup) self = g_new0 (PhBackup, 1);
  g_autofree char *list = NULL;

  self->path = g_strdup (path);
  g_set_object (&self->cancellable, cancellable);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      /* Translators: a path */
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_EXISTS, _ ("%s is there already"), path);
      return NULL;
    }
  self->part = g_strconcat (path, ".part", NULL);
  if (mkdir (self->part, 0700) < 0)
    {
      ph_store_error_set_errno (error, errno, N_ ("A folder of a backup can’t be made"));
      g_clear_pointer (&self->part, g_free);
      return NULL;
    }

  list = g_build_filename (self->part, PH_BACKUP_LIST_NAME, NULL);
  self->list = fopen (list, "wxe");
  if (self->list == NULL)
    {
      ph_store_error_set_errno (error, errno, N_ ("A backup can’t be written"));
      return NULL;
    }

  return g_steal_pointer (&self);
}

void
ph_backup_free (PhBackup *self)
{
  if (self->list != NULL)
    fclose (self->list);
  if (self->part != NULL)
    ph_remove_tree (self->part, TRUE);
  g_clear_object (&self->cancellable);
  g_free (self->part);
  g_free (self->path);
  g_free (self);
}

void
ph_backup_set_progress (PhBackup      *self,
                        PhTransferFunc progress,
                        gpointer       user_data)
{
  self->progress = (PhBackupProgress){ .function = progress, .user_data = user_data };
}

const PhTransferCounts *
ph_backup_get_counts (PhBackup *self)
{
  return &self->counts;
}

const char *
ph_backup_get_part (PhBackup *self)
{
  return self->part;
}

static gboolean
make_parents (const char *path,
              GError    **error)
{
  g_autofree char *directory = g_path_get_dirname (path);

  return g_mkdir_with_parents (directory, 0700) == 0 || ph_store_error_set_errno (error, errno, N_ ("A folder of a backup can’t be made"));
}

gboolean
ph_backup_copy (int         from,
                const char *to,
                char      **checksum,
                guint64    *size,
                GError    **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8      piece[64 * 1024];
  struct stat st;
  ssize_t     n = -1;
  off_t       offset = 0;
  int         fd;
  gboolean    ok;

  if (!make_parents (to, error))
    return FALSE;
  fd = open (to, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return ph_store_error_set_errno (error, errno, N_ ("A file can’t be made"));

  while ((n = pread (from, piece, sizeof piece, offset)) > 0)
    {
      g_checksum_update (sum, piece, n);
      offset += n;
      if (write (fd, piece, (size_t)n) != n)
        break;
    }
  if (fstat (from, &st) == 0)
    {
      const struct timespec times[2] = { st.st_atim, st.st_mtim };

      futimens (fd, times);
    }
  ok = close (fd) == 0 && n == 0;
  if (!ok)
    return ph_store_error_set_errno (error, n > 0 ? ENOSPC : errno, N_ ("A file can’t be copied"));

  *checksum = g_strdup (g_checksum_get_string (sum));
  *size = (guint64)offset;

  return TRUE;
}

gboolean
ph_backup_note (PhBackup   *self,
                const char *name,
                const char *checksum,
                GError    **error)
{
  return fprintf (self->list, "%s  %s\n", checksum, name) > 0 || ph_store_error_set_errno (error, errno, N_ ("A backup can’t be written"));
}

gboolean
ph_backup_add_fd (PhBackup   *self,
                  int         fd,
                  const char *name,
                  guint64    *size,
                  GError    **error)
{
  g_autofree char *to = g_build_filename (self->part, name, NULL);
  g_autofree char *checksum = NULL;

  /* The list has a line for each. */
  if (strchr (name, '\n') != NULL)
    {
      self->counts.n_rejected++;
      return TRUE;
    }

  return !g_cancellable_set_error_if_cancelled (self->cancellable, error) && ph_backup_copy (fd, to, &checksum, size, error) && ph_backup_note (self, name, checksum, error);
}

void
ph_backup_count (PhBackup *self,
                 guint64   bytes)
{
  self->counts.n_messages++;
  self->counts.n_bytes += bytes;
  ph_backup_progress_tell (&self->progress, &self->counts);
}

gboolean
ph_backup_add_file (PhBackup   *self,
                    const char *path,
                    const char *name,
                    GError    **error)
{
  int         fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  struct stat st;
  guint64     size;
  gboolean    ok = TRUE;

  if (fd < 0)
    {
      self->counts.n_rejected += errno != ENOENT && errno != ELOOP;
      return TRUE;
    }
  if (fstat (fd, &st) == 0 && S_ISREG (st.st_mode))
    ok = ph_backup_add_fd (self, fd, name, &size, error);
  close (fd);

  return ok;
}

gboolean
ph_backup_add_bytes (PhBackup   *self,
                     const char *name,
                     const char *text,
                     GError    **error)
{
  g_autofree char *path = g_build_filename (self->part, name, NULL);
  g_autofree char *checksum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, error) && ph_backup_note (self, name, checksum, error);
}

gboolean
ph_backup_add_directory (PhBackup   *self,
                         const char *path,
                         const char *name,
                         GError    **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *entry;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *from = g_build_filename (path, entry, NULL);
      g_autofree char *to = g_build_filename (name, entry, NULL);

      if (!ph_backup_add_file (self, from, to, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
ph_backup_finish (PhBackup *self,
                  GError  **error)
{
  int      fd;
  gboolean ok = fflush (self->list) == 0 && !ferror (self->list);

  fd = open (self->part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ok = ok && fd >= 0 && syncfs (fd) == 0;
  ok = ok && rename (self->part, self->path) == 0 && syncfs (fd) == 0;
  if (!ok)
    ph_store_error_set_errno (error, errno, N_ ("A backup can’t be completed"));
  else
    g_clear_pointer (&self->part, g_free);
  if (fd >= 0)
    close (fd);

  return ok;
}
