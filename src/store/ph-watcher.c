#include "ph-watcher.h"

#include <glib-unix.h>
#include <sys/inotify.h>
#include <unistd.h>

/* Of two that watch one directory each gets what either asked for. */
#define MASK (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW | IN_MASK_ADD)

/* Read at once; what does not fit comes with the next turn of the main loop. */
#define EVENT_BYTES (16 * 1024)

typedef struct
{
  guint       id;
  int         descriptor; /* the same for all that watch one directory */
  PhWatchFunc function;
  gpointer    user_data;
} Watch;

struct _PhWatcher
{
  int         fd;     /* -1 where the system has no more instances */
  guint       source; /* 0: none */
  guint       last_id;
  GHashTable *watches; /* id → Watch */
};

/* A function may add and remove watches, so the ids are collected first. */
static void
tell (PhWatcher  *self,
      int         descriptor,
      const char *name)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint));
  GHashTableIter iter;
  Watch         *watch;

  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&watch))
    if (descriptor < 0 || watch->descriptor == descriptor)
      g_array_append_val (ids, watch->id);

  for (guint i = 0; i < ids->len; i++)
    {
      watch = g_hash_table_lookup (self->watches, GUINT_TO_POINTER (g_array_index (ids, guint, i)));
      if (watch != NULL)
        watch->function (name, watch->user_data);
    }
}

static gboolean
read_events (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  PhWatcher                          *self = user_data;
  _Alignas(struct inotify_event) char buffer[EVENT_BYTES];
  ssize_t                             length = read (fd, buffer, sizeof buffer);

  for (char *at = buffer; at < buffer + length;)
    {
      const struct inotify_event *event = (const struct inotify_event *)(gpointer)at;

      if ((event->mask & IN_Q_OVERFLOW) != 0)
        tell (self, -1, NULL);
      else if (event->len > 0)
        tell (self, event->wd, event->name);
      at += sizeof *event + event->len;
    }

  return G_SOURCE_CONTINUE;
}

PhWatcher *
ph_watcher_new (void)
{
  PhWatcher *self = g_new0 (PhWatcher, 1);

  self->watches = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  if (self->fd >= 0)
    self->source = g_unix_fd_add_full (G_PRIORITY_DEFAULT_IDLE, self->fd, G_IO_IN, read_events, self, NULL);

  return self;
}

void
ph_watcher_free (PhWatcher *self)
{
  g_hash_table_unref (self->watches);
  g_clear_handle_id (&self->source, g_source_remove);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

guint
ph_watcher_add (PhWatcher  *self,
                const char *path,
                gboolean    writes,
                PhWatchFunc function,
                gpointer    user_data)
{
  Watch *watch;
  int    descriptor = self->fd >= 0 ? inotify_add_watch (self->fd, path, writes ? MASK | IN_CLOSE_WRITE : MASK) : -1;

  if (descriptor < 0)
    return 0;

  watch = g_new (Watch, 1);
  watch->id = ++self->last_id;
  watch->descriptor = descriptor;
  watch->function = function;
  watch->user_data = user_data;
  g_hash_table_insert (self->watches, GUINT_TO_POINTER (watch->id), watch);

  return watch->id;
}

static gboolean
is_watched (PhWatcher *self,
            int        descriptor)
{
  GHashTableIter iter;
  const Watch   *watch;

  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&watch))
    if (watch->descriptor == descriptor)
      return TRUE;

  return FALSE;
}

void
ph_watcher_remove (PhWatcher *self,
                   guint     *id)
{
  const Watch *watch = *id != 0 ? g_hash_table_lookup (self->watches, GUINT_TO_POINTER (*id)) : NULL;
  int          descriptor;

  if (watch == NULL)
    return;

  descriptor = watch->descriptor;
  g_hash_table_remove (self->watches, GUINT_TO_POINTER (*id));
  *id = 0;
  if (!is_watched (self, descriptor))
    inotify_rm_watch (self->fd, descriptor);
}
