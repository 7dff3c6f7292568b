#include "net-fixture.h"

static void
test_talk (NetFixture   *f,
           gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);
  PhPeer *peer;

  client_expect (client, "hi\n");
  client_send (client, "one\ntwo\nthr");
  client_expect (client, "= one\n= two\n");
  client_send (client, "ee\n");
  client_expect (client, "= three\n");

  peer = ph_session_get_peer (PH_SESSION (get_session (f, 0)));
  g_assert_cmpstr (peer->address, ==, "127.0.0.1");
  g_assert_true (peer->is_loopback);
  g_assert_false (peer->is_tls);

  client_send (client, "QUIT\nmore\n");
  client_expect (client, "bye\n");
  client_expect_end (client);
  g_assert_cmpuint (get_session (f, 0)->n_peer_closed, ==, 0);
}

static void
test_byte_by_byte (NetFixture   *f,
                   gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);

  client_expect (client, "hi\n");
  for (const char *p = "one\ntwo\n\nBIG 3\nQUIT\n"; *p != '\0'; p++)
    {
      client_send_bytes (client, p, 1);
      turn (f);
    }
  client_expect (client, "= one\n= two\n= \nxxx\nbye\n");
  client_expect_end (client);
}

/* A client that sends one thing in two pieces, without TCP_NODELAY, gets the second one off only when
 * the first one is acknowledged: at once, not after the 40 ms that the kernel waits for a reply to go with. */
static void
test_two_pieces (NetFixture   *f,
                 gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);
  gint64 best = G_MAXINT64;

  client_expect (client, "hi\n");
  for (guint i = 0; i < 60; i++)
    {
      gint64 start = g_get_monotonic_time ();

      client_send_bytes (client, "on", 2);
      turn (f);
      client_send_bytes (client, "e\n", 2);
      client_expect (client, "= one\n");
      /* It takes a while until the kernel sees a conversation in it. */
      if (i >= 30)
        best = MIN (best, g_get_monotonic_time () - start);
    }
  g_assert_cmpint (best, <, 20000);
}

/* V40: whether a client waited for the greeting is known to the session; and one that
 * begins with TLS in clear is told apart, for the person at the journal. */
static void
test_first_input (NetFixture   *f,
                  gconstpointer data)
{
  static const struct
  {
    const char *input;
    gboolean    talks_first;
    gboolean    is_closed;
  } rows[] = {
    { "one\n", TRUE, FALSE },
    { "one\n", FALSE, FALSE },
    { "\x16\x03\x01\n", TRUE, TRUE },
    { "\x16\x03\x01\n", FALSE, TRUE },
    { "x\x16\n", FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Client) client = client_new (f);
      PhSession *session;
      g_auto (GStrv) findings = NULL;

      if (rows[i].talks_first)
        client_send (client, rows[i].input);
      client_expect (client, "hi\n");
      if (!rows[i].talks_first)
        client_send (client, rows[i].input);

      session = PH_SESSION (get_session (f, i));
      g_assert_true (ph_session_get_peer (session)->talked_first == rows[i].talks_first);
      if (rows[i].is_closed)
        client_expect_end (client);
      else
        client_expect (client, "= ");
      findings = ph_journal_session_dup_findings (ph_session_get_journal (session));
      g_assert_cmpuint (g_strv_length (findings), ==, rows[i].is_closed ? 1 : 0);
    }
}

