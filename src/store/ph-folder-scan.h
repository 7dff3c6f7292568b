#pragma once

#include "ph-uidlist.h"

G_BEGIN_DECLS

/* When names last came or went in cur/ and new/ (ctime, which nobody can set back), in nanoseconds;
 * 0 where there is no such directory. */
typedef struct
{
  gint64 cur;
  gint64 new;
} PhFolderTimes;

PhFolderTimes ph_folder_times_get (PhMaildir  *maildir,
                                   const char *directory);

/* What a scan found that is still to be looked after. */
typedef struct
{
  gboolean stale;    /* files wait for a sweep */
  gboolean left_out; /* a file is no message yet, or can't be read */
} PhFolderFound;

/* Makes the index agree with a folder's directory, where other programs work too: new
 * files get UIDs, changed letters become flags, what is gone is expunged.  What the
 * index has still to do to the directory wins.  Blocks for a listing of the directory
 * (30 ms for 100,000 messages).  On the worker, in a transaction; adds to the job's
 * changes; to *found it only adds. */
gboolean ph_folder_scan (PhJob           *job,
                         PhWriter        *writer,
                         PhFolderRow     *folder,
                         const PhUidlist *list, /* of a folder that is new to the index, or NULL */
                         gint64           now,  /* real time, seconds: the save date of new ones */
                         PhFolderFound   *found,
                         GError         **error);

/* Remembers that a folder agreed with its directory, which had these times before the scan at `now`
 * (microseconds), if both are so old that whatever comes later gives it others.  On the worker, after the commit. */
void     ph_folder_looks_add (PhWriter            *writer,
                              gint64               folder,
                              const PhFolderTimes *times,
                              gint64               now);
gboolean ph_folder_looks_hold (PhWriter            *writer,
                               gint64               folder,
                               const PhFolderTimes *times);

/* Makes the list of folders agree with the directories.  A folder that is new here and
 * has a dovecot-uidlist keeps its UIDVALIDITY and UIDs. */
gboolean ph_folder_scan_list (PhWriter *writer,
                              gint64    now,
                              GError  **error);

G_END_DECLS
