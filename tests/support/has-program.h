#pragma once

#include <glib.h>

/* TRUE where the command line `probe` ends with 0. */
static inline gboolean
has_program (const char *const *probe)
{
  int status;

  return g_spawn_sync (NULL, (char **)(gpointer)probe, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, NULL) && status == 0;
}
