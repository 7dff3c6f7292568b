#pragma once

#include "ph-message.h"
#include "ph-store-shared.h"

G_BEGIN_DECLS

/* Takes `fd`.  Reads ahead or what is to be held, and converts bare LF where `size`
 * (RFC822.SIZE) says that there are some: blocks. */
PhMessage *ph_message_new (PhStoreShared *shared,
                           guint32        uid,
                           guint64        size,
                           int            fd,
                           PhMessageHold  hold,
                           GError       **error);

/* FALSE: what is held is all there is. */
gboolean ph_message_is_open (PhMessage *self);

G_END_DECLS
