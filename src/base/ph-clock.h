#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define PH_TYPE_CLOCK (ph_clock_get_type ())
G_DECLARE_FINAL_TYPE (PhClock, ph_clock, PH, CLOCK, GObject)

/**
 * PhClock:
 *
 * The only source of time and of timers in the engine, so that a test can turn
 * it.  The system clock follows the machine; a manual one stands still until
 * ph_clock_advance().  All times are microseconds (G_USEC_PER_SEC).
 * Used in the main context only; shared by reference.
 */
PhClock *ph_clock_new (void);
PhClock *ph_clock_new_manual (gint64 real_time);

/* Wall-clock time since 1970 in UTC; may jump. */
gint64 ph_clock_get_real_time (PhClock *self);

/* Never goes back. */
gint64 ph_clock_get_monotonic_time (PhClock *self);

/* Calls `function` once after `delay`, from the thread-default main context at
 * the time of this call (from ph_clock_advance() where the clock is manual).
 * Returns an id (never 0) for ph_clock_cancel_timer(); it ends with the call. */
guint ph_clock_add_timer (PhClock        *self,
                          gint64          delay,
                          GSourceOnceFunc function,
                          gpointer        user_data);

/* Cancels *id unless it is 0, and sets it to 0. */
void ph_clock_cancel_timer (PhClock *self,
                            guint   *id);

/* Manual clocks only: time moves on by `duration`, and the timers that come due
 * are called in the order of their times. */
void ph_clock_advance (PhClock *self,
                       gint64   duration);

G_END_DECLS
