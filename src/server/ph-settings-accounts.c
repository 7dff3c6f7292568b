#include "ph-settings-accounts.h"

#include "ph-base64.h"
#include "ph-password.h"
#include "ph-server-error.h"
#include "ph-settings-automatic-reply.h"
#include "ph-settings-file.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define ACCOUNT_PREFIX "Account "
#define ALIAS_PREFIX "Alias "
#define DOMAINS_GROUP "Domains"

/* The password itself, for old programs; base64, so that it is not seen in passing, and no more than that. */
#define CLEAR_PASSWORD "ReadablePassword"

static const char *const account_keys[] = { "Name", "Credential", "Enabled", "Quota", "SearchIndex", "Protocols", "Certificates", "LastLogin", "LastLoginClient", CLEAR_PASSWORD, NULL };

gboolean
ph_settings_accounts_knows (const char *group,
                            const char *key)
{
  if (g_str_has_prefix (group, ACCOUNT_PREFIX))
    return g_strv_contains (account_keys, key) || ph_settings_automatic_reply_knows (key);
  if (g_str_has_prefix (group, ALIAS_PREFIX))
    return strcmp (key, "Targets") == 0;

  return strcmp (group, DOMAINS_GROUP) == 0 && strcmp (key, "Local") == 0;
}

/* Reading */

static void
read_clear_password (PhAccount  *account,
                     GKeyFile   *file,
                     const char *group)
{
  g_autofree char *text = g_key_file_get_string (file, group, CLEAR_PASSWORD, NULL);
  gsize            length = 0;
  guint8          *bytes = text != NULL ? ph_base64_decode_strict (text, strlen (text), &length) : NULL;

  /* A password that nobody could have set is none. */
  if (bytes != NULL && length > 0 && strlen ((const char *)bytes) == length && g_utf8_validate ((const char *)bytes, (gssize)length, NULL))
    g_object_set (account, "clear-password", bytes, NULL);
  ph_base64_wipe (bytes, length);
  if (text != NULL)
    explicit_bzero (text, strlen (text));
}

/* As it was where there is none. */
static gboolean
read_switch (GKeyFile   *file,
             const char *group,
             const char *key,
             gboolean   *value,
             GError    **error)
{
  g_autoptr (GError) value_error = NULL;
  gboolean read;

  if (!g_key_file_has_key (file, group, key, NULL))
    return TRUE;

  read = g_key_file_get_boolean (file, group, key, &value_error);
  if (value_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&value_error));
      return FALSE;
    }
  *value = read;

  return TRUE;
}

static gboolean
read_quota (GKeyFile   *file,
            const char *group,
            const char *key,
            guint64    *quota,
            GError    **error)
{
  g_autoptr (GError) value_error = NULL;

  if (!g_key_file_has_key (file, group, key, NULL))
    return TRUE;

  *quota = g_key_file_get_uint64 (file, group, key, &value_error);
  if (value_error == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&value_error));

  return FALSE;
}

/* As they were where there is no such key. */
static gboolean
read_protocols (GKeyFile    *file,
                const char  *group,
                const char  *key,
                PhProtocols *protocols,
                GError     **error)
{
  g_auto (GStrv) names = g_key_file_get_string_list (file, group, key, NULL, NULL);
  const char *unknown;

  if (names == NULL || ph_protocols_parse ((const char *const *)names, protocols, &unknown))
    return TRUE;

  /* Translators: what was written */
  g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS, _ ("“%s” is no protocol: imap, pop3, submission"), unknown);

  return FALSE;
}

