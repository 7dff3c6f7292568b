/* Where mail goes, by the records of a real name server. */

#include "ph-route.h"

#include "../support/dnsmasq.h"

#include <string.h>

#define PATIENCE (60 * G_USEC_PER_SEC)

static const char *const records[] = {
  "--mx-host=order.test,c.test,30",
  "--mx-host=order.test,a.test,10",
  "--mx-host=order.test,b.test,20",
  "--mx-host=equal.test,a.test,10",
  "--mx-host=equal.test,b.test,10",
  "--mx-host=null.test,.,0",
  "--mx-host=half-null.test,.,0",
  "--mx-host=half-null.test,a.test,10",
  "--mx-host=nobody.test,nowhere.test,10",
  "--mx-host=first-gone.test,nowhere.test,5",
  "--mx-host=first-gone.test,a.test,10",
  "--mx-host=self.test,mail.here.test,10",
  "--mx-host=self-second.test,a.test,5",
  "--mx-host=self-second.test,mail.here.test,10",
  "--mx-host=self-second.test,b.test,20",
  "--mx-host=loop.test,loopback.test,10",
  "--mx-host=metadata.test,metadata.test,10",
  "--mx-host=both.test,both-hosts.test,10",
  "--mx-host=to-alias.test,alias.test,10",
  "--mx-host=many.test,many-addresses.test,10",
  "--cname=alias.test,a.test",
  "--cname=alias-domain.test,order.test",
  "--host-record=a.test,198.51.100.1",
  "--host-record=b.test,198.51.100.2",
  "--host-record=c.test,198.51.100.3",
  "--host-record=plain.test,198.51.100.4",
  "--host-record=mail.here.test,198.51.100.5",
  "--host-record=loopback.test,127.0.0.1",
  "--host-record=metadata.test,169.254.169.254",
  "--host-record=both-hosts.test,198.51.100.6,2001:db8::6",
  "--host-record=both-hosts.test,198.51.100.7,2001:db8::7",
  "--host-record=many-addresses.test,198.51.100.11",
  "--host-record=many-addresses.test,198.51.100.12",
  "--host-record=many-addresses.test,198.51.100.13",
  "--host-record=many-addresses.test,198.51.100.14",
  "--host-record=many-addresses.test,198.51.100.15",
  "--host-record=many-addresses.test,198.51.100.16",
  "--host-record=many-addresses.test,198.51.100.17",
  "--txt-record=only-text.test,hello",
  NULL
};

typedef struct
{
  Dnsmasq       dnsmasq;
  PhClock      *clock;
  PhPoller     *poller;
  PhResolver   *resolver;
  PhRelayConfig config;
  PhSendContext context;
} Fixture;

static void
set_up (Fixture      *f,
        gconstpointer data)
{
  g_autofree char *server = NULL;

  f->clock = ph_clock_new ();
  f->poller = ph_poller_new (f->clock);
  f->resolver = ph_resolver_new (f->poller);
  f->config = (PhRelayConfig){ .host_name = "mail.here.test", .guard = PH_RELAY_GUARD_ANYWHERE };
  f->context = (PhSendContext){ .clock = f->clock, .poller = f->poller, .resolver = f->resolver, .config = &f->config };
  if (!dnsmasq_start (&f->dnsmasq, records))
    return;

  server = g_strdup_printf ("127.0.0.1@%u", f->dnsmasq.port);
  g_assert_true (ph_resolver_set_server (f->resolver, server, NULL));
}

static void
tear_down (Fixture      *f,
           gconstpointer data)
{
  dnsmasq_stop (&f->dnsmasq);
  g_assert_finalize_object (f->resolver);
  g_assert_finalize_object (f->poller);
  g_object_unref (f->clock);
}

static void
found_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  *(PhRoute **)user_data = ph_route_find_finish (result, &error);
  g_assert_no_error (error);
}

static PhRoute *
find_route (Fixture    *f,
            const char *domain)
{
  PhRoute *route = NULL;
  gint64   end = g_get_monotonic_time () + PATIENCE;

  ph_route_find_async (&f->context, &(PhRouteQuery){ .domain = domain, .target = ph_relay_config_find_target (&f->config, domain) }, NULL, NULL, found_cb, &route);
  while (route == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (500);
    }

  return route;
}

/* "host=address host=address", or "T4.4.3" and "P5.1.2" for routes to nowhere. */
static char *
find (Fixture    *f,
      const char *domain)
{
  g_autoptr (PhRoute) route = find_route (f, domain);
  GString *text = g_string_new (NULL);

  if (route->failure != NULL)
    {
      g_string_printf (text, "%s%s", route->kind == PH_SMTP_RESULT_PERMANENT ? "P" : "T", route->failure->enhanced);
      g_assert_cmpuint (route->stops->len, ==, 0);
    }
  for (guint i = 0; i < route->stops->len; i++)
    {
      const PhRouteStop *stop = route->stops->pdata[i];

      g_string_append_printf (text, "%s%s=%s", i > 0 ? " " : "", stop->host, stop->address);
    }

  return g_string_free (text, FALSE);
}

static gboolean
skip (Fixture *f)
{
  g_autoptr (PhAddressGuard) guard = ph_address_guard_new ();

  if (f->dnsmasq.pid == 0)
    g_test_skip (DNSMASQ " is not installed");
  else if (!guard->has_ipv4)
    g_test_skip ("this computer has no network: every route leads nowhere");

  return f->dnsmasq.pid == 0 || !guard->has_ipv4;
}

