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

typedef struct
{
  PhMailMessages *messages; /* whose group of actions it is */
  PhServer       *server;
} PhMailTransfer;

static void
ph_mail_transfer_free (gpointer data,
                       GObject *group)
{
  PhMailTransfer *self = data;

  g_object_unref (self->server);
  g_free (self);
}

static void
choose_import (PhMailTransfer *self,
               PhChooseMode    mode)
{
  PhMailList *list = ph_mail_messages_get_list (self->messages);

  if (list != NULL)
    ph_transfer_choose_import (GTK_WIDGET (self->messages), self->server, ph_mail_list_get_address (list), ph_mail_list_get_folder (list), mode);
}

static void
import_file_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       data)
{
  choose_import (data, PH_CHOOSE_OPEN);
}

static void
import_folder_cb (GSimpleAction *action,
                  GVariant      *parameter,
                  gpointer       data)
{
  choose_import (data, PH_CHOOSE_FOLDER);
}

static void
export_cb (GSimpleAction *action,
           GVariant      *parameter,
           gpointer       data)
{
  PhMailTransfer *self = data;
  PhMailList     *list = ph_mail_messages_get_list (self->messages);

  if (list != NULL)
    ph_transfer_choose_export (GTK_WIDGET (self->messages), self->server, ph_mail_list_get_address (list), ph_mail_list_get_folder (list));
}

static const GActionEntry entries[] = {
  { "import-file", import_file_cb, NULL, NULL, NULL, { 0 } },
  { "import-folder", import_folder_cb, NULL, NULL, NULL, { 0 } },
  { "export", export_cb, NULL, NULL, NULL, { 0 } },
};

void
ph_mail_transfer_offer (PhMailMessages *messages,
                        PhServer       *server)
{
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  PhMailTransfer *self;

  g_return_if_fail (PH_IS_MAIL_MESSAGES (messages) && PH_IS_SERVER (server));

  self = g_new0 (PhMailTransfer, 1);
  self->messages = messages;
  self->server = g_object_ref (server);
  g_object_weak_ref (G_OBJECT (group), ph_mail_transfer_free, self);
  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (messages), "folder", G_ACTION_GROUP (group));
  accept_drops (messages, server);
}
