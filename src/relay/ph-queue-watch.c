#include "ph-queue-watch.h"

#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

struct _PhQueueWatch
{
  PhPoller        *poller;
  PhWatch         *watch;
  int              fd;
  PhQueueWatchFunc changed;
  gpointer         user_data;
};

/* Only the names that make up messages; an envelope's name, or its message's. */
static void
tell (PhQueueWatch *self,
      const char   *name)
{
  const char      *dot = strrchr (name, '.');
  g_autofree char *id = NULL;

  if (dot == NULL || dot == name || name[0] == '.' || (strcmp (dot, ".env") != 0 && strcmp (dot, ".eml") != 0))
    return;

  id = g_strndup (name, (gsize)(dot - name));
  self->changed (id, self->user_data);
}

static void
on_events (PhPollEvents events,
           gpointer     user_data)
{
  PhQueueWatch *self = user_data;
  char          data[16 * 1024] __attribute__ ((aligned (__alignof__(struct inotify_event))));
  gssize        n = read (self->fd, data, sizeof data);

  for (gssize at = 0; at < n;)
    {
      const struct inotify_event *event = (gconstpointer)(data + at);

      if (event->mask & IN_Q_OVERFLOW)
        self->changed (NULL, self->user_data);
      else if (event->len > 0)
        tell (self, event->name);
      at += (gssize)(sizeof *event + event->len);
    }
}

PhQueueWatch *
ph_queue_watch_new (PhPoller        *poller,
                    const char      *path,
                    PhQueueWatchFunc changed,
                    gpointer         user_data)
{
  PhQueueWatch *self = g_new0 (PhQueueWatch, 1);

  self->poller = g_object_ref (poller);
  self->changed = changed;
  self->user_data = user_data;
  self->fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  if (self->fd < 0 || inotify_add_watch (self->fd, path, IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) < 0)
    {
      ph_queue_watch_free (self);
      return NULL;
    }

  self->watch = ph_poller_add_watch (poller, self->fd, PH_POLL_IN, on_events, self);

  return self;
}

void
ph_queue_watch_free (PhQueueWatch *self)
{
  if (self == NULL)
    return;

  if (self->watch != NULL)
    ph_poller_remove_watch (self->poller, self->watch);
  if (self->fd >= 0)
    close (self->fd);
  g_object_unref (self->poller);
  g_free (self);
}
