#include "ph-tally.h"

struct _PhTally
{
  GObject parent_instance;

  gint64        day_start; /* real µs; the day is over at day_end */
  gint64        day_end;
  PhTallyCounts counts;
};

G_DEFINE_FINAL_TYPE (PhTally, ph_tally, G_TYPE_OBJECT)

static void
ph_tally_class_init (PhTallyClass *klass)
{
}

static void
ph_tally_init (PhTally *self)
{
}

PhTally *
ph_tally_new (void)
{
  return g_object_new (PH_TYPE_TALLY, NULL);
}

/* Another day, also where the clock was set back: what was counted is none of its. */
static void
turn_to (PhTally *self,
         gint64   time)
{
  g_autoptr (GDateTime) local = NULL;
  g_autoptr (GDateTime) midnight = NULL;
  g_autoptr (GDateTime) next = NULL;

  if (time >= self->day_start && time < self->day_end)
    return;

  self->counts = (PhTallyCounts){ 0 };
  local = g_date_time_new_from_unix_local (time / G_USEC_PER_SEC);
  if (local == NULL)
    return;
  midnight = g_date_time_new_local (g_date_time_get_year (local), g_date_time_get_month (local), g_date_time_get_day_of_month (local), 0, 0, 0);
  next = g_date_time_add_days (midnight, 1); /* 23 or 25 hours later where the clocks change */
  self->day_start = g_date_time_to_unix (midnight) * G_USEC_PER_SEC;
  self->day_end = g_date_time_to_unix (next) * G_USEC_PER_SEC;
}

void
ph_tally_add (PhTally             *self,
              const PhTallyCounts *more,
              gint64               time)
{
  g_return_if_fail (PH_IS_TALLY (self));

  turn_to (self, time);
  self->counts.messages += more->messages;
  self->counts.bytes_in += more->bytes_in;
  self->counts.bytes_out += more->bytes_out;
}

PhTallyCounts
ph_tally_get (PhTally *self,
              gint64   now)
{
  g_return_val_if_fail (PH_IS_TALLY (self), (PhTallyCounts){ 0 });

  turn_to (self, now);

  return self->counts;
}
