#include "ph-app-passwords.h"

#include "ph-app-password-dialog.h"
#include "ph-app-password-row.h"
#include "ph-confirm.h"
#include "ph-format.h"

#include <glib/gi18n.h>

struct _PhAppPasswords
{
  AdwPreferencesGroup parent_instance;

  GtkListBox *list;
  GtkWidget  *add_button;

  PhServer  *server;
  PhAccount *account;
};

G_DEFINE_FINAL_TYPE (PhAppPasswords, ph_app_passwords, ADW_TYPE_PREFERENCES_GROUP)

/* Revoking */

typedef struct
{
  PhAppPasswords *group;
  char           *address;
  char           *id;
} PhRevocation;

static void
ph_revocation_free (gpointer data)
{
  PhRevocation *self = data;

  g_object_unref (self->group);
  g_free (self->address);
  g_free (self->id);
  g_free (self);
}

static void
revoked_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhAppPasswords) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done = ph_server_account_finish (PH_SERVER (source), result, &error);

  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", done ? _ ("Revoked the app password") : ph_format_words (error->message));
}

static void
revoke_confirmed_cb (gboolean checked,
                     gpointer user_data)
{
  PhRevocation *asked = user_data;

  if (asked->group->server != NULL)
    ph_server_remove_app_password_async (asked->group->server, asked->address, asked->id, NULL, revoked_cb, g_object_ref (asked->group));
}

static void
revoke_cb (PhAppPasswords   *self,
           PhAppPasswordRow *row)
{
  PhAppPassword *app_password = ph_app_password_row_get_app_password (row);
  PhRevocation  *asked = g_new0 (PhRevocation, 1);
  /* Translators: the name that a person gave a device or program */
  g_autofree char *heading = g_strdup_printf (_ ("Revoke “%s”?"), ph_app_password_get_name (app_password));

  asked->group = g_object_ref (self);
  asked->address = g_strdup (ph_account_get_address (self->account));
  asked->id = g_strdup (ph_app_password_get_id (app_password));
  ph_confirm (GTK_WIDGET (self), heading, _ ("What uses this password is logged out at once and can’t log in with it any more."), _ ("_Revoke"), NULL, revoke_confirmed_cb, asked, ph_revocation_free);
}

static GtkWidget *
make_row (gpointer item,
          gpointer data)
{
  GtkWidget *row = ph_app_password_row_new (item);

  g_signal_connect_object (row, "revoke", G_CALLBACK (revoke_cb), data, G_CONNECT_SWAPPED);

  return row;
}

static void
add_clicked_cb (PhAppPasswords *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  gtk_window_present (GTK_WINDOW (ph_app_password_dialog_new (self->server, ph_account_get_address (self->account), GTK_WINDOW (root))));
}

static void
update (PhAppPasswords *self)
{
  guint n = self->account != NULL ? g_list_model_get_n_items (ph_account_get_app_passwords (self->account)) : 0;

  gtk_widget_set_visible (GTK_WIDGET (self->list), n > 0);
  gtk_widget_set_sensitive (self->add_button, self->account != NULL && n < PH_APP_PASSWORD_MAX);
}

static void
forget (PhAppPasswords *self)
{
  if (self->list != NULL)
    gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  if (self->account != NULL)
    g_signal_handlers_disconnect_by_data (ph_account_get_app_passwords (self->account), self);
  g_clear_object (&self->account);
  g_clear_object (&self->server);
}

static void
ph_app_passwords_dispose (GObject *object)
{
  forget (PH_APP_PASSWORDS (object));
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_APP_PASSWORDS);

  G_OBJECT_CLASS (ph_app_passwords_parent_class)->dispose (object);
}

static void
ph_app_passwords_class_init (PhAppPasswordsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_app_passwords_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-app-passwords.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAppPasswords, list);
  gtk_widget_class_bind_template_child (widget_class, PhAppPasswords, add_button);
  gtk_widget_class_bind_template_callback (widget_class, add_clicked_cb);
}

static void
ph_app_passwords_init (PhAppPasswords *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ph_app_passwords_set_account (PhAppPasswords *self,
                              PhServer       *server,
                              PhAccount      *account)
{
  g_return_if_fail (PH_IS_APP_PASSWORDS (self));

  forget (self);
  g_set_object (&self->server, server);
  g_set_object (&self->account, account);
  if (account != NULL)
    {
      gtk_list_box_bind_model (self->list, ph_account_get_app_passwords (account), make_row, self, NULL);
      g_signal_connect_object (ph_account_get_app_passwords (account), "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    }
  update (self);
}
