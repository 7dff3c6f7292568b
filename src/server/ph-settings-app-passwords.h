#pragma once

#include "ph-accounts.h"

G_BEGIN_DECLS

/*
 * The app passwords of accounts in the ini file:
 *
 *   [AppPassword ID]
 *   Account=bob@example.org  Name=Phone  Credential=SCRAM-SHA-256$…  Created=  LastUsed=
 */

/* After the accounts.  What belongs to nobody here, or can't be used, is left where it is; its
 * name (char *) goes to `odd`. */
void ph_settings_app_passwords_read (PhAccounts *accounts,
                                     GKeyFile   *file,
                                     GPtrArray  *odd);

/* Brings `file` up to date. */
void ph_settings_app_passwords_write (PhAccounts *accounts,
                                      GKeyFile   *file);

gboolean ph_settings_app_passwords_knows (const char *group,
                                          const char *key);

G_END_DECLS
