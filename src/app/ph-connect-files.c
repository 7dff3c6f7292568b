#include "ph-connect-files.h"

#include "ph-client-setup.h"
#include "ph-qr-code.h"
#include "ph-row-name.h"
#include "ph-save-file.h"

#include <glib/gi18n.h>
#include <string.h>

struct _PhConnectFiles
{
  AdwPreferencesGroup parent_instance;

  GtkWidget      *autoconfig_button;
  GtkWidget      *profile_button;
  GtkWidget      *records_button;
  GtkWidget      *autoconfig_row;
  GtkWidget      *profile_row;
  AdwExpanderRow *code_row;
  PhQrCode       *code;

  PhServer     *server;
  PhAccount    *account;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (PhConnectFiles, ph_connect_files, ADW_TYPE_PREFERENCES_GROUP)

static char *
format (PhConnectFiles     *self,
        PhClientSetupFormat what)
{
  const char *host_name = ph_settings_get_string (ph_server_get_settings (self->server), "host-name");

  return ph_client_setup_format (ph_server_get_services (self->server), self->account, host_name, what);
}

static void
save (PhConnectFiles     *self,
      PhClientSetupFormat what)
{
  char *text = format (self, what);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  ph_save_file (GTK_WIDGET (self), _ ("Save the settings"), ph_client_setup_get_file_name (what), bytes, self->cancellable);
}

static void
autoconfig_clicked_cb (PhConnectFiles *self)
{
  save (self, PH_CLIENT_SETUP_AUTOCONFIG);
}

static void
profile_clicked_cb (PhConnectFiles *self)
{
  save (self, PH_CLIENT_SETUP_PROFILE);
}

static void
records_clicked_cb (PhConnectFiles *self)
{
  g_autofree char *text = format (self, PH_CLIENT_SETUP_RECORDS);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _ ("Copied the records"));
}

/* As the services and the account are now. */
static void
update (PhConnectFiles *self)
{
  g_autofree char *text = NULL, *autoconfig = format (self, PH_CLIENT_SETUP_AUTOCONFIG);
  gboolean         has_code;

  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self), autoconfig != NULL ? NULL : _ ("A file or code to set a program up takes a service to read mail and one to send it, and an account that may use both"));
  gtk_widget_set_visible (self->autoconfig_row, autoconfig != NULL);
  gtk_widget_set_visible (self->profile_row, autoconfig != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->code_row), autoconfig != NULL);
  /* They may have been told to listen beyond this computer meanwhile. */
  text = format (self, PH_CLIENT_SETUP_CODE);
  has_code = ph_qr_code_set_text (self->code, text);
  adw_expander_row_set_enable_expansion (self->code_row, has_code);
  adw_expander_row_set_subtitle (self->code_row, has_code ? _ ("Add an account there by scanning this code, and type the password")
                                                          : _ ("Other devices can’t reach this server: in Preferences, let a service to read and one to send mail listen beyond this computer"));
}

static void
ph_connect_files_dispose (GObject *object)
{
  PhConnectFiles *self = PH_CONNECT_FILES (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->account);
  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_CONNECT_FILES);

  G_OBJECT_CLASS (ph_connect_files_parent_class)->dispose (object);
}

static void
ph_connect_files_class_init (PhConnectFilesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_connect_files_dispose;

  g_type_ensure (PH_TYPE_QR_CODE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-connect-files.ui");
  gtk_widget_class_bind_template_child (widget_class, PhConnectFiles, autoconfig_row);
  gtk_widget_class_bind_template_child (widget_class, PhConnectFiles, profile_row);
  gtk_widget_class_bind_template_child (widget_class, PhConnectFiles, autoconfig_button);
  gtk_widget_class_bind_template_child (widget_class, PhConnectFiles, profile_button);
  gtk_widget_class_bind_template_child (widget_class, PhConnectFiles, records_button);
  gtk_widget_class_bind_template_child (widget_class, PhConnectFiles, code_row);
  gtk_widget_class_bind_template_child (widget_class, PhConnectFiles, code);
  gtk_widget_class_bind_template_callback (widget_class, autoconfig_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, profile_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, records_clicked_cb);
}

static void
ph_connect_files_init (PhConnectFiles *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  ph_row_keep_name (self->autoconfig_button);
  ph_row_keep_name (self->profile_button);
  ph_row_keep_name (self->records_button);
}

void
ph_connect_files_set_account (PhConnectFiles *self,
                              PhServer       *server,
                              PhAccount      *account)
{
  g_return_if_fail (PH_IS_CONNECT_FILES (self) && self->account == NULL);

  g_set_object (&self->server, server);
  g_set_object (&self->account, account);
  g_signal_connect_object (account, "notify::protocols", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
