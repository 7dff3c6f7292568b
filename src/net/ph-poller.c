#include "ph-poller.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

/* What one dispatch may do before the main loop turns. */
#define MAX_EVENTS 64
#define MAX_USECONDS 5000

struct _PhWatch
{
  int          fd; /* borrowed; -1 for none */
  PhPollEvents events;
  gboolean     in_set; /* the epoll set knows the fd */
  gboolean     armed;  /* and reports it: not so after a report, while costly */
  gboolean     costly;
  PhPollEvents costly_events; /* reported, and waiting in the costly queue */
  PhWatchFunc  function;
  gpointer     user_data;
  GList        woken_link;
  GList        costly_link;
  gboolean     is_woken;
  gboolean     is_queued;
};

typedef struct
{
  GSource   source;
  PhPoller *poller; /* borrowed: the poller destroys the source */
} PhPollerSource;

struct _PhPoller
{
  GObject parent_instance;

  PhClock           *clock;
  PhDeadlines       *deadlines;
  GSource           *source;
  GSource           *waited;    /* the same before all else, for what waits that long */
  gint64             served_at; /* monotonic, of the last dispatch */
  gpointer           epoll_tag;
  int                epoll_fd;
  guint              n_watches;
  guint              max_costly;
  struct epoll_event pending[MAX_EVENTS]; /* fetched, data.ptr NULL where the watch is gone */
  guint              n_pending;
  guint              next_pending;
  gboolean           dispatching;
  gboolean           muted;   /* while a main loop runs inside a call */
  GQueue             woken;   /* of PhWatch, by woken_link */
  GQueue             costly;  /* of PhWatch, by costly_link */
  PhWatch           *current; /* whose callback runs; NULL once it was removed */
};

G_DEFINE_FINAL_TYPE (PhPoller, ph_poller, G_TYPE_OBJECT)

static gboolean
has_work (PhPoller *self)
{
  return self->next_pending < self->n_pending || self->woken.length > 0 || self->costly.length > 0;
}

/* A main loop that a call runs does not come back here.  GLib would see to that by taking the
 * descriptor out of the loop for each dispatch and adding it again after it, which wakes the loop
 * twice each time: so it is told that we may be called again, and we see to it. */
static gboolean
is_nested (PhPoller *self)
{
  if (self->dispatching && !self->muted)
    g_source_modify_unix_fd (self->source, self->epoll_tag, 0);
  self->muted = self->dispatching;

  return self->dispatching;
}

static gboolean
ph_poller_source_prepare (GSource *source,
                          int     *timeout)
{
  PhPoller *self = ((PhPollerSource *)source)->poller;

  *timeout = -1;

  return !is_nested (self) && has_work (self);
}

static gboolean
ph_poller_source_check (GSource *source)
{
  PhPoller *self = ((PhPollerSource *)source)->poller;

  return !self->dispatching && (has_work (self) || g_source_query_unix_fd (source, self->epoll_tag) != 0);
}

/* Asks the kernel itself: GLib takes a source with a ready fd of its own for ready, whatever its check says. */
static gboolean
waited_source_prepare (GSource *source,
                       int     *timeout)
{
  PhPoller     *self = ((PhPollerSource *)source)->poller;
  struct pollfd fd = { .fd = self->epoll_fd, .events = POLLIN };

  *timeout = -1;

  return !self->dispatching && g_source_get_time (source) - self->served_at >= PH_POLLER_MAX_WAIT &&
         (has_work (self) || poll (&fd, 1, 0) > 0);
}

/* Tells the kernel what is wanted now.  While costly the kernel reports once only, so
 * that a watch that waits in the queue is not reported again and again. */
static void
update_set (PhPoller *self,
            PhWatch  *watch)
{
  struct epoll_event event = { .data.ptr = watch };
  int                operation;

  if (watch->events == PH_POLL_NONE && !watch->in_set)
    return;

  if (watch->events & PH_POLL_IN)
    event.events |= EPOLLIN;
  if (watch->events & PH_POLL_OUT)
    event.events |= EPOLLOUT;
  if (watch->costly)
    event.events |= EPOLLONESHOT;

  operation = watch->events == PH_POLL_NONE ? EPOLL_CTL_DEL
              : watch->in_set               ? EPOLL_CTL_MOD
                                            : EPOLL_CTL_ADD;
  if (epoll_ctl (self->epoll_fd, operation, watch->fd, &event) != 0)
    g_critical ("epoll_ctl (%d, fd %d): %s", operation, watch->fd, g_strerror (errno));

  watch->in_set = watch->armed = watch->events != PH_POLL_NONE;
}

