#pragma once

#include "ph-journal-session.h"

G_BEGIN_DECLS

/* Steps that are kept: of fetching, and of everything else.  A client that takes in a whole
 * mailbox must not push out how its messages came. */
#define PH_TRAIL_STEPS_MAX 20000

/* Steps that one question is answered with. */
#define PH_TRAIL_FOUND_MAX 500

typedef enum {
  PH_TRAIL_RECEIVED,  /* a client handed it over, and got its 250 */
  PH_TRAIL_DELIVERED, /* into the mailbox that `detail` names */
  PH_TRAIL_QUEUED,    /* for others: `other` is its name in the queue */
  PH_TRAIL_SENT,      /* another server took it: `detail` says for whom, and with what words */
  PH_TRAIL_DEFERRED,  /* it did not, and will be asked again */
  PH_TRAIL_REFUSED,   /* it never will */
  PH_TRAIL_FETCHED,   /* a client read it */
  PH_TRAIL_GIVEN_UP,  /* it is out of the queue, and not delivered to all: `detail` says why */
} PhTrailKind;

/* One step of one message; immutable, counted. */
typedef struct
{
  PhTrailKind kind;
  gint64      time;    /* real µs */
  char       *message; /* a name of the message */
  char       *other;   /* another name that it has from here on, or NULL */
  char       *detail;  /* fit to be shown, or NULL */
  guint64     session; /* ID of the conversation in which it happened; 0 for none */
  char       *service; /* of that session, and who was at its other end: it may be dropped before the step is; */
  char       *peer;    /* NULL for none */
} PhTrailStep;

PhTrailStep *ph_trail_step_ref (PhTrailStep *self);
void         ph_trail_step_unref (PhTrailStep *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhTrailStep, ph_trail_step_unref)

#define PH_TYPE_TRAIL (ph_trail_get_type ())
G_DECLARE_FINAL_TYPE (PhTrail, ph_trail, PH, TRAIL, GObject)

/**
 * PhTrail:
 *
 * What became of each message, across sessions: who brought it, where it went, who tried to
 * send it on, who fetched it.  A message has names, as the ID in its Received field and
 * the one it has in the queue; a step that has two of them ties them together.  In memory,
 * bounded, the oldest go first; costs a few strings for each step.  Owned by the journal,
 * which emits "changed" with its batches, once for all steps since the last time.
 */
PhTrail *ph_trail_new (void);

/* `session` may be NULL.  A second FETCHED of the same message in the same session, with none
 * in between, is the same step (a client that reads in pieces). */
void ph_trail_add (PhTrail          *self,
                   gint64            time,
                   PhTrailKind       kind,
                   PhJournalSession *session,
                   const char       *message,
                   const char       *other,
                   const char       *detail);

/* Everything known of the messages with these names (NULL-terminated) and of the names tied to them, in the
 * order of time, as far as PH_TRAIL_FOUND_MAX.  Transfer full: of PhTrailStep. */
GPtrArray *ph_trail_find (PhTrail           *self,
                          const char *const *names);

/* Names of the messages that a session had to do with, each once, in order, at most `max`.  Transfer full. */
GStrv ph_trail_list_messages (PhTrail *self,
                              guint64  session,
                              guint    max);

/* While "changed" is emitted: the steps since the last time but those of fetching, oldest first, as far as
 * PH_TRAIL_FOUND_MAX.  Transfer full: of PhTrailStep. */
GPtrArray *ph_trail_get_news (PhTrail *self);

/* Emits "changed" where there is something new. */
void ph_trail_publish (PhTrail *self);

G_END_DECLS
