#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_SESSION_ROW (ph_session_row_get_type ())
G_DECLARE_FINAL_TYPE (PhSessionRow, ph_session_row, PH, SESSION_ROW, AdwBin)

/**
 * PhSessionRow:
 *
 * A session in the list of sessions: state, protocol, who, when, its last line.
 * Property: session (PhJournalSession).
 */

G_END_DECLS