static void
test_vanish (NetFixture   *f,
             gconstpointer data)
{
  Client       *client = client_new (f);
  struct linger reset = { 1, 0 };

  client_expect (client, "hi\n");
  client_send (client, "half a li");
  client_free (client);

  /* The rest of the line will not come; nobody waits for it for long. */
  for (guint i = 0; i < 20; i++, g_usleep (1000))
    turn (f);
  ph_clock_advance (f->clock, (PH_CONNECTION_EOF_SECONDS - 1) * G_USEC_PER_SEC);
  turn (f);
  g_assert_cmpuint (ph_listener_get_n_connections (f->listener), ==, 1);
  ph_clock_advance (f->clock, 3 * G_USEC_PER_SEC);
  wait_for (ph_listener_get_n_connections (f->listener) == 0);
  g_assert_cmpuint (get_session (f, 0)->n_peer_closed, ==, 1);

  client = client_new (f);
  client_expect (client, "hi\n");
  client_free (client);
  wait_for (ph_listener_get_n_connections (f->listener) == 0);
  g_assert_cmpuint (get_session (f, 1)->n_peer_closed, ==, 1);

  client = client_new (f);
  client_expect (client, "hi\n");
  setsockopt (client->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  client_free (client);
  wait_for (ph_listener_get_n_connections (f->listener) == 0);
  g_assert_cmpuint (get_session (f, 2)->n_peer_closed, ==, 1);
}

/* "printf … | nc -N": all commands, then a FIN; the answers are still given, even
 * where one of them has to wait for a worker. */
static void
test_half_close (NetFixture   *f,
                 gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);

  client_send (client, "one\nWAIT\ntwo\nBIG 300000\nQUIT\n");
  shutdown (client->fd, SHUT_WR);
  client_expect (client, "hi\n= one\n");
  turn (f);
  g_assert_cmpuint (get_session (f, 0)->n_peer_closed, ==, 0);
  line_session_go_on (get_session (f, 0));
  client_expect (client, "= two\n");
  wait_for ((client_receive (client), client->at_end));
  g_assert_cmpuint (client->got->len, ==, 300001 + strlen ("bye\n"));
  g_assert_true (g_str_has_suffix (client->got->str, "\nbye\n"));
  g_assert_cmpuint (get_session (f, 0)->n_peer_closed, ==, 0);
  g_string_truncate (client->got, 0);
}

/* A peer that does not read holds a bounded buffer and is cut in the end (V38), in clear
 * and under TLS, where it is the records that are not read. */
static void
test_slow_reader (NetFixture   *f,
                  gconstpointer data)
{
  g_autoptr (Client) client = client_new_with_buffer (f, 4096);
  LineSession *session;

  if (GPOINTER_TO_UINT (data) & IMPLICIT_TLS)
    g_assert_cmpint (client_shake_hands (client, NULL, NULL), ==, 0);
  client_expect (client, "hi\n");
  client_send (client, "BIG 50000000\nafter\n");
  turn (f);
  session = get_session (f, 0);
  g_assert_cmpuint (session->big, >, 0);
  g_assert_cmpuint (session->most_output, <=, PH_SESSION_OUTPUT_HIGH + 1025);

  ph_session_set_deadline (PH_SESSION (session), 0);
  ph_session_changed (PH_SESSION (session));
  turn (f);

  /* It reads a little in time, so it is kept; then no more. */
  for (guint i = 0; i < 3; i++)
    {
      char  some[65536];
      gsize left = session->big;

      ph_clock_advance (f->clock, (PH_CONNECTION_STALL_SECONDS - 30) * G_USEC_PER_SEC);
      wait_for ((client->got->len += (gsize)MAX (recv (client->fd, some, sizeof some, 0), 0), session->big < left));
      turn (f);
      g_assert_cmpuint (ph_listener_get_n_connections (f->listener), ==, 1);
    }
  client->got->len = 0;
  g_assert_cmpuint (session->most_output, <=, PH_SESSION_OUTPUT_HIGH + 1025);
  ph_clock_advance (f->clock, (PH_CONNECTION_STALL_SECONDS + 1) * G_USEC_PER_SEC);
  wait_for (ph_listener_get_n_connections (f->listener) == 0);
  g_assert_cmpuint (session->n_peer_closed, ==, 1);
}

