#pragma once

#include <gio/gio.h>

#include "ph-account.h"

G_BEGIN_DECLS

#define PH_TYPE_ACCOUNTS (ph_accounts_get_type ())
G_DECLARE_FINAL_TYPE (PhAccounts, ph_accounts, PH, ACCOUNTS, GObject)

/**
 * PhAccounts:
 *
 * Who is here: the accounts, the domains that are local, and the aliases.  It
 * answers what an address means.  A GListModel of PhAccount, sorted by address.
 * The signal "changed" says that something is to be saved; "used" says so of what a
 * login leaves behind (last-login), for which nobody need hurry.  The settings do that.
 * Lookups ignore case.
 */

/* Addresses that one may become; more are left out. */
#define PH_ACCOUNTS_TARGETS_MAX 1000

/* How deep aliases of aliases are followed (V28). */
#define PH_ACCOUNTS_ALIAS_DEPTH 10

PhAccounts *ph_accounts_new (void);

/* FALSE with PH_AUTH_ERROR_EXISTS or PH_AUTH_ERROR_INVALID (a name that is no
 * address).  The account's domain becomes local if it is not. */
gboolean ph_accounts_add (PhAccounts *self,
                          PhAccount  *account,
                          GError    **error);
gboolean ph_accounts_remove (PhAccounts *self,
                             const char *address);

/* Borrowed, NULL where there is none.  ph_accounts_find_login() also takes a
 * bare local part where only one account has it. */
PhAccount *ph_accounts_find (PhAccounts *self,
                             const char *address);
PhAccount *ph_accounts_find_login (PhAccounts *self,
                                   const char *name);

/* Whose client certificate that is (V22): NULL where it is of nobody, or of more than one. */
PhAccount *ph_accounts_find_certificate (PhAccounts *self,
                                         const char *fingerprint);

/* TRUE where anybody has one. */
gboolean ph_accounts_has_certificates (PhAccounts *self);

/* Whether there is an account that is also for old programs (APOP, CRAM-MD5) and may log in. */
gboolean ph_accounts_has_clear_passwords (PhAccounts *self);

/* Domains of accounts are local whether they are named here or not. */
void               ph_accounts_set_domains (PhAccounts        *self,
                                            const char *const *domains);
const char *const *ph_accounts_get_domains (PhAccounts *self);
gboolean           ph_accounts_is_local_domain (PhAccounts *self,
                                                const char *domain);

/* An alias stands for one or more addresses, local or not.  NULL targets remove it.
 * "@domain" catches all of a local domain that has no other meaning; with the target
 * "@other" it is another name of that domain: whoever is there is here, too.  An alias of
 * an account's address forwards its mail; the address among its own targets keeps
 * a copy.  What is no address is left out. */
void ph_accounts_set_alias (PhAccounts        *self,
                            const char        *address,
                            const char *const *targets);

/* The domain that this one (canonical, in small letters) is another name of; borrowed, NULL for none. */
const char *ph_accounts_get_alias_domain (PhAccounts *self,
                                          const char *domain);

/* Address (without case) → GStrv of targets; borrowed. */
GHashTable *ph_accounts_get_aliases (PhAccounts *self);

typedef enum {
  PH_RECIPIENT_LOCAL,   /* `targets` are addresses of accounts (after aliases, user+tag, postmaster) and perhaps remote addresses */
  PH_RECIPIENT_REMOTE,  /* its domain is not local */
  PH_RECIPIENT_UNKNOWN, /* its domain is local, but there is nobody of that name */
} PhRecipientKind;

/* What mail to `address` becomes.  Aliases are followed at most 10 deep; user+tag
 * falls back to user; then to the domain's catch-all; postmaster and abuse of a local domain, and "postmaster"
 * alone, fall back to the first account.  *targets: transfer full, NULL-terminated,
 * unless UNKNOWN. */
PhRecipientKind ph_accounts_resolve (PhAccounts *self,
                                     const char *address,
                                     GStrv      *targets);

/* TRUE if `account` may send with `address` as sender: its own, its aliases' and
 * user+tag (S28).  Never another account's address, even if that is forwarded here. */
gboolean ph_accounts_may_send_as (PhAccounts *self,
                                  PhAccount  *account,
                                  const char *address);

G_END_DECLS
