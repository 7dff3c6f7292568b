#pragma once

#include "ph-message.h"
#include "ph-store-shared.h"

G_BEGIN_DECLS

/* Takes `fd`.  Reads ahead, and converts bare LF where `size` (RFC822.SIZE) says that
 * there are some: blocks. */
PhMessage *ph_message_new (PhStoreShared *shared,
                           guint32        uid,
                           guint64        size,
                           int            fd,
                           GError       **error);

G_END_DECLS
