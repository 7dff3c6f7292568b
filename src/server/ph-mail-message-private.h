#pragma once

#include "ph-mail-message.h"
#include "ph-mailbox.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

/* Starts to read it; stops when nobody holds it any more. */
PhMailMessage *ph_mail_message_new (PhMailbox    *mailbox,
                                    guint32       uid,
                                    PhWorkerPool *workers);

G_END_DECLS
