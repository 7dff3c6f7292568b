/* What an address means: accounts, aliases, tags, catch-alls, other names of domains. */

#include "ph-accounts-private.h"

#include "ph-address.h"

#include <string.h>

typedef enum {
  PH_ALIAS_UNSEEN,
  PH_ALIAS_OPEN, /* its targets are being looked at: seen again, it is a cycle */
  PH_ALIAS_EMPTY,
  PH_ALIAS_FOUND,
} PhAliasState;

/* One question to ph_accounts_resolve(): what is found, and what was looked at,
 * so that cycles end and shared aliases cost once. */
typedef struct
{
  PhAccounts *accounts;
  GPtrArray  *targets;
  GHashTable *seen;    /* keys of targets */
  GHashTable *aliases; /* keys of aliases → PhAliasState */
} PhResolution;

static gboolean
add_target (PhResolution *resolution,
            const char   *address)
{
  char *key = ph_address_make_key (address);

  if (!g_hash_table_contains (resolution->seen, key) && resolution->targets->len < PH_ACCOUNTS_TARGETS_MAX)
    g_ptr_array_add (resolution->targets, g_strdup (address));
  g_hash_table_add (resolution->seen, key);

  return TRUE;
}

static gboolean resolve_key (PhResolution *resolution,
                             const char   *address,
                             guint         depth);

/* The address of that name in the other domain ("@other"). */
static char *
move_to_domain (const char *address,
                const char *at_domain)
{
  g_autofree char *local = NULL;
  PhAddress        moved = { NULL, (char *)at_domain + 1 };

  if (!ph_address_split (address, &local, NULL))
    return NULL;
  moved.local = local;

  return ph_address_format (&moved);
}

/* TRUE if there is an alias of that key that means somebody for `address`. */
static gboolean
follow_alias (PhResolution *resolution,
              const char   *key,
              const char   *address,
              guint         depth)
{
  GStrv targets = g_hash_table_lookup (resolution->accounts->aliases, key);
  /* What a whole domain's alias means depends on who is asked for. */
  g_autofree char *seen = *key == '@' ? ph_address_make_key (address) : NULL;
  g_autofree char *name = seen != NULL ? g_strconcat (seen, " ", key, NULL) : g_strdup (key);
  PhAliasState     state = GPOINTER_TO_UINT (g_hash_table_lookup (resolution->aliases, name));
  gboolean         found = FALSE;

  if (targets == NULL || state != PH_ALIAS_UNSEEN || depth >= PH_ACCOUNTS_ALIAS_DEPTH)
    return state == PH_ALIAS_FOUND;

  g_hash_table_insert (resolution->aliases, g_strdup (name), GUINT_TO_POINTER (PH_ALIAS_OPEN));
  for (guint i = 0; targets[i] != NULL; i++)
    {
      g_autofree char *moved = *targets[i] == '@' ? move_to_domain (address, targets[i]) : NULL;

      found |= resolve_key (resolution, moved != NULL ? moved : targets[i], depth + 1);
    }
  g_hash_table_insert (resolution->aliases, g_strdup (name), GUINT_TO_POINTER (found ? PH_ALIAS_FOUND : PH_ALIAS_EMPTY));

  return found;
}

static gboolean
resolve_exact (PhResolution *resolution,
               const char   *key,
               guint         depth)
{
  PhAccount *account = g_hash_table_lookup (resolution->accounts->by_key, key);

  if (follow_alias (resolution, key, key, depth))
    return TRUE;

  return account != NULL && add_target (resolution, ph_account_get_address (account));
}

/* Who gets what is for the house itself (RFC 5321 4.5.1, RFC 2142). */
static PhAccount *
get_postmaster (PhAccounts *self)
{
  for (guint i = 0; i < self->accounts->len; i++)
    if (ph_account_get_enabled (g_ptr_array_index (self->accounts, i)))
      return g_ptr_array_index (self->accounts, i);

  return self->accounts->len > 0 ? g_ptr_array_index (self->accounts, 0) : NULL;
}

static gboolean
resolve_postmaster (PhResolution *resolution,
                    const char   *local)
{
  PhAccount *account = get_postmaster (resolution->accounts);

  if (account == NULL || (g_ascii_strcasecmp (local, "postmaster") != 0 && g_ascii_strcasecmp (local, "abuse") != 0))
    return FALSE;

  return add_target (resolution, ph_account_get_address (account));
}

/* "user@domain" for the key "user+tag@domain", else NULL. */
static char *
dup_without_tag (const char *local,
                 const char *domain)
{
  const char      *plus = strchr (local, '+');
  g_autofree char *base = plus != NULL ? g_strndup (local, (gsize)(plus - local)) : NULL;
  PhAddress        address = { base, (char *)domain };
  g_autofree char *formatted = NULL;

  if (base == NULL || *base == '\0')
    return NULL;

  formatted = ph_address_format (&address);

  return ph_address_make_key (formatted);
}