/* What the kernel reported before a change is stale: level-triggered, it reports again. */
static void
forget_pending (PhPoller *self,
                PhWatch  *watch)
{
  for (guint i = self->next_pending; i < self->n_pending; i++)
    if (self->pending[i].data.ptr == watch)
      self->pending[i].data.ptr = NULL;
}

static void
call (PhPoller    *self,
      PhWatch     *watch,
      PhPollEvents events)
{
  self->current = watch;
  watch->function (events, watch->user_data);

  if (self->current != NULL && watch->in_set && !watch->armed && !watch->is_queued)
    update_set (self, watch);
  self->current = NULL;
}

static PhPollEvents
to_poll_events (guint32 events)
{
  return (events & EPOLLIN ? PH_POLL_IN : 0) |
         (events & EPOLLOUT ? PH_POLL_OUT : 0) |
         (events & (EPOLLERR | EPOLLHUP) ? PH_POLL_HANGUP : 0);
}

static gboolean
serve_pending (PhPoller *self)
{
  while (self->next_pending < self->n_pending)
    {
      struct epoll_event *event = &self->pending[self->next_pending++];
      PhWatch            *watch = event->data.ptr;

      if (watch == NULL)
        continue;

      if (watch->costly)
        {
          watch->armed = FALSE;
          watch->costly_events |= to_poll_events (event->events);
          if (!watch->is_queued)
            g_queue_push_tail_link (&self->costly, &watch->costly_link);
          watch->is_queued = TRUE;
          continue;
        }

      call (self, watch, to_poll_events (event->events));
      return TRUE;
    }

  return FALSE;
}

static gboolean
serve_woken (PhPoller *self)
{
  GList   *link = g_queue_pop_head_link (&self->woken);
  PhWatch *watch;

  if (link == NULL)
    return FALSE;

  watch = link->data;
  watch->is_woken = FALSE;
  call (self, watch, PH_POLL_WOKEN);

  return TRUE;
}

static gboolean
serve_costly (PhPoller *self)
{
  GList       *link = g_queue_pop_head_link (&self->costly);
  PhWatch     *watch;
  PhPollEvents events;

  if (link == NULL)
    return FALSE;

  watch = link->data;
  events = watch->costly_events;
  watch->costly_events = PH_POLL_NONE;
  watch->is_queued = FALSE;
  call (self, watch, events);

  return TRUE;
}

static void
fetch (PhPoller *self)
{
  int n = epoll_wait (self->epoll_fd, self->pending, MAX_EVENTS, 0);

  self->next_pending = 0;
  self->n_pending = MAX (n, 0);
}

/* One of each kind in turn, so that no kind can keep another waiting. */
static gboolean
ph_poller_source_dispatch (GSource    *source,
                           GSourceFunc callback,
                           gpointer    user_data)
{
  g_autoptr (PhPoller) self = g_object_ref (((PhPollerSource *)source)->poller);
  gint64   end = g_get_monotonic_time () + MAX_USECONDS;
  guint    n_events = 0;
  guint    n_costly = 0;
  gboolean busy;

  self->dispatching = TRUE;
  self->served_at = g_source_get_time (source);
  if (self->next_pending == self->n_pending)
    fetch (self);

  do
    {
      guint n = serve_pending (self) + serve_woken (self);

      if (n_costly < self->max_costly && serve_costly (self))
        {
          n_costly++;
          n++;
        }
      n_events += n;
      busy = n > 0;
    }
  while (busy && n_events < MAX_EVENTS && g_get_monotonic_time () < end);

  self->dispatching = FALSE;
  if (self->muted)
    g_source_modify_unix_fd (self->source, self->epoll_tag, G_IO_IN);
  self->muted = FALSE;

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = {
  .prepare = ph_poller_source_prepare,
  .check = ph_poller_source_check,
  .dispatch = ph_poller_source_dispatch,
};

static GSourceFuncs waited_source_funcs = {
  .prepare = waited_source_prepare,
  .dispatch = ph_poller_source_dispatch,
};

static GSource *
new_source (PhPoller     *self,
            GSourceFuncs *funcs,
            const char   *name,
            int           priority)
{
  GSource *source = g_source_new (funcs, sizeof (PhPollerSource));

  ((PhPollerSource *)source)->poller = self;
  g_source_set_static_name (source, name);
  g_source_set_priority (source, priority);
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, g_main_context_get_thread_default ());

  return source;
}

