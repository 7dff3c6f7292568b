#pragma once

#include "../support/remove-tree.h"

#include <stdlib.h>

static char *fuzz_directory;

static void
remove_directory (void)
{
  remove_tree (fuzz_directory);
  g_free (fuzz_directory);
}

/* The same for all inputs; it goes with the process. */
static const char *
get_directory (void)
{
  if (fuzz_directory == NULL)
    {
      fuzz_directory = g_dir_make_tmp ("ph-fuzz-XXXXXX", NULL);
      atexit (remove_directory);
    }

  return fuzz_directory;
}
