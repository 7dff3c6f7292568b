#pragma once

#include "ph-queue-entry.h"
#include "ph-queue-message.h"
#include "ph-spool.h"

G_BEGIN_DECLS

typedef enum {
  PH_QUEUE_FOLDER_RELAY, /* what waits */
  PH_QUEUE_FOLDER_BAD,   /* what was given up */
} PhQueueFolder;

/* What a scan found. */
typedef enum {
  PH_QUEUE_FOUND,
  PH_QUEUE_FOUND_NOTHING,
  PH_QUEUE_FOUND_HALF,    /* one of two files, or one still being written: look again later */
  PH_QUEUE_FOUND_INVALID, /* left alone */
  PH_QUEUE_FOUND_POISON,  /* reading it has ended the program twice: set aside */
} PhQueueFind;

/**
 * PhQueueFiles:
 *
 * The relay directory and the one for what failed, as files: pairs of ID.eml, written first,
 * and ID.env, whose rename makes the pair a message of the queue.  All functions block: they
 * are for workers.  Immutable but for the note of what is being read, so whatever reads
 * (load, adopt) belongs on one thread; the others may run on any, but for one id not
 * at the same time.
 *
 * Before an envelope or a message is parsed, its id is written into the file "reading" (not
 * synced: a crash of the program leaves it); where that is found at the next start,
 * reading it ended the program, and the second time it is set aside (S26).
 */
typedef struct _PhQueueFiles PhQueueFiles;

PhQueueFiles *ph_queue_files_new (const char *relay_dir,
                                  const char *bad_dir);
PhQueueFiles *ph_queue_files_ref (PhQueueFiles *self);
void          ph_queue_files_unref (PhQueueFiles *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhQueueFiles, ph_queue_files_unref)

const char *ph_queue_files_get_path (PhQueueFiles *self,
                                     PhQueueFolder folder);

/* Makes both directories (0700) where they are not there. */
gboolean ph_queue_files_prepare (PhQueueFiles *self,
                                 GError      **error);

/* The ids of all envelopes in the folder, sorted; and removes what a crash has left of our own
 * files before `now`. */
GPtrArray *ph_queue_files_list (PhQueueFiles *self,
                                PhQueueFolder folder,
                                gint64        now);

/* Looks at one pair; one that another program has written is made ours: measured, and
 * its envelope written anew.  *entry only where FOUND; *error for INVALID and POISON. */
PhQueueFind ph_queue_files_find (PhQueueFiles  *self,
                                 PhQueueFolder  folder,
                                 const char    *id,
                                 gint64         now,
                                 PhQueueEntry **entry,
                                 GError       **error);

/* PH_RELAY_ERROR_INVALID, _GONE, _FAILED. */
PhQueueMessage *ph_queue_files_open (PhQueueFiles *self,
                                     PhQueueFolder folder,
                                     const char   *id,
                                     GError      **error);

/* A new message, on disk when it returns, or nothing of it. */
gboolean ph_queue_files_add (PhQueueFiles       *self,
                             PhSpool            *spool,
                             const PhQueueEntry *entry,
                             GError            **error);

/* Writes the envelope anew, on disk when it returns.  `env` as ph_queue_entry_format() gives it. */
gboolean ph_queue_files_save (PhQueueFiles *self,
                              PhQueueFolder folder,
                              const char   *id,
                              const char   *env,
                              GError      **error);

/* From one folder to the other, with a new envelope. */
gboolean ph_queue_files_move (PhQueueFiles *self,
                              PhQueueFolder from,
                              const char   *id,
                              const char   *env,
                              GError      **error);

gboolean ph_queue_files_remove (PhQueueFiles *self,
                                PhQueueFolder folder,
                                const char   *id,
                                GError      **error);

/* TRUE for the names that we give ("0006…X00A1B2C"). */
gboolean ph_queue_files_is_own_id (const char *id);
char    *ph_queue_files_new_id (gint64 now,
                                guint  serial);

G_END_DECLS
