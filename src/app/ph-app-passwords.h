#pragma once

#include <adwaita.h>

#include "ph-server.h"

G_BEGIN_DECLS

#define PH_TYPE_APP_PASSWORDS (ph_app_passwords_get_type ())
G_DECLARE_FINAL_TYPE (PhAppPasswords, ph_app_passwords, PH, APP_PASSWORDS, AdwPreferencesGroup)

/**
 * PhAppPasswords:
 *
 * The app passwords of an account on its page: a list, one more, one less.
 */

/* Either may be NULL for none. */
void ph_app_passwords_set_account (PhAppPasswords *self,
                                   PhServer       *server,
                                   PhAccount      *account);

G_END_DECLS
