#include "ph-traffic.h"

#include <string.h>

#define MINUTE (60 * G_USEC_PER_SEC)

struct _PhTraffic
{
  GObject parent_instance;

  gint64 minute;                                         /* since 1970: the last one that was counted in; -1 before the first */
  guint  counts[PH_TRAFFIC_N_KINDS][PH_TRAFFIC_MINUTES]; /* at minute % PH_TRAFFIC_MINUTES */
};

G_DEFINE_FINAL_TYPE (PhTraffic, ph_traffic, G_TYPE_OBJECT)

static void
ph_traffic_class_init (PhTrafficClass *klass)
{
}

static void
ph_traffic_init (PhTraffic *self)
{
  self->minute = -1;
}

PhTraffic *
ph_traffic_new (void)
{
  return g_object_new (PH_TYPE_TRAFFIC, NULL);
}

/* The minutes in which nothing was counted are those of a day before. */
static void
move_on (PhTraffic *self,
         gint64     minute)
{
  if (minute <= self->minute)
    return;
  if (self->minute < 0 || minute - self->minute >= PH_TRAFFIC_MINUTES)
    memset (self->counts, 0, sizeof self->counts);
  else
    for (gint64 each = self->minute + 1; each <= minute; each++)
      for (guint kind = 0; kind < PH_TRAFFIC_N_KINDS; kind++)
        self->counts[kind][each % PH_TRAFFIC_MINUTES] = 0;
  self->minute = minute;
}

void
ph_traffic_add (PhTraffic    *self,
                PhTrafficKind kind,
                gint64        time)
{
  g_return_if_fail (PH_IS_TRAFFIC (self) && kind < PH_TRAFFIC_N_KINDS);

  move_on (self, MAX (time, 0) / MINUTE);
  self->counts[kind][self->minute % PH_TRAFFIC_MINUTES]++;
}

void
ph_traffic_get (PhTraffic    *self,
                PhTrafficKind kind,
                gint64        now,
                guint         minutes,
                guint        *counts,
                guint         n)
{
  gint64 last = MAX (now, 0) / MINUTE;

  g_return_if_fail (PH_IS_TRAFFIC (self) && kind < PH_TRAFFIC_N_KINDS && minutes > 0);

  memset (counts, 0, n * sizeof *counts);
  for (guint i = 0; i < n && self->minute >= 0; i++)
    {
      gint64 start = (last / minutes - (n - 1 - i)) * minutes;

      for (gint64 minute = start; minute < start + minutes; minute++)
        if (minute <= self->minute && minute > self->minute - PH_TRAFFIC_MINUTES && minute >= 0)
          counts[i] += self->counts[kind][minute % PH_TRAFFIC_MINUTES];
    }
}
