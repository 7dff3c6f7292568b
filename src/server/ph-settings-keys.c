#include "ph-settings-keys.h"

#include "ph-imap-session.h"
#include "ph-pop3-session.h"
#include "ph-schedule.h"
#include "ph-service.h"
#include "ph-settings.h"
#include "ph-smtp-session.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define DAY (24 * 60 * 60)

static const char *const guard_words[] = { "local", "smarthost", "anywhere", NULL };
static const char *const checks_words[] = { "auto", "off", "note", "enforce", NULL };
static const char *const login_words[] = { "password", "token", NULL };
static const char *const folder_words[] = { "Archive", "Drafts", "Junk", "Sent", "Trash", NULL };
static const char *const tls_words[] = { "never", "opportunistic", "required", "implicit", NULL };

const PhSettingsKey ph_settings_keys[] = {
  { "host-name", "General", "HostName", G_TYPE_STRING, "" },
  { "data-folder", "General", "DataFolder", G_TYPE_STRING, "" },
  { "data-folder-was", "General", "DataFolderWas", G_TYPE_STRING, "" },
  { "keep-running", "General", "KeepRunning", G_TYPE_BOOLEAN, "false" },
  { "start-on-login", "General", "StartOnLogin", G_TYPE_BOOLEAN, "false" },
  { "notify-mail", "Notifications", "Mail", G_TYPE_BOOLEAN, "true" },
  { "notify-failures", "Notifications", "Failures", G_TYPE_BOOLEAN, "true" },
  { "notify-services", "Notifications", "Services", G_TYPE_BOOLEAN, "true" },
  { "message-size-max", "Mail", "MessageSizeMax", G_TYPE_UINT64, "52428800", 65536, G_MAXUINT32 },
  { "standard-folders", "Mail", "StandardFolders", G_TYPE_UINT, "Archive;Drafts;Junk;Sent;Trash", 0, 0, folder_words, TRUE },
  { "address-messages", "Limits", "AddressMessages", G_TYPE_UINT, "1000", 0, G_MAXINT },
  { "address-recipients", "Limits", "AddressRecipients", G_TYPE_UINT, "5000", 0, G_MAXINT },
  { "account-messages", "Limits", "AccountMessages", G_TYPE_UINT, "300", 0, G_MAXINT },
  { "account-recipients", "Limits", "AccountRecipients", G_TYPE_UINT, "1000", 0, G_MAXINT },
  { "address-unknown", "Limits", "AddressUnknown", G_TYPE_UINT, "100", 0, G_MAXINT },
  { "account-messages-day", "Limits", "AccountMessagesDay", G_TYPE_UINT, "2000", 0, G_MAXINT },
  { "account-recipients-day", "Limits", "AccountRecipientsDay", G_TYPE_UINT, "5000", 0, G_MAXINT },
  { "imap-messages", "Limits", "ImapMessages", G_TYPE_UINT, "0", 0, G_MAXINT },
  { "limits-count-loopback", "Limits", "CountLoopback", G_TYPE_BOOLEAN, "false" },
  { "blocked", "Limits", "Blocked", G_TYPE_STRING, "" },
  { "hold-days", "Limits", "HoldDays", G_TYPE_UINT, "60", 0, 3650 },
  { "checks", "Checks", "Authentication", G_TYPE_UINT, "auto", 0, 0, checks_words },
  { "checks-refuse-spf-fail", "Checks", "RefuseSpfFail", G_TYPE_BOOLEAN, "false" },
  { "checks-quarantine", "Checks", "Quarantine", G_TYPE_BOOLEAN, "true" },
  { "checks-trusted", "Checks", "Trusted", G_TYPE_STRING, "private" },
  { "guard", "Relay", "Guard", G_TYPE_UINT, "local", 0, 0, guard_words },
  { "relay-interval", "Relay", "Interval", G_TYPE_UINT, "30", 1, DAY },
  { "relay-schedule", "Relay", "Schedule", G_TYPE_STRING, PH_SCHEDULE_USUAL },
  { "relay-warn-after", "Relay", "WarnAfter", G_TYPE_UINT, "14400", 60, 60 * DAY },
  { "relay-give-up-after", "Relay", "GiveUpAfter", G_TYPE_UINT, "432000", 60, 60 * DAY },
  { "relay-folder", "Relay", "Folder", G_TYPE_STRING, "" },
  { "bad-folder", "Relay", "BadFolder", G_TYPE_STRING, "" },
  { "relay-port", "Relay", "RemotePort", G_TYPE_UINT, "25", 1, 65535 },
  { "relay-allow-loopback", "Relay", "AllowLoopback", G_TYPE_BOOLEAN, "false" },
  { "relay-routes", "Relay", "Routes", G_TYPE_STRING, "" },
  { "relay-require-tls", "Relay", "RequireTls", G_TYPE_STRING, "" },
  { "relay-sts-port", "Relay", "StsPort", G_TYPE_UINT, "443", 0, 65535 },
  { "relay-authorities", "Relay", "Authorities", G_TYPE_STRING, "" },
  { "dns-server", "Relay", "DnsServer", G_TYPE_STRING, "" },
  { "trust-anchor", "Relay", "TrustAnchor", G_TYPE_STRING, "root" },
  { "smarthost", "Smarthost", "Host", G_TYPE_STRING, "" },
  { "smarthost-port", "Smarthost", "Port", G_TYPE_UINT, "587", 1, 65535 },
  { "smarthost-tls", "Smarthost", "Tls", G_TYPE_UINT, "required", 0, 0, tls_words },
  { "smarthost-user", "Smarthost", "User", G_TYPE_STRING, "" },
  { "smarthost-password", "Smarthost", "Password", G_TYPE_STRING, "" },
  { "smarthost-login", "Smarthost", "Login", G_TYPE_UINT, "password", 0, 0, login_words },
  { "dkim-domains", "Dkim", "Domains", G_TYPE_STRING, "" },
  { "dkim-selector", "Dkim", "Selector", G_TYPE_STRING, "posthouse" },
  { "logins-in-clear", "Logins", "InClear", G_TYPE_BOOLEAN, "false" },
  { "certificate-file", "Certificate", "File", G_TYPE_STRING, "" },
  { "key-file", "Certificate", "Key", G_TYPE_STRING, "" },
  { "certificate-password", "Certificate", "Password", G_TYPE_STRING, "" },
  { "log-file", "Log", "File", G_TYPE_BOOLEAN, "false" },
};
const guint ph_settings_n_keys = G_N_ELEMENTS (ph_settings_keys);

