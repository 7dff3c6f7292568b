#pragma once

#include "ph-accounts.h"
#include "ph-clock.h"
#include "ph-worker-pool.h"

G_BEGIN_DECLS

#define PH_TYPE_AUTHENTICATOR (ph_authenticator_get_type ())
G_DECLARE_FINAL_TYPE (PhAuthenticator, ph_authenticator, PH, AUTHENTICATOR, GObject)

/**
 * PhAuthenticator:
 *
 * Decides whether a name and a password belong together.  Hashes on its workers;
 * does the same work for unknown names (V20); after failures it delays answers to
 * an address, 2 s doubling to 15 s (V19), and never locks an account.
 * Sets last-login of the account on success; its sessions know the client's name.
 * What runs keeps the authenticator: cancel it to let go.
 */
PhAuthenticator *ph_authenticator_new (PhAccounts   *accounts,
                                       PhClock      *clock,
                                       PhWorkerPool *workers);

PhAccounts *ph_authenticator_get_accounts (PhAuthenticator *self);

/* `authzid` NULL, "" or the same account as `name`; others are refused.
 * `peer_address` is numeric, for the throttle. */
void ph_authenticator_check_async (PhAuthenticator    *self,
                                   const char         *authzid,
                                   const char         *name,
                                   const char         *password,
                                   const char         *peer_address,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);

/* Transfer full.  PH_AUTH_ERROR_FAILED for every reason that is the caller's. */
PhAccount *ph_authenticator_check_finish (PhAuthenticator *self,
                                          GAsyncResult    *result,
                                          GError         **error);

/* For mechanisms that prove the password without sending it. */

/* The credential of `name`, and its account in *account (transfer full); or for
 * names that can't log in, one that looks the same each time and fits no password,
 * and NULL (V20). */
PhScramCredential *ph_authenticator_dup_credential (PhAuthenticator *self,
                                                    const char      *name,
                                                    PhAccount      **account);

/* As ph_authenticator_check_async(), where it is known whether the proof is right;
 * `account` and `credential` are what the exchange began with.  Finish with
 * ph_authenticator_check_finish(). */
void ph_authenticator_prove_async (PhAuthenticator         *self,
                                   const char              *authzid,
                                   const char              *name,
                                   PhAccount               *account,
                                   const PhScramCredential *credential,
                                   gboolean                 is_right,
                                   const char              *peer_address,
                                   GCancellable            *cancellable,
                                   GAsyncReadyCallback      callback,
                                   gpointer                 user_data);

G_END_DECLS
