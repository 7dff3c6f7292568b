#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* At least so many bytes are there together where the file has them. */
#define PH_FILE_WINDOW_SIZE (64 * 1024)

/**
 * PhFileWindow:
 *
 * A file of any size, seen through a buffer that moves: what reads it line by line or
 * looks ahead holds no more than PH_FILE_WINDOW_SIZE.  Blocks: on a worker.  Borrows the
 * descriptor.
 */
typedef struct _PhFileWindow PhFileWindow;

PhFileWindow *ph_file_window_new (int fd);
void          ph_file_window_free (PhFileWindow *self);

/* The bytes at `offset`: at least `wanted` (at most PH_FILE_WINDOW_SIZE) unless the file ends
 * before; *length 0 at its end.  Valid until the next call.  FALSE and an error. */
gboolean ph_file_window_look (PhFileWindow  *self,
                              guint64        offset,
                              gsize          wanted,
                              const guint8 **data,
                              gsize         *length,
                              GError       **error);

/* The line at `offset`, or as much of it as fits: *length with its LF, 0 at the end of the
 * file. */
gboolean ph_file_window_look_line (PhFileWindow  *self,
                                   guint64        offset,
                                   const guint8 **data,
                                   gsize         *length,
                                   GError       **error);

/* TRUE where the line at `offset` is "From " after any number of ">" (*n_quotes). */
gboolean ph_file_window_is_from_line (PhFileWindow *self,
                                      guint64       offset,
                                      guint64      *n_quotes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhFileWindow, ph_file_window_free)

G_END_DECLS
