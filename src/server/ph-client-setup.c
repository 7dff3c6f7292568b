#include "ph-client-setup.h"

#include "ph-json.h"

#include <gio/gio.h>
#include <string.h>

/* What people's programs connect to, the best first. */
static const struct
{
  const char *service; /* as PhService:name */
  const char *type;    /* as autoconfig calls it */
  const char *profile; /* as Apple's profile calls it; NULL for outgoing */
  const char *record;  /* the label of its SRV record */
  PhProtocols protocol;
} kinds[] = {
  { "imaps", "imap", "EmailTypeIMAP", "_imaps", PH_PROTOCOL_IMAP },
  { "imap", "imap", "EmailTypeIMAP", "_imap", PH_PROTOCOL_IMAP },
  { "pop3s", "pop3", "EmailTypePOP", "_pop3s", PH_PROTOCOL_POP3 },
  { "pop3", "pop3", "EmailTypePOP", "_pop3", PH_PROTOCOL_POP3 },
  { "submissions", "smtp", NULL, "_submissions", PH_PROTOCOL_SUBMISSION },
  { "submission", "smtp", NULL, "_submission", PH_PROTOCOL_SUBMISSION },
};

static const char *const socket_types[] = {
  [PH_SERVICE_TLS_NONE] = "plain",
  [PH_SERVICE_TLS_STARTTLS] = "STARTTLS",
  [PH_SERVICE_TLS_IMPLICIT] = "SSL",
};

/* Borrowed from the model; NULL where it is not enabled. */
static PhService *
find_service (GListModel *services,
              const char *name)
{
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (services, i);

      if (g_str_equal (ph_service_get_name (service), name))
        return ph_service_get_enabled (service) ? service : NULL;
    }

  return NULL;
}

/* The same, and NULL where the account may not use it. */
static PhService *
find_allowed (GListModel *services,
              PhAccount  *account,
              guint       kind)
{
  return (ph_account_get_protocols (account) & kinds[kind].protocol) != 0 ? find_service (services, kinds[kind].service) : NULL;
}

/* Whether the account has a service to read mail, and one to send it: programs want to be told both, or nothing. */
static gboolean
is_complete (GListModel *services,
             PhAccount  *account)
{
  gboolean has[2] = { FALSE, FALSE };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (find_allowed (services, account, i) != NULL)
      has[kinds[i].profile != NULL] = TRUE;

  return has[FALSE] && has[TRUE];
}

PhProtocols
ph_client_setup_get_protocol (PhService *service)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].service, ph_service_get_name (service)))
      return kinds[i].protocol;

  return 0;
}

const char *
ph_client_setup_get_host (PhService  *service,
                          const char *host_name)
{
  const char *address = ph_service_get_address (service);
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (address);

  /* An address that stands for all of this computer's is no place to connect to. */
  if (inet != NULL && g_inet_address_get_is_any (inet))
    return host_name != NULL && *host_name != '\0' ? host_name : g_get_host_name ();

  return address;
}

static const char *
get_domain (PhAccount *account)
{
  return strrchr (ph_account_get_address (account), '@') + 1;
}

static char *
dup_name (PhAccount *account)
{
  const char *name = ph_account_get_display_name (account);

  return g_markup_escape_text (name != NULL && *name != '\0' ? name : ph_account_get_address (account), -1);
}

static void
append_server (GString    *text,
               guint       kind,
               PhService  *service,
               const char *user,
               const char *host_name)
{
  const char      *element = kinds[kind].profile != NULL ? "incomingServer" : "outgoingServer";
  PhServiceTls     tls = ph_service_get_tls (service);
  g_autofree char *host = g_markup_escape_text (ph_client_setup_get_host (service, host_name), -1);

  g_string_append_printf (text,
                          "    <%s type=\"%s\">\n"
                          "      <hostname>%s</hostname>\n"
                          "      <port>%u</port>\n"
                          "      <socketType>%s</socketType>\n"
                          "      <username>%s</username>\n"
                          "      <authentication>password-cleartext</authentication>\n"
                          "    </%s>\n",
                          element, kinds[kind].type, host, ph_service_get_port (service), socket_types[MIN ((guint)tls, G_N_ELEMENTS (socket_types) - 1)], user,
                          element);
}

