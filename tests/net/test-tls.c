#include "net-fixture.h"
#include "ph-tls-client.h"

static void
test_implicit (NetFixture   *f,
               gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);
  PhPeer        *peer;
  gnutls_datum_t exporter = { 0 };
  gnutls_datum_t end_point = { 0 };

  turn (f);
  g_assert_cmpuint (get_session (f, 0)->n_started, ==, 0);
  g_assert_cmpint (client_shake_hands (client, NULL, "line"), ==, 0);
  client_expect (client, "hi\n");
  client_send (client, "one\n");
  client_expect (client, "= one\n");

  peer = ph_session_get_peer (PH_SESSION (get_session (f, 0)));
  g_assert_true (peer->is_tls);
  g_assert_cmpstr (peer->tls_version, ==, "TLS1.3");
  g_assert_nonnull (peer->tls_cipher);
  g_assert_cmpstr (peer->tls_sni, ==, "mail.test");

  g_assert_cmpint (gnutls_session_channel_binding (client->tls, GNUTLS_CB_TLS_EXPORTER, &exporter), ==, 0);
  g_assert_cmpmem (exporter.data, exporter.size, g_bytes_get_data (peer->tls_exporter, NULL), g_bytes_get_size (peer->tls_exporter));
  g_assert_cmpint (gnutls_session_channel_binding (client->tls, GNUTLS_CB_TLS_SERVER_END_POINT, &end_point), ==, 0);
  g_assert_cmpmem (end_point.data, end_point.size,
                   g_bytes_get_data (peer->tls_server_end_point, NULL), g_bytes_get_size (peer->tls_server_end_point));
  gnutls_free (exporter.data);
  gnutls_free (end_point.data);

  client_send (client, "QUIT\n");
  client_expect (client, "bye\n");
  client_expect_end (client);
}

/* V31: 1.2 and 1.3, nothing older. */
static void
test_versions (NetFixture   *f,
               gconstpointer data)
{
  static const struct
  {
    const char *priority;
    const char *version; /* NULL: refused */
  } cases[] = {
    { "NORMAL:-VERS-ALL:+VERS-TLS1.3", "TLS1.3" },
    { "NORMAL:-VERS-ALL:+VERS-TLS1.2", "TLS1.2" },
    { "LEGACY:-VERS-ALL:+VERS-TLS1.1", NULL },
    { "LEGACY:-VERS-ALL:+VERS-TLS1.0", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Client) client = client_new (f);
      int code = client_shake_hands (client, cases[i].priority, NULL);

      if (cases[i].version == NULL)
        {
          g_assert_cmpint (code, <, 0);
          g_assert_cmpuint (get_session (f, i)->n_started, ==, 0);
          continue;
        }
      g_assert_cmpint (code, ==, 0);
      client_expect (client, "hi\n");
      g_assert_cmpstr (ph_session_get_peer (PH_SESSION (get_session (f, i)))->tls_version, ==, cases[i].version);
      g_assert_nonnull (ph_session_get_peer (PH_SESSION (get_session (f, i)))->tls_exporter);
    }
}

/* V31: a TLS 1.2 client that wants to renegotiate is cut. */
static void
test_renegotiation (NetFixture   *f,
                    gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);

  g_assert_cmpint (client_shake_hands (client, "NORMAL:-VERS-ALL:+VERS-TLS1.2", NULL), ==, 0);
  client_expect (client, "hi\n");
  gnutls_handshake (client->tls);
  wait_for (ph_listener_get_n_connections (f->listener) == 0);
  g_assert_cmpuint (get_session (f, 0)->n_peer_closed, ==, 1);
}

/* V40: a client of another protocol is refused in the handshake. */
static void
test_alpn (NetFixture   *f,
           gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);

  g_assert_cmpint (client_shake_hands (client, NULL, "h2"), ==, GNUTLS_E_FATAL_ALERT_RECEIVED);
  g_assert_cmpint (gnutls_alert_get (client->tls), ==, GNUTLS_A_NO_APPLICATION_PROTOCOL);
  wait_for (get_session (f, 0)->n_peer_closed == 1);
}

static void
test_not_tls (NetFixture   *f,
              gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);

  client_send (client, "GET / HTTP/1.1\r\nHost: mail.test\r\n\r\n");
  wait_for ((client_receive (client), client->at_end));
  g_assert_cmpuint (get_session (f, 0)->n_started, ==, 0);
}

