#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Puts the lines of a transcript together as text, a piece at a time so that the
 * window goes on drawing however many they are.  `positions` (copied) are those
 * wanted, NULL for all that there are now; lines that are dropped meanwhile are
 * left out.  The result is for the caller to free; NULL only where cancelled. */
void  ph_lines_text_async (GListModel         *lines,
                           const GtkBitset    *positions,
                           gboolean            show_session,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data);
char *ph_lines_text_finish (GListModel   *lines,
                            GAsyncResult *result,
                            GError      **error);

G_END_DECLS
