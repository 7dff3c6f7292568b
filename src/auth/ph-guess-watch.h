#pragma once

#include "ph-clock.h"

G_BEGIN_DECLS

/* Wrong passwords in so many minutes, from whom ever, are worth a person's attention. */
#define PH_GUESS_WATCH_MINUTES 10
#define PH_GUESS_WATCH_ALERT 10

#define PH_TYPE_GUESS_WATCH (ph_guess_watch_get_type ())
G_DECLARE_FINAL_TYPE (PhGuessWatch, ph_guess_watch, PH, GUESS_WATCH, GObject)

/**
 * PhGuessWatch:
 *
 * Counts wrong passwords, and says so when they are many (V19).  Read-only properties:
 *   warning (string or NULL: a sentence for people; it changes at 10, 20, 50, 100… tries in
 *   the last ten minutes and goes when there are fewer than 10, so however fast somebody
 *   guesses it changes seldom),
 *   n-failures (uint64, since it was made; not notified).
 * Owned by the authenticator.  Main context only.
 */
PhGuessWatch *ph_guess_watch_new (PhClock *clock);

/* A wrong password from `peer` (an address, or the block of one). */
void ph_guess_watch_add (PhGuessWatch *self,
                         const char   *peer);

const char *ph_guess_watch_get_warning (PhGuessWatch *self); /* or NULL */
guint64     ph_guess_watch_get_n_failures (PhGuessWatch *self);

G_END_DECLS
