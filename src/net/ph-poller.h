#pragma once

#include "ph-deadlines.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define PH_TYPE_POLLER (ph_poller_get_type ())
G_DECLARE_FINAL_TYPE (PhPoller, ph_poller, PH, POLLER, GObject)

/* Five below GTK's redraw (GDK_PRIORITY_REDRAW is G_PRIORITY_HIGH_IDLE + 20; GTK is
 * not included here), so a busy server never keeps the window from drawing; nor may
 * a window that draws without end keep the server from serving. */
#define PH_POLLER_PRIORITY (G_PRIORITY_HIGH_IDLE + 25)
#define PH_POLLER_MAX_WAIT (20 * G_TIME_SPAN_MILLISECOND)

typedef enum {
  PH_POLL_NONE = 0,
  PH_POLL_IN = 1 << 0,
  PH_POLL_OUT = 1 << 1,
  PH_POLL_HANGUP = 1 << 2, /* error or hang-up; reported unasked while IN or OUT is asked for */
  PH_POLL_WOKEN = 1 << 3,  /* ph_poller_wake() was called */
} PhPollEvents;

typedef struct _PhWatch PhWatch;

typedef void (*PhWatchFunc) (PhPollEvents events,
                             gpointer     user_data);

/**
 * PhPoller:
 *
 * One GSource over one epoll set for all sockets of the engine: the cost of a
 * wake-up does not grow with the number of idle connections.  A dispatch handles
 * at most 64 events or about 5 ms of them, then returns to the main loop; what
 * is left is handled first the next time, so nobody starves.  What has waited for
 * PH_POLLER_MAX_WAIT, as the main loop has had more urgent things to do, gets one
 * dispatch before all of them.
 *
 * Watches are level-triggered and owned by the poller; whoever adds one removes
 * it, which is allowed from any callback.  Callbacks never run inside the
 * functions below.  Belongs to the main context that is the thread's default
 * when it is made.  Shared by reference.
 */
PhPoller *ph_poller_new (PhClock *clock);

/* Borrowed. */
PhClock     *ph_poller_get_clock (PhPoller *self);
PhDeadlines *ph_poller_get_deadlines (PhPoller *self);

/* `fd` is borrowed and must be closed after the watch is removed.  With fd -1 the
 * watch can only be woken. */
PhWatch *ph_poller_add_watch (PhPoller    *self,
                              int          fd,
                              PhPollEvents events,
                              PhWatchFunc  function,
                              gpointer     user_data);
void     ph_poller_remove_watch (PhPoller *self,
                                 PhWatch  *watch);

/* PH_POLL_NONE takes the fd out of the set: not even a hang-up is then seen. */
void ph_poller_set_events (PhPoller    *self,
                           PhWatch     *watch,
                           PhPollEvents events);

/* Calls the watch with PH_POLL_WOKEN in a dispatch soon; once, however often asked. */
void ph_poller_wake (PhPoller *self,
                     PhWatch  *watch);

/* While a watch is costly (a TLS handshake: a millisecond of arithmetic a step), it
 * waits in a queue of its own, of which a dispatch serves at most 2 × cores (V32).
 * One that waits for its peer stands in no queue and holds nobody up. */
void ph_poller_set_costly (PhPoller *self,
                           PhWatch  *watch,
                           gboolean  costly);

G_END_DECLS
