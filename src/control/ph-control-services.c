/* Start, stop, and what runs. */

#include "ph-control-private.h"

static const char *const tls_names[] = { "none", "starttls", "implicit" };
static const char *const state_names[] = { "stopped", "starting", "running", "stopping", "failed" };

static void
started_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean started = ph_server_start_finish (PH_SERVER (source), result, &error);

  ph_control_answer (user_data, started, error);
}

static void
start (PhControl             *self,
       GVariant              *parameters,
       GDBusMethodInvocation *invocation)
{
  ph_server_start_async (ph_control_get_server (self), NULL, started_cb, invocation);
}

static void
stopped_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  g_autoptr (PhControl) self = g_object_ref (g_dbus_method_invocation_get_user_data (invocation));
  g_autoptr (GDBusConnection) connection = g_object_ref (g_dbus_method_invocation_get_connection (invocation));
  g_autoptr (GError) error = NULL;
  gboolean stopped = ph_server_stop_finish (PH_SERVER (source), result, &error);

  ph_control_answer (invocation, stopped, error);
  ph_control_stopped (self, connection);
}

static void
stop (PhControl             *self,
      GVariant              *parameters,
      GDBusMethodInvocation *invocation)
{
  ph_server_stop_async (ph_control_get_server (self), NULL, stopped_cb, invocation);
}

static void
quit (PhControl             *self,
      GVariant              *parameters,
      GDBusMethodInvocation *invocation)
{
  g_autoptr (GDBusConnection) connection = g_object_ref (g_dbus_method_invocation_get_connection (invocation));

  ph_control_succeed (invocation, NULL);
  ph_control_quit (self, connection);
}

static void
list_services (PhControl             *self,
               GVariant              *parameters,
               GDBusMethodInvocation *invocation)
{
  GListModel     *services = ph_server_get_services (ph_control_get_server (self));
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ssqsss)"));

  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (services, i);

      g_variant_builder_add (&builder, "(@s@sqss@s)",
                             ph_control_new_string (ph_service_get_name (service)), ph_control_new_string (ph_service_get_address (service)),
                             ph_service_get_port (service), tls_names[ph_service_get_tls (service)],
                             state_names[ph_service_get_state (service)], ph_control_new_string (ph_service_get_reason (service)));
    }
  ph_control_succeed (invocation, g_variant_new ("(a(ssqsss))", &builder));
}

const PhControlMethod ph_control_services_methods[] = {
  { "Start", start },
  { "Stop", stop },
  { "Quit", quit },
  { "ListServices", list_services },
  { NULL, NULL },
};
