#include "ph-peer.h"

#include <gio/gio.h>

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
