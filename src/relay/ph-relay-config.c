#include "ph-relay-config.h"

#include <string.h>

PhRelayConfig *
ph_relay_config_copy (const PhRelayConfig *self)
{
  PhRelayConfig *copy = g_new (PhRelayConfig, 1);

  *copy = *self;
  copy->host_name = g_strdup (self->host_name);
  copy->smarthost = g_strdup (self->smarthost);
  copy->sts_folder = g_strdup (self->sts_folder);
  copy->authorities = g_strdup (self->authorities);
  copy->smarthost_user = g_strdup (self->smarthost_user);
  copy->smarthost_password = g_strdup (self->smarthost_password);
  if (copy->signer != NULL)
    g_object_ref (copy->signer);
  if (copy->rules != NULL)
    ph_relay_rules_ref (copy->rules);

  return copy;
}

void
ph_relay_config_free (PhRelayConfig *self)
{
  char *password;

  if (self == NULL)
    return;

  password = (char *)self->smarthost_password;
  if (password != NULL)
    explicit_bzero (password, strlen (password));
  g_free (password);
  g_clear_object (&self->signer);
  g_clear_pointer (&self->rules, ph_relay_rules_unref);
  g_free ((char *)self->host_name);
  g_free ((char *)self->smarthost);
  g_free ((char *)self->smarthost_user);
  g_free ((char *)self->sts_folder);
  g_free ((char *)self->authorities);
  g_free (self);
}

gboolean
ph_relay_config_may_send (const PhRelayConfig *self)
{
  return self->guard == PH_RELAY_GUARD_ANYWHERE || (self->guard == PH_RELAY_GUARD_SMARTHOST && self->smarthost != NULL);
}

const PhRelayTarget *
ph_relay_config_find_route (const PhRelayConfig *self,
                            const char          *domain)
{
  if (domain == NULL || self->guard == PH_RELAY_GUARD_SMARTHOST)
    return NULL;

  return ph_relay_rules_find_route (self->rules, domain);
}

guint16
ph_relay_config_get_port (const PhRelayConfig *self,
                          const char          *domain,
                          const PhRelayTarget *via)
{
  const PhRelayTarget *target = via != NULL ? via : ph_relay_config_find_route (self, domain);

  if (target != NULL && target->port != 0)
    return target->port;

  return domain == NULL ? self->smarthost_port : self->remote_port;
}
