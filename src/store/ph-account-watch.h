#pragma once

#include "ph-account-store-private.h"

G_BEGIN_DECLS

/**
 * PhAccountWatch:
 *
 * Sees folders that other programs make or remove while an account is open.  Owned by
 * the account.  Main context only.
 */
typedef struct _PhAccountWatch PhAccountWatch;

PhAccountWatch *ph_account_watch_new (PhAccountStore *account);
void            ph_account_watch_free (PhAccountWatch *self);

G_END_DECLS
