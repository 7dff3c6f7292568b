#include "ph-overview-view.h"

#include "ph-client-setup.h"
#include "ph-connect-note.h"
#include "ph-connect-row.h"
#include "ph-copy-row.h"
#include "ph-service-row.h"
#include "ph-storage-group.h"
#include "ph-time-label.h"
#include "ph-traffic-group.h"

#include <glib/gi18n.h>

struct _PhOverviewView
{
  AdwBin parent_instance;

  GtkWidget           *welcome;
  AdwPreferencesGroup *services_group;
  PhTrafficGroup      *traffic_group;
  PhStorageGroup      *storage_group;
  AdwPreferencesGroup *connect_group;
  AdwComboRow         *account_row;
  PhConnectNote       *connect_note;
  GtkWidget           *certificate_group;
  PhCopyRow           *fingerprint_row;
  PhTimeLabel         *expiry_label;

  PhServer  *server;
  GPtrArray *connect_rows; /* of PhConnectRow, borrowed */
};

G_DEFINE_FINAL_TYPE (PhOverviewView, ph_overview_view, ADW_TYPE_BIN)

static void
service_switched_cb (PhOverviewView *self,
                     gboolean        wanted,
                     PhServiceRow   *row)
{
  if (wanted)
    ph_server_start_service (self->server, ph_service_row_get_service (row));
  else
    ph_server_stop_service (self->server, ph_service_row_get_service (row));
}

static void
update_names (PhOverviewView *self)
{
  PhAccount       *account = adw_combo_row_get_selected_item (self->account_row);
  g_autofree char *host_name = NULL;

  g_object_get (ph_server_get_settings (self->server), "host-name", &host_name, NULL);
  for (guint i = 0; i < self->connect_rows->len; i++)
    ph_connect_row_set_account (g_ptr_array_index (self->connect_rows, i), account, host_name);
  ph_connect_note_set_account (self->connect_note, account);
}

static void
update_accounts (PhOverviewView *self)
{
  guint n_accounts = g_list_model_get_n_items (G_LIST_MODEL (ph_server_get_accounts (self->server)));

  gtk_widget_set_visible (self->welcome, n_accounts == 0);
  gtk_widget_set_visible (GTK_WIDGET (self->storage_group), n_accounts > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->connect_group), n_accounts > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->account_row), n_accounts > 1);
  update_names (self);
}

static void
update_certificate (PhOverviewView *self)
{
  const char *fingerprint = ph_server_get_certificate_fingerprint (self->server);

  gtk_widget_set_visible (self->certificate_group, fingerprint != NULL);
  ph_copy_row_set_value (self->fingerprint_row, fingerprint);
  g_object_set (self->expiry_label, "time", ph_server_get_certificate_expiry (self->server), NULL);
}

static void
add_service (PhOverviewView *self,
             PhService      *service)
{
  GtkWidget *row = ph_service_row_new (service);

  g_signal_connect_object (row, "switched", G_CALLBACK (service_switched_cb), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (self->services_group, row);

  if (ph_client_setup_get_protocol (service) != 0)
    {
      row = ph_connect_row_new (service);
      adw_preferences_group_add (self->connect_group, row);
      g_ptr_array_add (self->connect_rows, row);
    }
}

static void
ph_overview_view_dispose (GObject *object)
{
  PhOverviewView *self = PH_OVERVIEW_VIEW (object);

  g_ptr_array_set_size (self->connect_rows, 0);
  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_OVERVIEW_VIEW);

  G_OBJECT_CLASS (ph_overview_view_parent_class)->dispose (object);
}

static void
ph_overview_view_finalize (GObject *object)
{
  g_ptr_array_unref (PH_OVERVIEW_VIEW (object)->connect_rows);

  G_OBJECT_CLASS (ph_overview_view_parent_class)->finalize (object);
}

static void
ph_overview_view_class_init (PhOverviewViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_overview_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_overview_view_finalize;

  g_type_ensure (PH_TYPE_CONNECT_NOTE);
  g_type_ensure (PH_TYPE_COPY_ROW);
  g_type_ensure (PH_TYPE_STORAGE_GROUP);
  g_type_ensure (PH_TYPE_TIME_LABEL);
  g_type_ensure (PH_TYPE_TRAFFIC_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-overview-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PhOverviewView, welcome);
  gtk_widget_class_bind_template_child (widget_class, PhOverviewView, services_group);
  gtk_widget_class_bind_template_child (widget_class, PhOverviewView, traffic_group);
  gtk_widget_class_bind_template_child (widget_class, PhOverviewView, storage_group);
  gtk_widget_class_bind_template_child (widget_class, PhOverviewView, connect_group);
  gtk_widget_class_bind_template_child (widget_class, PhOverviewView, account_row);
  gtk_widget_class_bind_template_child (widget_class, PhOverviewView, connect_note);
  gtk_widget_class_bind_template_child (widget_class, PhOverviewView, certificate_group);
  gtk_widget_class_bind_template_child (widget_class, PhOverviewView, fingerprint_row);
  gtk_widget_class_bind_template_child (widget_class, PhOverviewView, expiry_label);
}

static void
ph_overview_view_init (PhOverviewView *self)
{
  self->connect_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ph_overview_view_set_server (PhOverviewView *self,
                             PhServer       *server)
{
  GListModel *services;
  PhAccounts *accounts;

  g_return_if_fail (PH_IS_OVERVIEW_VIEW (self));
  g_return_if_fail (self->server == NULL);

  self->server = g_object_ref (server);
  services = ph_server_get_services (server);
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (services, i);

      add_service (self, service);
    }

  ph_traffic_group_set_journal (self->traffic_group, ph_server_get_journal (server));
  ph_storage_group_set_server (self->storage_group, server);
  accounts = ph_server_get_accounts (server);
  adw_combo_row_set_expression (self->account_row, gtk_property_expression_new (PH_TYPE_ACCOUNT, NULL, "address"));
  adw_combo_row_set_model (self->account_row, G_LIST_MODEL (accounts));
  g_signal_connect_object (self->account_row, "notify::selected-item", G_CALLBACK (update_names), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (accounts, "items-changed", G_CALLBACK (update_accounts), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (ph_server_get_settings (server), "notify::host-name", G_CALLBACK (update_names), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (server, "notify::running", G_CALLBACK (update_certificate), self, G_CONNECT_SWAPPED);
  update_accounts (self);
  update_certificate (self);
}
