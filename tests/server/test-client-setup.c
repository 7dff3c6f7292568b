#include "ph-client-setup.h"
#include "ph-service-private.h"

#include <string.h>

typedef struct
{
  PhClock    *clock;
  PhPoller   *poller;
  GListStore *services;
  PhAccount  *account;
} Fixture;

static PhSession *
make_session (PhListener *listener,
              PhPeer     *peer,
              gpointer    user_data)
{
  return NULL;
}

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  fixture->clock = ph_clock_new ();
  fixture->poller = ph_poller_new (fixture->clock);
  fixture->services = g_list_store_new (PH_TYPE_SERVICE);
  for (guint i = 0; i < ph_settings_n_services; i++)
    {
      g_autoptr (PhService) service = ph_service_new (&ph_settings_services[i], fixture->poller, NULL, NULL, make_session, NULL);

      ph_service_configure (service, TRUE, "0.0.0.0", ph_settings_services[i].standard_port);
      g_list_store_append (fixture->services, service);
    }
  fixture->account = ph_account_new ("alice&co@demo.test", NULL);
  g_object_set (fixture->account, "display-name", "Alice <\"Adams\">", NULL);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_object_unref (fixture->account);
  g_object_unref (fixture->services);
  g_object_unref (fixture->poller);
  g_object_unref (fixture->clock);
}

static char *
format (Fixture            *fixture,
        PhClientSetupFormat format)
{
  return ph_client_setup_format (G_LIST_MODEL (fixture->services), fixture->account, "mail.demo.test", format);
}

/* That a parser takes it, and nothing from outside makes markup. */
static void
assert_well_formed (const char *text)
{
  const GMarkupParser nothing = { NULL };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&nothing, 0, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_markup_parse_context_parse (context, text, -1, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
}

static void
configure (Fixture    *fixture,
           const char *name,
           gboolean    enabled,
           const char *address)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (fixture->services)); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (G_LIST_MODEL (fixture->services), i);

      if (g_str_equal (ph_service_get_name (service), name))
        ph_service_configure (service, enabled, address, 1);
    }
}

static void
disable (Fixture    *fixture,
         const char *name)
{
  configure (fixture, name, FALSE, "0.0.0.0");
}

static void
test_autoconfig (Fixture      *fixture,
                 gconstpointer data)
{
  g_autofree char *text = format (fixture, PH_CLIENT_SETUP_AUTOCONFIG);
  const char      *imaps = strstr (text, "<port>993</port>");
  const char      *imap = strstr (text, "<port>143</port>");

  assert_well_formed (text);
  g_assert_nonnull (imaps);
  g_assert_nonnull (imap);
  g_assert_true (imaps < imap);
  g_assert_true (g_str_has_prefix (imaps, "<port>993</port>\n      <socketType>SSL</socketType>\n      <username>alice&amp;co@demo.test</username>"));
  g_assert_true (g_str_has_prefix (imap, "<port>143</port>\n      <socketType>STARTTLS</socketType>"));
  g_assert_nonnull (strstr (text, "<outgoingServer type=\"smtp\">\n      <hostname>mail.demo.test</hostname>\n      <port>465</port>"));
  g_assert_nonnull (strstr (text, "<domain>demo.test</domain>"));
  g_assert_null (strstr (text, "<port>25</port>"));
}

static void
test_profile (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *best = format (fixture, PH_CLIENT_SETUP_PROFILE);
  g_autofree char *other = NULL;

  assert_well_formed (best);
  g_assert_nonnull (strstr (best, "<string>EmailTypeIMAP</string>"));
  g_assert_nonnull (strstr (best, "<key>IncomingMailServerPortNumber</key>\n      <integer>993</integer>"));
  g_assert_nonnull (strstr (best, "<key>OutgoingMailServerPortNumber</key>\n      <integer>465</integer>"));
  g_assert_nonnull (strstr (best, "Alice &lt;&quot;Adams&quot;&gt;"));

  disable (fixture, "imap");
  disable (fixture, "imaps");
  disable (fixture, "submissions");
  other = format (fixture, PH_CLIENT_SETUP_PROFILE);
  g_assert_nonnull (strstr (other, "<string>EmailTypePOP</string>"));
  g_assert_nonnull (strstr (other, "<key>IncomingMailServerPortNumber</key>\n      <integer>995</integer>"));
  g_assert_nonnull (strstr (other, "<key>OutgoingMailServerPortNumber</key>\n      <integer>587</integer>"));
}

static void
test_records (Fixture      *fixture,
              gconstpointer data)
{
  g_autofree char *text = NULL;

  disable (fixture, "pop3");
  text = format (fixture, PH_CLIENT_SETUP_RECORDS);
  g_assert_cmpstr (text, ==,
                   "_imaps._tcp.demo.test. SRV 0 1 993 mail.demo.test.\n"
                   "_imap._tcp.demo.test. SRV 0 1 143 mail.demo.test.\n"
                   "_pop3s._tcp.demo.test. SRV 0 1 995 mail.demo.test.\n"
                   "_pop3._tcp.demo.test. SRV 0 0 0 .\n"
                   "_submissions._tcp.demo.test. SRV 0 1 465 mail.demo.test.\n"
                   "_submission._tcp.demo.test. SRV 0 1 587 mail.demo.test.\n");
}