/* The same read to its end: nothing is lost, in clear and under TLS. */
static void
test_big (NetFixture   *f,
          gconstpointer data)
{
  g_autoptr (Client) client = client_new_with_buffer (f, 8192);

  if (GPOINTER_TO_UINT (data) & IMPLICIT_TLS)
    g_assert_cmpint (client_shake_hands (client, NULL, NULL), ==, 0);
  client_expect (client, "hi\n");
  client_send (client, "BIG 5000000\nafter\n");
  wait_for ((client_receive (client), client->got->len >= 5000001 + strlen ("= after\n")));
  g_assert_cmpstr (client->got->str + 5000000, ==, "\n= after\n");
  g_assert_cmpuint (get_session (f, 0)->most_output, <=, PH_SESSION_OUTPUT_HIGH + 1025);
}

/* A session that does not take its input stops the reading; then all of it arrives. */
static void
test_busy_session (NetFixture   *f,
                   gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);
  g_autofree char *line = g_strnfill (99, 'a');
  gsize            sent = 0;
  guint            n_lines = 0;

  client_expect (client, "hi\n");
  client_send (client, "WAIT\n");
  line[98] = '\n';
  for (guint idle = 0; idle < 50;)
    {
      gssize n = client_try_send (client, line + sent % 99, 99 - sent % 99);

      if (n > 0)
        sent += (gsize)n;
      idle = n > 0 ? 0 : idle + 1;
      if (n <= 0)
        turn (f);
    }
  g_assert_cmpuint (sent, >, PH_SESSION_INPUT_MAX); /* the kernel's buffers are full, too */
  g_assert_cmpuint (get_session (f, 0)->most_input, <=, PH_SESSION_INPUT_MAX);

  client_send_bytes (client, "", 0);
  line_session_go_on (get_session (f, 0));
  wait_for ((client_receive (client), client->got->len >= sent / 99 * 101));
  for (const char *p = client->got->str; (p = strchr (p, '\n')) != NULL; p++)
    n_lines++;
  g_assert_cmpuint (n_lines, ==, sent / 99);
  g_assert_cmpuint (get_session (f, 0)->most_input, <=, PH_SESSION_INPUT_MAX);
}

static void
test_deadline (NetFixture   *f,
               gconstpointer data)
{
  g_autoptr (Client) client = client_new (f);

  client_expect (client, "hi\n");
  ph_clock_advance (f->clock, 58 * G_USEC_PER_SEC);
  client_send (client, "one\n");
  client_expect (client, "= one\n");
  ph_clock_advance (f->clock, 58 * G_USEC_PER_SEC);
  turn (f);
  g_assert_cmpuint (get_session (f, 0)->n_timed_out, ==, 0);

  ph_clock_advance (f->clock, 4 * G_USEC_PER_SEC);
  client_expect (client, "too late\n");
  client_expect_end (client);
  g_assert_cmpuint (get_session (f, 0)->n_timed_out, ==, 1);

  /* It lingers for a client that does not close, but not for long. */
  turn (f);
  g_assert_cmpuint (ph_listener_get_n_connections (f->listener), ==, 1);
  ph_clock_advance (f->clock, (PH_CONNECTION_LINGER_SECONDS + 1) * G_USEC_PER_SEC);
  wait_for (ph_listener_get_n_connections (f->listener) == 0);
}

/* A server's goodbye does not wait for one that never reads. */
static void
test_deadline_unread (NetFixture   *f,
                      gconstpointer data)
{
  g_autoptr (Client) client = client_new_with_buffer (f, 4096);

  client_expect (client, "hi\n");
  client_send (client, "BIG 50000000\n");
  turn (f);
  ph_clock_advance (f->clock, 62 * G_USEC_PER_SEC);
  turn (f);
  g_assert_cmpuint (get_session (f, 0)->n_timed_out, ==, 1);
  ph_clock_advance (f->clock, (PH_CONNECTION_GOODBYE_SECONDS + 1) * G_USEC_PER_SEC);
  wait_for (ph_listener_get_n_connections (f->listener) == 0);
}

/* What the journal is told */

