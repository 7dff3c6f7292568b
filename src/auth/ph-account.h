#pragma once

#include <gio/gio.h>

#include "ph-app-password.h"
#include "ph-automatic-reply.h"
#include "ph-protocol.h"

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
 *   protocols (uint, PhProtocols: what it may be used for; all at first),
 *   automatic-reply (PhAutomaticReply, boxed, or NULL where it never had one),
 *   search-index (boolean: whether the texts of its mail are indexed; TRUE at first),
 *   certificates (GStrv of SHA-256 fingerprints "AB:CD:…": who shows one of these may log
 *   in without a password, by EXTERNAL),
 *   clear-password (string or NULL: the password itself, where the account is also for old programs,
 *   which show by APOP and CRAM-MD5 that they know it; kept so that it can be read),
 *   app-passwords (GListModel of PhAppPassword, read-only; notified when one comes or goes),
 *   last-login (int64 real µs, 0 for never), last-login-client (string or NULL).
 * The signal "revoked" says that somebody who is logged in may be so no more: the password
 * was changed, an app password or a certificate taken back, the account disabled or removed, a
 * protocol switched off.  Its detail is the protocol ("revoked::imap"), its parameter a sentence
 * for the client.  Whoever it was logs in again with what is still good.
 */
PhAccount *ph_account_new (const char              *address,
                           const PhScramCredential *credential);

const char              *ph_account_get_address (PhAccount *self);
const char              *ph_account_get_display_name (PhAccount *self);
const PhScramCredential *ph_account_get_credential (PhAccount *self);
gboolean                 ph_account_get_enabled (PhAccount *self);
guint64                  ph_account_get_quota (PhAccount *self);
PhProtocols              ph_account_get_protocols (PhAccount *self);
const PhAutomaticReply  *ph_account_get_automatic_reply (PhAccount *self);
gboolean                 ph_account_get_search_index (PhAccount *self);
const char              *ph_account_get_clear_password (PhAccount *self);

/* Borrowed, NULL-terminated, never NULL. */
const char *const *ph_account_get_certificates (PhAccount *self);

/* Certificates of one account; more are left out. */
#define PH_ACCOUNT_CERTIFICATES_MAX 20

/* "AB:CD:…" of what a person typed or copied ("ab cd…", "SHA256 Fingerprint=AB:CD…"); NULL
 * where it is no SHA-256. */
char *ph_account_normalize_fingerprint (const char *text);

/* Emits "revoked" for all protocols: for who removes the account; the rest is noticed here. */
void ph_account_revoke (PhAccount *self);

/* Of PhAppPassword, as they were made. Borrowed. */
GListModel *ph_account_get_app_passwords (PhAccount *self);

/* FALSE where there are PH_APP_PASSWORD_MAX, or where its credential has not the salt of the
 * account's.  Both notify "app-passwords". */
gboolean ph_account_add_app_password (PhAccount     *self,
                                      PhAppPassword *app_password);
gboolean ph_account_remove_app_password (PhAccount  *self,
                                         const char *id);

/* What opens the account: its credential, then those of its app passwords.  Copies, of
 * PhScramCredential; transfer full. NULL where it has no credential. */
GPtrArray *ph_account_dup_secrets (PhAccount *self);

/* A login with `secret` at `now`.  FALSE with PH_AUTH_ERROR_FAILED where that opens the account no
 * more, and with PH_AUTH_ERROR_FORBIDDEN where it does, but not by that protocol. */
gboolean ph_account_use_secret (PhAccount               *self,
                                const PhScramCredential *secret,
                                PhProtocols              protocol,
                                gint64                   now,
                                GError                 **error);

G_END_DECLS
