#include "ph-place.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

PhSettings *
ph_place_open_settings (const char *config_path,
                        GError    **error)
{
  g_autofree char *usual = g_build_filename (g_get_user_config_dir (), "posthouse", "posthouse.ini", NULL);

  return ph_settings_new (config_path != NULL ? config_path : usual, error);
}

static gboolean
has_store (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "lock", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static char *
dup_wanted (PhSettings *settings)
{
  const char *chosen = ph_settings_get_string (settings, "data-folder");

  return *chosen != '\0' ? g_strdup (chosen) : g_build_filename (g_get_user_data_dir (), "posthouse", NULL);
}

/* The place that the folder has while it waits to be moved to the wanted one; NULL where it does not. */
static const char *
get_old_place (PhSettings *settings,
               const char *wanted)
{
  const char *was = ph_settings_get_string (settings, "data-folder-was");

  return *was != '\0' && !has_store (wanted) && has_store (was) ? was : NULL;
}

char *
ph_place_choose_data_dir (PhSettings *settings,
                          const char *data_dir)
{
  g_autofree char *wanted = dup_wanted (settings);
  const char      *old = data_dir == NULL ? get_old_place (settings, wanted) : NULL;

  return g_strdup (data_dir != NULL ? data_dir : old != NULL ? old
                                                             : wanted);
}

static gboolean
is_empty (const char *path)
{
  g_autoptr (GDir) entries = g_dir_open (path, 0, NULL);

  return entries != NULL && g_dir_read_name (entries) == NULL;
}

static gboolean
is_inside (const char *path,
           const char *folder)
{
  g_autoptr (GFile) inner = g_file_new_for_path (path);
  g_autoptr (GFile) outer = g_file_new_for_path (folder);

  return g_file_equal (inner, outer) || g_file_has_prefix (inner, outer);
}

char *
ph_place_find_target (const char *data_dir,
                      const char *folder,
                      GError    **error)
{
  g_autofree char *target = is_empty (folder) ? g_strdup (folder) : g_build_filename (folder, "posthouse", NULL);
  struct stat      here, there;

  if (is_inside (folder, data_dir))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_RECURSE, _ ("A folder can’t be moved into itself"));
  else if (g_file_test (target, G_FILE_TEST_EXISTS) && !is_empty (target))
    /* Translators: the path of a folder */
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _ ("There is something in %s already"), target);
  else if (g_access (folder, W_OK | X_OK) < 0 || g_stat (folder, &there) < 0 || g_stat (data_dir, &here) < 0)
    /* Translators: the path of a folder, and why */
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("%s can’t be used: %s"), folder, g_strerror (errno));
  else if (here.st_dev != there.st_dev)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _ ("That is another disk: quit Posthouse, move the folder by hand, and name its place as DataFolder in posthouse.ini"));
  else
    return g_steal_pointer (&target);

  return NULL;
}

/* Open and locked as a store's, or -1: there is none, or somebody uses it. */
static int
lock_store (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "lock", NULL);
  int              fd = g_open (path, O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0);

  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) < 0)
    {
      close (fd);
      errno = EBUSY;
      return -1;
    }

  return fd;
}

static gboolean
move_folder (const char *from,
             const char *to)
{
  g_autofree char *above = g_path_get_dirname (to);
  int              lock = lock_store (from), failure;
  gboolean         ok = lock >= 0 && g_mkdir_with_parents (above, 0700) == 0 && g_rename (from, to) == 0;

  failure = errno;
  if (lock >= 0)
    close (lock);
  errno = failure;

  return ok;
}

gboolean
ph_place_follow (PhSettings *settings,
                 const char *data_dir,
                 GError    **error)
{
  g_autofree char *to = dup_wanted (settings);
  g_autofree char *from = data_dir == NULL ? g_strdup (get_old_place (settings, to)) : NULL;

  if (from == NULL || move_folder (from, to))
    return TRUE;

  /* Translators: a folder, where it was to be moved, and why that failed */
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("The mail stays in %s, for it can’t be moved to %s: %s"), from, to, g_strerror (errno));
  g_object_set (settings, "data-folder", from, "data-folder-was", "", NULL);

  return FALSE;
}

void
ph_place_close_folder (const char *data_dir,
                       gboolean    even_if_used)
{
  g_autoptr (GDir) entries = g_dir_open (data_dir, 0, NULL);
  int         fd = open (data_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat st;

  if (fd < 0)
    return;

  /* What can't be closed is refused by the store, with the reason. */
  if (entries != NULL && (even_if_used || g_dir_read_name (entries) == NULL) && fstat (fd, &st) == 0 && st.st_uid == geteuid () && (st.st_mode & 077) != 0)
    (void)!fchmod (fd, 0700);
  close (fd);
}
