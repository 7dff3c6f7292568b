#pragma once

#include "ph-attempt.h"

G_BEGIN_DECLS

/* Connections at once: in all, and to one destination (S20). */
#define PH_DISPATCHER_SESSIONS_MAX 100
#define PH_DISPATCHER_PER_DESTINATION 20

#define PH_TYPE_DISPATCHER (ph_dispatcher_get_type ())
G_DECLARE_FINAL_TYPE (PhDispatcher, ph_dispatcher, PH, DISPATCHER, GObject)

/**
 * PhDispatcher:
 *
 * Decides which attempt runs when: each destination (a domain, or the smarthost) has its own
 * line, they take turns, and one that can't be reached gets one connection at a time until
 * it can; what waits for it then is deferred untried.  Owned by the relay; holds attempts until
 * they are gone.
 */
PhDispatcher *ph_dispatcher_new (PhClock   *clock,
                                 PhPoller  *poller,
                                 PhJournal *journal);

/* Copied. */
void ph_dispatcher_configure (PhDispatcher        *self,
                              const PhRelayConfig *config);
void ph_dispatcher_set_resolver (PhDispatcher *self,
                                 PhResolver   *resolver);

/* Runs it when there is room.  Takes it. */
void ph_dispatcher_submit (PhDispatcher *self,
                           PhAttempt    *attempt);

/* Ends all that runs, and fails what waits; new attempts may be submitted afterwards. */
void ph_dispatcher_stop (PhDispatcher *self);

guint ph_dispatcher_get_n_running (PhDispatcher *self);

G_END_DECLS
