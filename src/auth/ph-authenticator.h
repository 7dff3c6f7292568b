#pragma once

#include "ph-accounts.h"
#include "ph-challenge.h"
#include "ph-clock.h"
#include "ph-guess-watch.h"
#include "ph-peer.h"
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

PhAccounts   *ph_authenticator_get_accounts (PhAuthenticator *self);
PhGuessWatch *ph_authenticator_get_guess_watch (PhAuthenticator *self); /* borrowed */

/* Whether a password may go over the connection to `peer` (NULL: no): there is TLS; or none is
 * asked for by the listener, and it does not leave this computer, or the user asked for logins in clear by
 * name.  NULL for `self` has no such wish. */
gboolean ph_authenticator_protects (PhAuthenticator *self,
                                    PhPeer          *peer);

/* That wish; not unless set. */
void ph_authenticator_allow_clear (PhAuthenticator *self,
                                   gboolean         allow);

/* Keeps in `file` what the salts of unknown names are made of: one who asks before and after a restart learns nothing (V20). */
void ph_authenticator_keep_secret (PhAuthenticator *self,
                                   const char      *file);

/* `authzid` NULL, "" or the same account as `name`; others are refused.  `protocol` is one: what
 * the login is for.  `peer_address` is numeric, for the throttle. */
void ph_authenticator_check_async (PhAuthenticator    *self,
                                   const char         *authzid,
                                   const char         *name,
                                   const char         *password,
                                   PhProtocols         protocol,
                                   const char         *peer_address,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);

/* Transfer full.  PH_AUTH_ERROR_FAILED for every reason that is the caller's, but FORBIDDEN for who has
 * shown the password of an account that may not be used by the protocol.  The message says why, and is
 * for the journal only: the client is not to learn whether there is such an account. */
PhAccount *ph_authenticator_check_finish (PhAuthenticator *self,
                                          GAsyncResult    *result,
                                          GError         **error);

/* For mechanisms that prove the password without sending it. */

/* What opens the account of `name` (of PhScramCredential, at least one, all with the same
 * salt), and the account in *account (transfer full); or for names that can't log in, one
 * that looks the same each time and fits no password, and NULL (V20). */
GPtrArray *ph_authenticator_dup_secrets (PhAuthenticator *self,
                                         const char      *name,
                                         PhAccount      **account);

/* Whether APOP and CRAM-MD5 are offered to `peer`: some account asks for them, and a password might go
 * there as well.  One that is not sent can be guessed by who listens, at the speed of MD5. */
gboolean ph_authenticator_takes_challenges (PhAuthenticator *self,
                                            PhPeer          *peer);

/* Whether `digest` answers `challenge` as the password of `name`: for ph_authenticator_prove_async(),
 * the credential of the account (borrowed) or NULL, and the account or NULL in *account (transfer full).
 * The same work for whoever can't log in so (V20). */
const PhScramCredential *ph_authenticator_answer_challenge (PhAuthenticator *self,
                                                            PhChallengeKind  kind,
                                                            const char      *name,
                                                            const char      *challenge,
                                                            const char      *digest,
                                                            PhAccount      **account);

/* As ph_authenticator_check_async(), where it is known whether the proof is right: `secret`
 * is the one that it is of, NULL for none.  `account` is what the exchange began with.
 * Finish with ph_authenticator_check_finish(). */
void ph_authenticator_prove_async (PhAuthenticator         *self,
                                   const char              *authzid,
                                   const char              *name,
                                   PhAccount               *account,
                                   const PhScramCredential *secret,
                                   PhProtocols              protocol,
                                   const char              *peer_address,
                                   GCancellable            *cancellable,
                                   GAsyncReadyCallback      callback,
                                   gpointer                 user_data);

G_END_DECLS
