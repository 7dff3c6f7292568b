#include "ph-relay-config.h"

PhRelayConfig *
ph_relay_config_copy (const PhRelayConfig *self)
{
  PhRelayConfig *copy = g_new (PhRelayConfig, 1);

  *copy = *self;
  copy->host_name = g_strdup (self->host_name);
  copy->sts_folder = g_strdup (self->sts_folder);
  copy->authorities = g_strdup (self->authorities);
  if (copy->smarthost != NULL)
    ph_relay_target_ref (copy->smarthost);
  if (copy->signer != NULL)
    g_object_ref (copy->signer);
  if (copy->rules != NULL)
    ph_relay_rules_ref (copy->rules);

  return copy;
}

void
ph_relay_config_free (PhRelayConfig *self)
{
  if (self == NULL)
    return;

  g_clear_object (&self->signer);
  g_clear_pointer (&self->rules, ph_relay_rules_unref);
  g_clear_pointer (&self->smarthost, ph_relay_target_unref);
  g_free ((char *)self->host_name);
  g_free ((char *)self->sts_folder);
  g_free ((char *)self->authorities);
  g_free (self);
}

gboolean
ph_relay_config_may_send (const PhRelayConfig *self)
{
  return self->guard == PH_RELAY_GUARD_ANYWHERE || (self->guard == PH_RELAY_GUARD_SMARTHOST && self->smarthost != NULL);
}

PhRelayTarget *
ph_relay_config_find_target (const PhRelayConfig *self,
                             const char          *domain)
{
  PhRelayTarget *rule = domain != NULL && self->guard == PH_RELAY_GUARD_ANYWHERE ? ph_relay_rules_find_target (self->rules, domain) : NULL;

  return rule != NULL || domain != NULL ? rule : self->smarthost;
}

guint16
ph_relay_config_get_port (const PhRelayConfig *self,
                          const PhRelayTarget *target)
{
  return target != NULL && target->port != 0 ? target->port : self->remote_port;
}
