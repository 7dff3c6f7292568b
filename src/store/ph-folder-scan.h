#pragma once

#include "ph-uidlist.h"

G_BEGIN_DECLS

/* When names last came or went in cur/ and new/, in nanoseconds; 0 where there is no such
 * directory. */
typedef struct
{
  gint64 cur;
  gint64 new;
} PhFolderTimes;

PhFolderTimes ph_folder_times_get (PhMaildir  *maildir,
                                   const char *directory);

/* Makes the index agree with a folder's directory, where other programs work too: new
 * files get UIDs, changed letters become flags, what is gone is expunged.  What the
 * index has still to do to the directory wins.  Blocks for a listing of the directory
 * (30 ms for 100,000 messages).  On the worker, in a transaction; adds to the job's
 * changes.  *swept is set to TRUE where files wait for a sweep. */
gboolean ph_folder_scan (PhJob           *job,
                         PhWriter        *writer,
                         PhFolderRow     *folder,
                         const PhUidlist *list, /* of a folder that is new to the index, or NULL */
                         gint64           now,  /* real time, seconds: the save date of new ones */
                         gboolean        *stale,
                         GError         **error);

/* Makes the list of folders agree with the directories.  A folder that is new here and
 * has a dovecot-uidlist keeps its UIDVALIDITY and UIDs. */
gboolean ph_folder_scan_list (PhWriter *writer,
                              gint64    now,
                              GError  **error);

G_END_DECLS
