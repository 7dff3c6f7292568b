#include "ph-accounts.h"

#include "ph-address.h"
#include "ph-auth-error.h"

#include <string.h>

struct _PhAccounts
{
  GObject parent_instance;

  GPtrArray  *accounts; /* of PhAccount, by key */
  GHashTable *by_key;   /* key → PhAccount, borrowed from `accounts` */
  GPtrArray  *domains;  /* of char *, NULL-terminated, canonical */
  GHashTable *aliases;  /* key or "@domain" → GStrv */
};

static GType
ph_accounts_get_item_type (GListModel *model)
{
  return PH_TYPE_ACCOUNT;
}

static guint
ph_accounts_get_n_items (GListModel *model)
{
  return PH_ACCOUNTS (model)->accounts->len;
}

static gpointer
ph_accounts_get_item (GListModel *model,
                      guint       position)
{
  PhAccounts *self = PH_ACCOUNTS (model);

  return position < self->accounts->len ? g_object_ref (g_ptr_array_index (self->accounts, position)) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ph_accounts_get_item_type;
  iface->get_n_items = ph_accounts_get_n_items;
  iface->get_item = ph_accounts_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PhAccounts, ph_accounts, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static guint changed_signal, used_signal;

static void
emit_changed (PhAccounts *self)
{
  g_signal_emit (self, changed_signal, 0);
}

static void
account_notify_cb (PhAccount  *account,
                   GParamSpec *pspec,
                   PhAccounts *self)
{
  g_signal_emit (self, g_str_has_prefix (pspec->name, "last-login") ? used_signal : changed_signal, 0);
}

static void
ph_accounts_finalize (GObject *object)
{
  PhAccounts *self = PH_ACCOUNTS (object);

  for (guint i = 0; i < self->accounts->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->accounts, i), self);
  g_hash_table_unref (self->by_key);
  g_ptr_array_unref (self->accounts);
  g_ptr_array_unref (self->domains);
  g_hash_table_unref (self->aliases);

  G_OBJECT_CLASS (ph_accounts_parent_class)->finalize (object);
}

static void
ph_accounts_class_init (PhAccountsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_accounts_finalize;
  changed_signal = g_signal_new ("changed", PH_TYPE_ACCOUNTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  used_signal = g_signal_new ("used", PH_TYPE_ACCOUNTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ph_accounts_init (PhAccounts *self)
{
  self->accounts = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->domains = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->domains, NULL);
  self->aliases = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_strfreev);
}

PhAccounts *
ph_accounts_new (void)
{
  return g_object_new (PH_TYPE_ACCOUNTS, NULL);
}

/* Equal for addresses of one mailbox; NULL for what is no address. */
static char *
make_key (const char *address)
{
  g_autofree char *normal = address != NULL ? ph_address_normalize (address) : NULL;

  return normal != NULL ? g_utf8_casefold (normal, -1) : NULL;
}

/* The canonical domain of a key. */
static char *
dup_domain (const char *key)
{
  char *domain = NULL;

  ph_address_split (key, NULL, &domain);

  return domain;
}

static gboolean
has_domain (PhAccounts *self,
            const char *domain)
{
  for (guint i = 0; i + 1 < self->domains->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (self->domains, i), domain) == 0)
      return TRUE;

  return FALSE;
}

static void
add_domain (PhAccounts *self,
            char       *domain)
{
  if (domain == NULL || has_domain (self, domain))
    g_free (domain);
  else
    g_ptr_array_insert (self->domains, (gint)self->domains->len - 1, domain);
}

