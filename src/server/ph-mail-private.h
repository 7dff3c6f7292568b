#pragma once

#include "ph-accounts.h"
#include "ph-mail.h"
#include "ph-store.h"

G_BEGIN_DECLS

PhMail *ph_mail_new (PhStore    *store,
                     PhAccounts *accounts);

G_END_DECLS
