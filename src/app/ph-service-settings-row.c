#include "ph-service-settings-row.h"

#include "ph-entry-row.h"
#include "ph-format.h"
#include "ph-service-test-row.h"

#include <glib/gi18n.h>

struct _PhServiceSettingsRow
{
  AdwExpanderRow parent_instance;

  GtkSwitch        *enabled_switch;
  AdwEntryRow      *address_entry;
  AdwEntryRow      *port_entry;
  AdwComboRow      *tls_row;
  GtkSpinButton    *connections_spin;
  GtkSpinButton    *per_address_spin;
  GtkSpinButton    *silence_spin;
  PhServiceTestRow *test_row;

  PhSettings *settings;
  char       *name;
  gboolean    is_loading;
};

G_DEFINE_FINAL_TYPE (PhServiceSettingsRow, ph_service_settings_row, ADW_TYPE_EXPANDER_ROW)

static void
set_text (AdwEntryRow *row,
          const char  *text)
{
  if (!g_str_equal (gtk_editable_get_text (GTK_EDITABLE (row)), text))
    gtk_editable_set_text (GTK_EDITABLE (row), text);
}

/* What the choice means to those who come: to smtp and lmtp other servers, who do not log in; to the rest people's programs. */
static const char *
describe_tls (PhServiceSettingsRow *self,
              PhTlsRule             rule)
{
  gboolean is_for_servers = g_str_equal (self->name, "smtp") || g_str_equal (self->name, "lmtp");

  switch (rule)
    {
    case PH_TLS_RULE_REQUIRED:
      return is_for_servers ? _ ("Mail servers that know no TLS can’t deliver here") : _ ("Clients begin with STARTTLS, those of this computer too");
    case PH_TLS_RULE_OFF:
      if (is_for_servers)
        return _ ("Mail can be read on the way");
      return ph_settings_get_boolean (self->settings, "logins-in-clear") ? _ ("Mail and passwords can be read on the way") : _ ("Only clients of this computer can log in");
    case PH_TLS_RULE_OFFERED:
    default:
      return _ ("Clients may begin with STARTTLS");
    }
}

static void
load_rules (PhServiceSettingsRow *self)
{
  PhServiceRules rules;

  if (!ph_settings_get_service_rules (self->settings, self->name, &rules))
    return;

  self->is_loading = TRUE;
  adw_combo_row_set_selected (self->tls_row, rules.tls);
  gtk_spin_button_set_value (self->connections_spin, rules.connections);
  gtk_spin_button_set_value (self->per_address_spin, rules.connections_per_address);
  gtk_spin_button_set_value (self->silence_spin, rules.silence);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->tls_row), describe_tls (self, rules.tls));
  self->is_loading = FALSE;
}

static void
apply_rules (PhServiceSettingsRow *self)
{
  PhServiceRules rules;

  if (self->is_loading || self->settings == NULL)
    return;

  rules = (PhServiceRules){ (PhTlsRule)adw_combo_row_get_selected (self->tls_row), (guint)gtk_spin_button_get_value_as_int (self->connections_spin),
                            (guint)gtk_spin_button_get_value_as_int (self->per_address_spin), (guint)gtk_spin_button_get_value_as_int (self->silence_spin) };
  ph_settings_set_service_rules (self->settings, self->name, &rules);
}

static void
load (PhServiceSettingsRow *self)
{
  g_autofree char *address = NULL;
  g_autofree char *port_text = NULL;
  g_autofree char *endpoint = NULL;
  g_autofree char *subtitle = NULL;
  gboolean         enabled;
  guint16          port;

  if (!ph_settings_get_service (self->settings, self->name, &enabled, &address, &port))
    return;

  self->is_loading = TRUE;
  port_text = g_strdup_printf ("%u", port);
  endpoint = ph_format_endpoint (address, port);
  /* Translators: the address and port of a service */
  subtitle = enabled ? g_steal_pointer (&endpoint) : g_strdup_printf (_ ("%s · does not start with the others"), endpoint);
  gtk_switch_set_active (self->enabled_switch, enabled);
  set_text (self->address_entry, address);
  set_text (self->port_entry, port_text);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), subtitle);
  self->is_loading = FALSE;
}

