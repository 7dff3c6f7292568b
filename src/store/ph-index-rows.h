#pragma once

#include "ph-folder.h"
#include "ph-index-queue.h"
#include "ph-mailbox.h"

G_BEGIN_DECLS

/* The rows of the index as structs, and the statements that read and write them.
 * Functions that take a PhIndex run on the worker in a transaction, or on the reader
 * where they only read. */

typedef struct
{
  gint64       id;
  char        *name;
  char        *directory; /* of its name, encoded */
  PhSpecialUse special_use;
  guint32      uidvalidity;
  guint32      uidnext;
  guint32      recent; /* first UID that no session was given as \Recent */
  guint64      modseq;
  guint64      log_start; /* expunges up to this modseq are forgotten */
  char        *guid;
} PhFolderRow;

void ph_folder_row_clear (PhFolderRow *row);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhFolderRow, ph_folder_row_clear)

/* PH_STORE_ERROR_NOT_FOUND where there is none. */
gboolean ph_folder_row_load (PhIndex     *index,
                             const char  *name,
                             PhFolderRow *row,
                             GError     **error);
/* Of the folder of that use; of INBOX where there is none. */
gboolean ph_folder_row_load_place (PhIndex     *index,
                                   PhSpecialUse place,
                                   PhFolderRow *row,
                                   GError     **error);
gboolean ph_folder_row_load_by_id (PhIndex     *index,
                                   gint64       id,
                                   PhFolderRow *row,
                                   GError     **error);

/* Writes uidnext, recent and modseq. */
gboolean ph_folder_row_save (PhIndex           *index,
                             const PhFolderRow *row,
                             GError           **error);

/* A new folder, in the index only, with a new UIDVALIDITY (I09) and guid. Fills `row`. */
gboolean ph_folder_row_insert (PhWriter    *writer,
                               const char  *name,
                               PhSpecialUse special_use,
                               PhFolderRow *row,
                               GError     **error);

/* With its messages and keywords; its files are left, UIDs are never given again
 * because a new folder has a new UIDVALIDITY. */
gboolean ph_index_delete_folder (PhIndex *index,
                                 gint64   id,
                                 GError **error);

/* RFC 5464 4.1: what is kept beside INBOX is also beside what it is renamed to. */
gboolean ph_index_copy_annotations (PhIndex *index,
                                    gint64   from,
                                    gint64   to,
                                    GError **error);

/* All that exist, and names that are only subscribed or have children, sorted with
 * INBOX first. */
GPtrArray *ph_index_list_folders (PhIndex *index,
                                  GError **error);
void       ph_folder_free (PhFolder *folder);

typedef struct
{
  PhMessageInfo info;
  guint64       file_size;
  char         *base;
  char         *letters;
  PhMaildirSub  sub;
  gboolean      stale;
  char         *guid; /* of the first copy; NULL: the base */
  char         *uidl; /* PhUidl; NULL: as its UID is */
} PhMessageRow;

void          ph_message_row_clear (PhMessageRow *row);
PhMessageRow *ph_message_row_new (void);
void          ph_message_row_free (PhMessageRow *row);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhMessageRow, ph_message_row_clear)

/* Columns that ph_message_row_read() expects after SELECT. */
#define PH_MESSAGE_COLUMNS \
  PH_MESSAGE_INFO_COLUMNS ", file_size, base, letters, sub, stale, guid, uidl"
void ph_message_row_read (sqlite3_stmt *statement,
                          PhMessageRow *row);

/* Only the first columns. */
#define PH_MESSAGE_INFO_COLUMNS "uid, flags, keywords, modseq, internal_date, internal_zone, save_date, size, object, thread, ending"
#define PH_MESSAGE_INFO_N_COLUMNS 11
void ph_message_info_read (sqlite3_stmt  *statement,
                           PhMessageInfo *info);

/* NOT_FOUND where it is gone. */
gboolean ph_message_row_load (PhIndex      *index,
                              gint64        folder,
                              guint32       uid,
                              PhMessageRow *row,
                              GError      **error);

/* Of the file that has this base.  1; 0: there is none; -1: an error. */
int ph_message_row_find (PhIndex      *index,
                         gint64        folder,
                         const char   *base,
                         PhMessageRow *row,
                         GError      **error);

/* Those with UIDs in the range, ascending; array of PhMessageRow. */
GPtrArray *ph_message_rows_load (PhIndex *index,
                                 gint64   folder,
                                 guint32  first,
                                 guint32  last,
                                 GError **error);

/* Adds it to the end of the folder: gives it a UID, and its object,
 * counts its bytes, adds it to `change`.  The caller saves the folder's row. */
gboolean ph_message_row_insert (PhIndex      *index,
                                PhFolderRow  *folder,
                                PhMessageRow *row,
                                PhChange     *change,
                                GError      **error);

/* Removes it and logs that (QRESYNC will ask); its file is left. The caller saves the
 * folder's row, whose modseq it has. */
gboolean ph_message_row_delete (PhIndex            *index,
                                const PhFolderRow  *folder,
                                const PhMessageRow *row,
                                PhChange           *change,
                                GError            **error);

/* Forgets the oldest expunges of a folder where there are more than PH_EXPUNGED_MAX, now
 * and then: what is asked about them is then answered with more than was (I19). */
#define PH_EXPUNGED_MAX 100000
gboolean ph_index_trim_expunged (PhIndex           *index,
                                 const PhFolderRow *folder,
                                 guint              n_new,
                                 GError           **error);

gboolean ph_index_add_used (PhIndex *index,
                            gint64   bytes,
                            GError **error);

/* NULL-terminated; index n is bit n. */
char **ph_index_load_keywords (PhIndex *index,
                               gint64   folder,
                               GError **error);

/* The bits of `names` (NULL: none), made where they are new; then *all (may be NULL) is
 * set to the whole list.  PH_STORE_ERROR_INVALID over the limits (I13). */
gboolean ph_index_map_keywords (PhIndex           *index,
                                gint64             folder,
                                const char *const *names,
                                guint64           *bits,
                                char            ***all,
                                GError           **error);

G_END_DECLS
