#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks where to, writes `contents` there, for nobody else to read (0600), and tells by a
 * toast how it went; nothing is told where the person thinks better of it.
 * `parent` is any widget of the window that asks. */
void ph_save_file (GtkWidget    *parent,
                   const char   *title,
                   const char   *suggested_name,
                   GBytes       *contents,
                   GCancellable *cancellable);

G_END_DECLS
