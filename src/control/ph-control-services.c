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

static char *
format_faults (const PhServiceAnswer *answer)
{
  static const char *const names[] = { "name", "date", "untrusted", "other" };
  GString                 *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (answer->faults & (1u << i))
      g_string_append_printf (text, "%s%s", text->len > 0 ? "," : "", names[i]);
  if (answer->faults == 0 && answer->expiry != 0)
    g_string_append (text, "good");

  return g_string_free (text, FALSE);
}

static void
tested_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhServiceAnswer) answer = ph_server_test_service_finish (PH_SERVER (source), result, &error);
  g_autofree char *certificate = NULL;

  if (answer == NULL)
    {
      ph_control_refuse (invocation, error->message);
      return;
    }

  certificate = format_faults (answer);
  ph_control_succeed (invocation, g_variant_new ("(sx@ssx@s@s)", ph_service_outcome_get_name (answer->outcome), answer->delay,
                                                 ph_control_new_string (answer->tls_version), certificate, answer->expiry / G_USEC_PER_SEC,
                                                 ph_control_new_string (answer->offers), ph_control_new_string (answer->said)));
}

static void
test_service (PhControl             *self,
              GVariant              *parameters,
              GDBusMethodInvocation *invocation)
{
  PhServer   *server = ph_control_get_server (self);
  const char *name;
  PhService  *service;

  g_variant_get (parameters, "(&s)", &name);
  service = ph_server_find_service (server, name);
  if (service == NULL)
    ph_control_refuse (invocation, "There is no such service");
  else
    ph_server_test_service_async (server, service, NULL, tested_cb, invocation);
}

const PhControlMethod ph_control_services_methods[] = {
  { "Start", start },
  { "Stop", stop },
  { "Quit", quit },
  { "ListServices", list_services },
  { "TestService", test_service },
  { NULL, NULL },
};
