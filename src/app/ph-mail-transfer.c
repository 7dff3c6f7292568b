#include "ph-mail-transfer.h"

#include "ph-transfer-choose.h"
#include "ph-transfer-dialog.h"

/* What is not in the file system has no path, and is left out. */
static GStrv
dup_paths (const GValue *value)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));

  for (GSList *l = files; l != NULL; l = l->next)
    {
      g_autofree char *path = g_file_get_path (l->data);

      if (path != NULL)
        g_strv_builder_add (builder, path);
    }

  return g_strv_builder_end (builder);
}

static gboolean
drop_cb (PhServer      *server,
         const GValue  *value,
         double         x,
         double         y,
         GtkDropTarget *target)
{
  GtkWidget  *messages = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));
  PhMailList *list = ph_mail_messages_get_list (PH_MAIL_MESSAGES (messages));
  g_auto (GStrv) paths = dup_paths (value);

  if (list == NULL || *paths == NULL)
    return FALSE;

  gtk_window_present (GTK_WINDOW (ph_transfer_dialog_new_import (server, ph_mail_list_get_address (list), ph_mail_list_get_folder (list),
                                                                 (const char *const *)paths, GTK_WINDOW (gtk_widget_get_root (messages)))));

  return TRUE;
}

static void
accept_drops (PhMailMessages *messages,
              PhServer       *server)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), server, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (GTK_WIDGET (messages), "takes-files");
  gtk_widget_add_controller (GTK_WIDGET (messages), GTK_EVENT_CONTROLLER (target));
}

/* The menu */

static PhServer *
get_server (PhMailMessages *messages)
{
  return g_object_get_data (G_OBJECT (messages), "ph-server");
}

static void
choose_import (PhMailMessages *messages,
               PhChooseMode    mode)
{
  PhMailList *list = ph_mail_messages_get_list (messages);

  if (list != NULL)
    ph_transfer_choose_import (GTK_WIDGET (messages), get_server (messages), ph_mail_list_get_address (list), ph_mail_list_get_folder (list), mode);
}

static void
import_file_cb (GtkWidget  *widget,
                const char *action,
                GVariant   *parameter)
{
  choose_import (PH_MAIL_MESSAGES (widget), PH_CHOOSE_OPEN);
}

static void
import_folder_cb (GtkWidget  *widget,
                  const char *action,
                  GVariant   *parameter)
{
  choose_import (PH_MAIL_MESSAGES (widget), PH_CHOOSE_FOLDER);
}

static void
export_cb (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  PhMailMessages *messages = PH_MAIL_MESSAGES (widget);
  PhMailList     *list = ph_mail_messages_get_list (messages);

  if (list != NULL)
    ph_transfer_choose_export (GTK_WIDGET (messages), get_server (messages), ph_mail_list_get_address (list), ph_mail_list_get_folder (list));
}

void
ph_mail_transfer_install_actions (GtkWidgetClass *messages_class)
{
  gtk_widget_class_install_action (messages_class, "folder.import-file", NULL, import_file_cb);
  gtk_widget_class_install_action (messages_class, "folder.import-folder", NULL, import_folder_cb);
  gtk_widget_class_install_action (messages_class, "folder.export", NULL, export_cb);
}

void
ph_mail_transfer_offer (PhMailMessages *messages,
                        PhServer       *server)
{
  g_return_if_fail (PH_IS_MAIL_MESSAGES (messages) && PH_IS_SERVER (server));

  accept_drops (messages, server);
  g_object_set_data_full (G_OBJECT (messages), "ph-server", g_object_ref (server), g_object_unref);
}