static PhAccount *
read_account (GKeyFile    *file,
              const char  *group,
              const char **bad_key,
              GError     **error)
{
  g_autofree char *name = g_key_file_get_string (file, group, "Name", NULL);
  g_autofree char *text = g_key_file_get_string (file, group, "Credential", NULL);
  g_autofree char *last_login_client = g_key_file_get_string (file, group, "LastLoginClient", NULL);
  g_auto (GStrv) certificates = g_key_file_get_string_list (file, group, "Certificates", NULL, NULL);
  g_autoptr (PhScramCredential) credential = NULL;
  g_autoptr (PhAccount) account = NULL;
  guint64     quota = 0;
  gboolean    enabled = TRUE, search_index = TRUE;
  PhProtocols protocols = PH_PROTOCOL_ALL;
  gint64      last_login;

  *bad_key = "Credential";
  credential = ph_scram_credential_parse (text != NULL ? text : "", error);
  if (credential == NULL)
    return NULL;

  if (!read_quota (file, group, *bad_key = "Quota", &quota, error) || !read_switch (file, group, *bad_key = "Enabled", &enabled, error) ||
      !read_switch (file, group, *bad_key = "SearchIndex", &search_index, error) || !read_protocols (file, group, *bad_key = "Protocols", &protocols, error))
    return NULL;

  *bad_key = NULL;
  last_login = g_key_file_get_int64 (file, group, "LastLogin", NULL);
  account = ph_account_new (group + strlen (ACCOUNT_PREFIX), credential);
  if (account == NULL)
    {
      g_set_error_literal (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS, _ ("not an address"));
      return NULL;
    }
  g_object_set (account, "display-name", name != NULL ? name : "", "quota", quota, "enabled", enabled, "search-index", search_index, "protocols", protocols, "certificates", certificates, "last-login", last_login,
                "last-login-client", last_login_client, NULL);
  read_clear_password (account, file, group);

  return ph_settings_automatic_reply_read (account, file, group, bad_key, error) ? g_steal_pointer (&account) : NULL;
}

static gboolean
read_group (PhAccounts  *accounts,
            GKeyFile    *file,
            const char  *group,
            const char **bad_key,
            GError     **error)
{
  *bad_key = NULL;

  if (g_str_has_prefix (group, ACCOUNT_PREFIX))
    {
      g_autoptr (PhAccount) account = read_account (file, group, bad_key, error);

      return account != NULL && ph_accounts_add (accounts, account, error);
    }

  if (g_str_has_prefix (group, ALIAS_PREFIX))
    {
      g_auto (GStrv) targets = g_key_file_get_string_list (file, group, "Targets", NULL, NULL);

      if (targets != NULL)
        ph_accounts_set_alias (accounts, group + strlen (ALIAS_PREFIX), (const char *const *)targets);
    }

  return TRUE;
}

gboolean
ph_settings_accounts_read (PhAccounts *accounts,
                           GKeyFile   *file,
                           const char *path,
                           const char *text,
                           GError    **error)
{
  g_auto (GStrv) domains = g_key_file_get_string_list (file, DOMAINS_GROUP, "Local", NULL, NULL);
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  if (domains != NULL)
    ph_accounts_set_domains (accounts, (const char *const *)domains);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_autoptr (GError) group_error = NULL;
      const char *bad_key;
      guint       line;

      if (read_group (accounts, file, groups[i], &bad_key, &group_error))
        continue;

      line = bad_key != NULL ? ph_settings_file_find_line (text, groups[i], bad_key) : 0;
      if (line == 0)
        line = ph_settings_file_find_line (text, groups[i], NULL);
      /* Translators: a file, a number, a group in it, and what is wrong */
      g_set_error (error, PH_SERVER_ERROR, PH_SERVER_ERROR_SETTINGS, _ ("%s, line %u: [%s]: %s"), path, line, groups[i], group_error->message);
      return FALSE;
    }

  return TRUE;
}

/* Writing */

static void
write_clear_password (PhAccount  *account,
                      GKeyFile   *file,
                      const char *group)
{
  const char *password = ph_account_get_clear_password (account);
  char       *text;

  if (password == NULL)
    {
      g_key_file_remove_key (file, group, CLEAR_PASSWORD, NULL);
      return;
    }

  text = g_base64_encode ((const guint8 *)password, strlen (password));
  g_key_file_set_string (file, group, CLEAR_PASSWORD, text);
  ph_password_free (text);
}

