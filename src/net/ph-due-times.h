#pragma once

#include "ph-poller.h"
#include "ph-session.h"

G_BEGIN_DECLS

/**
 * PhDueTimes:
 *
 * When a connection must have got on: three times of different origin, kept on
 * one deadline of the poller.  What happens then is the connection's business.
 * A plain struct, embedded in PhConnection.
 */
typedef struct
{
  /* Monotonic, in microseconds; 0 for none.  Set at will, then ph_due_times_arm(). */
  gint64 session; /* what the session asked for */
  gint64 phase;   /* the end of the handshake, goodbye, half-close or linger */
  gint64 stall;   /* output waits, and the peer takes none of it */

  /*< private >*/
  PhPoller  *poller; /* borrowed */
  PhWatch   *watch;  /* borrowed */
  PhDeadline deadline;
  gint64     armed;
  guint      serial; /* of the session's deadline */
} PhDueTimes;

/* `watch` is woken when the earliest has come. */
void   ph_due_times_init (PhDueTimes *self,
                          PhPoller   *poller,
                          PhWatch    *watch);
gint64 ph_due_times_from_now (PhDueTimes *self,
                              guint       seconds);

/* Whether it is set, and has come. */
gboolean ph_due_times_is_past (PhDueTimes *self,
                               gint64      due);

/* Takes over what the session set since the last call. */
void ph_due_times_take_session (PhDueTimes *self,
                                PhSession  *session);

void ph_due_times_arm (PhDueTimes *self);
void ph_due_times_clear (PhDueTimes *self);

G_END_DECLS