/* Where the key is, or would be. */
static guint
find_place (PhAccounts *self,
            const char *key)
{
  guint low = 0, high = self->accounts->len;

  while (low < high)
    {
      guint            middle = low + (high - low) / 2;
      g_autofree char *other = make_key (ph_account_get_address (g_ptr_array_index (self->accounts, middle)));

      if (strcmp (other, key) < 0)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

gboolean
ph_accounts_add (PhAccounts *self,
                 PhAccount  *account,
                 GError    **error)
{
  const char      *address = ph_account_get_address (account);
  g_autofree char *key = address != NULL ? make_key (address) : NULL;
  guint            place;

  g_return_val_if_fail (PH_IS_ACCOUNTS (self), FALSE);

  if (key == NULL)
    {
      g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, "“%s” is no address", address);
      return FALSE;
    }
  if (g_hash_table_contains (self->by_key, key))
    {
      g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_EXISTS, "There is an account %s already", address);
      return FALSE;
    }

  add_domain (self, dup_domain (key));
  place = find_place (self, key);
  g_ptr_array_insert (self->accounts, (gint)place, g_object_ref (account));
  g_hash_table_insert (self->by_key, g_steal_pointer (&key), account);
  g_signal_connect (account, "notify", G_CALLBACK (account_notify_cb), self);
  g_list_model_items_changed (G_LIST_MODEL (self), place, 0, 1);
  emit_changed (self);

  return TRUE;
}

gboolean
ph_accounts_remove (PhAccounts *self,
                    const char *address)
{
  g_autofree char *key = make_key (address);
  PhAccount       *account = key != NULL ? g_hash_table_lookup (self->by_key, key) : NULL;
  guint            place;

  if (account == NULL)
    return FALSE;

  g_signal_handlers_disconnect_by_data (account, self);
  place = find_place (self, key);
  g_hash_table_remove (self->by_key, key);
  g_ptr_array_remove_index (self->accounts, place);
  g_list_model_items_changed (G_LIST_MODEL (self), place, 1, 0);
  emit_changed (self);

  return TRUE;
}

PhAccount *
ph_accounts_find (PhAccounts *self,
                  const char *address)
{
  g_autofree char *key = NULL;

  g_return_val_if_fail (PH_IS_ACCOUNTS (self), NULL);

  key = make_key (address);

  return key != NULL ? g_hash_table_lookup (self->by_key, key) : NULL;
}

PhAccount *
ph_accounts_find_login (PhAccounts *self,
                        const char *name)
{
  PhAccount *found = NULL;

  g_return_val_if_fail (PH_IS_ACCOUNTS (self), NULL);

  if (strchr (name, '@') != NULL)
    return ph_accounts_find (self, name);

  for (guint i = 0; *name != '\0' && i + 1 < self->domains->len; i++)
    {
      g_autofree char *address = g_strconcat (name, "@", g_ptr_array_index (self->domains, i), NULL);
      PhAccount       *account = ph_accounts_find (self, address);

      if (account != NULL && found != NULL)
        return NULL;
      if (account != NULL)
        found = account;
    }

  return found;
}

void
ph_accounts_set_domains (PhAccounts        *self,
                         const char *const *domains)
{
  g_return_if_fail (PH_IS_ACCOUNTS (self));

  g_ptr_array_set_size (self->domains, 0);
  g_ptr_array_add (self->domains, NULL);
  for (guint i = 0; domains != NULL && domains[i] != NULL; i++)
    add_domain (self, ph_address_normalize_domain (domains[i]));
  for (guint i = 0; i < self->accounts->len; i++)
    add_domain (self, dup_domain (ph_account_get_address (g_ptr_array_index (self->accounts, i))));
  emit_changed (self);
}

const char *const *
ph_accounts_get_domains (PhAccounts *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNTS (self), NULL);

  return (const char *const *)self->domains->pdata;
}

gboolean
ph_accounts_is_local_domain (PhAccounts *self,
                             const char *domain)
{
  g_autofree char *normal = NULL;

  g_return_val_if_fail (PH_IS_ACCOUNTS (self), FALSE);

  normal = ph_address_normalize_domain (domain);

  return normal != NULL && has_domain (self, normal);
}

static char *
make_alias_key (const char *address)
{
  g_autofree char *domain = NULL;

  if (*address != '@')
    return make_key (address);

  domain = ph_address_normalize_domain (address + 1);

  return domain != NULL ? g_strconcat ("@", domain, NULL) : NULL;
}

void
ph_accounts_set_alias (PhAccounts        *self,
                       const char        *address,
                       const char *const *targets)
{
  g_autofree char *key = NULL;
  g_autoptr (GStrvBuilder) normal = g_strv_builder_new ();
  g_auto (GStrv) strv = NULL;

  g_return_if_fail (PH_IS_ACCOUNTS (self));

  key = make_alias_key (address);
  if (key == NULL)
    return;

  for (guint i = 0; targets != NULL && targets[i] != NULL; i++)
    {
      g_autofree char *target = ph_address_normalize (targets[i]);

      if (target != NULL)
        g_strv_builder_add (normal, target);
    }
  strv = g_strv_builder_end (normal);
  if (*strv == NULL)
    g_hash_table_remove (self->aliases, key);
  else
    g_hash_table_replace (self->aliases, g_steal_pointer (&key), g_steal_pointer (&strv));
  emit_changed (self);
}