/* The depth of recursion is that of aliases; V28. */
static gboolean
resolve_key (PhResolution *resolution,
             const char   *address,
             guint         depth)
{
  g_autofree char *key = ph_address_make_key (address), *local = NULL, *domain = NULL, *base = NULL, *catch_all = NULL;

  if (key == NULL || !ph_address_split (key, &local, &domain))
    return FALSE;
  if (!ph_accounts_has_local_domain (resolution->accounts, domain))
    return add_target (resolution, address);
  if (resolve_exact (resolution, key, depth))
    return TRUE;
  if ((base = dup_without_tag (local, domain)) != NULL && resolve_exact (resolution, base, depth))
    return TRUE;
  catch_all = g_strconcat ("@", domain, NULL);
  if (follow_alias (resolution, catch_all, address, depth))
    return TRUE;

  return resolve_postmaster (resolution, local);
}

PhRecipientKind
ph_accounts_resolve (PhAccounts *self,
                     const char *address,
                     GStrv      *targets)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) aliases = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  PhResolution     resolution = { self, found, seen, aliases };
  g_autofree char *normal = ph_address_normalize (address);
  g_autofree char *domain = normal != NULL ? ph_accounts_dup_key_domain (normal) : NULL;
  PhRecipientKind  kind = PH_RECIPIENT_UNKNOWN;

  if (targets != NULL)
    *targets = NULL;
  g_return_val_if_fail (PH_IS_ACCOUNTS (self), PH_RECIPIENT_UNKNOWN);

  if (normal == NULL)
    kind = g_ascii_strcasecmp (address, "postmaster") == 0 && resolve_postmaster (&resolution, "postmaster") ? PH_RECIPIENT_LOCAL : PH_RECIPIENT_UNKNOWN;
  else if (domain == NULL || !ph_accounts_has_local_domain (self, domain))
    {
      g_ptr_array_add (found, ph_address_canonicalize (address));
      kind = PH_RECIPIENT_REMOTE;
    }
  else if (resolve_key (&resolution, normal, 0))
    kind = PH_RECIPIENT_LOCAL;

  if (kind != PH_RECIPIENT_UNKNOWN && targets != NULL)
    {
      g_ptr_array_add (found, NULL);
      *targets = (GStrv)g_ptr_array_free (g_steal_pointer (&found), FALSE);
    }

  return kind;
}

/* The address in the domain that its own is another name of; a copy where it is none, or where
 * the address means something by itself. */
static char *
dup_without_alias_domain (PhAccounts *self,
                          const char *address)
{
  char *found = g_strdup (address);

  for (guint depth = 0; depth < PH_ACCOUNTS_ALIAS_DEPTH; depth++)
    {
      g_autofree char *key = ph_address_make_key (found), *domain = key != NULL ? ph_accounts_dup_key_domain (key) : NULL;
      g_autofree char *alias = domain != NULL ? g_strconcat ("@", domain, NULL) : NULL;
      GStrv            targets = alias != NULL && !g_hash_table_contains (self->aliases, key) ? g_hash_table_lookup (self->aliases, alias) : NULL;
      char            *moved = targets != NULL && **targets == '@' ? move_to_domain (found, *targets) : NULL;

      if (moved == NULL || g_hash_table_contains (self->by_key, key))
        {
          g_free (moved);
          break;
        }
      g_free (found);
      found = moved;
    }

  return found;
}

gboolean
ph_accounts_may_send_as (PhAccounts *self,
                         PhAccount  *account,
                         const char *address)
{
  g_autofree char *meant = dup_without_alias_domain (self, address);
  g_autofree char *key = ph_address_make_key (meant), *local = NULL, *domain = NULL, *base = NULL;
  g_auto (GStrv) targets = NULL;
  PhAccount *owner;

  g_return_val_if_fail (PH_IS_ACCOUNTS (self), FALSE);

  if (key == NULL || !ph_address_split (key, &local, &domain))
    return FALSE;

  owner = g_hash_table_lookup (self->by_key, key);
  if (owner == NULL && (base = dup_without_tag (local, domain)) != NULL && !g_hash_table_contains (self->aliases, key))
    owner = g_hash_table_lookup (self->by_key, base);
  if (owner != NULL)
    return owner == account;

  return ph_accounts_resolve (self, meant, &targets) == PH_RECIPIENT_LOCAL &&
         g_strv_contains ((const char *const *)targets, ph_account_get_address (account));
}
