#pragma once

#include "ph-store-shared.h"
#include "ph-store.h"

G_BEGIN_DECLS

PhStoreShared *ph_store_get_shared (PhStore *self);

/* One that is opened under this address from now on is another; whoever has it is told. */
void ph_store_forget_account (PhStore    *self,
                              const char *address);

/* A message on its way to those who get it. */
typedef struct _PhStoreDelivery PhStoreDelivery;

void ph_store_delivery_free (PhStoreDelivery *self);

/* Keeps one that waits, by its record, until it is taken (steals it: NULL where there is none)
 * or the store ends. `delivery` NULL: takes. */
PhStoreDelivery *ph_store_hold_delivery (PhStore         *self,
                                         guint64          record,
                                         PhStoreDelivery *delivery);

/* Puts what is accepted on disk; the record counts until ph_store_release(). 0 and an error. */
void    ph_store_write_record_async (PhStore            *self,
                                     PhSpool            *spool,
                                     const char *const  *addresses,
                                     GBytes             *elsewhere, /* or NULL */
                                     gint64              date,      /* seconds */
                                     gint16              zone,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data);
guint64 ph_store_write_record_finish (PhStore      *self,
                                      GAsyncResult *result,
                                      GError      **error);

/* Blocks: carries out what a crash left, before anything else uses the store; *unqueued:
 * array of PhAccepted that have still to go elsewhere.  `now`: microseconds. */
gboolean ph_store_replay (PhStoreShared *shared,
                          gint64         now,
                          GPtrArray    **unqueued,
                          GError       **error);

G_END_DECLS
