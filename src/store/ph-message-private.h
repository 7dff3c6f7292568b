#pragma once

#include "ph-message.h"
#include "ph-store-shared.h"

G_BEGIN_DECLS

/* Takes `fd`, which has CRLF line ends and `size` bytes. Any thread. */
PhMessage *ph_message_new (PhStoreShared *shared,
                           guint32        uid,
                           int            fd,
                           guint64        size);

G_END_DECLS