/* https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat */
static char *
format_autoconfig (GListModel *services,
                   PhAccount  *account,
                   const char *host_name)
{
  g_autofree char *user = g_markup_escape_text (ph_account_get_address (account), -1);
  g_autofree char *domain = g_markup_escape_text (get_domain (account), -1);
  GString         *text = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.1\">\n");

  g_string_append_printf (text,
                          "  <emailProvider id=\"%s\">\n"
                          "    <domain>%s</domain>\n"
                          "    <displayName>%s</displayName>\n"
                          "    <displayShortName>%s</displayShortName>\n",
                          domain, domain, domain, domain);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      PhService *service = find_allowed (services, account, i);

      if (service != NULL)
        append_server (text, i, service, user, host_name);
    }
  g_string_append (text, "  </emailProvider>\n</clientConfig>\n");

  return g_string_free (text, FALSE);
}

/* One of several keys of the profile, with its server, port and security. */
static void
append_profile_server (GString    *text,
                       const char *prefix,
                       PhService  *service,
                       const char *user,
                       const char *host_name)
{
  g_autofree char *host = g_markup_escape_text (ph_client_setup_get_host (service, host_name), -1);

  /* The profile has one word for both kinds of TLS: the port tells which. */
  g_string_append_printf (text,
                          "      <key>%sMailServerHostName</key>\n      <string>%s</string>\n"
                          "      <key>%sMailServerPortNumber</key>\n      <integer>%u</integer>\n"
                          "      <key>%sMailServerUseSSL</key>\n      <%s/>\n"
                          "      <key>%sMailServerUsername</key>\n      <string>%s</string>\n"
                          "      <key>%sMailServerAuthentication</key>\n      <string>EmailAuthPassword</string>\n",
                          prefix, host, prefix, ph_service_get_port (service), prefix, ph_service_get_tls (service) != PH_SERVICE_TLS_NONE ? "true" : "false",
                          prefix, user, prefix);
}

/* "org.posthouse.mail.ADDRESS": the same for the same account, so that a profile replaces the one before. */
static void
append_payload_head (GString    *text,
                     const char *indent,
                     const char *type,
                     const char *name,
                     const char *identifier)
{
  g_autofree char *uuid = g_uuid_string_random ();

  g_string_append_printf (text,
                          "%s<key>PayloadType</key>\n%s<string>%s</string>\n"
                          "%s<key>PayloadDisplayName</key>\n%s<string>%s</string>\n"
                          "%s<key>PayloadIdentifier</key>\n%s<string>%s</string>\n"
                          "%s<key>PayloadUUID</key>\n%s<string>%s</string>\n"
                          "%s<key>PayloadVersion</key>\n%s<integer>1</integer>\n",
                          indent, indent, type, indent, indent, name, indent, indent, identifier, indent, indent, uuid, indent, indent);
}

static char *
format_profile (GListModel *services,
                PhAccount  *account,
                const char *host_name)
{
  g_autofree char *user = g_markup_escape_text (ph_account_get_address (account), -1);
  g_autofree char *name = dup_name (account);
  g_autofree char *outer = g_strconcat ("org.posthouse.mail.", user, NULL);
  g_autofree char *inner = g_strconcat (outer, ".account", NULL);
  GString         *text = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                                "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
                                                "<plist version=\"1.0\">\n<dict>\n"
                                                "  <key>PayloadContent</key>\n  <array>\n    <dict>\n");
  gboolean         has_incoming = FALSE;
  gboolean         has_outgoing = FALSE;

  append_payload_head (text, "      ", "com.apple.mail.managed", user, inner);
  g_string_append_printf (text,
                          "      <key>EmailAccountDescription</key>\n      <string>%s</string>\n"
                          "      <key>EmailAccountName</key>\n      <string>%s</string>\n"
                          "      <key>EmailAddress</key>\n      <string>%s</string>\n",
                          user, name, user);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      gboolean   is_incoming = kinds[i].profile != NULL;
      gboolean  *has = is_incoming ? &has_incoming : &has_outgoing;
      PhService *service = *has ? NULL : find_allowed (services, account, i);

      if (service == NULL)
        continue;

      *has = TRUE;
      if (is_incoming)
        g_string_append_printf (text, "      <key>EmailAccountType</key>\n      <string>%s</string>\n", kinds[i].profile);
      append_profile_server (text, is_incoming ? "Incoming" : "Outgoing", service, user, host_name);
    }
  g_string_append (text, "      <key>OutgoingPasswordSameAsIncomingPassword</key>\n      <true/>\n    </dict>\n  </array>\n");
  append_payload_head (text, "  ", "Configuration", user, outer);
  g_string_append (text, "</dict>\n</plist>\n");

  return g_string_free (text, FALSE);
}

