#pragma once

#include "ph-accounts.h"
#include "ph-mail.h"
#include "ph-session-factory.h"
#include "ph-store.h"

G_BEGIN_DECLS

/* `factory` makes the sessions that take what is sent; NULL where nothing is. */
PhMail *ph_mail_new (PhStore          *store,
                     PhAccounts       *accounts,
                     PhSessionFactory *factory);

G_END_DECLS
