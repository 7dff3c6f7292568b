/* posthouse.ini as somebody may have left it.  It is read, or refused with a word; what was
 * read can be written, and read again. */

#include "ph-settings-file.h"
#include "ph-settings.h"

#include "fuzz-directory.h"
#include "fuzz-target.h"

#include <glib/gstdio.h>
#include <string.h>

static const char *
get_path (void)
{
  static char *path;

  if (path == NULL)
    path = g_build_filename (get_directory (), "posthouse.ini", NULL);

  return path;
}

static gboolean
try_path (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PhSettings) settings = ph_settings_new (path, &error);
  PhAccounts *accounts;

  g_assert_true ((settings != NULL) == (error == NULL));
  if (settings == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return FALSE;
    }

  accounts = ph_settings_get_accounts (settings);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (accounts)); i++)
    {
      g_autoptr (PhAccount) account = g_list_model_get_item (G_LIST_MODEL (accounts), i);

      g_assert_true (ph_accounts_find (accounts, ph_account_get_address (account)) == account);
    }
  for (const char *const *warning = ph_settings_get_warnings (settings); warning != NULL && *warning != NULL; warning++)
    g_assert_true (g_utf8_validate (*warning, -1, NULL));

  /* A change is written, and what is written is understood. */
  g_object_set (settings, "host-name", "mail.example.org", NULL);
  g_assert_true (ph_settings_flush (settings, &error));

  return TRUE;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *path = get_path ();

  g_assert_true (g_file_set_contents_full (path, (const char *)data, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  if (try_path (path))
    g_assert_true (try_path (path));
  g_unlink (path);
  while (g_main_context_iteration (NULL, FALSE))
    ;

  return 0;
}