/* A service that there is not is said, too: its target is "." (RFC 6186 section 3.4). */
static char *
format_records (GListModel *services,
                PhAccount  *account,
                const char *host_name)
{
  const char *host = host_name != NULL && *host_name != '\0' ? host_name : g_get_host_name ();
  GString    *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      PhService *service = find_service (services, kinds[i].service);

      if (service != NULL)
        g_string_append_printf (text, "%s._tcp.%s. SRV 0 1 %u %s.\n", kinds[i].record, get_domain (account), ph_service_get_port (service), host);
      else
        g_string_append_printf (text, "%s._tcp.%s. SRV 0 0 0 .\n", kinds[i].record, get_domain (account));
    }

  return g_string_free (text, FALSE);
}

/* Whether another device can connect to it. */
static gboolean
is_reachable (PhService *service)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (ph_service_get_address (service));

  return inet == NULL || !g_inet_address_get_is_loopback (inet);
}

/* ["HOST",PORT,SECURITY,1 (a password),"USER" after the number of the protocol, of the best one; FALSE if there is none. */
static gboolean
append_code_server (GString    *text,
                    GListModel *services,
                    PhAccount  *account,
                    gboolean    is_incoming,
                    const char *host_name)
{
  static const guint security[] = { [PH_SERVICE_TLS_NONE] = 0, [PH_SERVICE_TLS_STARTTLS] = 2, [PH_SERVICE_TLS_IMPLICIT] = 3 };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      PhService       *service = (kinds[i].profile != NULL) == is_incoming ? find_allowed (services, account, i) : NULL;
      g_autofree char *host = NULL;

      if (service == NULL || !is_reachable (service))
        continue;
      host = g_hostname_to_ascii (ph_client_setup_get_host (service, host_name));
      if (host == NULL)
        return FALSE;

      g_string_append_printf (text, "[%u,", g_str_equal (kinds[i].type, "pop3") ? 1u : 0u);
      ph_json_append_string (text, host);
      g_string_append_printf (text, ",%u,%u,1,", ph_service_get_port (service), security[ph_service_get_tls (service)]);
      ph_json_append_string (text, ph_account_get_address (account));
      g_string_append_c (text, ']');
      return TRUE;
    }

  return FALSE;
}

/* Version 1, code 1 of 1; addresses are ASCII there. */
static char *
format_code (GListModel *services,
             PhAccount  *account,
             const char *host_name)
{
  const char *user = ph_account_get_address (account);
  const char *name = ph_account_get_display_name (account);
  g_autoptr (GString) text = g_string_new ("[1,[1,1],");

  if (!g_str_is_ascii (user) || !append_code_server (text, services, account, TRUE, host_name))
    return NULL;
  g_string_append (text, ",[[");
  if (!append_code_server (text, services, account, FALSE, host_name))
    return NULL;
  g_string_append (text, ",[");
  ph_json_append_string (text, user);
  g_string_append_c (text, ',');
  ph_json_append_string (text, name != NULL && *name != '\0' ? name : user);
  g_string_append (text, "]]]]");

  return g_strdup (text->str);
}

char *
ph_client_setup_format (GListModel         *services,
                        PhAccount          *account,
                        const char         *host_name,
                        PhClientSetupFormat format)
{
  static char *(*const functions[]) (GListModel * services,
                                     PhAccount * account,
                                     const char *host_name) = {
    [PH_CLIENT_SETUP_AUTOCONFIG] = format_autoconfig,
    [PH_CLIENT_SETUP_PROFILE] = format_profile,
    [PH_CLIENT_SETUP_RECORDS] = format_records,
    [PH_CLIENT_SETUP_CODE] = format_code,
  };

  g_return_val_if_fail (format < G_N_ELEMENTS (functions), NULL);

  /* The records are the domain's, for whoever is in it. */
  if (format != PH_CLIENT_SETUP_RECORDS && !is_complete (services, account))
    return NULL;

  return functions[format](services, account, host_name);
}

const char *
ph_client_setup_get_file_name (PhClientSetupFormat format)
{
  static const char *const names[] = {
    [PH_CLIENT_SETUP_AUTOCONFIG] = "config-v1.1.xml",
    [PH_CLIENT_SETUP_PROFILE] = "mail.mobileconfig",
    [PH_CLIENT_SETUP_RECORDS] = "records.txt",
  };

  g_return_val_if_fail (format < G_N_ELEMENTS (names), NULL);

  return names[format];
}
