#include "ph-connect-info.h"

#include "ph-json.h"

#include <string.h>

static const char *const tls_names[] = { "none", "starttls", "implicit" };

static gboolean
is_running (PhService *service)
{
  return ph_service_get_state (service) == PH_SERVICE_RUNNING;
}

static void
append_json_service (GString   *out,
                     PhService *service)
{
  g_string_append_printf (out, "%s{\"service\":\"%s\",\"address\":", out->str[out->len - 1] == '}' ? "," : "", ph_service_get_name (service));
  ph_json_append_string (out, ph_service_get_address (service));
  g_string_append_printf (out, ",\"port\":%u,\"tls\":\"%s\"}", ph_service_get_port (service), tls_names[ph_service_get_tls (service)]);
}

char *
ph_connect_info_format_json (PhServer          *server,
                             const char *const *accounts)
{
  GListModel *services = ph_server_get_services (server);
  GString    *out = g_string_new ("{\"services\":[");

  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (services, i);

      if (is_running (service))
        append_json_service (out, service);
    }

  g_string_append (out, "],\"accounts\":[");
  for (guint i = 0; *accounts[i] != '\0'; i++)
    {
      const char      *colon = strchr (accounts[i], ':');
      g_autofree char *address = g_strndup (accounts[i], (gsize)(colon - accounts[i]));

      g_string_append (out, i > 0 ? ",{\"address\":" : "{\"address\":");
      ph_json_append_string (out, address);
      g_string_append (out, ",\"password\":");
      ph_json_append_string (out, colon + 1);
      g_string_append_c (out, '}');
    }
  g_string_append (out, "]}\n");

  return g_string_free (out, FALSE);
}

static const char *
describe_tls (PhService *service)
{
  static const char *const words[] = { "no TLS", "STARTTLS", "TLS" };

  return words[ph_service_get_tls (service)];
}

/* What curl, mutt and many others take as it is. */
static const char *
get_scheme (PhService *service)
{
  const char *name = ph_service_get_name (service);

  return strcmp (name, "submission") == 0 ? "smtp" : strcmp (name, "submissions") == 0 ? "smtps"
                                                                                       : name;
}

/* RFC 3986 section 3.2.2 */
static char *
format_url (PhService *service)
{
  const char *address = ph_service_get_address (service);
  gboolean    is_ipv6 = strchr (address, ':') != NULL;

  return g_strdup_printf ("%s://%s%s%s:%u", get_scheme (service), is_ipv6 ? "[" : "", address, is_ipv6 ? "]" : "", ph_service_get_port (service));
}

static void
append_service (GString   *out,
                PhService *service)
{
  g_autofree char *url = format_url (service);

  g_string_append_printf (out, "  %-17s server %s  port %u  security %-8s  %s\n", ph_service_get_title (service),
                          ph_service_get_address (service), ph_service_get_port (service), describe_tls (service), url);
}

static guint16
find_port (PhServer   *server,
           const char *name)
{
  PhService *service = ph_server_find_service (server, name);

  return is_running (service) ? ph_service_get_port (service) : 0;
}

static void
append_examples (GString    *out,
                 PhServer   *server,
                 const char *account)
{
  const char      *colon = strchr (account, ':');
  g_autofree char *address = g_strndup (account, (gsize)(colon - account));
  g_autofree char *user = g_shell_quote (account);

  if (find_port (server, "smtp") != 0)
    g_string_append_printf (out, "\nSend a message:\n  swaks --server %s --port %u --to %s --from me@example.org --body 'Hello'\n",
                            ph_service_get_address (ph_server_find_service (server, "smtp")), find_port (server, "smtp"), address);
  if (find_port (server, "imap") != 0)
    g_string_append_printf (out, "Read it:\n  curl --user %s 'imap://%s:%u/INBOX;MAILINDEX=1'\n",
                            user, ph_service_get_address (ph_server_find_service (server, "imap")), find_port (server, "imap"));
}

char *
ph_connect_info_format_text (PhServer          *server,
                             const char *const *accounts,
                             const char        *how_to_stop)
{
  GListModel *services = ph_server_get_services (server);
  GString    *out = g_string_new ("Posthouse serves:\n");

  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (services, i);

      if (is_running (service))
        append_service (out, service);
    }

  if (*accounts[0] != '\0')
    g_string_append (out, "\nAccounts:\n");
  for (guint i = 0; *accounts[i] != '\0'; i++)
    {
      const char *colon = strchr (accounts[i], ':');

      g_string_append_printf (out, "  user name %.*s  password %s\n", (int)(colon - accounts[i]), accounts[i], colon + 1);
    }
  if (*accounts[0] != '\0')
    append_examples (out, server, accounts[0]);
  g_string_append_printf (out, "\n%s stops it.\n", how_to_stop);

  return g_string_free (out, FALSE);
}