static void
assert_journal (NetFixture *f,
                guint       i,
                guint       state,
                const char *cause_part)
{
  g_autofree char *cause = NULL;
  guint            actual;

  ph_journal_flush (f->journal);
  g_object_get (ph_session_get_journal (PH_SESSION (get_session (f, i))), "state", &actual, "cause", &cause, NULL);
  g_assert_cmpuint (actual, ==, state);
  if (cause_part == NULL)
    g_assert_null (cause);
  else
    g_assert_nonnull (strstr (cause, cause_part));
}

static void
test_journal (NetFixture   *f,
              gconstpointer data)
{
  g_autoptr (Client) polite = client_new (f);
  g_autoptr (Client) slow = NULL;
  Client          *rude;
  guint64          in, out;
  g_autofree char *tls = NULL;

  client_expect (polite, "hi\n");
  client_send (polite, "STARTTLS\n");
  client_expect (polite, "go\n");
  g_assert_cmpint (client_shake_hands (polite, NULL, NULL), ==, 0);
  client_send (polite, "QUIT\n");
  client_expect (polite, "bye\n");
  assert_journal (f, 0, PH_JOURNAL_CLOSED, NULL);
  g_object_get (ph_session_get_journal (PH_SESSION (get_session (f, 0))),
                "bytes-in", &in, "bytes-out", &out, "tls", &tls, NULL);
  g_assert_cmpuint (in, ==, strlen ("STARTTLS\nQUIT\n"));
  g_assert_cmpuint (out, ==, strlen ("hi\ngo\nbye\n"));
  g_assert_true (g_str_has_prefix (tls, "TLS1.3 TLS_"));

  rude = client_new (f);
  client_expect (rude, "hi\n");
  assert_journal (f, 1, PH_JOURNAL_RUNNING, NULL);
  client_free (rude);
  wait_for (get_session (f, 1)->n_peer_closed == 1);
  assert_journal (f, 1, PH_JOURNAL_FAILED, "mid-conversation");

  slow = client_new (f);
  client_expect (slow, "hi\n");
  ph_clock_advance (f->clock, 62 * G_USEC_PER_SEC);
  client_expect (slow, "too late\n");
  assert_journal (f, 2, PH_JOURNAL_FAILED, "silent");
  g_assert_cmpuint (get_session (f, 2)->n_peer_closed, ==, 0);
}

/* The driver may be asked to end things from inside of a call of the session. */

static PhConnection *own;
static guint         n_closed;

static void
own_closed_cb (PhConnection *connection,
               const GError *error,
               gpointer      user_data)
{
  g_assert_true (connection == own);
  n_closed++;
}

#define RASH_TYPE_SESSION (rash_session_get_type ())
G_DECLARE_FINAL_TYPE (RashSession, rash_session, RASH, SESSION, PhSession)
struct _RashSession
{
  PhSession parent_instance;
  gboolean  in_call;
  guint     n_feeds;
};
G_DEFINE_FINAL_TYPE (RashSession, rash_session, PH_TYPE_SESSION)

/* Always calls `changed`, whether or not it took something. */
static gsize
rash_session_feed (PhSession    *session,
                   const guint8 *data,
                   gsize         length)
{
  RashSession *self = RASH_SESSION (session);

  self->n_feeds++;
  self->in_call = TRUE;
  ph_session_changed (session);
  if (data[0] == 'a')
    ph_connection_abort (own);
  else if (data[0] == 's')
    ph_connection_shut_down (own);
  self->in_call = FALSE;

  return data[0] == 'n' ? 0 : 1;
}

static void
rash_session_end (PhSession *session)
{
  g_assert_false (RASH_SESSION (session)->in_call);
}

static void
rash_session_shut_down (PhSession  *session,
                        const char *reason)
{
  rash_session_end (session);
}

static void
rash_session_class_init (RashSessionClass *klass)
{
  PH_SESSION_CLASS (klass)->feed = rash_session_feed;
  PH_SESSION_CLASS (klass)->shut_down = rash_session_shut_down;
  PH_SESSION_CLASS (klass)->peer_closed = rash_session_end;
}

