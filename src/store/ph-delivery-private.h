#pragma once

#include "ph-delivery.h"
#include "ph-spool-private.h"

G_BEGIN_DECLS

struct _PhDelivery
{
  gatomicrefcount references;

  PhSpool       *spool;
  PhStoreShared *shared; /* or NULL */
  char          *field;  /* to be written before it is measured; or NULL */

  gboolean  measured;
  PhSummary summary; /* until then: its file's size alone */
  gint64    internal_date;
  gint16    zone;
};

/* Blocks: what the index is to know of it; where it is addressed, the spool is its own from then on. */
gboolean ph_delivery_measure (PhDelivery *self,
                              GError    **error);

/* Where it goes: INBOX, or what its spool says. */
gboolean ph_delivery_load_folder (const PhDelivery *self,
                                  PhIndex          *index,
                                  PhFolderRow      *row,
                                  GError          **error);

/* In a transaction: adds it to its folder unless the index says that it has the record.  Quota
 * was looked at when it was accepted.  `now`: microseconds. */
gboolean ph_delivery_replay (PhDelivery *self,
                             PhWriter   *writer,
                             guint64     record,
                             gint64      now,
                             GError    **error);

G_END_DECLS
