#pragma once

#include "ph-journal-session.h"
#include "ph-journal-words.h"

G_BEGIN_DECLS

/* Bytes that may wait for the writing thread; lines beyond are dropped and counted. */
#define PH_JOURNAL_FILE_QUEUE_MAX (4 * 1024 * 1024)

/**
 * PhJournalFile:
 *
 * The log on disk, written by a thread of its own, so that nobody who adds a
 * line ever waits for a disk.  Regular files only, mode 0600, rotated by size.
 * Owned by PhJournal; freeing it writes what waits and ends the thread.
 */
typedef struct _PhJournalFile PhJournalFile;

PhJournalFile *ph_journal_file_open (const char *path,
                                     goffset     max_bytes,
                                     guint       n_files,
                                     GError    **error);
void           ph_journal_file_free (PhJournalFile *self);

/* `time` is real, in µs.  Never waits. */
void ph_journal_file_add (PhJournalFile        *self,
                          gint64                time,
                          PhJournalSession     *session,
                          PhJournalVoice        voice,
                          const PhJournalWords *words);

/* Lines that had no room in the queue, or that the disk refused. */
guint64 ph_journal_file_get_n_dropped (PhJournalFile *self);

/* Waits until all lines so far are written. */
void ph_journal_file_sync (PhJournalFile *self);

/* For tests: the thread holds still until let go. */
void ph_journal_file_set_held (PhJournalFile *self,
                               gboolean       held);

G_END_DECLS