static void
validate (PhServiceSettingsRow *self)
{
  ph_entry_row_set_problem (self->address_entry, _ ("Address"),
                            ph_entry_row_check_address (gtk_editable_get_text (GTK_EDITABLE (self->address_entry))));
  ph_entry_row_set_problem (self->port_entry, _ ("Port"),
                            ph_entry_row_check_port (gtk_editable_get_text (GTK_EDITABLE (self->port_entry))));
}

/* What is not valid stays in its entry, marked, and the settings as they were. */
static void
apply (PhServiceSettingsRow *self)
{
  const char *address = gtk_editable_get_text (GTK_EDITABLE (self->address_entry));
  const char *port = gtk_editable_get_text (GTK_EDITABLE (self->port_entry));

  validate (self);
  if (self->is_loading || self->settings == NULL || ph_entry_row_check_address (address) != NULL || ph_entry_row_check_port (port) != NULL)
    return;

  ph_settings_set_service (self->settings, self->name, gtk_switch_get_active (self->enabled_switch), address,
                           (guint16)g_ascii_strtoull (port, NULL, 10));
}

static void
services_changed_cb (PhServiceSettingsRow *self,
                     const char           *name)
{
  if (!g_str_equal (name, self->name))
    return;

  load (self);
  load_rules (self);
}

static void
ph_service_settings_row_dispose (GObject *object)
{
  PhServiceSettingsRow *self = PH_SERVICE_SETTINGS_ROW (object);

  g_clear_object (&self->settings);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_SERVICE_SETTINGS_ROW);

  G_OBJECT_CLASS (ph_service_settings_row_parent_class)->dispose (object);
}

static void
ph_service_settings_row_finalize (GObject *object)
{
  g_free (PH_SERVICE_SETTINGS_ROW (object)->name);

  G_OBJECT_CLASS (ph_service_settings_row_parent_class)->finalize (object);
}

static void
ph_service_settings_row_class_init (PhServiceSettingsRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_service_settings_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_service_settings_row_finalize;

  g_type_ensure (PH_TYPE_SERVICE_TEST_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-service-settings-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhServiceSettingsRow, enabled_switch);
  gtk_widget_class_bind_template_child (widget_class, PhServiceSettingsRow, address_entry);
  gtk_widget_class_bind_template_child (widget_class, PhServiceSettingsRow, port_entry);
  gtk_widget_class_bind_template_child (widget_class, PhServiceSettingsRow, tls_row);
  gtk_widget_class_bind_template_child (widget_class, PhServiceSettingsRow, connections_spin);
  gtk_widget_class_bind_template_child (widget_class, PhServiceSettingsRow, per_address_spin);
  gtk_widget_class_bind_template_child (widget_class, PhServiceSettingsRow, silence_spin);
  gtk_widget_class_bind_template_child (widget_class, PhServiceSettingsRow, test_row);
  gtk_widget_class_bind_template_callback (widget_class, apply);
  gtk_widget_class_bind_template_callback (widget_class, apply_rules);
  gtk_widget_class_bind_template_callback (widget_class, validate);
}

static void
ph_service_settings_row_init (PhServiceSettingsRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_service_settings_row_new (PhServer  *server,
                             PhService *service)
{
  PhServiceSettingsRow *self = g_object_new (PH_TYPE_SERVICE_SETTINGS_ROW, NULL);

  self->name = g_strdup (ph_service_get_name (service));
  self->settings = g_object_ref (ph_server_get_settings (server));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), ph_service_get_title (service));
  ph_service_test_row_set_service (self->test_row, server, service);
  g_signal_connect_object (self->settings, "services-changed", G_CALLBACK (services_changed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_set_visible (GTK_WIDGET (self->tls_row), ph_service_get_tls (service) != PH_SERVICE_TLS_IMPLICIT);
  self->is_loading = TRUE; /* nothing of this is anybody's choice */
  gtk_spin_button_set_range (self->silence_spin, ph_service_get_silence_min (service), PH_SERVICE_SILENCE_MAX);
  load (self);
  load_rules (self);

  return GTK_WIDGET (self);
}