static void
rash_session_init (RashSession *self)
{
}

static void
test_from_inside (NetFixture   *f,
                  gconstpointer data)
{
  static const char *const texts[] = { "xa", "xs", "xn" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (RashSession) session = g_object_new (RASH_TYPE_SESSION, NULL);
      g_autoptr (PhPeer) peer = ph_peer_new ("127.0.0.1", 1);
      g_autoptr (GSocket) socket = NULL;
      int fds[2];

      n_closed = 0;
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
      socket = g_socket_new_from_fd (fds[0], NULL);
      own = ph_connection_new_accepted (f->poller, socket, peer, PH_SESSION (session), NULL, FALSE, NULL, own_closed_cb, NULL);
      g_assert_cmpint (send (fds[1], texts[i], 2, 0), ==, 2);
      wait_for (session->n_feeds >= 2);
      for (guint j = 0; j < 20; j++, g_usleep (500))
        turn (f);

      g_assert_cmpuint (session->n_feeds, <=, 3); /* does not spin */
      if (texts[i][1] == 'a')
        g_assert_cmpuint (n_closed, ==, 1);
      close (fds[1]);
      if (texts[i][1] == 'n')
        ph_connection_abort (own);
      wait_for (n_closed == 1);
      g_assert_finalize_object (g_steal_pointer (&own));
    }
}

/* 500 idle ones, one that talks. */
static void
test_idle (NetFixture   *f,
           gconstpointer data)
{
  enum {
    N = 500
  };
  Client *clients[N];
  g_autoptr (Client) talker = NULL;

  ph_listener_set_limits (f->listener, N + 1, N + 1);
  for (guint i = 0; i < N; i++)
    {
      clients[i] = client_new (f);
      client_expect (clients[i], "hi\n");
    }
  talker = client_new (f);
  client_expect (talker, "hi\n");
  for (guint i = 0; i < 500; i++)
    {
      client_send (talker, "ping\n");
      client_expect (talker, "= ping\n");
    }

  g_assert_cmpuint (ph_listener_get_n_connections (f->listener), ==, N + 1);
  ph_clock_advance (f->clock, 62 * G_USEC_PER_SEC);
  for (guint i = 0; i < N; i++)
    {
      client_expect (clients[i], "too late\n");
      client_expect_end (clients[i]);
      client_free (clients[i]);
    }
  client_expect (talker, "too late\n");
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
    { "/net/connection/talk", 0, test_talk },
    { "/net/connection/byte-by-byte", 0, test_byte_by_byte },
    { "/net/connection/two-pieces", 0, test_two_pieces },
    { "/net/connection/V40-first-input", 0, test_first_input },
    { "/net/connection/vanish", MANUAL_CLOCK, test_vanish },
    { "/net/connection/half-close", 0, test_half_close },
    { "/net/connection/V38-slow-reader", MANUAL_CLOCK, test_slow_reader },
    { "/net/connection/V38-slow-reader-tls", IMPLICIT_TLS | MANUAL_CLOCK, test_slow_reader },
    { "/net/connection/big", 0, test_big },
    { "/net/connection/big-tls", IMPLICIT_TLS, test_big },
    { "/net/connection/busy-session", 0, test_busy_session },
    { "/net/connection/deadline", MANUAL_CLOCK, test_deadline },
    { "/net/connection/deadline-unread", MANUAL_CLOCK, test_deadline_unread },
    { "/net/connection/journal", WITH_TLS | MANUAL_CLOCK, test_journal },
    { "/net/connection/from-inside", 0, test_from_inside },
    { "/net/connection/idle", MANUAL_CLOCK, test_idle },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, NetFixture, GUINT_TO_POINTER (tests[i].flags),
                net_fixture_set_up, tests[i].function, net_fixture_tear_down);

  return g_test_run ();
}
