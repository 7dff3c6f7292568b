#pragma once

#include <gtk/gtk.h>

#include "ph-journal-session.h"

G_BEGIN_DECLS

/* Asks where to, then saves the transcript of one session in that format, masked as it is
 * shown, and tells by a toast of `parent`'s window.  What is saved is as it was when it was
 * asked for. */
void ph_session_save (GtkWidget        *parent,
                      PhJournalSession *session,
                      PhJournalExport   format);

G_END_DECLS
