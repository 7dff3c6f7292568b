#pragma once

#include "ph-change.h"
#include "ph-index.h"
#include "ph-maildir.h"
#include "ph-store-shared.h"
#include "ph-syncs.h"

G_BEGIN_DECLS

typedef struct _PhIndexQueue PhIndexQueue;
typedef struct _PhJob        PhJob;
typedef struct _PhUidlists   PhUidlists;

/* How far an index is that is made anew. */
typedef struct _PhFillProgress PhFillProgress;
struct _PhFillProgress
{
  guint n_done;
  guint n_total;                             /* messages, as far as one knows */
  void (*tell) (const PhFillProgress *self); /* on the worker, now and then */
  gpointer user_data;
};

/* What a job works with, on the worker; all borrowed. */
typedef struct
{
  PhIndex       *index;
  PhMaildir     *maildir;
  PhStoreShared *shared;
  PhUidlists    *lists;
  PhSyncs       *syncs; /* what is begun here is waited for before the commit; NULL: nothing may be */
  GHashTable    *looks; /* folder id → PhFolderTimes of a directory that agreed; NULL: not kept */

  PhFillProgress *progress; /* or NULL */
} PhWriter;

/**
 * PhJob:
 *
 * One change or look-up in an account; the first member of a struct of its own kind.
 * `run` is called on the worker within a transaction that it may share with others;
 * if it fails, or the commit, what it did to the index is rolled back and `undo`
 * takes back what it did to files.  `after` is called once all of it is on disk,
 * before the next batch.  `done` is called in the main context in the order of
 * commits, with `error` set if it failed; then `free`.
 */
struct _PhJob
{
  gboolean (*run) (PhJob    *job,
                   PhWriter *writer,
                   GError  **error);
  void (*undo) (PhJob    *job,
                PhWriter *writer); /* or NULL */
  void (*after) (PhJob    *job,
                 PhWriter *writer); /* or NULL */
  void (*done) (PhJob *job);        /* or NULL */
  void (*free) (PhJob *job);        /* frees what its kind added; not the struct */

  GObject   *owner;      /* kept alive: the account */
  GTask     *task;       /* or NULL */
  gboolean   reads;      /* allowed when the store is read-only */
  gboolean   alone;      /* never shares a transaction */
  gboolean   frees;      /* makes room: on a full disk it may use the reserve, and `run` twice */
  gboolean   background; /* waits until nobody else does */
  GPtrArray *changes;    /* of PhChange */
  GPtrArray *folders;    /* of PhFolder: the new list, or NULL where it is as it was */
  gint64     used;       /* bytes in the account after the batch; -1: unknown */
  GError    *error;
};

/* `size` bytes of zeros with the PhJob part filled in; takes `task`. */
gpointer ph_job_new (gsize    size,
                     GObject *owner,
                     GTask   *task);

/* A job that only looks something up: allowed when the store is read-only; its task ends
 * as cancelled whenever its cancellable is, so that whoever goes away is not called. */
void ph_job_set_reads (PhJob *job);

/* Frees one that was not pushed. */
void ph_job_free (PhJob *job);

/* The job's change of that folder, made where there is none yet. */
PhChange *ph_job_get_change (PhJob *job,
                             gint64 folder);

typedef void (*PhJobApplyFunc) (PhJob   *job,
                                gpointer user_data);
typedef void (*PhDamagedFunc) (gpointer user_data);

/**
 * PhIndexQueue:
 *
 * The one writer of an account: runs jobs in order on one worker thread at a time,
 * all that wait in one transaction, with one fsync of each directory and one of the
 * index.  Files and directories are synced beside each other, before the commit.  Counted; owned by the PhAccountStore.
 */
PhIndexQueue *ph_index_queue_new (PhStoreShared *shared,
                                  PhIndex       *index,   /* taken */
                                  PhMaildir     *maildir, /* taken */
                                  PhUidlists    *lists,   /* taken */
                                  const char    *index_path);

/* Main context.  Closes the index on a worker, then calls `closed` in the main context. */
void ph_index_queue_close (PhIndexQueue       *self,
                           GAsyncReadyCallback closed,
                           gpointer            user_data);

/* Called in the main context: `apply` for each committed job before its `done`; `damaged` once, when a
 * job or a reader has found the index damaged, after the jobs before. */
void ph_index_queue_set_owner (PhIndexQueue  *self,
                               PhJobApplyFunc apply,
                               PhDamagedFunc  damaged,
                               gpointer       user_data);

/* Any thread.  Takes `job`. */
void ph_index_queue_push (PhIndexQueue *self,
                          PhJob        *job);

/* Any thread: of the index. */
const char *ph_index_queue_get_path (PhIndexQueue *self);

/* Any thread: for reading files. */
PhMaildir *ph_index_queue_get_maildir (PhIndexQueue *self);

/* A connection that reads what is committed, for one thread at a time: locks it.
 * NULL and an error; else ph_index_queue_unlock_reader() must follow soon. */
PhIndex *ph_index_queue_lock_reader (PhIndexQueue *self,
                                     GError      **error);
void     ph_index_queue_unlock_reader (PhIndexQueue *self);

G_END_DECLS
