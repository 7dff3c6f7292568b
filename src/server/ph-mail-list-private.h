#pragma once

#include "ph-mail-list.h"
#include "ph-mailbox.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

/* `workers` read messages for the window. */
PhMailList *ph_mail_list_new (const char   *address,
                              PhMailbox    *mailbox,
                              PhWorkerPool *workers);

PhMailbox *ph_mail_list_get_mailbox (PhMailList *self);

G_END_DECLS
