#pragma once

#include "ph-index-rows.h"

G_BEGIN_DECLS

/* The name of the file in each folder, and its form (version 3), are Dovecot's:
 *     3 V<uidvalidity> N<uidnext> G<guid of the folder>
 *     <uid> [G<guid of the message>] [P<uidl of the message>] :<name of its file up to ":2,">
 */
#define PH_UIDLIST_NAME "dovecot-uidlist"

/* UIDs for which the file is synced once. */
#define PH_UIDLIST_BLOCK 1000

typedef struct
{
  guint32 uid;
  char   *guid; /* of the message, or NULL where it is the base */
  char   *uidl; /* PhUidl, or NULL */
  char   *base;
} PhUidlistEntry;

/**
 * PhUidlist:
 *
 * A folder's list of UIDs as it was read, for the day the index is lost or comes from
 * elsewhere.  A plain struct.
 */
typedef struct
{
  guint32 uidvalidity;
  guint32 uidnext; /* above every UID that was ever given */
  char   *guid;    /* or NULL */
  GArray *entries; /* of PhUidlistEntry, ascending */
} PhUidlist;

void ph_uidlist_free (PhUidlist *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhUidlist, ph_uidlist_free)

/* NULL where there is none, or it makes no sense.  What is torn or not in order ends the
 * list.  At most 4 GiB of it. */
PhUidlist *ph_uidlist_read (PhMaildir  *maildir,
                            const char *directory);

/* The same of an open file, wherever it is; takes `fd`, which may be -1. */
PhUidlist *ph_uidlist_read_fd (int fd);

/**
 * PhUidlists:
 *
 * Keeps the list of each folder of an account current, so that UIDs, UIDVALIDITY and
 * object ids survive the loss of the index, and Dovecot can serve the folders any day.
 * The index is the truth; this follows it by appending a line for each new message after
 * the commit, without a sync.  Only the number N of the first line is synced, a block
 * ahead of the UIDs in use: so no UID is ever given again, whatever was lost.  Owned by
 * the account's queue; used by its worker.  (The type is declared in ph-index-queue.h.)
 */
PhUidlists *ph_uidlists_new (void);
void        ph_uidlists_free (PhUidlists *self);

/* Before a commit that gives UIDs below `uidnext`. */
gboolean ph_uidlists_reserve (PhUidlists        *self,
                              PhWriter          *writer,
                              const PhFolderRow *folder,
                              guint32            uidnext,
                              GError           **error);

/* After a commit: lists what is not yet.  Failing is no harm until the index is lost. */
void ph_uidlists_follow (PhUidlists *self,
                         PhWriter   *writer,
                         gint64      folder);

/* Writes a folder's file anew, synced: of a new folder, or after all UIDs changed. */
gboolean ph_uidlists_write (PhUidlists        *self,
                            PhWriter          *writer,
                            const PhFolderRow *folder,
                            GError           **error);

G_END_DECLS
