#pragma once

#include "ph-mailbox.h"
#include "ph-store-shared.h"

G_BEGIN_DECLS

/* Of one folder, and of all of them, in bytes; and how long one lasts when nobody asks. */
#define PH_FOLDER_CACHE_MAX (32 * 1024 * 1024)
#define PH_FOLDER_CACHES_MAX (4 * PH_FOLDER_CACHE_MAX)
#define PH_FOLDER_CACHE_SECONDS 600

/**
 * PhFolderCache:
 *
 * What was read of the messages of an open folder, in memory for the next command.  A message
 * never changes, so nothing here grows old; what is expunged is forgotten.  When it is full, or
 * all of the process are together (V38), nothing more goes in: a walk through a large folder finds the first messages the next time,
 * where one that pushed them out would find none.  Counted, and for any thread, but for
 * ph_folder_cache_close(); owned by the PhMailbox and by who walks through it.
 */
typedef struct _PhFolderCache PhFolderCache;

PhFolderCache *ph_folder_cache_new (PhClock *clock);
PhFolderCache *ph_folder_cache_ref (PhFolderCache *self);
void           ph_folder_cache_unref (PhFolderCache *self);

/* Main context: forgets all, and takes nothing more. */
void ph_folder_cache_close (PhFolderCache *self);

/* NULL where it is not here; transfer full. */
PhMessageSummary *ph_folder_cache_dup_summary (PhFolderCache *self,
                                               guint32        uid);
void              ph_folder_cache_add_summary (PhFolderCache    *self,
                                               guint32           uid,
                                               PhMessageSummary *summary);

/* Messages that hold their header and nothing else. */
PhMessage *ph_folder_cache_dup_head (PhFolderCache *self,
                                     guint32        uid);
void       ph_folder_cache_add_head (PhFolderCache *self,
                                     PhMessage     *head);

/* Array of guint32. */
void ph_folder_cache_forget (PhFolderCache *self,
                             const GArray  *uids);

/* Main context: somebody asks, so it lasts on. */
void ph_folder_cache_touch (PhFolderCache *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhFolderCache, ph_folder_cache_unref)

G_END_DECLS
