#pragma once

#include "ph-accounts.h"

G_BEGIN_DECLS

/*
 * The accounts, domains and aliases in the ini file:
 *
 *   [Domains]                     [Account bob@example.org]        [Alias info@example.org]
 *   Local=example.org;            Name=Bob                         Targets=bob@example.org;
 *                                 Credential=SCRAM-SHA-256$…
 *                                 Enabled=true  Quota=0  SearchIndex=true
 *                                 Protocols=imap;submission;    (all, where it is not there)
 */

/* FALSE and PH_SERVER_ERROR_SETTINGS, naming the line of `text`. */
gboolean ph_settings_accounts_read (PhAccounts *accounts,
                                    GKeyFile   *file,
                                    const char *path,
                                    const char *text,
                                    GError    **error);

/* Brings `file` up to date; keys that it does not know stay. */
void ph_settings_accounts_write (PhAccounts *accounts,
                                 GKeyFile   *file);

gboolean ph_settings_accounts_knows (const char *group,
                                     const char *key);

G_END_DECLS
