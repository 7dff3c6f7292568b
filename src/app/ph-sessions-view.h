#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PH_TYPE_SESSIONS_VIEW (ph_sessions_view_get_type ())
G_DECLARE_FINAL_TYPE (PhSessionsView, ph_sessions_view, PH, SESSIONS_VIEW, GtkWidget)

/**
 * PhSessionsView:
 *
 * The live protocol log: the sessions, and the transcript of the chosen one or of
 * all of them.
 * Signal "disconnect" (PhJournalSession): somebody wants that one ended.
 */

/* `sessions`: of PhJournalSession, oldest first; `lines`: of PhJournalLine, of all
 * sessions in the order of time. */
void ph_sessions_view_set_models (PhSessionsView *self,
                                  GListModel     *sessions,
                                  GListModel     *lines);

/* Shows the sessions with `text` in their transcripts, whatever was filtered before. */
void ph_sessions_view_find (PhSessionsView *self,
                            const char     *text);

/* Where somebody begins to type. */
void ph_sessions_view_search (PhSessionsView *self);

G_END_DECLS
