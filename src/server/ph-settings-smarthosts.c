#include "ph-settings-smarthosts.h"

#include "ph-relay-rules.h"
#include "ph-settings-keys.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define GROUP "Smarthost"
#define PREFIX GROUP " "

enum {
  HOST,
  PORT,
  TLS,
  USER,
  PASSWORD,
  LOGIN,
  N_KEYS
};

static const char *const names[] = { "Host", "Port", "Tls", "User", "Password", "Login", NULL };

/* The last choice of Tls: from the first byte. */
#define TLS_IMPLICIT 3

void
ph_settings_fault_clear (PhSettingsFault *self)
{
  g_clear_pointer (&self->group, g_free);
  g_clear_pointer (&self->why, g_free);
}

static void
smarthost_free (gpointer data)
{
  PhSettingsSmarthost *self = data;

  g_free (self->domains);
  ph_relay_target_unref (self->target);
  g_free (self);
}

static void
blame (PhSettingsFault *fault,
       const char      *group,
       const char      *key,
       char            *why) /* taken */
{
  if (fault->group != NULL)
    {
      g_free (why);
      return;
    }

  fault->group = g_strdup (group);
  fault->key = key;
  fault->why = why;
}

static const PhSettingsKey *
find_key (const char *name)
{
  for (guint i = 0; i < ph_settings_n_keys; i++)
    if (strcmp (ph_settings_keys[i].group, GROUP) == 0 && strcmp (ph_settings_keys[i].key, name) == 0)
      return &ph_settings_keys[i];

  g_return_val_if_reached (NULL);
}

static gboolean
read_values (GKeyFile        *file,
             const char      *group,
             GValue          *values,
             PhSettingsFault *fault)
{
  for (guint i = 0; i < N_KEYS; i++)
    {
      const PhSettingsKey *key = find_key (names[i]);
      g_autofree char     *found = g_key_file_get_string (file, group, names[i], NULL);
      char                *why = NULL;

      if (ph_settings_key_parse (key, found != NULL ? found : key->initial, &values[i], &why))
        continue;
      blame (fault, group, names[i], why);
      return FALSE;
    }

  return TRUE;
}

/* NULL where there is no host, too. */
static PhRelayTarget *
read_target (GKeyFile        *file,
             const char      *group,
             PhSettingsFault *fault)
{
  GValue         values[N_KEYS] = { 0 };
  PhRelayTarget *target = NULL;

  if (read_values (file, group, values, fault) && *g_value_get_string (&values[HOST]) != '\0')
    {
      guint tls = g_value_get_uint (&values[TLS]);

      target = ph_relay_target_new (&(PhRelayTarget){
        .host = (char *)g_value_get_string (&values[HOST]),
        .port = (guint16)g_value_get_uint (&values[PORT]),
        .tls = tls == TLS_IMPLICIT ? PH_SMTP_TLS_REQUIRED : (PhSmtpTlsPolicy)tls,
        .implicit_tls = tls == TLS_IMPLICIT,
        .user = (char *)g_value_get_string (&values[USER]),
        .password = (char *)g_value_get_string (&values[PASSWORD]),
        .is_token = g_value_get_uint (&values[LOGIN]) == 1,
      });
    }
  for (guint i = 0; i < N_KEYS; i++)
    if (G_VALUE_TYPE (&values[i]) != G_TYPE_INVALID)
      g_value_unset (&values[i]);

  return target;
}

static char *
read_domains (GKeyFile        *file,
              const char      *group,
              PhRelayTarget   *target,
              PhSettingsFault *fault)
{
  g_autofree char *domains = g_key_file_get_string (file, group, "Domains", NULL);
  g_autoptr (PhRelayRules) rules = ph_relay_rules_new ("", "", NULL);
  g_autofree char *wrong = NULL;

  if (domains == NULL || *g_strstrip (domains) == '\0')
    blame (fault, group, "Domains", g_strdup (_ ("no domain is named")));
  else
    ph_relay_rules_add_target (rules, domains, target, &wrong);
  if (wrong != NULL)
    /* Translators: what was written */
    blame (fault, group, "Domains", g_strdup_printf (_ ("“%s” is no domain, or named twice"), wrong));

  return fault->group == NULL ? g_steal_pointer (&domains) : NULL;
}

static void
read_named (GKeyFile        *file,
            const char      *group,
            GPtrArray       *list,
            PhSettingsFault *fault)
{
  g_autoptr (PhRelayTarget) target = read_target (file, group, fault);
  char *domains = target != NULL ? read_domains (file, group, target, fault) : NULL;

  if (target == NULL)
    blame (fault, group, "Host", g_strdup (_ ("no host is named")));
  if (domains == NULL)
    return;

  g_ptr_array_add (list, g_memdup2 (&(PhSettingsSmarthost){ domains, ph_relay_target_ref (target) }, sizeof (PhSettingsSmarthost)));
}

GPtrArray *
ph_settings_smarthosts_read (GKeyFile        *file,
                             PhSettingsFault *fault)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (smarthost_free);
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  PhRelayTarget *target = read_target (file, GROUP, fault);

  if (target != NULL)
    g_ptr_array_add (list, g_memdup2 (&(PhSettingsSmarthost){ NULL, target }, sizeof (PhSettingsSmarthost)));
  for (guint i = 0; groups[i] != NULL; i++)
    if (g_str_has_prefix (groups[i], PREFIX))
      read_named (file, groups[i], list, fault);

  return list;
}

gboolean
ph_settings_smarthosts_knows (const char *group,
                              const char *key)
{
  return g_str_has_prefix (group, PREFIX) && (strcmp (key, "Domains") == 0 || g_strv_contains (names, key));
}
