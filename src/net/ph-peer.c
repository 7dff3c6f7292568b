#include "ph-peer.h"

#include <gio/gio.h>
#include <string.h>

G_DEFINE_BOXED_TYPE (PhPeer, ph_peer, ph_peer_ref, ph_peer_unref)

PhPeer *
ph_peer_new (const char *address,
             guint16     port)
{
  PhPeer *self = g_rc_box_new0 (PhPeer);
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (address);

  self->address = g_strdup (address);
  self->port = port;
  self->is_loopback = inet != NULL && g_inet_address_get_is_loopback (inet);

  return self;
}

PhPeer *
ph_peer_ref (PhPeer *self)
{
  return g_rc_box_acquire (self);
}

static void
ph_peer_clear (gpointer data)
{
  PhPeer *self = data;

  g_free (self->address);
  g_free (self->tls_version);
  g_free (self->tls_cipher);
  g_free (self->tls_sni);
  g_free (self->tls_certificate);
  g_clear_pointer (&self->tls_exporter, g_bytes_unref);
  g_clear_pointer (&self->tls_server_end_point, g_bytes_unref);
}

void
ph_peer_unref (PhPeer *self)
{
  g_rc_box_release_full (self, ph_peer_clear);
}

#define NETWORK_SUFFIX "/64"

char *
ph_peer_dup_network (const char *address)
{
  g_autofree char *start = g_str_has_suffix (address, NETWORK_SUFFIX) ? g_strndup (address, strlen (address) - strlen (NETWORK_SUFFIX)) : NULL;
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (start != NULL ? start : address);
  const guint8 *bytes = inet != NULL ? g_inet_address_to_bytes (inet) : NULL;

  if (inet == NULL)
    return NULL;
  if (g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV6 && !g_inet_address_get_is_loopback (inet))
    return g_strdup_printf ("%02x%02x:%02x%02x:%02x%02x:%02x%02x::" NETWORK_SUFFIX,
                            bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]);

  return start == NULL ? g_inet_address_to_string (inet) : NULL;
}
