#include "ph-password-dialog.h"

#include "ph-banner.h"
#include "ph-format.h"
#include "ph-password-field.h"

#include <glib/gi18n.h>

struct _PhPasswordDialog
{
  AdwWindow parent_instance;

  PhBanner        *error_banner;
  GtkLabel        *address_label;
  GtkLabel        *explanation_label;
  PhPasswordField *password_field;
  GtkButton       *change_button;
  GtkWidget       *form;

  PhServer               *server;
  PhPasswordDialogPurpose purpose;
  gboolean                is_changing;
};

G_DEFINE_FINAL_TYPE (PhPasswordDialog, ph_password_dialog, ADW_TYPE_WINDOW)

static guint changed_signal;

static const struct
{
  const char *title;
  const char *button;
  const char *explanation; /* or NULL */
  void (*run) (PhServer           *server,
               const char         *address,
               const char         *password,
               GCancellable       *cancellable,
               GAsyncReadyCallback callback,
               gpointer            user_data);
} purposes[] = {
  [PH_PASSWORD_DIALOG_CHANGE] = { N_ ("Change Password"), N_ ("_Change"), NULL, ph_server_set_password_async },
  [PH_PASSWORD_DIALOG_OLD_PROGRAMS] = { N_ ("Allow Old Programs"), N_ ("_Allow"), N_ ("APOP and CRAM-MD5 work only where the server knows the password itself. It will be stored in the settings file so that it can be read back. Type the account’s password as it is now."), ph_server_set_old_programs_async },
};

static void
validate (PhPasswordDialog *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->change_button), ph_password_field_is_valid (self->password_field) && !self->is_changing);
}

static void
set_changing (PhPasswordDialog *self,
              gboolean          is_changing)
{
  self->is_changing = is_changing;
  if (is_changing) /* an entry that has the keyboard when it goes makes GTK complain */
    gtk_window_set_focus (GTK_WINDOW (self), NULL);
  gtk_widget_set_sensitive (self->form, !is_changing);
  validate (self);
}

static void
changed_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhPasswordDialog) self = user_data;
  g_autoptr (GError) error = NULL;

  if (self->server == NULL) /* closed meanwhile */
    return;

  if (ph_server_account_finish (PH_SERVER (source), result, &error))
    {
      g_signal_emit (self, changed_signal, 0, gtk_label_get_label (self->address_label));
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }

  set_changing (self, FALSE);
  g_object_set (self->error_banner, "title", ph_format_words (error->message), NULL);
}

static void
change_cb (PhPasswordDialog *self)
{
  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->change_button)))
    return;

  set_changing (self, TRUE);
  purposes[self->purpose].run (self->server, gtk_label_get_label (self->address_label),
                               ph_password_field_get_text (self->password_field), NULL, changed_cb, g_object_ref (self));
}

static void
ph_password_dialog_dispose (GObject *object)
{
  PhPasswordDialog *self = PH_PASSWORD_DIALOG (object);

  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_PASSWORD_DIALOG);

  G_OBJECT_CLASS (ph_password_dialog_parent_class)->dispose (object);
}

static void
ph_password_dialog_class_init (PhPasswordDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_password_dialog_dispose;
  changed_signal = g_signal_new ("changed", PH_TYPE_PASSWORD_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (PH_TYPE_BANNER);
  g_type_ensure (PH_TYPE_PASSWORD_FIELD);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-password-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PhPasswordDialog, error_banner);
  gtk_widget_class_bind_template_child (widget_class, PhPasswordDialog, address_label);
  gtk_widget_class_bind_template_child (widget_class, PhPasswordDialog, explanation_label);
  gtk_widget_class_bind_template_child (widget_class, PhPasswordDialog, password_field);
  gtk_widget_class_bind_template_child (widget_class, PhPasswordDialog, change_button);
  gtk_widget_class_bind_template_child (widget_class, PhPasswordDialog, form);
  gtk_widget_class_bind_template_callback (widget_class, change_cb);
  gtk_widget_class_bind_template_callback (widget_class, validate);
}

static void
ph_password_dialog_init (PhPasswordDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  validate (self);
}

GtkWidget *
ph_password_dialog_new (PhServer               *server,
                        const char             *address,
                        PhPasswordDialogPurpose purpose,
                        GtkWindow              *parent)
{
  PhPasswordDialog *self = g_object_new (PH_TYPE_PASSWORD_DIALOG, "title", _ (purposes[purpose].title), "transient-for", parent, NULL);

  self->server = g_object_ref (server);
  self->purpose = purpose;
  gtk_label_set_label (self->address_label, address);
  gtk_button_set_label (self->change_button, _ (purposes[purpose].button));
  if (purposes[purpose].explanation != NULL)
    {
      gtk_label_set_label (self->explanation_label, _ (purposes[purpose].explanation));
      gtk_widget_show (GTK_WIDGET (self->explanation_label));
      ph_password_field_ask_existing (self->password_field);
    }
  ph_password_field_focus (self->password_field);

  return GTK_WIDGET (self);
}
