#pragma once

#include "ph-index-rows.h"

G_BEGIN_DECLS

/* Sees to it that a folder has UIDs for `n` more messages (V46).  Where 2^32 do not reach,
 * it begins again: a new UIDVALIDITY and UIDs from 1 (RFC 3501 2.3.1.1); whoever has the
 * folder open finds it deleted, and opens it anew.  `folder` then is the new row, with
 * another id.  Part of a job's `run`, before its first change of that folder. */
gboolean ph_folder_ensure_uids (PhJob       *job,
                                PhWriter    *writer,
                                PhFolderRow *folder,
                                gsize        n,
                                GError     **error);

/* A folder that has never given a UID takes that UIDVALIDITY, which its messages had elsewhere;
 * another stays as it is. */
gboolean ph_folder_adopt_uids (PhJob       *job,
                               PhWriter    *writer,
                               PhFolderRow *folder,
                               guint32      uidvalidity,
                               GError     **error);

G_END_DECLS
