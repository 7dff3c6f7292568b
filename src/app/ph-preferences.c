#include "ph-preferences.h"

#include "ph-backup-group.h"
#include "ph-blocked-group.h"
#include "ph-certificate-page.h"
#include "ph-copy-row.h"
#include "ph-domains-group.h"
#include "ph-entry-row.h"
#include "ph-keeping-group.h"
#include "ph-limits-group.h"
#include "ph-scale.h"
#include "ph-service-settings-row.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#define N_ENTRIES 6
#define N_SWITCHES 4

struct _PhPreferences
{
  AdwPreferencesWindow parent_instance;

  AdwPreferencesGroup *services_group;
  GtkWidget           *entries[N_ENTRIES]; /* AdwEntryRow or AdwPasswordEntryRow */
  AdwComboRow         *tls_row;
  GtkSpinButton       *interval_spin;
  GtkSpinButton       *warn_spin;
  GtkSpinButton       *give_up_spin;
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

  PhSettings *settings;
};

G_DEFINE_FINAL_TYPE (PhPreferences, ph_preferences, ADW_TYPE_PREFERENCES_WINDOW)

/* What is typed, and what it may be */

static const char *
check_host (const char *text)
{
  if (strpbrk (text, " \t/@:") != NULL && !g_hostname_is_ip_address (text))
    return _ ("a host name or address, or nothing");

  return NULL;
}

/* "", ADDRESS or ADDRESS@PORT */
static const char *
check_dns_server (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "@", 2);

  if (*text == '\0')
    return NULL;
  if (!g_hostname_is_ip_address (parts[0]) || (parts[1] != NULL && ph_entry_row_check_port (parts[1]) != NULL))
    return _ ("a numeric address, or address@port, or nothing");

  return NULL;
}

static const struct
{
  const char *id;
  const char *property;
  const char *title;
  const char *(*check) (const char *text); /* NULL: anything will do */
  gboolean is_number;
} entries[N_ENTRIES] = {
  { "host_name_entry", "host-name", N_ ("Name of this server"), check_host, FALSE },
  { "smarthost_entry", "smarthost", N_ ("Smarthost"), check_host, FALSE },
  { "smarthost_port_entry", "smarthost-port", N_ ("Port"), ph_entry_row_check_port, TRUE },
  { "smarthost_user_entry", "smarthost-user", N_ ("User name"), NULL, FALSE },
  { "smarthost_password_entry", "smarthost-password", N_ ("Password"), NULL, FALSE },
  { "dns_server_entry", "dns-server", N_ ("DNS server"), check_dns_server, FALSE },
};

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

static guint
find_entry (PhPreferences *self,
            gpointer       row)
{
  guint i = 0;

  while (i < N_ENTRIES - 1 && (gpointer)self->entries[i] != row)
    i++;

  return i;
}

static const char *
get_problem (PhPreferences *self,
             guint          i)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entries[i]));

  return entries[i].check != NULL ? entries[i].check (text) : NULL;
}

static void
entry_changed_cb (PhPreferences *self,
                  GtkWidget     *row)
{
  guint i = find_entry (self, row);

  if (ADW_IS_ENTRY_ROW (row))
    ph_entry_row_set_problem (ADW_ENTRY_ROW (row), _ (entries[i].title), get_problem (self, i));
}

static void
entry_applied_cb (PhPreferences *self,
                  GtkWidget     *row)
{
  guint       i = find_entry (self, row);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (row));

  if (get_problem (self, i) != NULL)
    return;

  if (entries[i].is_number)
    g_object_set (self->settings, entries[i].property, (guint)g_ascii_strtoull (text, NULL, 10), NULL);
  else
    g_object_set (self->settings, entries[i].property, text, NULL);
}

static void
load_entry (PhPreferences *self,
            guint          i)
{
  g_autofree char *text = NULL;

  if (entries[i].is_number)
    {
      guint number;

      g_object_get (self->settings, entries[i].property, &number, NULL);
      text = g_strdup_printf ("%u", number);
    }
  else
    g_object_get (self->settings, entries[i].property, &text, NULL);

  if (!g_str_equal (gtk_editable_get_text (GTK_EDITABLE (self->entries[i])), text != NULL ? text : ""))
    gtk_editable_set_text (GTK_EDITABLE (self->entries[i]), text != NULL ? text : "");
  if (g_str_equal (entries[i].property, "smarthost-password") && text != NULL)
    explicit_bzero (text, strlen (text));
}

static void
bind_settings (PhPreferences *self)
{
  GBindingFlags flags = G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL;

  for (guint i = 0; i < N_ENTRIES; i++)
    load_entry (self, i);
  g_object_bind_property (self->settings, "smarthost-tls", self->tls_row, "selected", flags);
  g_object_bind_property (self->settings, "relay-interval", self->interval_spin, "value", flags);
  ph_scale_bind (self->settings, "relay-warn-after", self->warn_spin, PH_SCALE_HOUR);
  ph_scale_bind (self->settings, "relay-give-up-after", self->give_up_spin, PH_SCALE_DAY);
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
  gtk_widget_class_install_action (widget_class, "win.toast", "s", toast_cb);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-preferences.ui");
  for (guint i = 0; i < N_ENTRIES; i++)
    gtk_widget_class_bind_template_child_full (widget_class, entries[i].id, FALSE,
                                               G_STRUCT_OFFSET (PhPreferences, entries) + (gssize)(i * sizeof (gpointer)));
  for (guint i = 0; i < N_SWITCHES; i++)
    gtk_widget_class_bind_template_child_full (widget_class, switches[i].id, FALSE,
                                               G_STRUCT_OFFSET (PhPreferences, switches) + (gssize)(i * sizeof (gpointer)));
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, services_group);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, tls_row);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, interval_spin);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, warn_spin);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, give_up_spin);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, log_switch);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, keep_running_switch);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, file_row);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, backup_group);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, blocked_group);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, certificate_page);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, domains_group);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, keeping_group);
  gtk_widget_class_bind_template_child (widget_class, PhPreferences, limits_group);
  gtk_widget_class_bind_template_callback (widget_class, entry_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, entry_applied_cb);
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
  ph_certificate_page_set_server (self->certificate_page, server);

  return GTK_WIDGET (self);
}