static void
test_starttls (NetFixture   *f,
               gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);
  LineSession *session;

  client_expect (client, "hi\n");
  client_send (client, "one\nSTARTTLS\n");
  client_expect (client, "= one\ngo\n");
  g_assert_cmpint (client_shake_hands (client, NULL, NULL), ==, 0);
  session = get_session (f, 0);
  client_send (client, "two\n");
  client_expect (client, "= two\n");
  g_assert_cmpuint (session->n_started, ==, 1);
  g_assert_cmpuint (session->n_secured, ==, 1);
  g_assert_true (ph_session_get_peer (PH_SESSION (session))->is_tls);

  /* Byte by byte: a record for each. */
  for (const char *p = "three\n"; *p != '\0'; p++)
    client_send_bytes (client, p, 1);
  client_expect (client, "= three\n");

  /* A second one is the session's to refuse; if it does not, we do. */
  client_send (client, "STARTTLS\n");
  client_expect (client, "go\n");
  wait_for ((client_receive (client), client->at_end));
  g_assert_cmpuint (session->n_secured, ==, 1);
}

/* Without a certificate the session should not have offered it. */
static void
test_starttls_without (NetFixture   *f,
                       gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);

  client_expect (client, "hi\n");
  client_send (client, "STARTTLS\n");
  client_expect (client, "go\n");
  client_expect_end (client);
}

/* V03: what comes in clear after STARTTLS is never answered, least of all under TLS. */
static void
test_injection (NetFixture   *f,
                gconstpointer data)
{
  static const char *const injected[] = { "evil\n", "QUIT\n", "e", "\n", "STARTTLS\n", "\026\003\001", NULL };
  static const guint       gaps[] = { 0, 1, 10, 50 }; /* milliseconds; 0: in one segment */

  /* Some look like the start of a long TLS record: the rest of that is waited for. */
  f->impatient = TRUE;
  ph_listener_set_limits (f->listener, 100, 100);
  for (guint gap = 0; gap < G_N_ELEMENTS (gaps); gap++)
    for (guint i = 0; injected[i] != NULL; i++)
      {
        g_autoptr (Client) client = client_new (f);
        g_autofree char *both = g_strconcat ("STARTTLS\n", injected[i], NULL);
        int              code;

        client_expect (client, "hi\n");
        if (gaps[gap] == 0)
          client_send (client, both);
        else
          {
            client_send (client, "STARTTLS\n");
            for (guint ms = 0; ms < gaps[gap]; ms++, g_usleep (1000))
              turn (f);
            client_send (client, injected[i]);
          }

        wait_for ((client_receive (client), client->got->len >= 3 || client->at_end));
        code = client_shake_hands (client, NULL, NULL);
        g_assert_cmpint (code, <, 0);
        if (gaps[gap] == 0)
          g_assert_cmpstr (client->got->str, ==, "go\n");
        g_assert_false (strstr (client->got->str, "=") != NULL);
        g_assert_cmpuint (get_session (f, f->sessions->len - 1)->n_secured, ==, 0);
      }
}

/* V32: 200 clients that begin a handshake and say no more; another is served meanwhile,
 * and they are cut after their time. */
static void
test_stalled (NetFixture   *f,
              gconstpointer data)
{
  enum {
    N = 200
  };
  Client *stalled[N];
  g_autoptr (Client) client = NULL;

  ph_listener_set_limits (f->listener, N + 1, N + 1);
  for (guint i = 0; i < N; i++)
    {
      stalled[i] = client_new (f);
      client_send_bytes (stalled[i], "\026\003\001\002\000\001", i % 7);
      turn (f);
    }

  client = client_new (f);
  g_assert_cmpint (client_shake_hands (client, NULL, NULL), ==, 0);
  client_expect (client, "hi\n");
  g_assert_cmpuint (ph_listener_get_n_connections (f->listener), ==, N + 1);

  ph_clock_advance (f->clock, (PH_CONNECTION_HANDSHAKE_SECONDS + 1) * G_USEC_PER_SEC);
  wait_for (ph_listener_get_n_connections (f->listener) == 1);
  client_send (client, "one\n");
  client_expect (client, "= one\n");
  for (guint i = 0; i < N; i++)
    client_free (stalled[i]);
}

int
main (int   argc,
      char *argv[])
{
  static const struct
  {
    const char *path;
    guint       flags;
    void (*function) (NetFixture *, gconstpointer);
  } tests[] = {
    { "/net/tls/implicit", IMPLICIT_TLS, test_implicit },
    { "/net/tls/V31-versions", IMPLICIT_TLS, test_versions },
    { "/net/tls/V31-renegotiation", IMPLICIT_TLS, test_renegotiation },
    { "/net/tls/V40-alpn", IMPLICIT_TLS, test_alpn },
    { "/net/tls/not-tls", IMPLICIT_TLS, test_not_tls },
    { "/net/tls/starttls", WITH_TLS, test_starttls },
    { "/net/tls/starttls-without", 0, test_starttls_without },
    { "/net/tls/V03-injection", WITH_TLS | MANUAL_CLOCK, test_injection },
    { "/net/tls/V32-stalled", IMPLICIT_TLS | MANUAL_CLOCK, test_stalled },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, NetFixture, GUINT_TO_POINTER (tests[i].flags),
                net_fixture_set_up, tests[i].function, net_fixture_tear_down);

  return g_test_run ();
}
