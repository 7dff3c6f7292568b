#include "ph-account-transfer.h"

#include "ph-row-name.h"
#include "ph-transfer-choose.h"

struct _PhAccountTransfer
{
  AdwPreferencesGroup parent_instance;

  GtkWidget *export_button;

  PhServer  *server;
  PhAccount *account;
};

G_DEFINE_FINAL_TYPE (PhAccountTransfer, ph_account_transfer, ADW_TYPE_PREFERENCES_GROUP)

static void
import_file_cb (PhAccountTransfer *self)
{
  ph_transfer_choose_import (GTK_WIDGET (self), self->server, ph_account_get_address (self->account), NULL, PH_CHOOSE_OPEN);
}

static void
import_folder_cb (PhAccountTransfer *self)
{
  ph_transfer_choose_import (GTK_WIDGET (self), self->server, ph_account_get_address (self->account), NULL, PH_CHOOSE_FOLDER);
}

static void
export_cb (PhAccountTransfer *self)
{
  ph_transfer_choose_export (GTK_WIDGET (self), self->server, ph_account_get_address (self->account), NULL);
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
  ph_row_wrap_buttons (GTK_WIDGET (self));
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
