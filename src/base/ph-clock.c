#include "ph-clock.h"

typedef struct
{
  PhClock        *clock; /* borrowed */
  guint           id;
  gint64          due;    /* monotonic; manual clocks */
  GSource        *source; /* owned; system clocks */
  GSourceOnceFunc function;
  gpointer        user_data;
} PhTimer;

struct _PhClock
{
  GObject parent_instance;

  gboolean    manual;
  gint64      real_time;      /* manual clocks */
  gint64      monotonic_time; /* manual clocks */
  guint       last_id;
  GHashTable *timers; /* id → PhTimer, owned */
};

G_DEFINE_FINAL_TYPE (PhClock, ph_clock, G_TYPE_OBJECT)

static void
ph_timer_free (gpointer data)
{
  PhTimer *timer = data;

  if (timer->source != NULL)
    {
      g_source_destroy (timer->source);
      g_source_unref (timer->source);
    }
  g_free (timer);
}

static void
ph_clock_finalize (GObject *object)
{
  PhClock *self = PH_CLOCK (object);

  g_hash_table_unref (self->timers);

  G_OBJECT_CLASS (ph_clock_parent_class)->finalize (object);
}

static void
ph_clock_class_init (PhClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_clock_finalize;
}

static void
ph_clock_init (PhClock *self)
{
  self->timers = g_hash_table_new_full (NULL, NULL, NULL, ph_timer_free);
}

PhClock *
ph_clock_new (void)
{
  return g_object_new (PH_TYPE_CLOCK, NULL);
}

PhClock *
ph_clock_new_manual (gint64 real_time)
{
  PhClock *self = ph_clock_new ();

  self->manual = TRUE;
  self->real_time = real_time;
  self->monotonic_time = G_USEC_PER_SEC;

  return self;
}

gint64
ph_clock_get_real_time (PhClock *self)
{
  g_return_val_if_fail (PH_IS_CLOCK (self), 0);

  return self->manual ? self->real_time : g_get_real_time ();
}

gint64
ph_clock_get_monotonic_time (PhClock *self)
{
  g_return_val_if_fail (PH_IS_CLOCK (self), 0);

  return self->manual ? self->monotonic_time : g_get_monotonic_time ();
}

/* The timer is gone before its function runs, which may add or cancel others. */
static void
ph_timer_fire (PhTimer *timer)
{
  GSourceOnceFunc function = timer->function;
  gpointer        user_data = timer->user_data;

  g_hash_table_remove (timer->clock->timers, GUINT_TO_POINTER (timer->id));
  function (user_data);
}

static gboolean
ph_timer_source_cb (gpointer data)
{
  ph_timer_fire (data);

  return G_SOURCE_REMOVE;
}

guint
ph_clock_add_timer (PhClock        *self,
                    gint64          delay,
                    GSourceOnceFunc function,
                    gpointer        user_data)
{
  PhTimer *timer;

  g_return_val_if_fail (PH_IS_CLOCK (self), 0);

  do
    self->last_id++;
  while (self->last_id == 0 || g_hash_table_contains (self->timers, GUINT_TO_POINTER (self->last_id)));

  timer = g_new0 (PhTimer, 1);
  timer->clock = self;
  timer->id = self->last_id;
  timer->function = function;
  timer->user_data = user_data;
  timer->due = ph_clock_get_monotonic_time (self) + MAX (delay, 0);

  if (!self->manual)
    {
      timer->source = g_timeout_source_new (0);
      g_source_set_ready_time (timer->source, timer->due);
      g_source_set_callback (timer->source, ph_timer_source_cb, timer, NULL);
      g_source_attach (timer->source, g_main_context_get_thread_default ());
    }

  g_hash_table_insert (self->timers, GUINT_TO_POINTER (timer->id), timer);

  return timer->id;
}

void
ph_clock_cancel_timer (PhClock *self,
                       guint   *id)
{
  g_return_if_fail (PH_IS_CLOCK (self));

  if (*id != 0)
    g_hash_table_remove (self->timers, GUINT_TO_POINTER (*id));
  *id = 0;
}

static PhTimer *
ph_clock_find_next (PhClock *self,
                    gint64   until)
{
  GHashTableIter iter;
  PhTimer       *timer, *next = NULL;

  g_hash_table_iter_init (&iter, self->timers);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *)&timer))
    if (timer->due <= until && (next == NULL || timer->due < next->due || (timer->due == next->due && timer->id < next->id)))
      next = timer;

  return next;
}

void
ph_clock_advance (PhClock *self,
                  gint64   duration)
{
  gint64   until;
  PhTimer *timer;

  g_return_if_fail (PH_IS_CLOCK (self) && self->manual && duration >= 0);

  until = self->monotonic_time + duration;

  g_object_ref (self);
  while ((timer = ph_clock_find_next (self, until)) != NULL)
    {
      gint64 step = MAX (timer->due - self->monotonic_time, 0);

      self->monotonic_time += step;
      self->real_time += step;
      ph_timer_fire (timer);
    }
  self->real_time += until - self->monotonic_time;
  self->monotonic_time = until;
  g_object_unref (self);
}
