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

void
ph_mail_transfer_accept_drops (PhMailMessages *messages,
                               PhServer       *server)
{
  GtkDropTarget *target;

  g_return_if_fail (PH_IS_MAIL_MESSAGES (messages) && PH_IS_SERVER (server));

  target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), server, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (GTK_WIDGET (messages), "takes-files");
  gtk_widget_add_controller (GTK_WIDGET (messages), GTK_EVENT_CONTROLLER (target));
}

void
ph_mail_transfer_import (PhMailMessages *messages,
                         PhServer       *server,
                         PhChooseMode    mode)
{
  PhMailList *list = ph_mail_messages_get_list (messages);

  if (list != NULL)
    ph_transfer_choose_import (GTK_WIDGET (messages), server, ph_mail_list_get_address (list), ph_mail_list_get_folder (list), mode);
}

void
ph_mail_transfer_export (PhMailMessages *messages,
                         PhServer       *server)
{
  PhMailList *list = ph_mail_messages_get_list (messages);

  if (list != NULL)
    ph_transfer_choose_export (GTK_WIDGET (messages), server, ph_mail_list_get_address (list), ph_mail_list_get_folder (list));
}
