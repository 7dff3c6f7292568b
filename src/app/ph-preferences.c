#include "ph-preferences.h"

#include "ph-backup-group.h"
#include "ph-blocked-group.h"
#include "ph-certificate-page.h"
#include "ph-copy-row.h"
#include "ph-domains-group.h"
#include "ph-entry-setting.h"
#include "ph-keeping-group.h"
#include "ph-limits-group.h"
#include "ph-relay-page.h"
#include "ph-service-settings-row.h"
#include "ph-wheel.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#define N_SWITCHES 4

struct _PhPreferences
{
  AdwPreferencesWindow parent_instance;

  AdwPreferencesGroup *services_group;
  GtkWidget           *host_name_entry;
  GtkSwitch           *log_switch;
  GtkSwitch           *keep_running_switch;
  GtkSwitch           *switches[N_SWITCHES];
  PhCopyRow           *file_row;
  PhBackupGroup       *backup_group;
  PhBlockedGroup      *blocked_group;
  PhCertificatePage   *certificate_page;
  PhDomainsGroup      *domains_group;
  PhKeepingGroup      *keeping_group;
  PhLimitsGroup       *limits_group;
  PhRelayPage         *relay_page;

  PhSettings *settings;
};

G_DEFINE_FINAL_TYPE (PhPreferences, ph_preferences, ADW_TYPE_PREFERENCES_WINDOW)

static const PhEntrySetting host_name = { "host_name_entry", "host-name", N_ ("Name of this server"), ph_entry_setting_check_host, FALSE };

static const struct
{
  const char *id;
  const char *property;
} switches[N_SWITCHES] = {
  { "start_on_login_switch", "start-on-login" },
  { "notify_mail_switch", "notify-mail" },
  { "notify_failures_switch", "notify-failures" },
  { "notify_services_switch", "notify-services" },
};

static void
bind_settings (PhPreferences *self)
{
  GBindingFlags flags = G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL;

  ph_entry_setting_bind (&host_name, self->settings, self->host_name_entry);
  g_object_bind_property (self->settings, "log-file", self->log_switch, "active", flags);
  g_object_bind_property (self->settings, "keep-running", self->keep_running_switch, "active", flags);
  for (guint i = 0; i < N_SWITCHES; i++)
    g_object_bind_property (self->settings, switches[i].property, self->switches[i], "active", flags);
  ph_copy_row_set_value (self->file_row, ph_settings_get_path (self->settings));
}

/* For what stands on the pages. */
static void
toast_cb (GtkWidget  *widget,
          const char *action,
          GVariant   *parameter)
{
  g_autofree char *escaped = g_markup_escape_text (g_variant_get_string (parameter, NULL), -1);

  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (widget), adw_toast_new (escaped));
}

static void
ph_preferences_dispose (GObject *object)
{
  PhPreferences *self = PH_PREFERENCES (object);

  g_clear_object (&self->settings);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_PREFERENCES);

  G_OBJECT_CLASS (ph_preferences_parent_class)->dispose (object);
}

static void
ph_preferences_class_init (PhPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_preferences_dispose;

  g_type_ensure (PH_TYPE_BACKUP_GROUP);
  g_type_ensure (PH_TYPE_BLOCKED_GROUP);
  g_type_ensure (PH_TYPE_CERTIFICATE_PAGE);
  g_type_ensure (PH_TYPE_COPY_ROW);
  g_type_ensure (PH_TYPE_DOMAINS_GROUP);
  g_type_ensure (PH_TYPE_KEEPING_GROUP);
  g_type_ensure (PH_TYPE_LIMITS_GROUP);
  g_type_ensure (PH_TYPE_RELAY_PAGE);
  gtk_widget_class_install_action (widget_class, "win.toast", "s", toast_cb);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, host_name_entry);
  for (guint i = 0; i < N_SWITCHES; i++)
    gtk_widget_class_bind_template_child_full (widget_class, switches[i].id, FALSE,
                                               G_STRUCT_OFFSET (PhPreferences, switches) + (gssize)(i * sizeof (gpointer)));
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, services_group);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, log_switch);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, keep_running_switch);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, file_row);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, backup_group);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, blocked_group);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, certificate_page);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, domains_group);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, keeping_group);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, limits_group);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, relay_page);
}

static void
ph_preferences_init (PhPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_preferences_new (PhServer  *server,
                    GtkWindow *parent)
{
  PhPreferences *self = g_object_new (PH_TYPE_PREFERENCES, "transient-for", parent, NULL);
  GListModel    *services = ph_server_get_services (server);

  self->settings = g_object_ref (ph_server_get_settings (server));
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (services, i);

      adw_preferences_group_add (self->services_group, ph_service_settings_row_new (server, service));
    }
  bind_settings (self);
  ph_backup_group_set_server (self->backup_group, server);
  ph_blocked_group_set_server (self->blocked_group, server);
  ph_domains_group_set_server (self->domains_group, server);
  ph_keeping_group_set_server (self->keeping_group, server);
  ph_limits_group_set_settings (self->limits_group, self->settings);
  ph_relay_page_set_settings (self->relay_page, self->settings);
  ph_certificate_page_set_server (self->certificate_page, server);
  ph_wheel_leave_numbers (GTK_WIDGET (self));

  return GTK_WIDGET (self);
}
