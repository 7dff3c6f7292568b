#pragma once

#include "ph-index-rows.h"

G_BEGIN_DECLS

/* Makes the index agree with a folder's directory, where other programs work too: new
 * files get UIDs, changed letters become flags, what is gone is expunged.  What the
 * index has still to do to the directory wins.  Blocks for a listing of the directory
 * (30 ms for 100,000 messages).  On the worker, in a transaction; adds to the job's
 * changes.  *swept is set to TRUE where files wait for a sweep. */
gboolean ph_folder_scan (PhJob       *job,
                         PhWriter    *writer,
                         PhFolderRow *folder,
                         gint64       now, /* real time, seconds: the save date of new ones */
                         gboolean    *stale,
                         GError     **error);

/* Makes the list of folders agree with the directories. */
gboolean ph_folder_scan_list (PhWriter *writer,
                              GError  **error);

G_END_DECLS
