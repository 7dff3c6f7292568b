#include "net-fixture.h"

/* A client whose every byte can be the last. */
typedef struct
{
  int   fd;
  gsize allowed;
  gsize sent;
} Tap;

static ssize_t
tap_push (gnutls_transport_ptr_t data,
          const void            *bytes,
          size_t                 length)
{
  Tap    *tap = data;
  gsize   left = tap->allowed - tap->sent;
  ssize_t n = -1;

  errno = EAGAIN;
  if (left > 0)
    n = send (tap->fd, bytes, MIN (length, left), MSG_NOSIGNAL);
  tap->sent += (gsize)MAX (n, 0);

  return n;
}

static ssize_t
tap_pull (gnutls_transport_ptr_t data,
          void                  *bytes,
          size_t                 length)
{
  return recv (((Tap *)data)->fd, bytes, length, 0);
}

/* How far the handshake comes with the first `allowed` bytes of the client; TRUE if to its end. */
static gboolean
shake_hands (NetFixture *f,
             Client     *client,
             const char *priority,
             Tap        *tap)
{
  int code = GNUTLS_E_AGAIN;

  tap->fd = client->fd;
  gnutls_certificate_allocate_credentials (&client->credentials);
  gnutls_init (&client->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
  gnutls_priority_set_direct (client->tls, priority, NULL);
  gnutls_credentials_set (client->tls, GNUTLS_CRD_CERTIFICATE, client->credentials);
  gnutls_transport_set_ptr (client->tls, tap);
  gnutls_transport_set_push_function (client->tls, tap_push);
  gnutls_transport_set_pull_function (client->tls, tap_pull);

  for (guint idle = 0; code == GNUTLS_E_AGAIN && (idle < 3 || tap->sent < tap->allowed); idle++)
    {
      code = gnutls_handshake (client->tls);
      turn (f);
    }

  return code == 0;
}

static void
assert_broke_off (NetFixture *f,
                  guint       i)
{
  PhJournalSession *journal = ph_session_get_journal (PH_SESSION (get_session (f, i)));
  g_autofree char  *cause = NULL;
  guint             state;

  ph_journal_flush (f->journal);
  g_object_get (journal, "state", &state, "cause", &cause, NULL);
  g_assert_cmpuint (state, ==, PH_JOURNAL_FAILED);
  g_assert_nonnull (cause);
  g_assert_cmpuint (get_session (f, i)->n_started, ==, 0);
  g_assert_cmpuint (get_session (f, i)->n_peer_closed, ==, 1);
}

/* A hang-up after each byte of the handshake, with a FIN and with a reset: the connection
 * goes at once, its transcript says why, and the session never starts. */
static void
hang_up_everywhere (NetFixture *f,
                    const char *priority,
                    gboolean    reset)
{
  struct linger hard = { 1, 0 };
  Tap           whole = { .allowed = G_MAXSIZE };
  guint         first = f->sessions->len;

  {
    g_autoptr (Client) client = client_new (f);

    g_assert_true (shake_hands (f, client, priority, &whole));
    g_assert_cmpuint (whole.sent, >, 200);
  }
  wait_for (ph_listener_get_n_connections (f->listener) == 0);

  for (gsize n = 0; n < whole.sent; n++)
    {
      Client *client = client_new (f);
      Tap     tap = { .allowed = n };
      guint   i = first + 1 + (guint)n;

      g_assert_false (shake_hands (f, client, priority, &tap));
      g_assert_cmpuint (tap.sent, ==, n);
      if (reset)
        setsockopt (client->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
      get_session (f, i);
      client_free (client);
      wait_for (ph_listener_get_n_connections (f->listener) == 0);
      assert_broke_off (f, i);
    }
}

static void
test_hang_up (NetFixture   *f,
              gconstpointer data)
{
  static const char *const priorities[] = { "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-X25519", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-GROUP-ALL:+GROUP-X25519" };

  for (guint i = 0; i < G_N_ELEMENTS (priorities); i++)
    for (guint reset = 0; reset < 2; reset++)
      hang_up_everywhere (f, priorities[i], reset == 1);
}

/* One that sends its hello a byte a second is cut when the handshake's time is over, not
 * granted it anew for each byte (V38). */
static void
test_dribble (NetFixture   *f,
              gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);
  Tap   tap = { .allowed = 0 };
  guint seconds;

  shake_hands (f, client, "NORMAL", &tap);
  get_session (f, 0);
  for (seconds = 0; ph_listener_get_n_connections (f->listener) > 0 && seconds < 60; seconds++)
    {
      tap.allowed++;
      gnutls_handshake (client->tls);
      turn (f);
      ph_clock_advance (f->clock, G_USEC_PER_SEC);
      turn (f);
    }
  g_assert_cmpuint (seconds, >=, PH_CONNECTION_HANDSHAKE_SECONDS);
  g_assert_cmpuint (seconds, <=, PH_CONNECTION_HANDSHAKE_SECONDS + 2);
  assert_broke_off (f, 0);
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
    { "/net/handshake/hang-up-at-each-byte", IMPLICIT_TLS, test_hang_up },
    { "/net/handshake/V38-dribble", IMPLICIT_TLS | MANUAL_CLOCK, test_dribble },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, NetFixture, GUINT_TO_POINTER (tests[i].flags),
                net_fixture_set_up, tests[i].function, net_fixture_tear_down);

  return g_test_run ();
}
