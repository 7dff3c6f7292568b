#include "ph-account-row.h"

#include "ph-format.h"
#include "ph-use-meter.h"

#include <glib/gi18n.h>

struct _PhAccountRow
{
  AdwActionRow parent_instance;

  AdwAvatar     *avatar;
  PhUseMeter    *use_meter;
  GtkMenuButton *menu_button;

  PhAccount        *account;
  PhAccountFigures *figures;
};

G_DEFINE_FINAL_TYPE (PhAccountRow, ph_account_row, ADW_TYPE_ACTION_ROW)

/* When and with what program, and in the tooltip exactly when. */
static char *
dup_login (PhAccountRow *self)
{
  guint            n_connected = ph_account_figures_get_n_connected (self->figures, ph_account_get_address (self->account));
  gint64           last_login;
  g_autofree char *client = NULL;
  g_autofree char *relative = NULL;
  g_autofree char *exact = NULL;
  g_autofree char *tooltip = NULL;

  g_object_get (self->account, "last-login", &last_login, "last-login-client", &client, NULL);
  if (last_login == 0)
    return NULL;

  exact = ph_format_absolute_time (last_login);
  if (client != NULL)
    /* Translators: a date and time, and the name of a mail program */
    tooltip = g_strdup_printf (_ ("Last login %s, with %s"), exact, client);
  else
    tooltip = g_strdup_printf (_ ("Last login %s"), exact);
  if (g_strcmp0 (gtk_widget_get_tooltip_text (GTK_WIDGET (self)), tooltip) != 0)
    gtk_widget_set_tooltip_text (GTK_WIDGET (self), tooltip);
  if (n_connected > 0)
    /* Translators: how many clients of an account are connected */
    return g_strdup_printf (ngettext ("Connected now, %u session", "Connected now, %u sessions", n_connected), n_connected);
  relative = ph_format_relative_time (last_login, g_get_real_time ());
  if (client != NULL)
    /* Translators: a moment, and a protocol or program: "Last login 5 minutes ago, with IMAP (Thunderbird)" */
    return g_strdup_printf (_ ("Last login %s, with %s"), relative, client);

  /* Translators: "Last login just now", "Last login 5 minutes ago" */
  return g_strdup_printf (_ ("Last login %s"), relative);
}

static void
update_use (PhAccountRow *self)
{
  guint64 used;

  if (ph_account_figures_get_used (self->figures, ph_account_get_address (self->account), &used))
    ph_use_meter_set (self->use_meter, used, ph_account_get_quota (self->account));
}

static void
update (PhAccountRow *self)
{
  const char      *name = ph_account_get_display_name (self->account);
  const char      *address = ph_account_get_address (self->account);
  gboolean         has_name = name != NULL && *name != '\0';
  g_autofree char *login = dup_login (self);
  g_autofree char *subtitle = NULL;

  if (has_name && login != NULL)
    subtitle = g_strdup_printf ("%s\n%s", address, login);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), has_name ? name : address);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle != NULL ? subtitle : has_name ? address
                                                                                             : login);
  adw_avatar_set_text (self->avatar, has_name ? name : address);
  update_use (self);
}

static void
make_menu (PhAccountRow *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenuItem) connect = g_menu_item_new (_ ("_Connect a Mail App…"), NULL);
  g_autoptr (GMenuItem) change = g_menu_item_new (_ ("Change _Password…"), NULL);
  g_autoptr (GMenuItem) delete = g_menu_item_new (_ ("_Delete…"), NULL);
  const char *address = ph_account_get_address (self->account);
  /* Translators: an account’s address; the name of a menu for screen readers */
  g_autofree char *label = g_strdup_printf (_ ("Actions for %s"), address);

  g_menu_item_set_action_and_target (connect, "accounts.connect", "s", address);
  g_menu_item_set_action_and_target (change, "accounts.change-password", "s", address);
  g_menu_item_set_action_and_target (delete, "accounts.delete", "s", address);
  g_menu_append_item (menu, connect);
  g_menu_append_item (menu, change);
  g_menu_append_item (menu, delete);
  gtk_menu_button_set_menu_model (self->menu_button, G_MENU_MODEL (menu));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->menu_button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self), "s", address);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self), "accounts.open");
}

static void
ph_account_row_map (GtkWidget *widget)
{
  PhAccountRow *self = PH_ACCOUNT_ROW (widget);

  if (self->account != NULL)
    update (self);
  GTK_WIDGET_CLASS (ph_account_row_parent_class)->map (widget);
}

static void
ph_account_row_dispose (GObject *object)
{
  PhAccountRow *self = PH_ACCOUNT_ROW (object);

  if (self->account != NULL)
    g_signal_handlers_disconnect_by_data (self->account, self);
  g_clear_object (&self->account);
  if (self->figures != NULL)
    g_signal_handlers_disconnect_by_data (self->figures, self);
  g_clear_object (&self->figures);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_ACCOUNT_ROW);

  G_OBJECT_CLASS (ph_account_row_parent_class)->dispose (object);
}

static void
ph_account_row_class_init (PhAccountRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_account_row_dispose;
  widget_class->map = ph_account_row_map;

  g_type_ensure (PH_TYPE_USE_METER);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-account-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAccountRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, PhAccountRow, use_meter);
  gtk_widget_class_bind_template_child (widget_class, PhAccountRow, menu_button);
}

static void
ph_account_row_init (PhAccountRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_account_row_new (PhAccount        *account,
                    PhAccountFigures *figures)
{
  PhAccountRow *self = g_object_new (PH_TYPE_ACCOUNT_ROW, NULL);

  self->account = g_object_ref (account);
  self->figures = g_object_ref (figures);
  g_signal_connect_object (figures, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (account, "notify::quota", G_CALLBACK (update_use), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (account, "notify::display-name", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (account, "notify::last-login", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  make_menu (self);

  return GTK_WIDGET (self);
}
