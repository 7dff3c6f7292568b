#pragma once

#include "ph-object-id.h"

G_BEGIN_DECLS

/* RFC 6154 */
typedef enum {
  PH_SPECIAL_NONE,
  PH_SPECIAL_ARCHIVE,
  PH_SPECIAL_DRAFTS,
  PH_SPECIAL_JUNK,
  PH_SPECIAL_SENT,
  PH_SPECIAL_TRASH,
} PhSpecialUse;

/**
 * PhFolder:
 *
 * What is known of a folder without opening it.  Names are UTF-8 (NFC) with "/"
 * between levels; "INBOX" is always spelled so.  Owned by its PhAccountStore;
 * valid until the next change of the folder list.
 */
typedef struct
{
  char        *name;
  gint64       id; /* in the index; stays when the folder is renamed */
  PhSpecialUse special_use;
  gboolean     subscribed;
  gboolean     exists;                        /* FALSE: only a name that is subscribed or has children (\NonExistent) */
  char         mailbox_id[PH_OBJECT_ID_SIZE]; /* RFC 8474; "" where it does not exist */
} PhFolder;

/* For STATUS; all from one moment. */
typedef struct
{
  guint32 uidvalidity;
  guint32 uidnext;
  guint32 messages;
  guint32 recent;
  guint32 unseen;
  guint32 deleted;
  guint64 size;         /* sum of RFC822.SIZE */
  guint64 deleted_size; /* of those that are \\Deleted */
  guint64 highestmodseq;
  char    mailbox_id[PH_OBJECT_ID_SIZE]; /* RFC 8474 */
} PhFolderStatus;

/* '/' */
#define PH_FOLDER_DELIMITER '/'

G_END_DECLS
