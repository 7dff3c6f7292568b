#pragma once

#include <glib.h>
#include <glib/gstdio.h>

static inline void
remove_once (const char *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_once (child);
    }
  g_remove (path);
}

/* Removes a temporary directory of a test with all that is in it, also where workers are still about to close
 * their files in it. */
static inline void
remove_tree (const char *path)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  remove_once (path);
  while (g_file_test (path, G_FILE_TEST_EXISTS) && g_get_monotonic_time () < end)
    {
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (2000);
      remove_once (path);
    }
}
