#pragma once

#include "ph-uidlist.h"

G_BEGIN_DECLS

/* Of an account, in its directory. */
#define PH_ACCOUNT_INDEX_NAME "index.db"

/**
 * PhOpenedAccount:
 *
 * What a worker has found and made when an account is opened: its directory, its
 * index, its folders.  A plain struct whose parts the caller steals.
 */
typedef struct
{
  PhMaildir  *maildir;
  PhUidlists *lists;
  PhIndex    *index;
  char       *index_path;
  GPtrArray  *folders;
  gint64      used;
} PhOpenedAccount;

void ph_opened_account_free (PhOpenedAccount *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhOpenedAccount, ph_opened_account_free)

/* FALSE and PH_STORE_ERROR_INVALID for an address that is no LOCAL@DOMAIN. Encoded. */
gboolean ph_account_split_address (const char *address,
                                   char      **local_part,
                                   char      **domain,
                                   GError    **error);

/* Blocks.  Makes the account where there is none; finishes what a crash left; moves
 * a damaged index aside and builds it anew from the directory. `now`: seconds.
 * `progress`: is told how far that is, of the accounts that have much; or NULL. */
PhOpenedAccount *ph_account_open (PhStoreShared  *shared,
                                  const char     *address,
                                  gint64          now,
                                  PhFillProgress *progress,
                                  GError        **error);

/* Writes the file "subscriptions" for other programs, and for the day the index is lost. */
gboolean ph_account_write_subscriptions (PhWriter *writer,
                                         GError  **error);

G_END_DECLS
