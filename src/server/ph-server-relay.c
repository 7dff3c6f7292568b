/* What the settings say about mail for others, as the relay takes it. */

#include "ph-server-private.h"

#include "ph-settings-smarthosts.h"

/* The rules for single domains; *smarthost: for all others, borrowed from `smarthosts`, or NULL. */
static PhRelayRules *
make_rules (PhSettings     *settings,
            GPtrArray      *smarthosts,
            PhRelayTarget **smarthost)
{
  g_autofree char *wrong = NULL;
  PhRelayRules    *rules = ph_relay_rules_new (ph_settings_get_string (settings, "relay-routes"), ph_settings_get_string (settings, "relay-require-tls"), &wrong);

  for (guint i = 0; i < smarthosts->len; i++)
    {
      const PhSettingsSmarthost *each = smarthosts->pdata[i];

      if (each->domains != NULL)
        ph_relay_rules_add_target (rules, each->domains, each->target, &wrong);
      else
        *smarthost = each->target;
    }
  if (wrong != NULL)
    g_message ("Relay: “%s” in the settings is no rule for a domain, or there is one already", wrong);

  return rules;
}

void
ph_server_configure_relay (PhServer *self)
{
  PhSettings *settings = self->settings;
  g_autoptr (GPtrArray) smarthosts = ph_settings_dup_smarthosts (settings);
  PhRelayTarget *smarthost = NULL;
  g_autoptr (PhRelayRules) rules = make_rules (settings, smarthosts, &smarthost);
  g_autofree char *sts_folder = g_build_filename (self->data_dir, "sts", NULL);
  g_autoptr (PhDkimSigner) signer = ph_server_make_signer (settings, self->data_dir);
  const char   *authorities = ph_settings_get_string (settings, "relay-authorities");
  PhRelayConfig config = {
    .host_name = self->host_name,
    .guard = (PhRelayGuard)ph_settings_get_uint (settings, "guard"),
    .interval = ph_settings_get_uint (settings, "relay-interval"),
    .warn_after = ph_settings_get_uint (settings, "relay-warn-after"),
    .give_up_after = ph_settings_get_uint (settings, "relay-give-up-after"),
    .remote_port = (guint16)ph_settings_get_uint (settings, "relay-port"),
    .allow_loopback = ph_settings_get_boolean (settings, "relay-allow-loopback"),
    .smarthost = smarthost,
    .sts_folder = sts_folder,
    .sts_port = (guint16)ph_settings_get_uint (settings, "relay-sts-port"),
    .authorities = *authorities != '\0' ? authorities : NULL,
    .rules = rules,
    .signer = *ph_settings_get_string (settings, "dkim-domains") != '\0' ? signer : NULL,
  };

  if (!ph_schedule_parse (ph_settings_get_string (settings, "relay-schedule"), &config.schedule))
    g_message ("Relay: Schedule in the settings is not minutes, such as %s, which are taken", PH_SCHEDULE_USUAL);
  ph_relay_configure (self->relay, &config);
}
