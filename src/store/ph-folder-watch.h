#pragma once

#include "ph-mailbox-private.h"

G_BEGIN_DECLS

/**
 * PhFolderWatch:
 *
 * Sees what other programs do in the directory of an open mailbox: put in, flag, remove
 * (mutt, mbsync, a script).  It watches cur/ and new/; a name that does not agree with
 * the index makes the whole directory be looked at, our own changes cost one look-up
 * each.  Where nothing can be watched it looks at the directories' times every second,
 * else now and then.  All of it is done by the account's worker; nothing is told here but
 * what it commits.  Owned by its mailbox.  Main context only.
 */
typedef struct _PhFolderWatch PhFolderWatch;

/* `seen`: the times of cur/ and new/ before the mailbox was loaded. */
PhFolderWatch *ph_folder_watch_new (PhMailbox           *mailbox,
                                    const PhFolderTimes *seen);
void           ph_folder_watch_free (PhFolderWatch *self);

/* TRUE and the times of the directories when the index last agreed with them; FALSE while that is being
 * found out, where they are not watched, and where something in them is no message yet. */
gboolean ph_folder_watch_get_seen (PhFolderWatch *self,
                                   PhFolderTimes *seen);

G_END_DECLS