/* A phone reaches only what listens beyond this computer. */
static void
test_code (Fixture      *fixture,
           gconstpointer data)
{
  g_autofree char *best = format (fixture, PH_CLIENT_SETUP_CODE);
  g_autofree char *other = NULL;
  g_autofree char *none = NULL;

  g_assert_cmpstr (best, ==,
                   "[1,[1,1],[0,\"mail.demo.test\",993,3,1,\"alice&co@demo.test\"],"
                   "[[[0,\"mail.demo.test\",465,3,1,\"alice&co@demo.test\"],[\"alice&co@demo.test\",\"Alice <\\\"Adams\\\">\"]]]]");

  disable (fixture, "imap");
  configure (fixture, "imaps", TRUE, "127.0.0.1");
  configure (fixture, "pop3s", TRUE, "::1");
  disable (fixture, "submissions");
  other = format (fixture, PH_CLIENT_SETUP_CODE);
  g_assert_true (g_str_has_prefix (other, "[1,[1,1],[1,\"mail.demo.test\",110,2,1,"));
  g_assert_nonnull (strstr (other, "[[[0,\"mail.demo.test\",587,2,1,"));

  disable (fixture, "submission");
  none = format (fixture, PH_CLIENT_SETUP_CODE);
  g_assert_null (none);
}

static void
allow (Fixture    *fixture,
       PhProtocols protocols)
{
  g_object_set (fixture->account, "protocols", (guint)protocols, NULL);
}

/* What the account may not use is not offered; with nothing to read or to send with, there is nothing to set up. */
static void
test_allowed_uses (Fixture      *fixture,
                   gconstpointer data)
{
  static const PhProtocols         halves[] = { 0, PH_PROTOCOL_SUBMISSION, PH_PROTOCOL_IMAP | PH_PROTOCOL_POP3 };
  static const PhClientSetupFormat formats[] = { PH_CLIENT_SETUP_AUTOCONFIG, PH_CLIENT_SETUP_PROFILE, PH_CLIENT_SETUP_CODE };
  g_autofree char                 *autoconfig = NULL, *profile = NULL, *code = NULL, *records = format (fixture, PH_CLIENT_SETUP_RECORDS);

  allow (fixture, PH_PROTOCOL_POP3 | PH_PROTOCOL_SUBMISSION);
  autoconfig = format (fixture, PH_CLIENT_SETUP_AUTOCONFIG);
  g_assert_null (strstr (autoconfig, "type=\"imap\""));
  g_assert_nonnull (strstr (autoconfig, "type=\"pop3\""));
  profile = format (fixture, PH_CLIENT_SETUP_PROFILE);
  g_assert_nonnull (strstr (profile, "<string>EmailTypePOP</string>"));
  code = format (fixture, PH_CLIENT_SETUP_CODE);
  g_assert_true (g_str_has_prefix (code, "[1,[1,1],[1,\"mail.demo.test\",995,3,1,"));

  for (guint i = 0; i < G_N_ELEMENTS (halves); i++)
    {
      g_autofree char *same = NULL;

      allow (fixture, halves[i]);
      for (guint j = 0; j < G_N_ELEMENTS (formats); j++)
        {
          g_autofree char *none = format (fixture, formats[j]);

          g_assert_null (none);
        }
      same = format (fixture, PH_CLIENT_SETUP_RECORDS);
      g_assert_cmpstr (same, ==, records);
    }
}

static void
test_protocol (Fixture      *fixture,
               gconstpointer data)
{
  static const PhProtocols protocols[] = { 0, PH_PROTOCOL_SUBMISSION, PH_PROTOCOL_SUBMISSION, PH_PROTOCOL_IMAP, PH_PROTOCOL_IMAP, PH_PROTOCOL_POP3, PH_PROTOCOL_POP3, 0 };

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->services)), ==, G_N_ELEMENTS (protocols));
  for (guint i = 0; i < G_N_ELEMENTS (protocols); i++)
    {
      g_autoptr (PhService) service = g_list_model_get_item (G_LIST_MODEL (fixture->services), i);

      g_assert_cmpuint (ph_client_setup_get_protocol (service), ==, protocols[i]);
    }
}

static void
test_host (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (PhService) service = g_list_model_get_item (G_LIST_MODEL (fixture->services), 0);

  g_assert_cmpstr (ph_client_setup_get_host (service, "mail.demo.test"), ==, "mail.demo.test");
  g_assert_cmpstr (ph_client_setup_get_host (service, ""), ==, g_get_host_name ());
  ph_service_configure (service, TRUE, "192.0.2.7", 25);
  g_assert_cmpstr (ph_client_setup_get_host (service, "mail.demo.test"), ==, "192.0.2.7");
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/server/client-setup/autoconfig", test_autoconfig);
  ADD ("/server/client-setup/profile", test_profile);
  ADD ("/server/client-setup/records", test_records);
  ADD ("/server/client-setup/code", test_code);
  ADD ("/server/client-setup/allowed-uses", test_allowed_uses);
  ADD ("/server/client-setup/protocol", test_protocol);
  ADD ("/server/client-setup/host", test_host);

  return g_test_run ();
}