/* All of them is what goes without saying. */
static void
write_protocols (PhAccount  *account,
                 GKeyFile   *file,
                 const char *group)
{
  g_auto (GStrv) names = ph_protocols_format (ph_account_get_protocols (account));

  if (ph_account_get_protocols (account) == PH_PROTOCOL_ALL)
    g_key_file_remove_key (file, group, "Protocols", NULL);
  else
    g_key_file_set_string_list (file, group, "Protocols", (const char *const *)names, g_strv_length (names));
}

static void
write_account (PhAccount *account,
               GKeyFile  *file)
{
  g_autofree char *group = g_strconcat (ACCOUNT_PREFIX, ph_account_get_address (account), NULL);
  g_autofree char *credential = ph_scram_credential_format (ph_account_get_credential (account));
  g_autofree char *last_login_client = NULL;
  gint64           last_login = 0;

  g_object_get (account, "last-login", &last_login, "last-login-client", &last_login_client, NULL);
  g_key_file_set_string (file, group, "Name", ph_account_get_display_name (account) != NULL ? ph_account_get_display_name (account) : "");
  g_key_file_set_string (file, group, "Credential", credential);
  g_key_file_set_boolean (file, group, "Enabled", ph_account_get_enabled (account));
  g_key_file_set_uint64 (file, group, "Quota", ph_account_get_quota (account));
  g_key_file_set_boolean (file, group, "SearchIndex", ph_account_get_search_index (account));
  if (*ph_account_get_certificates (account) != NULL)
    g_key_file_set_string_list (file, group, "Certificates", ph_account_get_certificates (account), g_strv_length ((GStrv)ph_account_get_certificates (account)));
  else
    g_key_file_remove_key (file, group, "Certificates", NULL);
  write_protocols (account, file, group);
  ph_settings_automatic_reply_write (account, file, group);
  write_clear_password (account, file, group);
  if (last_login != 0)
    g_key_file_set_int64 (file, group, "LastLogin", last_login);
  if (last_login_client != NULL)
    g_key_file_set_string (file, group, "LastLoginClient", last_login_client);
}

static void
remove_gone (PhAccounts *accounts,
             GKeyFile   *file)
{
  GHashTable *aliases = ph_accounts_get_aliases (accounts);
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      const char *group = groups[i];

      if ((g_str_has_prefix (group, ACCOUNT_PREFIX) && ph_accounts_find (accounts, group + strlen (ACCOUNT_PREFIX)) == NULL) || (g_str_has_prefix (group, ALIAS_PREFIX) && !g_hash_table_contains (aliases, group + strlen (ALIAS_PREFIX))))
        g_key_file_remove_group (file, group, NULL);
    }
}

void
ph_settings_accounts_write (PhAccounts *accounts,
                            GKeyFile   *file)
{
  const char *const *domains = ph_accounts_get_domains (accounts);
  GHashTable        *aliases = ph_accounts_get_aliases (accounts);
  GHashTableIter     iter;
  const char        *address;
  const char *const *targets;

  remove_gone (accounts, file);
  g_key_file_set_string_list (file, DOMAINS_GROUP, "Local", domains, g_strv_length ((GStrv)domains));

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (accounts)); i++)
    {
      g_autoptr (PhAccount) account = g_list_model_get_item (G_LIST_MODEL (accounts), i);

      write_account (account, file);
    }

  g_hash_table_iter_init (&iter, aliases);
  while (g_hash_table_iter_next (&iter, (gpointer *)&address, (gpointer *)&targets))
    {
      g_autofree char *group = g_strconcat (ALIAS_PREFIX, address, NULL);

      g_key_file_set_string_list (file, group, "Targets", targets, g_strv_length ((GStrv)targets));
    }
}
