#pragma once

#include "ph-mail-account.h"
#include "ph-store.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

PhMailAccount *ph_mail_account_new (PhStore      *store,
                                    const char   *address,
                                    PhWorkerPool *workers);

G_END_DECLS
