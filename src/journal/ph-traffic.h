#pragma once

#include "ph-journal.h"

G_BEGIN_DECLS

/* How far back it remembers. */
#define PH_TRAFFIC_MINUTES (24 * 60)

typedef enum {
  PH_TRAFFIC_CONNECTIONS, /* that clients opened */
  PH_TRAFFIC_FAILED,      /* sessions, theirs and ours, that broke off */
  PH_TRAFFIC_RECEIVED,    /* messages */
  PH_TRAFFIC_SENT,        /* messages, for each recipient for whom another server took them */
  PH_TRAFFIC_REFUSED,     /* senders, recipients, messages and logins of clients to which the answer was no */
  PH_TRAFFIC_TURNED_AWAY, /* connections that became no session: of blocked addresses, and beyond the limits */
  PH_TRAFFIC_N_KINDS,
} PhTrafficKind;

#define PH_TYPE_TRAFFIC (ph_traffic_get_type ())
G_DECLARE_FINAL_TYPE (PhTraffic, ph_traffic, PH, TRAFFIC, GObject)

/**
 * PhTraffic:
 *
 * How much there was in each minute of the last day: counters only, of a fixed size.  Owned
 * by the journal, which counts.  Tells nobody: who shows it looks from time to time.
 */
PhTraffic *ph_traffic_new (void);

/* `time`: real µs.  A clock that was set back counts on in the last minute. */
void ph_traffic_add (PhTraffic    *self,
                     PhTrafficKind kind,
                     gint64        time);

/* Fills `counts` with `n` spans of so many minutes each, the oldest first, the last one that of `now` (real µs);
 * spans begin at multiples of their length.  What is not remembered counts 0. */
void ph_traffic_get (PhTraffic    *self,
                     PhTrafficKind kind,
                     gint64        now,
                     guint         minutes,
                     guint        *counts,
                     guint         n);

/* That of a journal; borrowed. */
PhTraffic *ph_journal_get_traffic (PhJournal *journal);

G_END_DECLS
