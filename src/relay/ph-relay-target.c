#include "ph-relay-target.h"

#include <gio/gio.h>
#include <string.h>

PhRelayTarget *
ph_relay_target_new (const PhRelayTarget *values)
{
  PhRelayTarget *self = g_rc_box_new (PhRelayTarget);

  *self = *values;
  self->host = g_strdup (values->host);
  self->user = values->user != NULL && *values->user != '\0' ? g_strdup (values->user) : NULL;
  self->password = g_strdup (values->password != NULL ? values->password : "");

  return self;
}

PhRelayTarget *
ph_relay_target_parse (const char *text)
{
  g_autoptr (GSocketConnectable) connectable = g_network_address_parse (text, 0, NULL);
  GNetworkAddress *address = (GNetworkAddress *)connectable;

  if (connectable == NULL || *g_network_address_get_hostname (address) == '\0' || strpbrk (text, " \t\r\n") != NULL)
    return NULL;

  return ph_relay_target_new (&(PhRelayTarget){
    .host = (char *)g_network_address_get_hostname (address),
    .port = g_network_address_get_port (address),
    .tls = PH_SMTP_TLS_OPPORTUNISTIC,
  });
}

PhRelayTarget *
ph_relay_target_ref (PhRelayTarget *self)
{
  return g_rc_box_acquire (self);
}

static void
target_clear (gpointer data)
{
  PhRelayTarget *self = data;

  explicit_bzero (self->password, strlen (self->password));
  g_free (self->password);
  g_free (self->user);
  g_free (self->host);
}

void
ph_relay_target_unref (PhRelayTarget *self)
{
  g_rc_box_release_full (self, target_clear);
}
