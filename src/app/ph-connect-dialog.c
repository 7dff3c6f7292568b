#include "ph-connect-dialog.h"

#include "ph-banner.h"
#include "ph-client-setup.h"
#include "ph-connect-files.h"
#include "ph-connect-note.h"
#include "ph-connect-row.h"
#include "ph-format.h"

#include <glib/gi18n.h>

struct _PhConnectDialog
{
  AdwWindow parent_instance;

  AdwToastOverlay     *toast_overlay;
  PhBanner            *stopped_banner;
  AdwActionRow        *login_row;
  GtkImage            *login_image;
  PhConnectNote       *note;
  AdwPreferencesGroup *read_group;
  AdwPreferencesGroup *send_group;
  PhConnectFiles      *files;

  PhServer  *server;
  PhAccount *account;
  gint64     login_before; /* the last one when it was opened */
};

G_DEFINE_FINAL_TYPE (PhConnectDialog, ph_connect_dialog, ADW_TYPE_WINDOW)

static void
update_login (PhConnectDialog *self)
{
  const char      *address = ph_account_get_address (self->account);
  g_autofree char *client = NULL;
  g_autofree char *subtitle = NULL;
  gint64           last_login;
  gboolean         is_new;

  g_object_get (self->account, "last-login", &last_login, "last-login-client", &client, NULL);
  is_new = last_login > self->login_before;
  gtk_image_set_from_icon_name (self->login_image, is_new ? "emblem-ok-symbolic" : "content-loading-symbolic");
  if (is_new)
    gtk_widget_add_css_class (GTK_WIDGET (self->login_image), "success");

  if (is_new && client != NULL)
    /* Translators: an account’s address, and the name of a mail program */
    subtitle = g_strdup_printf (_ ("%s has logged in, with %s"), address, client);
  else if (is_new)
    /* Translators: an account’s address */
    subtitle = g_strdup_printf (_ ("%s has logged in"), address);
  else
    /* Translators: an account’s address */
    subtitle = g_strdup_printf (_ ("Waiting for %s to log in"), address);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->login_row), subtitle);
}

static void
update_stopped (PhConnectDialog *self)
{
  gboolean running;

  g_object_get (self->server, "running", &running, NULL);
  g_object_set (self->stopped_banner, "title", running ? NULL : _ ("The services do not run yet"), "button-label", _ ("Start"), NULL);
}

static void
start_clicked_cb (PhConnectDialog *self)
{
  ph_server_start_async (self->server, NULL, NULL, NULL);
}

static void
add_service (PhConnectDialog *self,
             PhService       *service)
{
  const char *name = ph_service_get_name (service);
  PhProtocols protocol = ph_client_setup_get_protocol (service);
  gboolean    is_first_choice = g_str_equal (name, "imap") || g_str_equal (name, "submission");
  GtkWidget  *row;

  if (protocol == 0)
    return;

  row = ph_connect_row_new (service);
  ph_connect_row_set_account (PH_CONNECT_ROW (row), self->account, ph_settings_get_string (ph_server_get_settings (self->server), "host-name"));
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), is_first_choice);
  adw_preferences_group_add (protocol == PH_PROTOCOL_SUBMISSION ? self->send_group : self->read_group, row);
}

static void
update_groups (PhConnectDialog *self)
{
  PhProtocols allowed = ph_account_get_protocols (self->account);

  gtk_widget_set_visible (GTK_WIDGET (self->read_group), (allowed & ~PH_PROTOCOL_SUBMISSION) != 0);
  gtk_widget_set_visible (GTK_WIDGET (self->send_group), (allowed & PH_PROTOCOL_SUBMISSION) != 0);
}

/* For the rows that copy. */
static void
toast_cb (GtkWidget  *widget,
          const char *action,
          GVariant   *parameter)
{
  g_autofree char *escaped = g_markup_escape_text (g_variant_get_string (parameter, NULL), -1);

  adw_toast_overlay_add_toast (PH_CONNECT_DIALOG (widget)->toast_overlay, adw_toast_new (escaped));
}

static void
ph_connect_dialog_dispose (GObject *object)
{
  PhConnectDialog *self = PH_CONNECT_DIALOG (object);

  g_clear_object (&self->server);
  g_clear_object (&self->account);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_CONNECT_DIALOG);

  G_OBJECT_CLASS (ph_connect_dialog_parent_class)->dispose (object);
}

static void
ph_connect_dialog_class_init (PhConnectDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_connect_dialog_dispose;

  g_type_ensure (PH_TYPE_BANNER);
  g_type_ensure (PH_TYPE_CONNECT_FILES);
  g_type_ensure (PH_TYPE_CONNECT_NOTE);
  gtk_widget_class_install_action (widget_class, "win.toast", "s", toast_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-connect-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PhConnectDialog, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, PhConnectDialog, stopped_banner);
  gtk_widget_class_bind_template_child (widget_class, PhConnectDialog, login_row);
  gtk_widget_class_bind_template_child (widget_class, PhConnectDialog, login_image);
  gtk_widget_class_bind_template_child (widget_class, PhConnectDialog, note);
  gtk_widget_class_bind_template_child (widget_class, PhConnectDialog, read_group);
  gtk_widget_class_bind_template_child (widget_class, PhConnectDialog, send_group);
  gtk_widget_class_bind_template_child (widget_class, PhConnectDialog, files);
  gtk_widget_class_bind_template_callback (widget_class, start_clicked_cb);
}

static void
ph_connect_dialog_init (PhConnectDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_connect_dialog_new (PhServer  *server,
                       PhAccount *account,
                       GtkWindow *parent)
{
  PhConnectDialog *self = g_object_new (PH_TYPE_CONNECT_DIALOG, "transient-for", parent, NULL);
  GListModel      *services = ph_server_get_services (server);

  self->server = g_object_ref (server);
  self->account = g_object_ref (account);
  ph_connect_files_set_account (self->files, server, account);
  g_object_get (account, "last-login", &self->login_before, NULL);
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (services, i);

      add_service (self, service);
    }

  ph_connect_note_set_account (self->note, account);
  g_signal_connect_object (account, "notify::protocols", G_CALLBACK (update_groups), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (account, "notify::last-login", G_CALLBACK (update_login), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (server, "notify::running", G_CALLBACK (update_stopped), self, G_CONNECT_SWAPPED);
  update_groups (self);
  update_login (self);
  update_stopped (self);

  return GTK_WIDGET (self);
}
