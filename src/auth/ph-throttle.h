#pragma once

#include "ph-clock.h"

G_BEGIN_DECLS

/* After the first failure the next attempt waits 2 s, then 4, 8 and 15. */
#define PH_THROTTLE_DELAY_MIN (2 * G_USEC_PER_SEC)
#define PH_THROTTLE_DELAY_MAX (15 * G_USEC_PER_SEC)

/* An address without failures for so long is as good as new. */
#define PH_THROTTLE_MEMORY (5 * 60 * G_USEC_PER_SEC)

/* Attempts of one address that run at once while none has failed; then one. */
#define PH_THROTTLE_RUNNING_MAX 8

/* Attempts of all addresses that run at once; when more wait, those of addresses where
 * none has failed go first. */
#define PH_THROTTLE_TOTAL_RUNNING_MAX 32

/* Attempts of one address that wait; more are refused at once. */
#define PH_THROTTLE_WAITING_MAX 64

/* Addresses remembered; the one that failed longest ago goes. */
#define PH_THROTTLE_ADDRESSES_MAX 4096

#define PH_TYPE_THROTTLE (ph_throttle_get_type ())
G_DECLARE_FINAL_TYPE (PhThrottle, ph_throttle, PH, THROTTLE, GObject)

/**
 * PhThrottle:
 *
 * Makes guessing slow (V19): attempts of one address (an IPv4 address or the /64
 * of an IPv6 one) wait after failures, one after the other however many
 * connections it opens.  Other addresses notice nothing, and no account is ever
 * locked.  Main context only.
 */
PhThrottle *ph_throttle_new (PhClock *clock);

typedef struct _PhThrottleTicket PhThrottleTicket;

/* The attempt may begin, or never will. */
typedef void (*PhThrottleFunc) (gboolean is_admitted,
                                gpointer user_data);

/* Asks to make an attempt.  Calls `function` once, later, or before this returns
 * if there is nothing to wait for; *ticket is set before that.  The ticket goes
 * with ph_throttle_leave(), before which `function` may not have been called. */
void ph_throttle_enter (PhThrottle        *self,
                        const char        *peer_address,
                        PhThrottleFunc     function,
                        gpointer           user_data,
                        PhThrottleTicket **ticket);

typedef enum {
  PH_THROTTLE_SUCCEEDED, /* forgives what failed for the same `name`, if nothing else did */
  PH_THROTTLE_FAILED,
  PH_THROTTLE_ABANDONED, /* nobody waits for the answer any more */
} PhThrottleResult;

/* Ends the attempt, whether it was admitted yet or not, and frees the ticket. */
void ph_throttle_leave (PhThrottleTicket *ticket,
                        PhThrottleResult  result,
                        const char       *name);

/* For the window and tests: µs that an attempt of `peer_address` would wait now. */
gint64 ph_throttle_get_delay (PhThrottle *self,
                              const char *peer_address);

guint ph_throttle_get_n_addresses (PhThrottle *self);

/* What an address counts with: an IPv6 host chooses its last 64 bits as it likes; an IPv4
 * address may come in IPv6 clothes.  Never NULL. */
char *ph_throttle_dup_block (const char *peer_address);

G_END_DECLS
