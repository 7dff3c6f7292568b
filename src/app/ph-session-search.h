#pragma once

#include "ph-journal-session.h"

G_BEGIN_DECLS

#define PH_TYPE_SESSION_SEARCH (ph_session_search_get_type ())
G_DECLARE_FINAL_TYPE (PhSessionSearch, ph_session_search, PH, SESSION_SEARCH, GObject)

/**
 * PhSessionSearch:
 *
 * Which sessions have a text in them: in what is known of the session, or in any
 * line of its transcript, whatever its case.  Transcripts are read a few
 * milliseconds at a time, so a match may come later; the signal "found"
 * (PhJournalSession) says so.
 */
PhSessionSearch *ph_session_search_new (void);

/* NULL or "" finds everything.  Forgets what was found before. */
void ph_session_search_set_text (PhSessionSearch *self,
                                 const char      *text);

/* What is known now; asks for the rest to be read. */
gboolean ph_session_search_matches (PhSessionSearch  *self,
                                    PhJournalSession *session);

/* It has new lines (or is new): to be looked at again if it was not found. */
void ph_session_search_look_again (PhSessionSearch  *self,
                                   PhJournalSession *session);
void ph_session_search_forget (PhSessionSearch  *self,
                               PhJournalSession *session);

G_END_DECLS
