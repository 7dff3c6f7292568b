#include "ph-account-dialog.h"

#include "ph-address.h"
#include "ph-banner.h"
#include "ph-entry-row.h"
#include "ph-format.h"
#include "ph-password-field.h"
#include "ph-wheel.h"

#include <glib/gi18n.h>
#include <string.h>

struct _PhAccountDialog
{
  AdwWindow parent_instance;

  PhBanner        *error_banner;
  AdwEntryRow     *address_entry;
  AdwEntryRow     *name_entry;
  PhPasswordField *password_field;
  GtkSpinButton   *quota_spin;
  GtkButton       *add_button;
  GtkWidget       *form;

  PhServer *server;
  gboolean  is_adding;
};

G_DEFINE_FINAL_TYPE (PhAccountDialog, ph_account_dialog, ADW_TYPE_WINDOW)

static guint added_signal;

/* Why it can't be an account's address, in words; NULL if it can. */
static char *
dup_address_problem (PhAccountDialog *self)
{
  const char      *text = gtk_editable_get_text (GTK_EDITABLE (self->address_entry));
  g_autofree char *normal = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhAddress) address = NULL;

  if (strchr (text, '@') == NULL)
    return g_strdup (_ ("a name, an @ and a domain"));

  address = ph_address_parse (text, strlen (text), PH_ADDRESS_UTF8, &error);
  normal = ph_address_normalize (text);
  if (normal == NULL)
    return g_strdup (error != NULL ? ph_format_words (error->message) : _ ("this is not an address"));
  if (ph_accounts_find (ph_server_get_accounts (self->server), normal) != NULL)
    return g_strdup (_ ("there is such an account already"));

  return NULL;
}

static void
validate (PhAccountDialog *self)
{
  g_autofree char *problem = dup_address_problem (self);
  gboolean         is_empty = *gtk_editable_get_text (GTK_EDITABLE (self->address_entry)) == '\0';

  ph_entry_row_set_problem (self->address_entry, _ ("Address"), is_empty ? NULL : problem);
  gtk_widget_set_sensitive (GTK_WIDGET (self->add_button),
                            problem == NULL && ph_password_field_is_valid (self->password_field) && !self->is_adding);
}

static void
set_adding (PhAccountDialog *self,
            gboolean         is_adding)
{
  self->is_adding = is_adding;
  if (is_adding) /* an entry that has the keyboard when it goes makes GTK complain */
    gtk_window_set_focus (GTK_WINDOW (self), NULL);
  gtk_widget_set_sensitive (self->form, !is_adding);
  gtk_button_set_label (self->add_button, is_adding ? _ ("Adding…") : _ ("_Add"));
  validate (self);
}

/* 0, as it is without this, is none. */
static void
limit (PhAccountDialog *self,
       const char      *address)
{
  g_autofree char *normal = ph_address_normalize (address);
  PhAccount       *account = normal != NULL ? ph_accounts_find (ph_server_get_accounts (self->server), normal) : NULL;
  guint64          megabytes;

  gtk_spin_button_update (self->quota_spin);
  megabytes = (guint64)gtk_spin_button_get_value_as_int (self->quota_spin);
  if (account != NULL && megabytes > 0)
    g_object_set (account, "quota", megabytes * 1024 * 1024, NULL);
}

static void
added_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (PhAccountDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *address = NULL;

  if (self->server == NULL) /* closed meanwhile */
    return;

  if (ph_server_account_finish (PH_SERVER (source), result, &error))
    {
      address = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->address_entry)));
      limit (self, address);
      g_signal_emit (self, added_signal, 0, address);
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }

  set_adding (self, FALSE);
  g_object_set (self->error_banner, "title", ph_format_words (error->message), NULL);
}

static void
add_cb (PhAccountDialog *self)
{
  validate (self);
  if (!gtk_widget_get_sensitive (GTK_WIDGET (self->add_button)))
    return;

  set_adding (self, TRUE);
  ph_server_add_account_async (self->server,
                               gtk_editable_get_text (GTK_EDITABLE (self->address_entry)),
                               gtk_editable_get_text (GTK_EDITABLE (self->name_entry)),
                               ph_password_field_get_text (self->password_field),
                               NULL, added_cb, g_object_ref (self));
}

static void
ph_account_dialog_dispose (GObject *object)
{
  PhAccountDialog *self = PH_ACCOUNT_DIALOG (object);

  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_ACCOUNT_DIALOG);

  G_OBJECT_CLASS (ph_account_dialog_parent_class)->dispose (object);
}

static void
ph_account_dialog_class_init (PhAccountDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_account_dialog_dispose;
  added_signal = g_signal_new ("added", PH_TYPE_ACCOUNT_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  g_type_ensure (PH_TYPE_BANNER);
  g_type_ensure (PH_TYPE_PASSWORD_FIELD);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-account-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAccountDialog, error_banner);
  gtk_widget_class_bind_template_child (widget_class, PhAccountDialog, address_entry);
  gtk_widget_class_bind_template_child (widget_class, PhAccountDialog, name_entry);
  gtk_widget_class_bind_template_child (widget_class, PhAccountDialog, password_field);
  gtk_widget_class_bind_template_child (widget_class, PhAccountDialog, quota_spin);
  gtk_widget_class_bind_template_child (widget_class, PhAccountDialog, add_button);
  gtk_widget_class_bind_template_child (widget_class, PhAccountDialog, form);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
  gtk_widget_class_bind_template_callback (widget_class, validate);
}

static void
ph_account_dialog_init (PhAccountDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ph_wheel_leave_numbers (GTK_WIDGET (self));
}

GtkWidget *
ph_account_dialog_new (PhServer  *server,
                       GtkWindow *parent)
{
  PhAccountDialog *self = g_object_new (PH_TYPE_ACCOUNT_DIALOG, "transient-for", parent, NULL);

  self->server = g_object_ref (server);
  ph_entry_row_focus (self->address_entry);
  validate (self);

  return GTK_WIDGET (self);
}
