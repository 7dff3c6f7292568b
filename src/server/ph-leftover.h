#pragma once

#include "ph-relay.h"
#include "ph-store.h"

G_BEGIN_DECLS

/* The part of a PhAccepted that is to go elsewhere, as the server notes it in the record. */
GBytes *ph_leftover_format (const PhSmtpEnvelope *envelope,
                            guint64               size,
                            gint64                now); /* real µs */

/* Queues what was accepted for others before a crash and had not come into the queue, and
 * releases the records.  Once, after the relay has read its directory `relay_dir`. */
void ph_leftover_resume (PhStore    *store,
                         PhRelay    *relay,
                         const char *relay_dir);

G_END_DECLS
