#include "ph-mail-move-menu.h"

#include "ph-mail-folder-row.h"

/* A "_" in a name is no mnemonic. */
static char *
dup_label (PhMailFolder *folder)
{
  const char *label = ph_mail_folder_get_depth (folder) > 0 ? ph_mail_folder_get_name (folder) : ph_mail_folder_row_get_title (folder);
  g_auto (GStrv) parts = g_strsplit (label, "_", -1);

  return g_strjoinv ("__", parts);
}

void
ph_mail_move_menu_fill (GMenu         *menu,
                        PhMailAccount *account,
                        const char    *folder)
{
  GListModel *folders = account != NULL ? ph_mail_account_get_folders (account) : NULL;

  g_menu_remove_all (menu);
  for (guint i = 0; folders != NULL && i < g_list_model_get_n_items (folders); i++)
    {
      g_autoptr (PhMailFolder) other = g_list_model_get_item (folders, i);
      g_autoptr (GMenuItem) item = NULL;
      g_autofree char *label = NULL;

      if (!ph_mail_folder_get_exists (other) || g_strcmp0 (ph_mail_folder_get_name (other), folder) == 0)
        continue;

      label = dup_label (other);
      item = g_menu_item_new (label, NULL);
      g_menu_item_set_action_and_target (item, "mail.move", "s", ph_mail_folder_get_name (other));
      g_menu_append_item (menu, item);
    }
}
