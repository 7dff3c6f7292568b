#pragma once

#include "ph-scram-credential.h"

G_BEGIN_DECLS

#define PH_TYPE_APP_PASSWORD (ph_app_password_get_type ())
G_DECLARE_FINAL_TYPE (PhAppPassword, ph_app_password, PH, APP_PASSWORD, GObject)

/* Of one account; and characters of a name. */
#define PH_APP_PASSWORD_MAX 50
#define PH_APP_PASSWORD_NAME_MAX 100

/**
 * PhAppPassword:
 *
 * A further secret of an account, for one device or program: it opens what the password
 * opens, and can be taken back without changing that.  Owned by its account.
 * Properties, for bindings: id, name (string), created, last-used (int64 real µs, 0 for
 * never); only last-used changes, and notifies.
 */

/* `id` NULL makes a new one; `credential` has the salt of the account's. */
PhAppPassword *ph_app_password_new (const char              *id,
                                    const char              *name,
                                    const PhScramCredential *credential,
                                    gint64                   created);

const char              *ph_app_password_get_id (PhAppPassword *self);
const char              *ph_app_password_get_name (PhAppPassword *self);
const PhScramCredential *ph_app_password_get_credential (PhAppPassword *self);
gint64                   ph_app_password_get_created (PhAppPassword *self);
gint64                   ph_app_password_get_last_used (PhAppPassword *self);
void                     ph_app_password_set_last_used (PhAppPassword *self,
                                                        gint64         last_used);

G_END_DECLS
