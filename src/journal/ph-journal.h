#pragma once

#include "ph-clock.h"
#include "ph-journal-line.h"
#include "ph-journal-session.h"
#include "ph-trail.h"

G_BEGIN_DECLS

#define PH_TYPE_JOURNAL (ph_journal_get_type ())
G_DECLARE_FINAL_TYPE (PhJournal, ph_journal, PH, JOURNAL, GObject)

/**
 * PhJournal:
 *
 * The live log: all sessions and their lines, in memory, bounded by count and
 * bytes.  When full it drops the oldest finished sessions first (then the oldest
 * lines of running ones) and counts what it dropped.  Optionally writes a file,
 * rotated, mode 0600, from a thread of its own.  Views take changes in batches
 * (at most every 50 ms, and every 250 ms while there are many lines); producing a line costs no signal.
 *
 * Is a GListModel of PhJournalSession, oldest first.
 * Properties: n-dropped-sessions, n-dropped-lines, n-unfiled-lines (uint64; the last
 * counts lines that the file's thread had no time or no room to write).
 * Running sessions are never dropped, so there may be more of them than the limit;
 * the number of connections bounds them.
 */
PhJournal *ph_journal_new (PhClock *clock);

/* Bytes count pages of memory and the places in the order of time, not the
 * sessions themselves.  Each may be passed by what one call adds.
 * Defaults: 2,000 sessions, 200,000 lines, 64 MiB. */
void ph_journal_set_limits (PhJournal *self,
                            guint      sessions,
                            guint      lines,
                            gsize      bytes);

/* `service` as PhJournalSession:service; `peer` NULL where not yet known. */
PhJournalSession *ph_journal_begin (PhJournal  *self,
                                    const char *service,
                                    gboolean    outgoing,
                                    const char *peer) G_GNUC_WARN_UNUSED_RESULT;

/* Borrowed; NULL for one that was dropped, never was, or is not known to views yet. */
PhJournalSession *ph_journal_find_session (PhJournal *self,
                                           guint64    id);

/* What became of messages.  Borrowed. */
PhTrail *ph_journal_get_trail (PhJournal *self);

/* A step of a message that belongs to no session; NULL-tolerant for `self`. */
void ph_journal_trace (PhJournal  *self,
                       PhTrailKind kind,
                       const char *message,
                       const char *other,
                       const char *detail);

/* A model of PhJournalLine: the lines of all sessions in the order of time. */
GListModel *ph_journal_get_all_lines (PhJournal *self);

/* Lines as they come, one each: ISO time, session, service, peer, "C:", "S:" or
 * "--", text.  `path` NULL switches it off.  Rotated at `max_bytes`; `n_files` are
 * kept: PATH, PATH.1 and so on.  Makes the folder (0700).
 * FALSE and an error (GFileError) where the file can't be opened; what was
 * written to before then stays in use. */
gboolean ph_journal_set_file (PhJournal  *self,
                              const char *path,
                              goffset     max_bytes,
                              guint       n_files,
                              GError    **error);

/* Brings models and properties up to date at once: for tests and for exports. */
void ph_journal_flush (PhJournal *self);

/* Waits until the file has all lines so far: for tests. */
void ph_journal_sync_file (PhJournal *self);

G_END_DECLS
