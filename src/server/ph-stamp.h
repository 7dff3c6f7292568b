#pragma once

#include "ph-spool.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

/**
 * A message that has come gets one more field at its top, below Return-Path and Delivered-To: what is known only when all of it
 * is here.  Functions only; the work, a copy in the page cache, is done on `workers`.
 */

/* `to` is empty.  Both are used by nobody else until it is done. */
void     ph_stamp_async (PhSpool            *from,
                         PhSpool            *to,
                         const char         *field,
                         PhWorkerPool       *workers,
                         GAsyncReadyCallback callback,
                         gpointer            user_data);
gboolean ph_stamp_finish (GAsyncResult *result,
                          GError      **error);

G_END_DECLS
