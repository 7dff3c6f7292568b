/* Looking at a backup, and taking it back. */

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ph-backup-private.h"
#include "ph-remove-tree.h"

/* mail/DOMAIN/NAME/.Folder/cur */
#define DEPTH_MAX 5
#define LINE_MAX_LENGTH (64 + 2 + 4096 + 2)

/* A way through all of it. */
typedef struct
{
  const char      *path;
  const char      *target; /* or NULL */
  GCancellable    *cancellable;
  PhBackupProgress progress;
} Walk;

typedef gboolean (*EntryFunc) (const char *path, /* of the file */
                               const char *name,
                               const char *checksum,
                               guint64    *size,
                               const char *target,
                               GError    **error);

static gboolean
report_damage (GError    **error,
               const char *name)
{
  g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, "%s is not as it was written", name);

  return FALSE;
}

/* No name leads out of the backup. */
static gboolean
is_safe (const char *name)
{
  return *name != '/' && *name != '\0' && !g_str_has_prefix (name, "../") && strstr (name, "/../") == NULL && !g_str_has_suffix (name, "/..");
}

static gboolean
for_each (Walk             *self,
          EntryFunc         function,
          PhTransferCounts *counts,
          GError          **error)
{
  g_autofree char *list_path = g_build_filename (self->path, PH_BACKUP_LIST_NAME, NULL);
  g_autofree char *line = g_malloc (LINE_MAX_LENGTH);
  FILE            *list = fopen (list_path, "re");
  gboolean         ok = TRUE;

  *counts = (PhTransferCounts){ 0 };
  if (list == NULL)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, "%s is no complete backup: it has no " PH_BACKUP_LIST_NAME, self->path);
      return FALSE;
    }
  while (ok && fgets (line, LINE_MAX_LENGTH, list) != NULL)
    {
      gsize            length = strlen (line);
      g_autofree char *file = NULL;
      guint64          size = 0;

      if (length < 67 || line[length - 1] != '\n' || line[64] != ' ' || line[65] != ' ')
        {
          ok = report_damage (error, PH_BACKUP_LIST_NAME);
          break;
        }
      line[length - 1] = '\0';
      line[64] = '\0';
      file = g_build_filename (self->path, line + 66, NULL);
      ok = is_safe (line + 66) ? function (file, line + 66, line, &size, self->target, error) : report_damage (error, PH_BACKUP_LIST_NAME);
      counts->n_messages += ok;
      counts->n_bytes += size;
      ph_backup_progress_tell (&self->progress, counts);
      ok = ok && !g_cancellable_set_error_if_cancelled (self->cancellable, error);
    }
  /* One of nothing is one that was cut off. */
  ok = ok && ((!ferror (list) && counts->n_messages > 0) || report_damage (error, PH_BACKUP_LIST_NAME));
  fclose (list);

  return ok;
}

static gboolean
check_entry (const char *path,
             const char *name,
             const char *checksum,
             guint64    *size,
             const char *target,
             GError    **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  int     fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  guint8  piece[64 * 1024];
  ssize_t n = -1;

  while (fd >= 0 && (n = read (fd, piece, sizeof piece)) > 0)
    {
      g_checksum_update (sum, piece, n);
      *size += (guint64)n;
    }
  if (fd >= 0)
    close (fd);

  return (n == 0 && strcmp (g_checksum_get_string (sum), checksum) == 0) || report_damage (error, name);
}

gboolean
ph_backup_verify (const char       *path,
                  GCancellable     *cancellable,
                  PhTransferFunc    progress,
                  gpointer          user_data,
                  PhTransferCounts *counts,
                  GError          **error)
{
  Walk walk = { .path = path, .cancellable = cancellable, .progress = { .function = progress, .user_data = user_data } };

  return for_each (&walk, check_entry, counts, error);
}

static gboolean
restore_entry (const char *path,
               const char *name,
               const char *checksum,
               guint64    *size,
               const char *target,
               GError    **error)
{
  g_autofree char *to = g_build_filename (target, name, NULL);
  g_autofree char *found = NULL;
  int              fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  gboolean         ok = fd >= 0 && ph_backup_copy (fd, to, &found, size, error);

  if (fd >= 0)
    close (fd);
  if (!ok && error != NULL && *error != NULL)
    return FALSE;

  return (ok && strcmp (found, checksum) == 0) || report_damage (error, name);
}

/* Folders without mail are directories without files. */
static gboolean
copy_directories (const char *path,
                  const char *target,
                  guint       depth,
                  GError    **error)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  if (g_mkdir_with_parents (target, 0700) < 0)
    return ph_store_error_set_errno (error, errno, N_ ("A folder can’t be made"));
  while (dir != NULL && depth > 0 && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *from = g_build_filename (path, name, NULL);
      g_autofree char *to = g_build_filename (target, name, NULL);

      if (!g_file_test (from, G_FILE_TEST_IS_SYMLINK) && g_file_test (from, G_FILE_TEST_IS_DIR) && !copy_directories (from, to, depth - 1, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_free (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);

  return dir != NULL ? g_dir_read_name (dir) == NULL : !g_file_test (path, G_FILE_TEST_EXISTS);
}

static gboolean
sync_restored (const char *data_dir,
               GError    **error)
{
  int      fd = open (data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean ok = fd >= 0 && syncfs (fd) == 0;

  if (!ok)
    ph_store_error_set_errno (error, errno, N_ ("What was restored can’t be synced"));
  if (fd >= 0)
    close (fd);

  return ok;
}

gboolean
ph_backup_restore (const char       *path,
                   const char       *data_dir,
                   GCancellable     *cancellable,
                   PhTransferFunc    progress,
                   gpointer          user_data,
                   PhTransferCounts *counts,
                   GError          **error)
{
  Walk     walk = { .path = path, .target = data_dir, .cancellable = cancellable, .progress = { .function = progress, .user_data = user_data } };
  gboolean was_there = g_file_test (data_dir, G_FILE_TEST_EXISTS);
  gboolean ok;

  if (!is_free (data_dir))
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_EXISTS, "%s is not empty", data_dir);
      return FALSE;
    }
  /* Whole, or nothing is touched. */
  if (!ph_backup_verify (path, cancellable, progress, user_data, counts, error))
    return FALSE;

  ok = copy_directories (path, data_dir, DEPTH_MAX, error) && for_each (&walk, restore_entry, counts, error) && sync_restored (data_dir, error);
  if (!ok)
    ph_remove_tree (data_dir, !was_there);

  return ok;
}
