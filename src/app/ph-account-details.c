#include "ph-account-details.h"

#include "ph-format.h"
#include "ph-password-dialog.h"
#include "ph-row-name.h"

#include <glib/gi18n.h>

struct _PhAccountDetails
{
  AdwPreferencesGroup parent_instance;

  AdwEntryRow  *name_entry;
  GtkButton    *password_button;
  GtkSwitch    *enabled_switch;
  AdwActionRow *old_programs_row;
  GtkSwitch    *old_programs_switch;

  PhServer  *server;
  PhAccount *account;
  GBinding  *enabled_binding;
};

G_DEFINE_FINAL_TYPE (PhAccountDetails, ph_account_details, ADW_TYPE_PREFERENCES_GROUP)

static void
name_applied_cb (PhAccountDetails *self)
{
  g_object_set (self->account, "display-name", gtk_editable_get_text (GTK_EDITABLE (self->name_entry)), NULL);
}

/* Old programs */

static void old_programs_cb (PhAccountDetails *self);

/* The switch shows what is so, whatever was pressed. */
static void
update_old_programs (PhAccountDetails *self)
{
  g_signal_handlers_block_by_func (self->old_programs_switch, old_programs_cb, self);
  gtk_switch_set_active (self->old_programs_switch, self->account != NULL && ph_account_get_clear_password (self->account) != NULL);
  g_signal_handlers_unblock_by_func (self->old_programs_switch, old_programs_cb, self);
}

static void
forgotten_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (PhAccountDetails) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done = ph_server_account_finish (PH_SERVER (source), result, &error);

  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", done ? _ ("Old programs can’t log in any more") : ph_format_words (error->message));
}

static void
old_programs_cb (PhAccountDetails *self)
{
  gboolean   wanted = gtk_switch_get_active (self->old_programs_switch);
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));

  if (wanted)
    {
      GtkWidget *dialog = ph_password_dialog_new (self->server, ph_account_get_address (self->account), PH_PASSWORD_DIALOG_OLD_PROGRAMS, window);

      g_signal_connect_object (dialog, "destroy", G_CALLBACK (update_old_programs), self, G_CONNECT_SWAPPED);
      gtk_window_present (GTK_WINDOW (dialog));
    }
  else
    ph_server_set_old_programs_async (self->server, ph_account_get_address (self->account), NULL, NULL, forgotten_cb, g_object_ref (self));
}

static void
update_name (PhAccountDetails *self)
{
  const char *name = ph_account_get_display_name (self->account);

  if (!g_str_equal (gtk_editable_get_text (GTK_EDITABLE (self->name_entry)), name != NULL ? name : ""))
    gtk_editable_set_text (GTK_EDITABLE (self->name_entry), name != NULL ? name : "");
}

static void
forget (PhAccountDetails *self)
{
  g_clear_pointer (&self->enabled_binding, g_binding_unbind);
  if (self->account != NULL)
    g_signal_handlers_disconnect_by_data (self->account, self);
  g_clear_object (&self->account);
  g_clear_object (&self->server);
}

static void
ph_account_details_dispose (GObject *object)
{
  forget (PH_ACCOUNT_DETAILS (object));
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_ACCOUNT_DETAILS);

  G_OBJECT_CLASS (ph_account_details_parent_class)->dispose (object);
}

static void
ph_account_details_class_init (PhAccountDetailsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_account_details_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-account-details.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAccountDetails, name_entry);
  gtk_widget_class_bind_template_child (widget_class, PhAccountDetails, password_button);
  gtk_widget_class_bind_template_child (widget_class, PhAccountDetails, enabled_switch);
  gtk_widget_class_bind_template_child (widget_class, PhAccountDetails, old_programs_row);
  gtk_widget_class_bind_template_child (widget_class, PhAccountDetails, old_programs_switch);
  gtk_widget_class_bind_template_callback (widget_class, name_applied_cb);
}

static void
ph_account_details_init (PhAccountDetails *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ph_row_wrap_buttons (GTK_WIDGET (self));
  ph_row_keep_name (GTK_WIDGET (self->password_button));
  g_signal_connect_object (self->old_programs_switch, "notify::active", G_CALLBACK (old_programs_cb), self, G_CONNECT_SWAPPED);
}

void
ph_account_details_set_account (PhAccountDetails *self,
                                PhServer         *server,
                                PhAccount        *account)
{
  g_return_if_fail (PH_IS_ACCOUNT_DETAILS (self));

  forget (self);
  g_set_object (&self->server, server);
  g_set_object (&self->account, account);
  update_old_programs (self);
  if (account == NULL)
    return;

  update_name (self);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->password_button), "s", ph_account_get_address (account));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->password_button), "accounts.change-password");
  self->enabled_binding = g_object_bind_property (account, "enabled", self->enabled_switch, "active", G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  g_signal_connect_object (account, "notify::display-name", G_CALLBACK (update_name), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (account, "notify::clear-password", G_CALLBACK (update_old_programs), self, G_CONNECT_SWAPPED);
}
