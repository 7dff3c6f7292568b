#include "ph-accounts-private.h"

#include "ph-address.h"
#include "ph-auth-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

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

char *
ph_accounts_dup_key_domain (const char *key)
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

const char *
ph_accounts_get_alias_domain (PhAccounts *self,
                              const char *domain)
{
  g_autofree char *key = g_strconcat ("@", domain, NULL);
  GStrv            targets = g_hash_table_lookup (self->aliases, key);

  for (guint i = 0; targets != NULL && targets[i] != NULL; i++)
    if (*targets[i] == '@')
      return targets[i] + 1;

  return NULL;
}

gboolean
ph_accounts_has_local_domain (PhAccounts *self,
                              const char *domain)
{
  return has_domain (self, domain) || ph_accounts_get_alias_domain (self, domain) != NULL;
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
      g_autofree char *other = ph_address_make_key (ph_account_get_address (g_ptr_array_index (self->accounts, middle)));

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
  g_autofree char *key = address != NULL ? ph_address_make_key (address) : NULL;
  guint            place;

  g_return_val_if_fail (PH_IS_ACCOUNTS (self), FALSE);

  if (key == NULL)
    {
      /* Translators: what was written */
      g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_INVALID, _ ("“%s” is no address"), address);
      return FALSE;
    }
  if (g_hash_table_contains (self->by_key, key))
    {
      /* Translators: an address */
      g_set_error (error, PH_AUTH_ERROR, PH_AUTH_ERROR_EXISTS, _ ("There is an account %s already"), address);
      return FALSE;
    }

  add_domain (self, ph_accounts_dup_key_domain (key));
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
  g_autofree char *key = ph_address_make_key (address);
  PhAccount       *found = key != NULL ? g_hash_table_lookup (self->by_key, key) : NULL;
  g_autoptr (PhAccount) account = found != NULL ? g_object_ref (found) : NULL;
  guint place;

  if (account == NULL)
    return FALSE;

  g_signal_handlers_disconnect_by_data (account, self);
  place = find_place (self, key);
  g_hash_table_remove (self->by_key, key);
  g_ptr_array_remove_index (self->accounts, place);
  g_list_model_items_changed (G_LIST_MODEL (self), place, 1, 0);
  emit_changed (self);
  ph_account_revoke (account);

  return TRUE;
}

PhAccount *
ph_accounts_find (PhAccounts *self,
                  const char *address)
{
  g_autofree char *key = NULL;

  g_return_val_if_fail (PH_IS_ACCOUNTS (self), NULL);

  key = ph_address_make_key (address);

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

PhAccount *
ph_accounts_find_certificate (PhAccounts *self,
                              const char *fingerprint)
{
  PhAccount *found = NULL;

  g_return_val_if_fail (PH_IS_ACCOUNTS (self), NULL);

  for (guint i = 0; fingerprint != NULL && i < self->accounts->len; i++)
    {
      PhAccount *account = g_ptr_array_index (self->accounts, i);

      if (!g_strv_contains (ph_account_get_certificates (account), fingerprint))
        continue;
      if (found != NULL)
        return NULL;
      found = account;
    }

  return found;
}

gboolean
ph_accounts_has_certificates (PhAccounts *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNTS (self), FALSE);

  for (guint i = 0; i < self->accounts->len; i++)
    if (*ph_account_get_certificates (g_ptr_array_index (self->accounts, i)) != NULL)
      return TRUE;

  return FALSE;
}

gboolean
ph_accounts_has_clear_passwords (PhAccounts *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNTS (self), FALSE);

  for (guint i = 0; i < self->accounts->len; i++)
    {
      PhAccount *account = g_ptr_array_index (self->accounts, i);

      if (ph_account_get_clear_password (account) != NULL && ph_account_get_enabled (account))
        return TRUE;
    }

  return FALSE;
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
    add_domain (self, ph_accounts_dup_key_domain (ph_account_get_address (g_ptr_array_index (self->accounts, i))));
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

  return normal != NULL && ph_accounts_has_local_domain (self, normal);
}

/* "@domain" with the canonical domain, or NULL. */
static char *
normalize_at_domain (const char *text)
{
  g_autofree char *domain = ph_address_normalize_domain (text + 1);

  return domain != NULL ? g_strconcat ("@", domain, NULL) : NULL;
}

static char *
make_alias_key (const char *address)
{
  return *address == '@' ? normalize_at_domain (address) : ph_address_make_key (address);
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
      /* Only a whole domain can become another. */
      gboolean         is_domain = *targets[i] == '@' && *address == '@';
      g_autofree char *target = is_domain ? normalize_at_domain (targets[i]) : ph_address_normalize (targets[i]);

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
