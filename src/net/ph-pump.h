#pragma once

#include "ph-session.h"
#include "ph-transport.h"

G_BEGIN_DECLS

/* What one run may move, so that all connections have their turn. */
#define PH_PUMP_READ_BUDGET (64 * 1024)
#define PH_PUMP_WRITE_BUDGET (256 * 1024)

typedef enum {
  PH_PUMP_WAIT,   /* nothing to do until the socket or the session has something */
  PH_PUMP_AGAIN,  /* a budget is used up: run again soon */
  PH_PUMP_TLS,    /* the session wants TLS, and its output is sent */
  PH_PUMP_CLOSE,  /* the session wants to close, and its output is sent */
  PH_PUMP_GONE,   /* the peer closed; all that it sent is taken and answered */
  PH_PUMP_FAILED, /* the error is set */
} PhPumpResult;

/**
 * PhPump:
 *
 * Moves bytes between the transport and the session of a connection: reads while
 * the session takes, at most PH_SESSION_INPUT_MAX ahead; writes what it said;
 * tells it when that is drained.  Knows no time and no poller.  Holds no memory
 * while nothing waits, and wipes input once it was taken, because passwords may
 * have been in it.  A plain struct, embedded in PhConnection.
 */
typedef struct
{
  PhSession   *session;   /* borrowed */
  PhTransport *transport; /* borrowed */
  PhBuffer     input;

  /* Set by the connection from what the poller and the session say. */
  gboolean readable;
  gboolean writable;
  gboolean changed;

  gboolean offer;  /* the session may take what it left before */
  gboolean at_end; /* the peer sends no more */
  gsize    n_in;   /* moved since the connection last reset them */
  gsize    n_out;
} PhPump;

void         ph_pump_clear (PhPump *self);
PhPumpResult ph_pump_run (PhPump  *self,
                          GError **error);

/* Whether it waits for input at all. */
gboolean ph_pump_may_read (PhPump *self);

G_END_DECLS
