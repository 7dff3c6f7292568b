#include "ph-app-password-dialog.h"

#include "ph-banner.h"
#include "ph-copy-row.h"
#include "ph-entry-row.h"
#include "ph-format.h"
#include "ph-password.h"

#include <glib/gi18n.h>
#include <string.h>

struct _PhAppPasswordDialog
{
  AdwWindow parent_instance;

  AdwToastOverlay *toast_overlay;
  PhBanner        *error_banner;
  GtkStack        *stack;
  AdwEntryRow     *name_entry;
  GtkLabel        *made_label;
  PhCopyRow       *secret_row;
  GtkWidget       *cancel_button;
  GtkWidget       *make_button;
  GtkWidget       *done_button;

  PhServer *server;
  char     *address;
  gboolean  is_making;
};

G_DEFINE_FINAL_TYPE (PhAppPasswordDialog, ph_app_password_dialog, ADW_TYPE_WINDOW)

static char *
dup_name (PhAppPasswordDialog *self)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name_entry))));
}

static void
validate (PhAppPasswordDialog *self)
{
  g_autofree char *name = dup_name (self);
  gboolean         is_long = g_utf8_strlen (name, -1) > PH_APP_PASSWORD_NAME_MAX;

  ph_entry_row_set_problem (self->name_entry, _ ("Device or program"), is_long ? _ ("this is too long") : NULL);
  gtk_widget_set_sensitive (self->make_button, *name != '\0' && !is_long && !self->is_making);
}

static void
show_secret (PhAppPasswordDialog *self,
             const char          *secret)
{
  g_autofree char *name = dup_name (self);
  /* Translators: the name that a person gave a device or program */
  g_autofree char *text = g_strdup_printf (_ ("This is the password for “%s”. It is shown only now: type or paste it there, in place of the account’s own."), name);

  gtk_label_set_label (self->made_label, text);
  ph_copy_row_set_value (self->secret_row, secret);
  gtk_stack_set_visible_child_name (self->stack, "made");
  gtk_widget_hide (self->cancel_button);
  gtk_widget_hide (self->make_button);
  gtk_widget_show (self->done_button);
  gtk_widget_grab_focus (self->done_button);
}

static void
made_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (PhAppPasswordDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  char *secret = ph_server_add_app_password_finish (PH_SERVER (source), result, &error);

  if (self->server != NULL) /* else closed meanwhile */
    {
      self->is_making = FALSE;
      validate (self);
      if (secret != NULL)
        show_secret (self, secret);
      else
        g_object_set (self->error_banner, "title", ph_format_words (error->message), NULL);
    }
  ph_password_free (secret);
}

static void
make_cb (PhAppPasswordDialog *self)
{
  g_autofree char *name = dup_name (self);

  validate (self);
  if (!gtk_widget_get_sensitive (self->make_button))
    return;

  self->is_making = TRUE;
  validate (self);
  ph_server_add_app_password_async (self->server, self->address, name, NULL, made_cb, g_object_ref (self));
}

/* For the row that copies. */
static void
toast_cb (GtkWidget  *widget,
          const char *action,
          GVariant   *parameter)
{
  /* Not in the words of the row, which would say the secret again. */
  adw_toast_overlay_add_toast (PH_APP_PASSWORD_DIALOG (widget)->toast_overlay, adw_toast_new (_ ("Copied the password")));
}

static void
ph_app_password_dialog_dispose (GObject *object)
{
  PhAppPasswordDialog *self = PH_APP_PASSWORD_DIALOG (object);

  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_APP_PASSWORD_DIALOG);

  G_OBJECT_CLASS (ph_app_password_dialog_parent_class)->dispose (object);
}

static void
ph_app_password_dialog_finalize (GObject *object)
{
  g_free (PH_APP_PASSWORD_DIALOG (object)->address);

  G_OBJECT_CLASS (ph_app_password_dialog_parent_class)->finalize (object);
}

static void
ph_app_password_dialog_class_init (PhAppPasswordDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_app_password_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_app_password_dialog_finalize;

  g_type_ensure (PH_TYPE_BANNER);
  g_type_ensure (PH_TYPE_COPY_ROW);
  gtk_widget_class_install_action (widget_class, "win.toast", "s", toast_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-app-password-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAppPasswordDialog, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, PhAppPasswordDialog, error_banner);
  gtk_widget_class_bind_template_child (widget_class, PhAppPasswordDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, PhAppPasswordDialog, name_entry);
  gtk_widget_class_bind_template_child (widget_class, PhAppPasswordDialog, made_label);
  gtk_widget_class_bind_template_child (widget_class, PhAppPasswordDialog, secret_row);
  gtk_widget_class_bind_template_child (widget_class, PhAppPasswordDialog, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, PhAppPasswordDialog, make_button);
  gtk_widget_class_bind_template_child (widget_class, PhAppPasswordDialog, done_button);
  gtk_widget_class_bind_template_callback (widget_class, make_cb);
  gtk_widget_class_bind_template_callback (widget_class, validate);
}

static void
ph_app_password_dialog_init (PhAppPasswordDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  validate (self);
}

GtkWidget *
ph_app_password_dialog_new (PhServer   *server,
                            const char *address,
                            GtkWindow  *parent)
{
  PhAppPasswordDialog *self = g_object_new (PH_TYPE_APP_PASSWORD_DIALOG, "transient-for", parent, NULL);

  self->server = g_object_ref (server);
  self->address = g_strdup (address);
  ph_entry_row_focus (self->name_entry);

  return GTK_WIDGET (self);
}
