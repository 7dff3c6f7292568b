#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks where to, then writes `contents` there, for nobody else to read (0600).
 * `parent` is any widget of the window that asks.  FALSE with
 * G_IO_ERROR_CANCELLED where the person thinks better of it. */
void     ph_save_file_async (GtkWidget          *parent,
                             const char         *suggested_name,
                             GBytes             *contents,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data);
gboolean ph_save_file_finish (GtkWidget    *parent,
                              GAsyncResult *result,
                              GError      **error);

G_END_DECLS
