#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum {
  PH_CHOOSE_SAVE, /* `suggested_name` */
  PH_CHOOSE_OPEN,
  PH_CHOOSE_FOLDER,
} PhChooseMode;

/* Asks for a file, or a folder.  `parent` is any widget of the window that asks; `suggested_name` may
 * be NULL.  NULL with G_IO_ERROR_CANCELLED where the person thinks better of it.  The
 * result is transfer full. */
void   ph_choose_file_async (GtkWidget          *parent,
                             PhChooseMode        mode,
                             const char         *title,
                             const char         *suggested_name,
                             GCancellable       *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer            user_data);
GFile *ph_choose_file_finish (GtkWidget    *parent,
                              GAsyncResult *result,
                              GError      **error);

G_END_DECLS
