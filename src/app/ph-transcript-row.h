#pragma once

#include <gtk/gtk.h>

#include "ph-journal-line.h"

G_BEGIN_DECLS

#define PH_TYPE_TRANSCRIPT_ROW (ph_transcript_row_get_type ())
G_DECLARE_FINAL_TYPE (PhTranscriptRow, ph_transcript_row, PH, TRANSCRIPT_ROW, GtkWidget)

/**
 * PhTranscriptRow:
 *
 * One line of a transcript on one line of the screen: time, who speaks (by arrow
 * and by word), what is said; a reply of several lines is folded to its first one and
 * what it comes to.  One GtkInscription, because that is what makes
 * 50,000 lines a second cheap; what does not fit is wherever the whole line is
 * asked for.  A note of several lines, such as how TLS begins, is shown whole in a block.
 * Properties: line (PhJournalLine), show-session (boolean, construct-only: which
 * session it is of, where all are shown), show-elapsed (boolean,
 * construct-only: since the line before, not the time of day), compact (boolean, construct-only: for
 * a narrow window).
 */

/* Characters of a line that a row lays out; no screen shows more. */
#define PH_TRANSCRIPT_ROW_MAX 400

/* The text of a line as rows and exports write it, all of a reply of several lines; without the last end of line. */
void ph_transcript_row_append_text (GString       *target,
                                    PhJournalLine *line,
                                    gboolean       show_session);

G_END_DECLS
