#include "ph-settings-services.h"

#include "ph-service.h"
#include "ph-settings-keys.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define GROUP "Service "

static const char *const tls_words[] = { "offered", "required", "off" };

PhServiceSettings *
ph_settings_services_new (void)
{
  PhServiceSettings *services = g_new0 (PhServiceSettings, ph_settings_n_services);

  for (guint i = 0; i < ph_settings_n_services; i++)
    services[i] = (PhServiceSettings){
      .row = &ph_settings_services[i],
      .enabled = !ph_settings_services[i].is_extra,
      .address = g_strdup (PH_SETTINGS_LOOPBACK),
      .port = ph_settings_services[i].port,
      .rules = { PH_TLS_RULE_OFFERED, PH_SERVICE_CONNECTIONS, PH_SERVICE_PER_ADDRESS, ph_settings_services[i].silence },
    };

  return services;
}

void
ph_settings_services_free (PhServiceSettings *services)
{
  for (guint i = 0; i < ph_settings_n_services; i++)
    g_free (services[i].address);
  g_free (services);
}

/* Reading */

static gboolean
has_starttls (const PhSettingsService *row)
{
  return row->tls == PH_SERVICE_TLS_STARTTLS;
}

static gboolean
read_enabled (PhServiceSettings *service,
              const char        *text,
              char             **why)
{
  service->enabled = g_ascii_strcasecmp (text, "true") == 0 || strcmp (text, "1") == 0;
  if (!service->enabled && g_ascii_strcasecmp (text, "false") != 0 && strcmp (text, "0") != 0)
    *why = g_strdup (_ ("neither true nor false"));

  return *why == NULL;
}

static gboolean
read_address (PhServiceSettings *service,
              const char        *text,
              char             **why)
{
  if (!g_hostname_is_ip_address (text))
    {
      *why = g_strdup (_ ("not a numeric address such as 127.0.0.1, 0.0.0.0 or ::"));
      return FALSE;
    }

  g_free (service->address);
  service->address = g_strdup (text);

  return TRUE;
}

static gboolean
read_port (PhServiceSettings *service,
           const char        *text,
           char             **why)
{
  if (!ph_settings_parse_port (text, &service->port))
    *why = g_strdup (_ ("not a port from 0 to 65535"));

  return *why == NULL;
}

static gboolean
read_tls (PhServiceSettings *service,
          const char        *text,
          char             **why)
{
  for (guint i = 0; i < G_N_ELEMENTS (tls_words); i++)
    if (g_ascii_strcasecmp (text, tls_words[i]) == 0)
      {
        service->rules.tls = i;
        return TRUE;
      }

  /* Translators: what was written */
  *why = g_strdup_printf (_ ("“%s” is none of offered, required, off"), text);

  return FALSE;
}

static gboolean
read_number (const char *text,
             guint       minimum,
             guint       maximum,
             guint      *target,
             char      **why)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, minimum, maximum, &number, NULL))
    {
      /* Translators: what was written, and two numbers */
      *why = g_strdup_printf (_ ("“%s” is not a number from %u to %u"), text, minimum, maximum);
      return FALSE;
    }

  *target = (guint)number;

  return TRUE;
}

static gboolean
read_connections (PhServiceSettings *service,
                  const char        *text,
                  char             **why)
{
  return read_number (text, 1, PH_SERVICE_CONNECTIONS_MAX, &service->rules.connections, why);
}

static gboolean
read_per_address (PhServiceSettings *service,
                  const char        *text,
                  char             **why)
{
  return read_number (text, 1, PH_SERVICE_PER_ADDRESS_MAX, &service->rules.connections_per_address, why);
}

static gboolean
read_silence (PhServiceSettings *service,
              const char        *text,
              char             **why)
{
  return read_number (text, service->row->silence, PH_SERVICE_SILENCE_MAX, &service->rules.silence, why);
}

static const struct
{
  const char *key;
  gboolean (*read) (PhServiceSettings *service,
                    const char        *text,
                    char             **why);
} keys[] = {
  { "Enabled", read_enabled },
  { "Address", read_address },
  { "Port", read_port },
  { "Tls", read_tls },
  { "Connections", read_connections },
  { "ConnectionsPerAddress", read_per_address },
  { "Silence", read_silence },
};

static gboolean
read_one (PhServiceSettings *service,
          const char        *name,
          GKeyFile          *file,
          PhSettingsFault   *fault)
{
  g_autofree char *group = g_strconcat (GROUP, name, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *text = g_key_file_get_string (file, group, keys[i].key, NULL);
      char            *why = NULL;

      if (text == NULL || !ph_settings_services_knows (group, keys[i].key) || keys[i].read (service, g_strstrip (text), &why))
        continue;

      *fault = (PhSettingsFault){ g_steal_pointer (&group), keys[i].key, why };
      return FALSE;
    }

  return TRUE;
}

gboolean
ph_settings_services_read (PhServiceSettings *services,
                           GKeyFile          *file,
                           PhSettingsFault   *fault)
{
  for (guint i = 0; i < ph_settings_n_services; i++)
    if (!read_one (&services[i], ph_settings_services[i].name, file, fault))
      return FALSE;

  return TRUE;
}

gboolean
ph_settings_services_knows (const char *group,
                            const char *key)
{
  const PhSettingsService *row = g_str_has_prefix (group, GROUP) ? ph_settings_find_service (group + strlen (GROUP)) : NULL;

  for (guint i = 0; row != NULL && i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].key, key) == 0)
      return keys[i].read != read_tls || has_starttls (row);

  return FALSE;
}

/* Writing */

/* What nobody has ever set stays out of the file. */
static void
write_rule (GKeyFile   *file,
            const char *group,
            const char *key,
            const char *text,
            const char *shipped)
{
  if (strcmp (text, shipped) != 0 || g_key_file_has_key (file, group, key, NULL))
    g_key_file_set_string (file, group, key, text);
}

static void
write_number (GKeyFile   *file,
              const char *group,
              const char *key,
              guint       number,
              guint       shipped)
{
  char text[16], shipped_text[16];

  g_snprintf (text, sizeof text, "%u", number);
  g_snprintf (shipped_text, sizeof shipped_text, "%u", shipped);
  write_rule (file, group, key, text, shipped_text);
}

void
ph_settings_services_write (const PhServiceSettings *service,
                            const char              *name,
                            GKeyFile                *file)
{
  g_autofree char *group = g_strconcat (GROUP, name, NULL);

  g_key_file_set_boolean (file, group, "Enabled", service->enabled);
  g_key_file_set_string (file, group, "Address", service->address);
  g_key_file_set_integer (file, group, "Port", service->port);
  write_rule (file, group, "Tls", tls_words[service->rules.tls], tls_words[PH_TLS_RULE_OFFERED]);
  write_number (file, group, "Connections", service->rules.connections, PH_SERVICE_CONNECTIONS);
  write_number (file, group, "ConnectionsPerAddress", service->rules.connections_per_address, PH_SERVICE_PER_ADDRESS);
  write_number (file, group, "Silence", service->rules.silence, service->row->silence);
}
