#include "ph-relay-page.h"

#include "ph-entry-row.h"
#include "ph-entry-setting.h"
#include "ph-scale.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#define N_ENTRIES 6
#define SCHEDULE (N_ENTRIES - 1)

struct _PhRelayPage
{
  AdwPreferencesPage parent_instance;

  GtkWidget     *entries[N_ENTRIES];
  AdwComboRow   *tls_row;
  GtkSpinButton *interval_spin;
  GtkSpinButton *warn_spin;
  GtkSpinButton *give_up_spin;
};

G_DEFINE_FINAL_TYPE (PhRelayPage, ph_relay_page, ADW_TYPE_PREFERENCES_PAGE)

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

static const char *
check_schedule (const char *text)
{
  return ph_settings_is_schedule (text) ? NULL : _ ("numbers of minutes, such as 5 10 30");
}

/* Numbers in a row, which would turn round with the language: only their place does. */
static void
keep_order (GtkWidget *row)
{
  GtkEditable *text = gtk_editable_get_delegate (GTK_EDITABLE (row));

  if (gtk_widget_get_direction (row) == GTK_TEXT_DIR_RTL)
    gtk_editable_set_alignment (text, 1);
  gtk_widget_set_direction (GTK_WIDGET (text), GTK_TEXT_DIR_LTR);
}

static const PhEntrySetting entries[N_ENTRIES] = {
  { "smarthost_entry", "smarthost", N_ ("Smarthost"), ph_entry_setting_check_host, FALSE },
  { "smarthost_port_entry", "smarthost-port", N_ ("Port"), ph_entry_row_check_port, TRUE },
  { "smarthost_user_entry", "smarthost-user", N_ ("User name"), NULL, FALSE },
  { "smarthost_password_entry", "smarthost-password", N_ ("Password"), NULL, FALSE },
  { "dns_server_entry", "dns-server", N_ ("DNS server"), check_dns_server, FALSE },
  [SCHEDULE] = { "schedule_entry", "relay-schedule", N_ ("Minutes from one try to the next"), check_schedule, FALSE },
};

static void
ph_relay_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_RELAY_PAGE);

  G_OBJECT_CLASS (ph_relay_page_parent_class)->dispose (object);
}

static void
ph_relay_page_class_init (PhRelayPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_relay_page_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-relay-page.ui");
  for (guint i = 0; i < N_ENTRIES; i++)
    gtk_widget_class_bind_template_child_full (widget_class, entries[i].id, FALSE,
                                               G_STRUCT_OFFSET (PhRelayPage, entries) + (gssize)(i * sizeof (gpointer)));
  gtk_widget_class_bind_template_child (widget_class, PhRelayPage, tls_row);
  gtk_widget_class_bind_template_child (widget_class, PhRelayPage, interval_spin);
  gtk_widget_class_bind_template_child (widget_class, PhRelayPage, warn_spin);
  gtk_widget_class_bind_template_child (widget_class, PhRelayPage, give_up_spin);
}

static void
ph_relay_page_init (PhRelayPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ph_relay_page_set_settings (PhRelayPage *self,
                            PhSettings  *settings)
{
  GBindingFlags flags = G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL;

  g_return_if_fail (PH_IS_RELAY_PAGE (self));

  for (guint i = 0; i < N_ENTRIES; i++)
    ph_entry_setting_bind (&entries[i], settings, self->entries[i]);
  keep_order (self->entries[SCHEDULE]);
  g_object_bind_property (settings, "smarthost-tls", self->tls_row, "selected", flags);
  g_object_bind_property (settings, "relay-interval", self->interval_spin, "value", flags);
  ph_scale_bind (settings, "relay-warn-after", self->warn_spin, PH_SCALE_HOUR);
  ph_scale_bind (settings, "relay-give-up-after", self->give_up_spin, PH_SCALE_DAY);
}
