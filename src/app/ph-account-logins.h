#pragma once

#include <adwaita.h>

#include "ph-account.h"
#include "ph-journal.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT_LOGINS (ph_account_logins_get_type ())
G_DECLARE_FINAL_TYPE (PhAccountLogins, ph_account_logins, PH, ACCOUNT_LOGINS, AdwPreferencesGroup)

/* Sessions that are listed. */
#define PH_ACCOUNT_LOGINS_MAX 5

/**
 * PhAccountLogins:
 *
 * On an account's page: its last sessions as the journal knows them, newest first, each a way
 * to its transcript; and its last login where the journal knows none of this run.
 */

/* Either may be NULL for none. */
void ph_account_logins_set_account (PhAccountLogins *self,
                                    PhJournal       *journal,
                                    PhAccount       *account);

G_END_DECLS
