#pragma once

#include "ph-net-error.h"
#include "ph-poller.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define PH_ACCEPTOR_BACKLOG 512                 /* who finds it full tries again after 1, 3, 7 … s */
#define PH_ACCEPTOR_BATCH 16                    /* accepted, or sent away, before others have their turn */
#define PH_ACCEPTOR_PAUSE (G_USEC_PER_SEC / 50) /* between two batches that are sent away: 800 a second, at 1 to 2 % of a processor */

typedef struct _PhAcceptor PhAcceptor;

typedef struct
{
  /* A client; the socket is borrowed. */
  void (*accepted) (GSocket *socket,
                    gpointer user_data);

  /* There is no descriptor to serve this one with: say goodbye.  `fd` is closed after the call. */
  void (*refused) (int      fd,
                   gpointer user_data);
} PhAcceptorFuncs;

/**
 * PhAcceptor:
 *
 * A listening socket and the GSocketService that accepts from it.  A
 * GSocketService alone accepts before anything else is done, and one that fails
 * for want of descriptors tries again at once, forever, while nothing else runs.
 * So it is opened for a batch at a time, and only after a look whether there is
 * a descriptor to have.  A share of them is left to store and queue; and one is
 * kept spare, with which those for whom there is none are told so and sent away
 * (V39): quicker than they are likely to come, or the backlog fills, and who
 * comes when there are descriptors again waits a second for his second SYN.
 * Owned by the listener.
 */

/* `address` is numeric; port 0 takes a free one.  `funcs` must be static.
 * Errors: PH_NET_ERROR_ADDRESS_IN_USE, _NOT_PERMITTED or _FAILED, with a sentence for
 * the user that says what would help. */
PhAcceptor *ph_acceptor_open (PhPoller              *poller,
                              const char            *address,
                              guint16                port,
                              const PhAcceptorFuncs *funcs,
                              gpointer               user_data,
                              GError               **error);
void        ph_acceptor_close (PhAcceptor *self);

/* The port in use. */
guint16 ph_acceptor_get_port (PhAcceptor *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhAcceptor, ph_acceptor_close)

G_END_DECLS
