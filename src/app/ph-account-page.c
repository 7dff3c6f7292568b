#include "ph-account-page.h"

#include "ph-account-aliases.h"
#include "ph-account-details.h"
#include "ph-account-forwarding.h"
#include "ph-account-logins.h"
#include "ph-account-protocols.h"
#include "ph-account-reply.h"
#include "ph-account-storage.h"
#include "ph-account-transfer.h"
#include "ph-app-passwords.h"
#include "ph-row-name.h"

struct _PhAccountPage
{
  AdwBin parent_instance;

  GtkWidget           *back_button;
  AdwAvatar           *avatar;
  GtkLabel            *name_label;
  GtkLabel            *address_label;
  GtkButton           *connect_button;
  GtkButton           *delete_button;
  PhAccountDetails    *details;
  PhAppPasswords      *app_passwords;
  PhAccountAliases    *aliases;
  PhAccountForwarding *forwarding;
  PhAccountReply      *reply;
  PhAccountProtocols  *protocols;
  PhAccountStorage    *storage;
  PhAccountTransfer   *transfer;
  PhAccountLogins     *logins;

  PhAccount *account;
};

G_DEFINE_FINAL_TYPE (PhAccountPage, ph_account_page, ADW_TYPE_BIN)

static void
update_name (PhAccountPage *self)
{
  const char *name = ph_account_get_display_name (self->account);
  const char *address = ph_account_get_address (self->account);
  gboolean    has_name = name != NULL && *name != '\0';

  adw_avatar_set_text (self->avatar, has_name ? name : address);
  gtk_label_set_label (self->name_label, has_name ? name : address);
  gtk_label_set_label (self->address_label, address);
  gtk_widget_set_visible (GTK_WIDGET (self->address_label), has_name);
}

/* The target first: GTK complains of an action without the one that it takes. */
static void
set_action (GtkButton  *button,
            const char *action,
            PhAccount  *account)
{
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", ph_account_get_address (account));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
}

static void
forget (PhAccountPage *self)
{
  if (self->account != NULL)
    g_signal_handlers_disconnect_by_data (self->account, self);
  g_clear_object (&self->account);
}

static void
ph_account_page_dispose (GObject *object)
{
  forget (PH_ACCOUNT_PAGE (object));
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_ACCOUNT_PAGE);

  G_OBJECT_CLASS (ph_account_page_parent_class)->dispose (object);
}

static void
ph_account_page_class_init (PhAccountPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_account_page_dispose;

  g_type_ensure (PH_TYPE_ACCOUNT_ALIASES);
  g_type_ensure (PH_TYPE_ACCOUNT_DETAILS);
  g_type_ensure (PH_TYPE_ACCOUNT_FORWARDING);
  g_type_ensure (PH_TYPE_ACCOUNT_LOGINS);
  g_type_ensure (PH_TYPE_ACCOUNT_PROTOCOLS);
  g_type_ensure (PH_TYPE_ACCOUNT_REPLY);
  g_type_ensure (PH_TYPE_ACCOUNT_STORAGE);
  g_type_ensure (PH_TYPE_ACCOUNT_TRANSFER);
  g_type_ensure (PH_TYPE_APP_PASSWORDS);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "accounts.back", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "accounts.back", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-account-page.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, back_button);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, avatar);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, name_label);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, address_label);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, connect_button);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, delete_button);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, details);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, app_passwords);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, aliases);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, forwarding);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, protocols);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, reply);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, storage);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, transfer);
  gtk_widget_class_bind_template_child (widget_class, PhAccountPage, logins);
}

static void
ph_account_page_init (PhAccountPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ph_row_wrap_buttons (GTK_WIDGET (self));
  ph_row_keep_name (GTK_WIDGET (self->connect_button));
}

void
ph_account_page_set_account (PhAccountPage *self,
                             PhServer      *server,
                             PhAccount     *account)
{
  g_return_if_fail (PH_IS_ACCOUNT_PAGE (self));

  forget (self);
  g_set_object (&self->account, account);
  ph_account_details_set_account (self->details, server, account);
  ph_app_passwords_set_account (self->app_passwords, server, account);
  ph_account_aliases_set_account (self->aliases, ph_server_get_accounts (server), account);
  ph_account_forwarding_set_account (self->forwarding, ph_server_get_accounts (server), account);
  ph_account_protocols_set_account (self->protocols, account);
  ph_account_reply_set_account (self->reply, account);
  ph_account_storage_set_account (self->storage, server, account);
  ph_account_transfer_set_account (self->transfer, server, account);
  ph_account_logins_set_account (self->logins, ph_server_get_journal (server), account);
  if (account == NULL)
    return;

  set_action (self->connect_button, "accounts.connect", account);
  set_action (self->delete_button, "accounts.delete", account);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (adw_bin_get_child (ADW_BIN (self)))), 0);
  gtk_widget_grab_focus (self->back_button);
  g_signal_connect_object (account, "notify::display-name", G_CALLBACK (update_name), self, G_CONNECT_SWAPPED);
  update_name (self);
}

PhAccount *
ph_account_page_get_account (PhAccountPage *self)
{
  g_return_val_if_fail (PH_IS_ACCOUNT_PAGE (self), NULL);

  return self->account;
}
