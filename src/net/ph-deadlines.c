#include "ph-deadlines.h"

/* One slot a second; later rounds share the slots. */
#define N_SLOTS 512

struct _PhDeadlines
{
  PhClock    *clock;
  guint       timer;
  gint64      timer_second; /* when the timer comes */
  gint64      last_second;  /* up to here all slots were looked at */
  PhDeadline *slots[N_SLOTS];
};

static void on_timer (gpointer user_data);

static gint64
get_now (PhDeadlines *self)
{
  return ph_clock_get_monotonic_time (self->clock) / G_USEC_PER_SEC;
}

static void
push (PhDeadline **slot,
      PhDeadline  *deadline)
{
  deadline->next = *slot;
  if (deadline->next != NULL)
    deadline->next->slot = &deadline->next;
  deadline->slot = slot;
  *slot = deadline;
}

static void
unlink_deadline (PhDeadline *deadline)
{
  *deadline->slot = deadline->next;
  if (deadline->next != NULL)
    deadline->next->slot = deadline->slot;
  deadline->next = NULL;
  deadline->slot = NULL;
}

PhDeadlines *
ph_deadlines_new (PhClock *clock)
{
  PhDeadlines *self = g_new0 (PhDeadlines, 1);

  self->clock = g_object_ref (clock);
  self->last_second = get_now (self);

  return self;
}

void
ph_deadlines_free (PhDeadlines *self)
{
  for (guint i = 0; i < N_SLOTS; i++)
    while (self->slots[i] != NULL)
      unlink_deadline (self->slots[i]);

  ph_clock_cancel_timer (self->clock, &self->timer);
  g_object_unref (self->clock);
  g_free (self);
}

static void
arm (PhDeadlines *self,
     gint64       second)
{
  ph_clock_cancel_timer (self->clock, &self->timer);
  self->timer_second = second;
  self->timer = ph_clock_add_timer (self->clock,
                                    second * G_USEC_PER_SEC - ph_clock_get_monotonic_time (self->clock),
                                    on_timer,
                                    self);
}

/* The next second in which something is due, or one round on; -1 for nothing at all. */
static gint64
find_next (PhDeadlines *self)
{
  gboolean later = FALSE;

  for (gint64 second = self->last_second; second < self->last_second + N_SLOTS; second++)
    for (PhDeadline *deadline = self->slots[second % N_SLOTS]; deadline != NULL; deadline = deadline->next)
      {
        if (deadline->due <= second)
          return second;
        later = TRUE;
      }

  return later ? self->last_second + N_SLOTS : -1;
}

/* The expired leave their slots before any of them is called, because the calls may
 * set and clear others. */
static void
on_timer (gpointer user_data)
{
  PhDeadlines *self = user_data;
  gint64       now = get_now (self);
  gint64       first = MAX (self->last_second, now - N_SLOTS + 1);
  gint64       next;
  PhDeadline  *expired = NULL;

  self->timer = 0;
  self->last_second = now;

  for (gint64 second = first; second <= now; second++)
    for (PhDeadline *deadline = self->slots[second % N_SLOTS], *following; deadline != NULL; deadline = following)
      {
        following = deadline->next;
        if (deadline->due <= now)
          {
            unlink_deadline (deadline);
            push (&expired, deadline);
          }
      }

  while (expired != NULL)
    {
      PhDeadline *deadline = expired;

      unlink_deadline (deadline);
      deadline->function (deadline->user_data);
    }

  next = find_next (self);
  if (next >= 0 && (self->timer == 0 || next < self->timer_second))
    arm (self, next);
}

void
ph_deadlines_set (PhDeadlines *self,
                  PhDeadline  *deadline,
                  guint        seconds)
{
  gint64 now = ph_clock_get_monotonic_time (self->clock);
  gint64 due = now / G_USEC_PER_SEC + seconds + 1;

  if (deadline->slot != NULL)
    {
      if (deadline->due == due)
        return;
      unlink_deadline (deadline);
    }

  deadline->due = due;
  push (&self->slots[due % N_SLOTS], deadline);

  if (self->timer == 0 || due < self->timer_second)
    arm (self, due);
}

void
ph_deadlines_clear (PhDeadlines *self,
                    PhDeadline  *deadline)
{
  if (deadline->slot != NULL)
    unlink_deadline (deadline);
}
