#pragma once

#include "ph-index-queue.h"

G_BEGIN_DECLS

/* The counter of UIDVALIDITY of an account (I09, V45): in the index, and a block
 * ahead of it in the file "posthouse-uidvalidity", so that a lost index goes on
 * above every number it has given.  It starts at random, so that an account made
 * again under an old name differs from the old.  Functions only. */

/* On the worker, in a transaction.  For an index that is new: where the account had one
 * before, its MODSEQs are to begin above all that the old one gave (table "meta", "epoch"). */
gboolean ph_uidvalidity_begin_epoch (PhWriter *writer,
                                     GError  **error);

/* No folder is given a number up to `uidvalidity` any more. */
gboolean ph_uidvalidity_skip (PhWriter *writer,
                              guint32   uidvalidity,
                              GError  **error);

gboolean ph_uidvalidity_next (PhWriter *writer,
                              guint32  *uidvalidity,
                              GError  **error);

G_END_DECLS
