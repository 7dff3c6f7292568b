#include "ph-address-guard.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

static char *
format_address (const struct sockaddr *address)
{
  char text[INET6_ADDRSTRLEN];

  if (address->sa_family == AF_INET)
    return g_strdup (inet_ntop (AF_INET, &((const struct sockaddr_in *)(gconstpointer)address)->sin_addr, text, sizeof text));
  if (address->sa_family == AF_INET6)
    return g_strdup (inet_ntop (AF_INET6, &((const struct sockaddr_in6 *)(gconstpointer)address)->sin6_addr, text, sizeof text));

  return NULL;
}

static void
add_interface (PhAddressGuard       *self,
               const struct ifaddrs *interface)
{
  char *text = interface->ifa_addr != NULL ? format_address (interface->ifa_addr) : NULL;
  g_autoptr (GInetAddress) inet = text != NULL ? g_inet_address_new_from_string (text) : NULL;

  if (inet == NULL)
    {
      g_free (text);
      return;
    }

  g_ptr_array_add (self->own, text);
  if (g_inet_address_get_is_loopback (inet) || g_inet_address_get_is_link_local (inet) || !(interface->ifa_flags & IFF_UP))
    return;
  if (g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV6)
    self->has_ipv6 = TRUE;
  else
    self->has_ipv4 = TRUE;
}

PhAddressGuard *
ph_address_guard_new (void)
{
  PhAddressGuard *self = g_new0 (PhAddressGuard, 1);
  struct ifaddrs *interfaces = NULL;

  self->own = g_ptr_array_new_with_free_func (g_free);
  if (getifaddrs (&interfaces) != 0)
    {
      self->has_ipv4 = self->has_ipv6 = TRUE;
      return self;
    }

  for (const struct ifaddrs *i = interfaces; i != NULL; i = i->ifa_next)
    add_interface (self, i);
  freeifaddrs (interfaces);

  return self;
}

void
ph_address_guard_free (PhAddressGuard *self)
{
  g_ptr_array_unref (self->own);
  g_free (self);
}

/* "::ffff:127.0.0.1" is 127.0.0.1 in another dress. */
static GInetAddress *
parse (const char *text)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (text);
  const guint8 *bytes;

  if (inet == NULL || g_inet_address_get_family (inet) != G_SOCKET_FAMILY_IPV6)
    return g_steal_pointer (&inet);

  bytes = g_inet_address_to_bytes (inet);
  if (IN6_IS_ADDR_V4MAPPED ((const struct in6_addr *)(gconstpointer)bytes))
    return g_inet_address_new_from_bytes (bytes + 12, G_SOCKET_FAMILY_IPV4);

  return g_steal_pointer (&inet);
}

static gboolean
is_here (const PhAddressGuard *self,
         GInetAddress         *inet)
{
  g_autofree char *text = g_inet_address_to_string (inet);
  const guint8    *bytes = g_inet_address_to_bytes (inet);

  if (g_inet_address_get_is_loopback (inet) || g_inet_address_get_is_any (inet))
    return TRUE;
  if (g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV4 && bytes[0] == 0)
    return TRUE; /* 0.0.0.0/8: "this network" */

  return g_ptr_array_find_with_equal_func (self->own, text, g_str_equal, NULL);
}

static gboolean
is_nobody (GInetAddress *inet)
{
  const guint8 *bytes = g_inet_address_to_bytes (inet);

  if (g_inet_address_get_is_multicast (inet) || g_inet_address_get_is_link_local (inet))
    return TRUE;

  return g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV4 && bytes[0] >= 240; /* RFC 1112 section 4, broadcast */
}

PhAddressVerdict
ph_address_guard_check (const PhAddressGuard *self,
                        const char           *address,
                        gboolean              allow_loopback)
{
  g_autoptr (GInetAddress) inet = parse (address);

  if (inet == NULL || is_nobody (inet))
    return PH_ADDRESS_FORBIDDEN;
  if (is_here (self, inet))
    return allow_loopback && !g_inet_address_get_is_any (inet) ? PH_ADDRESS_FINE : PH_ADDRESS_OWN;
  if (g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV6)
    return self->has_ipv6 ? PH_ADDRESS_FINE : PH_ADDRESS_UNREACHABLE;

  return self->has_ipv4 ? PH_ADDRESS_FINE : PH_ADDRESS_UNREACHABLE;
}
