#pragma once

#include "ph-dispatcher.h"
#include "ph-queue-directory.h"
#include "ph-relay-handler.h"

G_BEGIN_DECLS

#define PH_TYPE_OUTGOING (ph_outgoing_get_type ())
G_DECLARE_FINAL_TYPE (PhOutgoing, ph_outgoing, PH, OUTGOING, GObject)

/* What the relay lends to each of them. */
typedef struct
{
  PhClock             *clock;
  PhQueueDirectory    *directory;
  PhDispatcher        *dispatcher;
  PhRelayHandler      *handler;
  const PhRelayConfig *config; /* may be replaced */
} PhOutgoingParts;

typedef enum {
  PH_OUTGOING_TRY,    /* who is due by the schedule */
  PH_OUTGOING_FORCE,  /* everybody that is not done, now */
  PH_OUTGOING_BOUNCE, /* give up */
} PhOutgoingMode;

typedef enum {
  PH_OUTGOING_OVER,   /* nothing is left of it */
  PH_OUTGOING_WAITS,  /* its envelope says for what */
  PH_OUTGOING_IS_BAD, /* it is under bad/ now */
  PH_OUTGOING_LOST,   /* its files can't be read or written: the error says why */
} PhOutgoingEnd;

/* `entry` NULL where LOST. */
typedef void (*PhOutgoingFunc) (PhOutgoing         *outgoing,
                                PhOutgoingEnd       end,
                                const PhQueueEntry *entry,
                                const GError       *error,
                                gpointer            user_data);

/**
 * PhOutgoing:
 *
 * One queued message while it is worked on: reads its envelope, decides who is tried now,
 * makes the attempts, one for each domain, writes down what comes of them before anything
 * else is done (S26: each recipient is due or done whenever the power fails), reports to the
 * sender, and leaves the files as they should be.  Made by the relay, keeps itself alive until
 * `ended` was called.
 */
PhOutgoing *ph_outgoing_new (const PhOutgoingParts *parts,
                             const char            *id,
                             PhOutgoingMode         mode,
                             PhOutgoingFunc         ended,
                             gpointer               user_data);

void ph_outgoing_start (PhOutgoing *self);

const char *ph_outgoing_get_id (PhOutgoing *self);

/* NULL until it is read.  Borrowed. */
const PhQueueEntry *ph_outgoing_get_entry (PhOutgoing *self);
const char         *ph_outgoing_get_subject (PhOutgoing *self);

G_END_DECLS