GHashTable *
ph_accounts_get_aliases (PhAccounts *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNTS (self), NULL);

  return self->aliases;
}

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
  char *key = make_key (address);

  if (!g_hash_table_contains (resolution->seen, key) && resolution->targets->len < PH_ACCOUNTS_TARGETS_MAX)
    g_ptr_array_add (resolution->targets, g_strdup (address));
  g_hash_table_add (resolution->seen, key);

  return TRUE;
}

static gboolean resolve_key (PhResolution *resolution,
                             const char   *address,
                             guint         depth);

/* TRUE if there is an alias of that key that means somebody. */
static gboolean
follow_alias (PhResolution *resolution,
              const char   *key,
              guint         depth)
{
  GStrv        targets = g_hash_table_lookup (resolution->accounts->aliases, key);
  PhAliasState state = GPOINTER_TO_UINT (g_hash_table_lookup (resolution->aliases, key));
  gboolean     found = FALSE;

  if (targets == NULL || state != PH_ALIAS_UNSEEN || depth >= PH_ACCOUNTS_ALIAS_DEPTH)
    return state == PH_ALIAS_FOUND;

  g_hash_table_insert (resolution->aliases, g_strdup (key), GUINT_TO_POINTER (PH_ALIAS_OPEN));
  for (guint i = 0; targets[i] != NULL; i++)
    found |= resolve_key (resolution, targets[i], depth + 1);
  g_hash_table_insert (resolution->aliases, g_strdup (key), GUINT_TO_POINTER (found ? PH_ALIAS_FOUND : PH_ALIAS_EMPTY));

  return found;
}

static gboolean
resolve_exact (PhResolution *resolution,
               const char   *key,
               guint         depth)
{
  PhAccount *account = g_hash_table_lookup (resolution->accounts->by_key, key);

  if (follow_alias (resolution, key, depth))
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

  return make_key (formatted);
}

/* The depth of recursion is that of aliases; V28. */
static gboolean
resolve_key (PhResolution *resolution,
             const char   *address,
             guint         depth)
{
  g_autofree char *key = make_key (address), *local = NULL, *domain = NULL, *base = NULL, *catch_all = NULL;

  if (key == NULL || !ph_address_split (key, &local, &domain))
    return FALSE;
  if (!has_domain (resolution->accounts, domain))
    return add_target (resolution, address);
  if (resolve_exact (resolution, key, depth))
    return TRUE;
  if ((base = dup_without_tag (local, domain)) != NULL && resolve_exact (resolution, base, depth))
    return TRUE;
  catch_all = g_strconcat ("@", domain, NULL);
  if (follow_alias (resolution, catch_all, depth))
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
  g_autofree char *domain = normal != NULL ? dup_domain (normal) : NULL;
  PhRecipientKind  kind = PH_RECIPIENT_UNKNOWN;

  if (targets != NULL)
    *targets = NULL;
  g_return_val_if_fail (PH_IS_ACCOUNTS (self), PH_RECIPIENT_UNKNOWN);

  if (normal == NULL)
    kind = g_ascii_strcasecmp (address, "postmaster") == 0 && resolve_postmaster (&resolution, "postmaster") ? PH_RECIPIENT_LOCAL : PH_RECIPIENT_UNKNOWN;
  else if (domain == NULL || !has_domain (self, domain))
    {
      g_ptr_array_add (found, g_strdup (normal));
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

gboolean
ph_accounts_may_send_as (PhAccounts *self,
                         PhAccount  *account,
                         const char *address)
{
  g_autofree char *key = make_key (address), *local = NULL, *domain = NULL, *base = NULL;
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

  return ph_accounts_resolve (self, address, &targets) == PH_RECIPIENT_LOCAL &&
         g_strv_contains ((const char *const *)targets, ph_account_get_address (account));
}