#define SMTP_SILENCE (PH_SMTP_COMMAND_SECONDS / 60)
#define IMAP_SILENCE (PH_IMAP_IDLE_SECONDS / 60)
#define POP3_SILENCE (PH_POP3_IDLE_SECONDS / 60)

const PhSettingsService ph_settings_services[] = {
  { "smtp", "SMTP", 2525, 25, PH_SERVICE_TLS_STARTTLS, SMTP_SILENCE },
  { "submission", "Submission", 2587, 587, PH_SERVICE_TLS_STARTTLS, SMTP_SILENCE },
  { "submissions", "Submissions", 2465, 465, PH_SERVICE_TLS_IMPLICIT, SMTP_SILENCE },
  { "imap", "IMAP", 2143, 143, PH_SERVICE_TLS_STARTTLS, IMAP_SILENCE },
  { "imaps", "IMAPS", 2993, 993, PH_SERVICE_TLS_IMPLICIT, IMAP_SILENCE },
  { "pop3", "POP3", 2110, 110, PH_SERVICE_TLS_STARTTLS, POP3_SILENCE },
  { "pop3s", "POP3S", 2995, 995, PH_SERVICE_TLS_IMPLICIT, POP3_SILENCE },
  { "lmtp", "LMTP", 2424, 24, PH_SERVICE_TLS_STARTTLS, SMTP_SILENCE, TRUE },
};
const guint ph_settings_n_services = G_N_ELEMENTS (ph_settings_services);

const PhSettingsService *
ph_settings_find_service (const char *name)
{
  for (guint i = 0; i < ph_settings_n_services; i++)
    if (strcmp (ph_settings_services[i].name, name) == 0)
      return &ph_settings_services[i];

  return NULL;
}

static gboolean
find_word (const PhSettingsKey *self,
           const char          *text,
           guint               *place,
           char               **why)
{
  g_autofree char *list = NULL;

  for (*place = 0; self->words[*place] != NULL; ++*place)
    if (g_ascii_strcasecmp (self->words[*place], text) == 0)
      return TRUE;

  list = g_strjoinv (", ", (GStrv)self->words);
  /* Translators: what was written, and a list of words */
  *why = g_strdup_printf (_ ("“%s” is none of %s"), text, list);

  return FALSE;
}

