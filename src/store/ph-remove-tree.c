#include "ph-remove-tree.h"

#include <ftw.h>
#include <stdio.h>

static int
remove_entry (const char        *path,
              const struct stat *st,
              int                kind,
              struct FTW        *where)
{
  return remove (path);
}

static int
remove_entry_within (const char        *path,
                     const struct stat *st,
                     int                kind,
                     struct FTW        *where)
{
  return where->level > 0 ? remove (path) : 0;
}

gboolean
ph_remove_tree (const char *path,
                gboolean    itself)
{
  return nftw (path, itself ? remove_entry : remove_entry_within, 8, FTW_DEPTH | FTW_PHYS) == 0;
}
