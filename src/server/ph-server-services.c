/* The part of PhServer that has its services do as the settings say. */

#include "ph-door.h"
#include "ph-server-private.h"

static void
configure_rules (PhServer  *self,
                 PhService *service)
{
  PhServiceRules rules;

  if (ph_settings_get_service_rules (self->settings, ph_service_get_name (service), &rules))
    ph_service_set_rules (service, &rules);
}

static void
configure_service (PhServer  *self,
                   PhService *service)
{
  g_autofree char *address = NULL;
  gboolean         enabled;
  guint16          port;

  ph_settings_get_service (self->settings, ph_service_get_name (service), &enabled, &address, &port);
  ph_service_configure (service, enabled, address, port);
}

static void
restarted_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (PhServer) self = user_data;

  ph_service_stop_finish (PH_SERVICE (source), result, NULL);
  configure_service (self, PH_SERVICE (source));
  if (ph_service_get_enabled (PH_SERVICE (source)))
    ph_server_start_service (self, PH_SERVICE (source));
}

static gboolean
is_as_set (PhServer  *self,
           PhService *service)
{
  g_autofree char *address = NULL;
  gboolean         enabled;
  guint16          port;

  ph_settings_get_service (self->settings, ph_service_get_name (service), &enabled, &address, &port);

  return ph_service_is_configured (service, enabled, address, port);
}

/* A service that runs, or failed to, is started again where it now belongs; how it treats its clients changes without that. */
static void
services_changed_cb (PhServer   *self,
                     const char *name)
{
  PhService *service = ph_server_find_service (self, name);

  configure_rules (self, service);
  if (is_as_set (self, service) && ph_service_get_state (service) != PH_SERVICE_FAILED)
    return;

  if (ph_service_get_state (service) == PH_SERVICE_STOPPED)
    configure_service (self, service);
  else
    ph_service_stop_async (service, restarted_cb, g_object_ref (self));
}

static void
service_state_cb (PhServer *self)
{
  g_object_notify (G_OBJECT (self), "running");
}

void
ph_server_make_services (PhServer *self)
{
  self->blocked = ph_block_list_new (self->settings, self->clock);
  self->doors = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < ph_settings_n_services; i++)
    {
      g_autoptr (PhService) service = ph_session_factory_make_service (self->factory, &ph_settings_services[i], self->poller);

      configure_service (self, service);
      configure_rules (self, service);
      g_signal_connect_object (service, "notify::state", G_CALLBACK (service_state_cb), self, G_CONNECT_SWAPPED);
      g_list_store_append (self->services, service);
      g_ptr_array_add (self->doors, ph_door_new (service, self->blocked, self->journal, self->clock));
    }
  g_signal_connect_object (self->settings, "services-changed", G_CALLBACK (services_changed_cb), self, G_CONNECT_SWAPPED);
}
