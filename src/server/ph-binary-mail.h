#pragma once

#include "ph-spool.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

/**
 * Mail that came as BINARYMIME (RFC 3030 section 3) may hold any bytes, which POP3 and other
 * servers can't take; so it is re-encoded before it is kept (RFC 3030: the receiver may).
 * Functions only; the work is done on `workers`.
 */

/* Reads `from` and writes `to` (empty) where it must be re-encoded.  Both are used by nobody
 * else until it is done. */
void ph_binary_mail_convert_async (PhSpool            *from,
                                   PhSpool            *to,
                                   PhWorkerPool       *workers,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);

/* The spool to keep, `from` or `to`; NULL without an error where the message can't be
 * re-encoded; NULL and an error of the store.  Transfer full. */
PhSpool *ph_binary_mail_convert_finish (GAsyncResult *result,
                                        GError      **error);

G_END_DECLS
