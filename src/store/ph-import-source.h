#pragma once

#include "ph-mbox-reader.h"
#include "ph-store-shared.h"

G_BEGIN_DECLS

/* In a folder of .eml files that was exported: name, date (seconds), letters of flags as
 * Maildir has them, keywords; parted by tabs. */
#define PH_EXPORT_LIST_NAME "posthouse.tsv"

/* One message that was found.  A plain struct. */
typedef struct
{
  char     *folder;  /* below where it is to go; "" for that itself */
  char     *origin;  /* where it was found, for people */
  char     *problem; /* why it can't be taken, or NULL */
  PhSpool  *spool;   /* its bytes; NULL where they could not be read */
  PhFlags   flags;
  char    **keywords; /* or NULL */
  gint64    date;     /* 0: unknown */
  gint16    zone;
  PhKeptUid kept;
} PhImportItem;

void ph_import_item_free (PhImportItem *self);

/**
 * PhImportSource:
 *
 * Finds the messages in files and directories, one after the other: .eml files, mbox files,
 * Maildirs with or without folders in them (Maildir++, or as directories), and directories
 * of these.  Links below what was named are not followed.  Holds the names of one directory,
 * and no message.  Blocks: on a worker, one at a time.
 */
typedef struct _PhImportSource PhImportSource;

PhImportSource *ph_import_source_new (PhStoreShared     *shared,
                                      const char *const *paths,
                                      PhMboxDialect      dialect);
void            ph_import_source_free (PhImportSource *self);

/* The next one; NULL without an error at the end.  An error is one of this store's (a full
 * disk); what is wrong with a source is an item with a `problem`. */
PhImportItem *ph_import_source_next (PhImportSource *self,
                                     GError        **error);

G_END_DECLS
