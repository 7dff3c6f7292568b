#pragma once

#include "ph-journal-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define PH_TYPE_SESSION_SUMMARY (ph_session_summary_get_type ())
G_DECLARE_FINAL_TYPE (PhSessionSummary, ph_session_summary, PH, SESSION_SUMMARY, GtkWidget)

/**
 * PhSessionSummary:
 *
 * How far a conversation came, above its lines: the steps that it took (connected, TLS, logged in,
 * messages, its end), how long and how much it was, why it broke off, and what the client did that
 * it should not.  Follows the session while it runs; knows no protocol.  Hides itself where there
 * is no session.
 */

/* `session` may be NULL. */
void ph_session_summary_set_session (PhSessionSummary *self,
                                     PhJournalSession *session);

G_END_DECLS
