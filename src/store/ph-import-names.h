#pragma once

#include "ph-mailbox.h"

G_BEGIN_DECLS

/* A directory below one that is imported, or an mbox file in it. */
typedef struct
{
  char *directory; /* its name there */
  char *name;      /* of the folder that it is, UTF-8 */
} PhImportFolder;

/**
 * PhImportListing:
 *
 * What a directory has in it, but for messages: whether it is a Maildir, its folders and its
 * mbox files, sorted.  A plain struct.
 */
typedef struct
{
  gboolean is_maildir;
  GArray  *folders; /* of PhImportFolder */
} PhImportListing;

PhImportListing *ph_import_listing_read (const char *path);
void             ph_import_listing_free (PhImportListing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhImportListing, ph_import_listing_free)

/* A file that is a message. */
typedef struct
{
  char   *name; /* below the directory */
  gint64  time; /* by which it is sorted */
  gint64  date; /* 0: unknown */
  PhFlags flags;
  char  **keywords; /* or NULL */
  guint32 uid;      /* that it had there, or 0 */
} PhImportName;

/**
 * PhImportNames:
 *
 * The messages in a directory, in the order in which they came: of a Maildir, with the UIDs that
 * dovecot-uidlist gives them, or files of one message each, with what posthouse.tsv says of them.
 */
typedef struct _PhImportNames PhImportNames;

PhImportNames      *ph_import_names_read (const char *path,
                                          const char *folder, /* kept for whoever asks */
                                          gboolean    is_maildir);
void                ph_import_names_free (PhImportNames *self);
const char         *ph_import_names_get_directory (PhImportNames *self);
const char         *ph_import_names_get_folder (PhImportNames *self);
guint               ph_import_names_get_count (PhImportNames *self);
const PhImportName *ph_import_names_get (PhImportNames *self,
                                         guint          position);

/* What to add that message with; all 0 where the directory has no UIDs. */
PhKeptUid ph_import_names_get_kept_uid (PhImportNames *self,
                                        guint          position);

/* The date of a message's newest Received, or its Date, where `date` is not NULL; *problem is
 * set where the bytes can be no message. */
void ph_import_look_at_header (int     fd,
                               gint64 *date,
                               gint16 *zone,
                               char  **problem);

/* A level of a folder's name as a name of a file, and back: "%", a dot at its start, and what no
 * file can be called, are %XX. */
char *ph_import_encode_level (const char *level);
char *ph_import_decode_level (const char *name);

G_END_DECLS
