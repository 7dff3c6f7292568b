#pragma once

#include "ph-queue-directory.h"
#include "ph-relay-handler.h"

G_BEGIN_DECLS

/* What is read into memory of a message that another program dropped in for people here. */
#define PH_HAND_OVER_MAX (64 * 1024 * 1024)

/* Hands a queued message to people here, one after the other.  For each recipient `told` is called in
 * the main context as soon as it is decided: NULL, or why not (PH_RELAY_ERROR_INVALID: never).
 * Then the callback, which gets no more than an end. */
typedef void (*PhHandOverFunc) (PhQueueAddressee *addressee,
                                const GError     *error,
                                gpointer          user_data);

/* `addressees` of PhQueueAddressee, referenced, its elements borrowed until the callback. */
void ph_hand_over_async (PhQueueDirectory   *directory,
                         PhRelayHandler     *handler,
                         PhQueueMessage     *message,
                         const char         *sender,
                         gboolean            from_here,
                         GPtrArray          *addressees,
                         PhHandOverFunc      told,
                         GAsyncReadyCallback callback,
                         gpointer            user_data);

G_END_DECLS
