#pragma once

#include "ph-journal-session.h"

G_BEGIN_DECLS

#define PH_TYPE_JOURNAL_LINE (ph_journal_line_get_type ())
G_DECLARE_FINAL_TYPE (PhJournalLine, ph_journal_line, PH, JOURNAL_LINE, GObject)

/**
 * PhJournalLine:
 *
 * A line of a transcript as a view shows it: made on demand, cheap, immutable.
 * It outlives the drop of what it shows.
 * Properties, for bindings: text, time, elapsed, voice (PhJournalVoice as uint), session.
 */
PhJournalVoice    ph_journal_line_get_voice (PhJournalLine *self);
gint64            ph_journal_line_get_time (PhJournalLine *self);    /* real, µs */
gint64            ph_journal_line_get_elapsed (PhJournalLine *self); /* µs since the session's line before; 0 for its first */
PhJournalSession *ph_journal_line_get_session (PhJournalLine *self);

/* How many lines of the wire it stands for, and their bytes there, each with its CR LF. */
guint   ph_journal_line_get_n_lines (PhJournalLine *self);
guint64 ph_journal_line_get_n_bytes (PhJournalLine *self);

/* Valid UTF-8 with controls, bidi marks and invalid bytes made visible;
 * between lines that belong together a line feed. */
const char *ph_journal_line_get_text (PhJournalLine *self);

/* Of several lines the first and " …".  Transfer full. */
char *ph_journal_line_dup_first (PhJournalLine *self);

/* What the server noted right before it said this, once or several times in a row: its reasons.  NULL-terminated, oldest
 * first, without notes of several lines; empty where there is none, the server is another's, or
 * the ring has dropped it.
 * Transfer full. */
GStrv ph_journal_line_dup_reasons (PhJournalLine *self);

/* The bytes behind the text, masked as that is, for a view in hex.  Borrowed. */
const guint8 *ph_journal_line_get_bytes (PhJournalLine *self,
                                         gsize         *length);

G_END_DECLS
