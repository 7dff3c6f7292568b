#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Mail without a sender is not worth as much waiting: nobody will hear of it (S23). */
#define PH_SCHEDULE_NULL_SENDER_SECONDS (2 * 24 * 60 * 60)

/* Minutes from one try to the next; the last for all that follow: as shipped, the most of them, and the longest. */
#define PH_SCHEDULE_USUAL "5 10 15 30 60 180"
#define PH_SCHEDULE_STEPS_MAX 20
#define PH_SCHEDULE_MINUTES_MAX (7 * 24 * 60)

/**
 * PhSchedule:
 *
 * When a message that could not be delivered is tried again (S23): as shipped 0, 5, 15, 30 min, 1 h, 2 h
 * after it came, then every 3 h.  A plain value; zeroed it is the shipped one.  Times are µs.
 */
typedef struct
{
  guint16 minutes[PH_SCHEDULE_STEPS_MAX];
  guint   n;
} PhSchedule;

/* "5 10 15": numbers from 1 to PH_SCHEDULE_MINUTES_MAX, parted by blanks or commas.  FALSE, and the shipped one, for anything else. */
gboolean ph_schedule_parse (const char *text,
                            PhSchedule *self);

/* How long to wait after `tries` tries (1 or more).  `jitter` from -1 to 1 moves it by as
 * much as a tenth, so that what failed together does not come back together. */
gint64 ph_schedule_get_delay (const PhSchedule *self,
                              guint             tries,
                              double            jitter);

/* When to give up: `since` and the seconds of the settings, fewer for the null sender. */
gint64 ph_schedule_get_end (gint64   since,
                            guint    give_up_after,
                            gboolean null_sender);

G_END_DECLS