static gboolean
parse_word (const PhSettingsKey *self,
            const char          *text,
            GValue              *value,
            char               **why)
{
  guint place;

  if (!find_word (self, text, &place, why))
    return FALSE;

  g_value_set_uint (value, place);

  return TRUE;
}

static gboolean
parse_set (const PhSettingsKey *self,
           const char          *text,
           GValue              *value,
           char               **why)
{
  g_auto (GStrv) words = g_strsplit (text, ";", -1);
  guint set = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      guint place;

      if (*g_strstrip (words[i]) == '\0')
        continue;
      if (!find_word (self, words[i], &place, why))
        return FALSE;
      set |= 1u << place;
    }

  g_value_set_uint (value, set);

  return TRUE;
}

static char *
format_set (const PhSettingsKey *self,
            guint                set)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; self->words[i] != NULL; i++)
    if (set & (1u << i))
      g_string_append_printf (text, "%s%s", text->len > 0 ? ";" : "", self->words[i]);

  return g_string_free (text, FALSE);
}

static gboolean
parse_number (const PhSettingsKey *self,
              const char          *text,
              GValue              *value,
              char               **why)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, self->minimum, self->maximum, &number, NULL))
    {
      g_autofree char *minimum = g_strdup_printf ("%" G_GUINT64_FORMAT, self->minimum);
      g_autofree char *maximum = g_strdup_printf ("%" G_GUINT64_FORMAT, self->maximum);

      /* Translators: what was written, and two numbers */
      *why = g_strdup_printf (_ ("“%s” is not a number from %s to %s"), text, minimum, maximum);
      return FALSE;
    }

  if (self->type == G_TYPE_UINT64)
    g_value_set_uint64 (value, number);
  else
    g_value_set_uint (value, (guint)number);

  return TRUE;
}

static gboolean
parse_boolean (const char *text,
               GValue     *value,
               char      **why)
{
  gboolean is_true = g_ascii_strcasecmp (text, "true") == 0 || strcmp (text, "1") == 0;

  if (!is_true && g_ascii_strcasecmp (text, "false") != 0 && strcmp (text, "0") != 0)
    {
      /* Translators: what was written */
      *why = g_strdup_printf (_ ("“%s” is neither true nor false"), text);
      return FALSE;
    }

  g_value_set_boolean (value, is_true);

  return TRUE;
}

gboolean
ph_settings_key_parse (const PhSettingsKey *self,
                       const char          *text,
                       GValue              *value,
                       char               **why)
{
  g_value_init (value, self->type);

  if (self->words != NULL)
    return self->is_set ? parse_set (self, text, value, why) : parse_word (self, text, value, why);
  if (self->type == G_TYPE_BOOLEAN)
    return parse_boolean (text, value, why);
  if (self->type == G_TYPE_UINT || self->type == G_TYPE_UINT64)
    return parse_number (self, text, value, why);

  g_value_set_string (value, text);

  return TRUE;
}

char *
ph_settings_key_format (const PhSettingsKey *self,
                        const GValue        *value)
{
  if (self->is_set)
    return format_set (self, g_value_get_uint (value));
  if (self->words != NULL)
    return g_strdup (self->words[g_value_get_uint (value)]);
  if (self->type == G_TYPE_BOOLEAN)
    return g_strdup (g_value_get_boolean (value) ? "true" : "false");
  if (self->type == G_TYPE_UINT64)
    return g_strdup_printf ("%" G_GUINT64_FORMAT, g_value_get_uint64 (value));
  if (self->type == G_TYPE_UINT)
    return g_strdup_printf ("%u", g_value_get_uint (value));

  return g_value_dup_string (value);
}

gboolean
ph_settings_keys_know (const char *group,
                       const char *key)
{
  for (guint i = 0; i < ph_settings_n_keys; i++)
    if (strcmp (ph_settings_keys[i].group, group) == 0 && strcmp (ph_settings_keys[i].key, key) == 0)
      return TRUE;

  return FALSE;
}

gboolean
ph_settings_parse_port (const char *text,
                        guint16    *port)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT16, &number, NULL))
    return FALSE;

  *port = (guint16)number;

  return TRUE;
}

gboolean
ph_settings_is_schedule (const char *text)
{
  PhSchedule schedule;

  return ph_schedule_parse (text, &schedule);
}