static void
ph_poller_finalize (GObject *object)
{
  PhPoller *self = PH_POLLER (object);

  g_warn_if_fail (self->n_watches == 0);

  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_source_destroy (self->waited);
  g_source_unref (self->waited);
  close (self->epoll_fd);
  ph_deadlines_free (self->deadlines);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (ph_poller_parent_class)->finalize (object);
}

static void
ph_poller_class_init (PhPollerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_poller_finalize;
}

static void
ph_poller_init (PhPoller *self)
{
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_fd < 0)
    g_error ("epoll_create1: %s", g_strerror (errno));

  self->max_costly = 2 * g_get_num_processors ();
  self->source = new_source (self, &source_funcs, "PhPoller", PH_POLLER_PRIORITY);
  self->epoll_tag = g_source_add_unix_fd (self->source, self->epoll_fd, G_IO_IN);
  self->waited = new_source (self, &waited_source_funcs, "PhPoller that waited", G_PRIORITY_DEFAULT);
}

PhPoller *
ph_poller_new (PhClock *clock)
{
  PhPoller *self = g_object_new (PH_TYPE_POLLER, NULL);

  self->clock = g_object_ref (clock);
  self->deadlines = ph_deadlines_new (clock);

  return self;
}

PhClock *
ph_poller_get_clock (PhPoller *self)
{
  return self->clock;
}

PhDeadlines *
ph_poller_get_deadlines (PhPoller *self)
{
  return self->deadlines;
}

PhWatch *
ph_poller_add_watch (PhPoller    *self,
                     int          fd,
                     PhPollEvents events,
                     PhWatchFunc  function,
                     gpointer     user_data)
{
  PhWatch *watch = g_new0 (PhWatch, 1);

  watch->fd = fd;
  watch->function = function;
  watch->user_data = user_data;
  watch->woken_link.data = watch;
  watch->costly_link.data = watch;
  self->n_watches++;
  ph_poller_set_events (self, watch, events);

  return watch;
}

void
ph_poller_remove_watch (PhPoller *self,
                        PhWatch  *watch)
{
  ph_poller_set_events (self, watch, PH_POLL_NONE);
  forget_pending (self, watch);
  if (watch->is_woken)
    g_queue_unlink (&self->woken, &watch->woken_link);
  if (watch->is_queued)
    g_queue_unlink (&self->costly, &watch->costly_link);
  if (self->current == watch)
    self->current = NULL;
  self->n_watches--;
  g_free (watch);
}

void
ph_poller_set_events (PhPoller    *self,
                      PhWatch     *watch,
                      PhPollEvents events)
{
  events &= PH_POLL_IN | PH_POLL_OUT;
  if (watch->fd < 0 || (events == watch->events && watch->armed))
    return;

  watch->events = events;
  update_set (self, watch);
}

void
ph_poller_wake (PhPoller *self,
                PhWatch  *watch)
{
  if (watch->is_woken)
    return;

  watch->is_woken = TRUE;
  g_queue_push_tail_link (&self->woken, &watch->woken_link);
}

void
ph_poller_set_costly (PhPoller *self,
                      PhWatch  *watch,
                      gboolean  costly)
{
  if (watch->costly == costly)
    return;

  watch->costly = costly;
  if (!costly && watch->is_queued)
    {
      g_queue_unlink (&self->costly, &watch->costly_link);
      watch->is_queued = FALSE;
      watch->costly_events = PH_POLL_NONE;
    }
  update_set (self, watch);
}
