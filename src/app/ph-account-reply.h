#pragma once

#include <adwaita.h>

#include "ph-account.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT_REPLY (ph_account_reply_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountReply, ph_account_reply, PH, ACCOUNT_REPLY, AdwPreferencesGroup)

/**
 * PhAccountReply:
 *
 * On an account's page: what it answers by itself while its owner is away.  What is typed counts once it is saved, or
 * the reply is switched on.
 */

/* NULL for none. */
void ph_account_reply_set_account (PhAccountReply *self,
                                   PhAccount      *account);

G_END_DECLS
