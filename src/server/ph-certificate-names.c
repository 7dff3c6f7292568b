#include "ph-certificate-names.h"

#include "ph-settings-keys.h"

#include <ifaddrs.h>
#include <netinet/in.h>

static void
add_name (GPtrArray  *names,
          const char *name)
{
  if (names->len < PH_CERTIFICATE_NAMES_MAX && !g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, g_strdup (name));
}

static void
add_interface (GPtrArray            *names,
               const struct ifaddrs *interface,
               GSocketFamily         family)
{
  g_autoptr (GSocketAddress) address = NULL;
  g_autofree char *text = NULL;
  GInetAddress    *inet;

  if (interface->ifa_addr == NULL || interface->ifa_addr->sa_family != (sa_family_t)family)
    return;
  address = g_socket_address_new_from_native (interface->ifa_addr,
                                              family == G_SOCKET_FAMILY_IPV4 ? sizeof (struct sockaddr_in) : sizeof (struct sockaddr_in6));
  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return;

  /* Link-local ones mean nothing without their interface. */
  inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address));
  if (g_inet_address_get_is_loopback (inet) || g_inet_address_get_is_link_local (inet))
    return;
  text = g_inet_address_to_string (inet);
  add_name (names, text);
}

static void
add_all_interfaces (GPtrArray    *names,
                    GSocketFamily family)
{
  struct ifaddrs *list;

  if (getifaddrs (&list) != 0)
    return;
  for (struct ifaddrs *interface = list; interface != NULL; interface = interface->ifa_next)
    {
      add_interface (names, interface, G_SOCKET_FAMILY_IPV4);
      if (family == G_SOCKET_FAMILY_IPV6)
        add_interface (names, interface, G_SOCKET_FAMILY_IPV6);
    }
  freeifaddrs (list);
}

GStrv
ph_certificate_names_collect (PhSettings *settings,
                              const char *host_name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  add_name (names, host_name);
  for (guint i = 0; i < ph_settings_n_services; i++)
    {
      g_autofree char *address = NULL;
      gboolean         enabled;
      g_autoptr (GInetAddress) inet = NULL;

      ph_settings_get_service (settings, ph_settings_services[i].name, &enabled, &address, NULL);
      inet = g_inet_address_new_from_string (address);
      if (!enabled || inet == NULL)
        continue;
      if (g_inet_address_get_is_any (inet))
        add_all_interfaces (names, g_inet_address_get_family (inet));
      else
        add_name (names, address);
    }
  g_ptr_array_add (names, NULL);

  return (GStrv)g_ptr_array_free (g_steal_pointer (&names), FALSE);
}
