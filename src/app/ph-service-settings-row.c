#include "ph-service-settings-row.h"

#include "ph-entry-row.h"
#include "ph-format.h"

#include <glib/gi18n.h>

struct _PhServiceSettingsRow
{
  AdwExpanderRow parent_instance;

  GtkSwitch   *enabled_switch;
  AdwEntryRow *address_entry;
  AdwEntryRow *port_entry;

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
  if (g_str_equal (name, self->name))
    load (self);
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

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-service-settings-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhServiceSettingsRow, enabled_switch);
  gtk_widget_class_bind_template_child (widget_class, PhServiceSettingsRow, address_entry);
  gtk_widget_class_bind_template_child (widget_class, PhServiceSettingsRow, port_entry);
  gtk_widget_class_bind_template_callback (widget_class, apply);
  gtk_widget_class_bind_template_callback (widget_class, validate);
}

static void
ph_service_settings_row_init (PhServiceSettingsRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_service_settings_row_new (PhSettings *settings,
                             PhService  *service)
{
  PhServiceSettingsRow *self = g_object_new (PH_TYPE_SERVICE_SETTINGS_ROW, NULL);

  self->name = g_strdup (ph_service_get_name (service));
  self->settings = g_object_ref (settings);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), ph_service_get_title (service));
  g_signal_connect_object (settings, "services-changed", G_CALLBACK (services_changed_cb), self, G_CONNECT_SWAPPED);
  load (self);

  return GTK_WIDGET (self);
}
