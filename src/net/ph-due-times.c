#include "ph-due-times.h"

static gint64
get_time (PhDueTimes *self)
{
  return ph_clock_get_monotonic_time (ph_poller_get_clock (self->poller));
}

static void
on_deadline (gpointer user_data)
{
  PhDueTimes *self = user_data;

  self->armed = 0;
  ph_poller_wake (self->poller, self->watch);
}

void
ph_due_times_init (PhDueTimes *self,
                   PhPoller   *poller,
                   PhWatch    *watch)
{
  self->poller = poller;
  self->watch = watch;
  self->deadline.function = on_deadline;
  self->deadline.user_data = self;
}

gint64
ph_due_times_from_now (PhDueTimes *self,
                       guint       seconds)
{
  return get_time (self) + (gint64)seconds * G_USEC_PER_SEC;
}

gboolean
ph_due_times_is_past (PhDueTimes *self,
                      gint64      due)
{
  return due != 0 && get_time (self) >= due;
}

void
ph_due_times_take_session (PhDueTimes *self,
                           PhSession  *session)
{
  guint serial;
  guint seconds = ph_session_get_deadline (session, &serial);

  if (serial == self->serial)
    return;

  self->serial = serial;
  self->session = seconds == 0 ? 0 : ph_due_times_from_now (self, seconds);
}

static gint64
earlier (gint64 a,
         gint64 b)
{
  if (a == 0 || b == 0)
    return MAX (a, b);

  return MIN (a, b);
}

void
ph_due_times_arm (PhDueTimes *self)
{
  PhDeadlines *deadlines = ph_poller_get_deadlines (self->poller);
  gint64       due = earlier (earlier (self->session, self->stall), self->phase);
  gint64       left;

  if (due == self->armed)
    return;

  self->armed = due;
  if (due == 0)
    {
      ph_deadlines_clear (deadlines, &self->deadline);
      return;
    }

  left = MAX (due - get_time (self), 0);
  ph_deadlines_set (deadlines, &self->deadline, (guint)((left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC));
}

void
ph_due_times_clear (PhDueTimes *self)
{
  self->session = self->phase = self->stall = 0;
  ph_due_times_arm (self);
}
