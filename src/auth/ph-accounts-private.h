#pragma once

#include "ph-accounts.h"

G_BEGIN_DECLS

struct _PhAccounts
{
  GObject parent_instance;

  GPtrArray  *accounts; /* of PhAccount, by key */
  GHashTable *by_key;   /* key → PhAccount, borrowed from `accounts` */
  GPtrArray  *domains;  /* of char *, NULL-terminated, canonical */
  GHashTable *aliases;  /* key or "@domain" → GStrv */
};

/* The canonical domain of a key. */
char *ph_accounts_dup_key_domain (const char *key);

/* `domain` is canonical. */
gboolean ph_accounts_has_local_domain (PhAccounts *self,
                                       const char *domain);

G_END_DECLS
