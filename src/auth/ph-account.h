#pragma once

#include <glib-object.h>

#include "ph-scram-credential.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNT (ph_account_get_type ())
G_DECLARE_FINAL_TYPE (PhAccount, ph_account, PH, ACCOUNT, GObject)

/**
 * PhAccount:
 *
 * A person who has a mailbox here: the address is the identity and never
 * changes; the rest are properties that may be set and notify:
 *   address (string, construct-only, as ph_address_normalize() gives it),
 *   display-name (string), credential (PhScramCredential, boxed), enabled (boolean),
 *   quota (uint64, bytes, 0 for none),
 *   last-login (int64 real µs, 0 for never), last-login-client (string or NULL).
 */
PhAccount *ph_account_new (const char              *address,
                           const PhScramCredential *credential);

const char              *ph_account_get_address (PhAccount *self);
const char              *ph_account_get_display_name (PhAccount *self);
const PhScramCredential *ph_account_get_credential (PhAccount *self);
gboolean                 ph_account_get_enabled (PhAccount *self);
guint64                  ph_account_get_quota (PhAccount *self);

G_END_DECLS
