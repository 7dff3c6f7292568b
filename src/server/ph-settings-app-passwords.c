#include "ph-settings-app-passwords.h"

#include <string.h>

#define PREFIX "AppPassword "

static const char *const keys[] = { "Account", "Name", "Credential", "Created", "LastUsed", NULL };

gboolean
ph_settings_app_passwords_knows (const char *group,
                                 const char *key)
{
  return g_str_has_prefix (group, PREFIX) && g_strv_contains (keys, key);
}

static gboolean
read_one (PhAccounts *accounts,
          GKeyFile   *file,
          const char *group)
{
  g_autofree char *address = g_key_file_get_string (file, group, "Account", NULL);
  g_autofree char *name = g_key_file_get_string (file, group, "Name", NULL);
  g_autofree char *text = g_key_file_get_string (file, group, "Credential", NULL);
  g_autoptr (PhScramCredential) credential = ph_scram_credential_parse (text != NULL ? text : "", NULL);
  PhAccount *account = address != NULL ? ph_accounts_find (accounts, address) : NULL;
  g_autoptr (PhAppPassword) app_password = NULL;

  if (account == NULL || credential == NULL || (name != NULL && !g_utf8_validate (name, -1, NULL)))
    return FALSE;

  app_password = ph_app_password_new (group + strlen (PREFIX), name != NULL ? name : "", credential, g_key_file_get_int64 (file, group, "Created", NULL));
  ph_app_password_set_last_used (app_password, g_key_file_get_int64 (file, group, "LastUsed", NULL));

  return ph_account_add_app_password (account, app_password);
}

void
ph_settings_app_passwords_read (PhAccounts *accounts,
                                GKeyFile   *file,
                                GPtrArray  *odd)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    if (g_str_has_prefix (groups[i], PREFIX) && !read_one (accounts, file, groups[i]))
      g_ptr_array_add (odd, g_strdup (groups[i]));
}

static PhAppPassword *
find (PhAccount  *account,
      const char *id)
{
  GListModel *list = ph_account_get_app_passwords (account);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (PhAppPassword) app_password = g_list_model_get_item (list, i);

      if (strcmp (ph_app_password_get_id (app_password), id) == 0)
        return app_password;
    }

  return NULL;
}

static void
remove_gone (PhAccounts *accounts,
             GKeyFile   *file)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      g_autofree char *address = g_str_has_prefix (groups[i], PREFIX) ? g_key_file_get_string (file, groups[i], "Account", NULL) : NULL;
      PhAccount       *account = address != NULL ? ph_accounts_find (accounts, address) : NULL;

      if (address != NULL && (account == NULL || find (account, groups[i] + strlen (PREFIX)) == NULL))
        g_key_file_remove_group (file, groups[i], NULL);
    }
}

static void
write_one (PhAccount     *account,
           PhAppPassword *app_password,
           GKeyFile      *file)
{
  g_autofree char *group = g_strconcat (PREFIX, ph_app_password_get_id (app_password), NULL);
  g_autofree char *credential = ph_scram_credential_format (ph_app_password_get_credential (app_password));

  g_key_file_set_string (file, group, "Account", ph_account_get_address (account));
  g_key_file_set_string (file, group, "Name", ph_app_password_get_name (app_password));
  g_key_file_set_string (file, group, "Credential", credential);
  g_key_file_set_int64 (file, group, "Created", ph_app_password_get_created (app_password));
  g_key_file_set_int64 (file, group, "LastUsed", ph_app_password_get_last_used (app_password));
}

void
ph_settings_app_passwords_write (PhAccounts *accounts,
                                 GKeyFile   *file)
{
  remove_gone (accounts, file);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (accounts)); i++)
    {
      g_autoptr (PhAccount) account = g_list_model_get_item (G_LIST_MODEL (accounts), i);
      GListModel *list = ph_account_get_app_passwords (account);

      for (guint j = 0; j < g_list_model_get_n_items (list); j++)
        {
          g_autoptr (PhAppPassword) app_password = g_list_model_get_item (list, j);

          write_one (account, app_password, file);
        }
    }
}
