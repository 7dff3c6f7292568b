#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 messages;
  guint64 bytes_in;
  guint64 bytes_out;
} PhTallyCounts;

#define PH_TYPE_TALLY (ph_tally_get_type ())
G_DECLARE_FINAL_TYPE (PhTally, ph_tally, PH, TALLY, GObject)

/**
 * PhTally:
 *
 * What has gone through one service today: since midnight of the local time, or since it was made.
 * Three numbers.  Owned by the service, and by the journal sessions that count in it as they count
 * for themselves.  Tells nobody: who shows it looks from time to time.
 */
PhTally *ph_tally_new (void);

/* `time`: real µs. */
void ph_tally_add (PhTally             *self,
                   const PhTallyCounts *more,
                   gint64               time);

/* Those of the day of `now` (real µs). */
PhTallyCounts ph_tally_get (PhTally *self,
                            gint64   now);

G_END_DECLS
