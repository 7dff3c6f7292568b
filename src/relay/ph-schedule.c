#include "ph-schedule.h"

#define MINUTE (60 * G_USEC_PER_SEC)

/* Minutes from one try to the next; the last for all that follow. */
static const guint minutes[] = { 5, 10, 15, 30, 60, 180 };

gint64
ph_schedule_get_delay (guint  tries,
                       double jitter)
{
  guint  i = CLAMP (tries, 1, G_N_ELEMENTS (minutes)) - 1;
  gint64 delay = (gint64)minutes[i] * MINUTE;

  return delay + (gint64)(CLAMP (jitter, -1.0, 1.0) * (double)delay / 10);
}

gint64
ph_schedule_get_end (gint64   since,
                     guint    give_up_after,
                     gboolean null_sender)
{
  guint seconds = null_sender ? MIN (give_up_after, PH_SCHEDULE_NULL_SENDER_SECONDS) : give_up_after;

  return since + (gint64)seconds * G_USEC_PER_SEC;
}