/* S16 */
static void
test_routes (Fixture      *f,
             gconstpointer data)
{
  static const struct
  {
    const char *domain;
    const char *route;
  } table[] = {
    { "order.test", "a.test=198.51.100.1 b.test=198.51.100.2 c.test=198.51.100.3" },
    { "null.test", "P5.1.10" },                  /* RFC 7505 */
    { "half-null.test", "a.test=198.51.100.1" }, /* section 3: not a null MX then */
    { "plain.test", "plain.test=198.51.100.4" }, /* its own address */
    { "only-text.test", "P5.4.4" },              /* it exists, without any address */
    { "missing.test", "P5.1.2" },                /* NXDOMAIN */
    { "nobody.test", "P5.4.4" },                 /* an exchanger without an address */
    { "first-gone.test", "a.test=198.51.100.1" },
    { "self.test", "P5.4.6" },                      /* V28 */
    { "self-second.test", "a.test=198.51.100.1" },  /* we and who is worse are left out */
    { "loop.test", "P5.4.6" },                      /* S17: an address that is ours */
    { "metadata.test", "T4.4.1" },                  /* S17: no mail server can be there */
    { "to-alias.test", "alias.test=198.51.100.1" }, /* tolerated */
    { "alias-domain.test", "a.test=198.51.100.1 b.test=198.51.100.2 c.test=198.51.100.3" },
    { "[198.51.100.9]", "198.51.100.9=198.51.100.9" },
    { "[127.0.0.1]", "P5.4.6" },
    { "[224.0.0.1]", "T4.4.1" },
    { "[255.255.255.255]", "T4.4.1" },
    { "[IPv6:::ffff:127.0.0.1]", "P5.4.6" },
  };

  if (skip (f))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *route = find (f, table[i].domain);

      g_test_message ("%s", table[i].domain);
      g_assert_cmpstr (route, ==, table[i].route);
    }
}

/* Equals take turns in being first. */
static void
test_shuffle (Fixture      *f,
              gconstpointer data)
{
  guint n_a = 0;

  if (skip (f))
    return;

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *route = find (f, "equal.test");

      n_a += g_str_has_prefix (route, "a.test=");
    }
  g_assert_cmpuint (n_a, >, 0);
  g_assert_cmpuint (n_a, <, 40);
}

/* S17: one of each family in turn; at most five (S16). */
static void
test_families (Fixture      *f,
               gconstpointer data)
{
  g_autofree char *route = NULL;
  g_autofree char *many = NULL;
  g_auto (GStrv) stops = NULL;
  g_autoptr (PhAddressGuard) guard = ph_address_guard_new ();

  if (skip (f))
    return;

  many = find (f, "many.test");
  stops = g_strsplit (many, " ", -1);
  g_assert_cmpuint (g_strv_length (stops), ==, 5);

  route = find (f, "both.test");
  g_strfreev (stops);
  stops = g_strsplit (route, " ", -1);
  if (guard->has_ipv6)
    {
      g_assert_cmpuint (g_strv_length (stops), ==, 4);
      for (guint i = 0; i < 4; i++)
        g_assert_cmpint (strstr (stops[i], "2001:db8::") != NULL, ==, i % 2 == 0);
    }
  else
    g_assert_cmpuint (g_strv_length (stops), ==, 2); /* a family without a network is skipped */
}

/* The smarthost is the user's choice: it may be here, and what is wrong with it is temporary. */
static void
test_smarthost (Fixture      *f,
                gconstpointer data)
{
  static const char *const table[][2] = {
    { "127.0.0.1", "127.0.0.1=127.0.0.1" },
    { "[::1]", "::1=::1" },
    { "loopback.test", "loopback.test=127.0.0.1" },
    { "missing.test", "T5.4.4" },
    { "order.test", "T5.4.4" }, /* its MX records do not count */
  };

  if (skip (f))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *route = NULL;

      f->config.smarthost = ph_relay_target_parse (table[i][0]);
      route = find (f, NULL);
      g_clear_pointer (&f->config.smarthost, ph_relay_target_unref);
      g_assert_cmpstr (route, ==, table[i][1]);
    }
}

/* RFC 8689 section 4.2.1: MX records that nobody has signed prove nothing; without them the domain itself is the host; and what the
 * user has named needs no proof.  DNSSEC and MTA-STS: test_dane.py, test_sts.py. */
static void
test_proof (Fixture      *f,
            gconstpointer data)
{
  static const struct
  {
    const char *domain;
    gboolean    is_proven;
  } table[] = { { "order.test", FALSE }, { "plain.test", TRUE }, { "[198.51.100.9]", TRUE }, { NULL, TRUE } };

  if (skip (f))
    return;

  f->config.smarthost = ph_relay_target_parse ("a.test");
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (PhRoute) route = find_route (f, table[i].domain);

      g_assert_cmpuint (route->stops->len, >, 0);
      g_assert_cmpint (((PhRouteStop *)route->stops->pdata[0])->is_proven, ==, table[i].is_proven);
    }
  g_clear_pointer (&f->config.smarthost, ph_relay_target_unref);
}

/* No answer is no reason to give up (4.4.3). */
static void
test_no_dns (Fixture      *f,
             gconstpointer data)
{
  g_autofree char *server = NULL;
  g_autofree char *route = NULL;

  if (skip (f))
    return;

  dnsmasq_stop (&f->dnsmasq);
  server = g_strdup_printf ("127.0.0.1@%u", f->dnsmasq.port);
  g_assert_true (ph_resolver_set_server (f->resolver, "127.0.0.1@9", NULL));
  route = find (f, "order.test");
  g_assert_cmpstr (route, ==, "T4.4.3");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/route/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("S16/routes", test_routes);
  ADD ("S16/shuffle", test_shuffle);
  ADD ("S17/families", test_families);
  ADD ("S27/smarthost", test_smarthost);
  ADD ("proof", test_proof);
  ADD ("S16/no-dns", test_no_dns);

  return g_test_run ();
}
