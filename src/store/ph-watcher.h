#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhWatcher:
 *
 * Tells of names that come and go in directories (inotify), for whoever shows what is in
 * them.  It only makes things faster: a watch may fail, and events may be lost, so nobody
 * relies on it.  One for each store, owned by PhStoreShared.  Main context only.
 */
typedef struct _PhWatcher PhWatcher;

/* `name` has come or gone, or been written where that is asked for; NULL: anything may have happened. */
typedef void (*PhWatchFunc) (const char *name,
                             gpointer    user_data);

PhWatcher *ph_watcher_new (void);
void       ph_watcher_free (PhWatcher *self);

/* An id, or 0 where the system allows no more watches or has none on that file system. */
guint ph_watcher_add (PhWatcher  *self,
                      const char *path,
                      gboolean    writes,
                      PhWatchFunc function,
                      gpointer    user_data);

/* Forgets *id unless it is 0, and sets it to 0. */
void ph_watcher_remove (PhWatcher *self,
                        guint     *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhWatcher, ph_watcher_free)

G_END_DECLS
