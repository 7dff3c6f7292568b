#pragma once

#include "ph-clock.h"

G_BEGIN_DECLS

typedef struct _PhDeadlines PhDeadlines;

/* Called once when the time has come; the deadline is then unset and may be set
 * again from inside. */
typedef void (*PhDeadlineFunc) (gpointer user_data);

/* One deadline, embedded in its owner, who clears it before it dies.  Zero bytes
 * with `function` and `user_data` filled in is a valid unset one. */
typedef struct _PhDeadline
{
  PhDeadlineFunc function;
  gpointer       user_data;

  /*< private >*/
  struct _PhDeadline  *next;
  struct _PhDeadline **slot; /* what points at us; NULL while unset */
  gint64               due;  /* monotonic second */
} PhDeadline;

/**
 * PhDeadlines:
 *
 * Deadlines for thousands of connections that nearly never come: setting and
 * clearing one is a few stores, there is one timer of the clock for all, and it
 * runs only when some deadline is near.  Coarse: one fires up to a second late,
 * never early.  Owned by the poller; main context only.
 */
PhDeadlines *ph_deadlines_new (PhClock *clock);
void         ph_deadlines_free (PhDeadlines *self);

/* (Re)sets to `seconds` from now; 0 is the next whole second. */
void ph_deadlines_set (PhDeadlines *self,
                       PhDeadline  *deadline,
                       guint        seconds);
void ph_deadlines_clear (PhDeadlines *self,
                         PhDeadline  *deadline);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDeadlines, ph_deadlines_free)

G_END_DECLS
