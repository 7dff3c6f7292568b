#include "ph-account-transfer.h"

#include "ph-choose-file.h"
#include "ph-row-name.h"
#include "ph-transfer-dialog.h"

#include <glib/gi18n.h>

struct _PhAccountTransfer
{
  AdwPreferencesGroup parent_instance;

  GtkWidget *export_button;

  PhServer  *server;
  PhAccount *account;
};

G_DEFINE_FINAL_TYPE (PhAccountTransfer, ph_account_transfer, ADW_TYPE_PREFERENCES_GROUP)

static void
source_chosen_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  PhAccountTransfer *self = PH_ACCOUNT_TRANSFER (source);
  g_autoptr (GFile) file = ph_choose_file_finish (GTK_WIDGET (self), result, NULL);
  g_autofree char  *path = file != NULL ? g_file_get_path (file) : NULL;
  const char *const paths[] = { path, NULL };
  GtkRoot          *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (path != NULL && self->account != NULL)
    gtk_window_present (GTK_WINDOW (ph_transfer_dialog_new_import (self->server, ph_account_get_address (self->account), NULL, paths, GTK_WINDOW (root))));
}

static void
target_chosen_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  PhAccountTransfer *self = PH_ACCOUNT_TRANSFER (source);
  g_autoptr (GFile) file = ph_choose_file_finish (GTK_WIDGET (self), result, NULL);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (file != NULL && self->account != NULL)
    gtk_window_present (GTK_WINDOW (ph_transfer_dialog_new_export (self->server, ph_account_get_address (self->account), file, GTK_WINDOW (root))));
}

static void
import_file_cb (PhAccountTransfer *self)
{
  ph_choose_file_async (GTK_WIDGET (self), PH_CHOOSE_OPEN, _ ("Import an mbox or a message"), NULL, NULL, source_chosen_cb, NULL);
}

static void
import_folder_cb (PhAccountTransfer *self)
{
  ph_choose_file_async (GTK_WIDGET (self), PH_CHOOSE_FOLDER, _ ("Import a folder"), NULL, NULL, source_chosen_cb, NULL);
}

static void
export_cb (PhAccountTransfer *self)
{
  ph_choose_file_async (GTK_WIDGET (self), PH_CHOOSE_SAVE, _ ("Name a new folder for the mail"), ph_account_get_address (self->account), NULL, target_chosen_cb, NULL);
}

static void
ph_account_transfer_dispose (GObject *object)
{
  PhAccountTransfer *self = PH_ACCOUNT_TRANSFER (object);

  g_clear_object (&self->account);
  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_ACCOUNT_TRANSFER);

  G_OBJECT_CLASS (ph_account_transfer_parent_class)->dispose (object);
}

static void
ph_account_transfer_class_init (PhAccountTransferClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_account_transfer_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-account-transfer.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAccountTransfer, export_button);
  gtk_widget_class_bind_template_callback (widget_class, import_file_cb);
  gtk_widget_class_bind_template_callback (widget_class, import_folder_cb);
  gtk_widget_class_bind_template_callback (widget_class, export_cb);
}

static void
ph_account_transfer_init (PhAccountTransfer *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ph_row_keep_name (self->export_button);
}

void
ph_account_transfer_set_account (PhAccountTransfer *self,
                                 PhServer          *server,
                                 PhAccount         *account)
{
  g_return_if_fail (PH_IS_ACCOUNT_TRANSFER (self));

  g_set_object (&self->server, server);
  g_set_object (&self->account, account);
}
