#pragma once

#include <gtk/gtk.h>

#include "ph-journal.h"

G_BEGIN_DECLS

#define PH_TYPE_SESSIONS_VIEW (ph_sessions_view_get_type ())
G_DECLARE_FINAL_TYPE (PhSessionsView, ph_sessions_view, PH, SESSIONS_VIEW, GtkWidget)

/**
 * PhSessionsView:
 *
 * The live protocol log: the sessions, and the transcript of the chosen one or of
 * all of them.
 * Signals: "disconnect" (PhJournalSession): somebody wants that one ended; "block"
 * (PhJournalSession, uint seconds or 0 for good): its address is to be blocked.
 */

void ph_sessions_view_set_journal (PhSessionsView *self,
                                   PhJournal      *journal);

/* Shows that one's transcript, whatever is filtered. */
void ph_sessions_view_show (PhSessionsView   *self,
                            PhJournalSession *session);

/* Shows the sessions with `text` in their transcripts, whatever was filtered before. */
void ph_sessions_view_find (PhSessionsView *self,
                            const char     *text);

/* Where somebody begins to type. */
void ph_sessions_view_search (PhSessionsView *self);

G_END_DECLS
