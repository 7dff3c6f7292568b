#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* SQLite's way to the disk where no other process shares a database: the index of the WAL is in memory of our own, not
 * in a map of a file (a SIGBUS on a full btrfs), and locks are not asked of the kernel each time. */
#define PH_INDEX_VFS "unix-excl"

/* Ends the name of an empty file beside an index in which damage was found. */
#define PH_INDEX_SUSPECT ".suspect"

/**
 * PhIndex:
 *
 * One connection to an account's index.db (SQLite, WAL, synchronous=FULL: a commit
 * is on disk when it returns, so no UID that was shown is ever given again).  Runs
 * statements with bound parameters only (V23).  Used by one thread at a time: the
 * account's queue has one that writes, its readers share one that reads.
 */
typedef struct _PhIndex PhIndex;

/* Makes the tables of a new one.  A file that is damaged, was found damaged by whoever had it open
 * before, or was made by a newer version gives PH_STORE_ERROR_INVALID: the caller moves it aside. */
PhIndex *ph_index_open (const char *path,
                        gboolean    read_only,
                        GError    **error);
void     ph_index_close (PhIndex *self);

/* TRUE once SQLite has said that the file is damaged. */
gboolean ph_index_is_damaged (PhIndex *self);

/* SQLite ends a transaction by itself after some errors. */
gboolean ph_index_in_transaction (PhIndex *self);

/* `sql` must be a literal: the prepared statement is kept under its address.  The
 * characters of `types` say what follows: i gint64, s text or NULL, b GBytes or NULL. */
sqlite3_stmt *ph_index_query (PhIndex    *self,
                              GError    **error,
                              const char *sql,
                              const char *types,
                              ...);

/* 1: a row is there; 0: no more; -1: an error. */
int ph_index_step (PhIndex      *self,
                   sqlite3_stmt *statement,
                   GError      **error);

/* Runs a statement to its end. */
gboolean ph_index_run (PhIndex    *self,
                       GError    **error,
                       const char *sql,
                       const char *types,
                       ...);

/* Runs the statements of a literal, without parameters. */
gboolean ph_index_execute (PhIndex    *self,
                           const char *sql,
                           GError    **error);

/* The first column of the first row, or `fallback` where there is none. */
gboolean ph_index_get_number (PhIndex    *self,
                              gint64     *number,
                              gint64      fallback,
                              GError    **error,
                              const char *sql,
                              const char *types,
                              ...);

/* A counter of the account in the table "meta". */
gboolean ph_index_get_meta (PhIndex    *self,
                            const char *key,
                            gint64     *value,
                            GError    **error);
gboolean ph_index_set_meta (PhIndex    *self,
                            const char *key,
                            gint64      value,
                            GError    **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhIndex, ph_index_close)

G_END_DECLS
