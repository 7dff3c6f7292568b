#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PH_TYPE_TRANSCRIPT (ph_transcript_get_type ())
G_DECLARE_FINAL_TYPE (PhTranscript, ph_transcript, PH, TRANSCRIPT, GtkWidget)

/**
 * PhTranscript:
 *
 * Lines of one session or of all, as they come.  It follows the end while the
 * reader is there; when they scroll up it stands still, says how much is new and
 * offers a way back.  Keys: Ctrl+C copies the chosen lines, End follows again.
 */

/* `lines` is a model of PhJournalLine, or NULL; with `show_session` each line says
 * which session it is of. */
void     ph_transcript_set_lines (PhTranscript *self,
                                  GListModel   *lines,
                                  gboolean      show_session);
gboolean ph_transcript_get_following (PhTranscript *self);
void     ph_transcript_follow (PhTranscript *self);

/* The time of each line since the one before it in its session, in place of the time of day. */
void ph_transcript_set_show_elapsed (PhTranscript *self,
                                     gboolean      show_elapsed);

/* Puts the chosen lines on the clipboard, or all where none is chosen. */
void ph_transcript_copy (PhTranscript *self);

/* Asks for a file and writes all lines to it. */
void ph_transcript_save (PhTranscript *self,
                         const char   *suggested_name);

G_END_DECLS
