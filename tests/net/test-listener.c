#include "net-fixture.h"
#include "ph-connector.h"

#include <pwd.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* V39 */
static void
count_cb (PhPeer     *peer,
          const char *words,
          const char *why,
          gpointer    user_data)
{
  g_assert_cmpstr (peer->address, ==, "127.0.0.1");
  g_assert_cmpstr (words, ==, "421 too many\r\n");
  if (*(guint *)user_data == 0)
    g_assert_cmpstr (why, ==, "Connections from 127.0.0.1 that are open: 2; that may be: 2 (ConnectionsPerAddress of the service)");
  ++*(guint *)user_data;
}

static void
test_caps (NetFixture   *f,
           gconstpointer data)
{
  g_autoptr (Client) first = NULL;
  g_autoptr (Client) second = NULL;
  g_autoptr (Client) third = NULL;
  g_autoptr (Client) fourth = NULL;
  guint n_told = 0;

  ph_listener_set_refuse (f->listener, NULL, count_cb, &n_told);
  ph_listener_set_limits (f->listener, 100, 2);
  ph_listener_set_farewell (f->listener, "421 too many\r\n");
  first = client_new (f);
  client_expect (first, "hi\n");
  second = client_new (f);
  client_expect (second, "hi\n");
  third = client_new (f);
  client_expect (third, "421 too many\r\n");
  client_expect_end (third);
  g_assert_cmpuint (ph_listener_get_n_refused (f->listener), ==, 1);
  g_assert_cmpuint (n_told, ==, 1);
  g_assert_cmpuint (ph_listener_get_n_connections (f->listener), ==, 2);

  /* A place that is given back can be taken; the total counts, too. */
  client_send (first, "QUIT\n");
  client_expect (first, "bye\n");
  client_expect_end (first);
  shutdown (first->fd, SHUT_WR);
  wait_for (ph_listener_get_n_connections (f->listener) == 1);
  ph_listener_set_limits (f->listener, 1, 100);
  fourth = client_new (f);
  client_expect (fourth, "421 too many\r\n");
  g_assert_cmpuint (f->sessions->len, ==, 2);
}

static void
test_shut_down (NetFixture   *f,
                gconstpointer data)
{
  g_autoptr (Client) polite = client_new (f);
  g_autoptr (Client) deaf = client_new_with_buffer (f, 4096);

  client_expect (polite, "hi\n");
  client_expect (deaf, "hi\n");
  client_send (deaf, "BIG 50000000\n");
  turn (f);

  ph_listener_stop_async (f->listener, stopped_cb, f);
  g_assert_false (ph_listener_is_running (f->listener));
  client_expect (polite, "going down\n");
  client_expect_end (polite);
  g_assert_false (f->stopped);
  ph_clock_advance (f->clock, (PH_LISTENER_GRACE_SECONDS + 1) * G_USEC_PER_SEC);
  wait_for (f->stopped);
  g_assert_cmpuint (ph_listener_get_n_connections (f->listener), ==, 0);
  g_assert_cmpuint (get_session (f, 0)->n_shut_down, ==, 1);
  g_assert_cmpuint (get_session (f, 1)->n_peer_closed, ==, 1);
}

/* One goes with a goodbye; the others and those to come are as before. */
static void
test_disconnect (NetFixture   *f,
                 gconstpointer data)
{
  g_autoptr (Client) stays = client_new (f);
  g_autoptr (Client) goes = client_new (f);
  g_autoptr (PhJournal) journal = ph_journal_new (f->clock);
  g_autoptr (PhJournalSession) written = ph_journal_begin (journal, "TEST", FALSE, NULL);

  client_expect (stays, "hi\n");
  client_expect (goes, "hi\n");
  g_assert_false (ph_listener_disconnect (f->listener, written));
  ph_session_set_journal (PH_SESSION (get_session (f, 1)), written);
  g_assert_true (ph_listener_disconnect (f->listener, written));
  client_expect (goes, "going down\n");
  client_expect_end (goes);
  ph_clock_advance (f->clock, (PH_CONNECTION_LINGER_SECONDS + 1) * G_USEC_PER_SEC);
  wait_for (ph_listener_get_n_connections (f->listener) == 1);
  g_assert_cmpuint (get_session (f, 0)->n_shut_down, ==, 0);
  g_assert_cmpuint (get_session (f, 1)->n_shut_down, ==, 1);
  g_assert_false (ph_listener_disconnect (f->listener, written));
  g_assert_true (ph_listener_is_running (f->listener));
  ph_journal_session_end (written, NULL);
}

static void
test_start_again (NetFixture   *f,
                  gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Client) client = NULL;
  guint16 port = ph_listener_get_port (f->listener);

  ph_listener_stop_async (f->listener, stopped_cb, f);
  wait_for (f->stopped);
  f->stopped = FALSE;
  g_assert_cmpuint (ph_listener_get_port (f->listener), ==, 0);

  ph_listener_start (f->listener, "127.0.0.1", port, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ph_listener_get_port (f->listener), ==, port);
  client = client_new (f);
  client_expect (client, "hi\n");
}

static void
test_errors (NetFixture   *f,
             gconstpointer data)
{
  g_autoptr (PhListener) other = ph_listener_new (f->poller, make_session, f);
  g_autoptr (GError) error = NULL;

  g_assert_false (ph_listener_start (other, "127.0.0.1", ph_listener_get_port (f->listener), &error));
  g_assert_error (error, PH_NET_ERROR, PH_NET_ERROR_ADDRESS_IN_USE);
  g_assert_nonnull (strstr (error->message, "choose another port"));
  g_clear_error (&error);

  g_assert_false (ph_listener_start (other, "localhost", 0, &error));
  g_assert_error (error, PH_NET_ERROR, PH_NET_ERROR_FAILED);
  g_clear_error (&error);

  g_assert_false (ph_listener_start (other, "192.0.2.1", 0, &error)); /* RFC 5737: nobody's */
  g_assert_error (error, PH_NET_ERROR, PH_NET_ERROR_FAILED);
  g_clear_error (&error);

  ph_listener_set_tls (other, NULL, TRUE, NULL);
  g_assert_false (ph_listener_start (other, "127.0.0.1", 0, &error));
  g_assert_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE);
}

/* In a child that is nobody. */
static void
test_not_permitted (NetFixture   *f,
                    gconstpointer data)
{
  g_autofree char *start = NULL;
  struct passwd   *nobody = getpwnam ("nobody");
  int              status;
  pid_t            child;

  if (g_file_get_contents ("/proc/sys/net/ipv4/ip_unprivileged_port_start", &start, NULL, NULL) && atoi (start) <= 25)
    {
      g_test_skip ("every port may be used by anyone here");
      return;
    }

  child = fork ();
  if (child == 0)
    {
      g_autoptr (PhListener) other = ph_listener_new (f->poller, make_session, f);
      g_autoptr (GError) error = NULL;

      if (geteuid () == 0 && (nobody == NULL || setgid (nobody->pw_gid) != 0 || setuid (nobody->pw_uid) != 0))
        _exit (3);
      if (ph_listener_start (other, "127.0.0.1", 25, &error))
        _exit (4);
      if (!g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_NOT_PERMITTED) || strstr (error->message, "2525") == NULL)
        _exit (5);
      _exit (0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
}

/* V39: descriptors run short: clients are sent away, those inside are served, nothing
 * spins, and it recovers. */
static void
test_few_descriptors (NetFixture   *f,
                      gconstpointer data)
{
  enum {
    N = 100 /* all in the backlog at once */
  };
  struct rlimit old, few;
  Client       *clients[N];
  struct rusage before, after;
  gint64        cpu;
  guint         n_accepted;
  g_autoptr (Client) last = NULL;

  /* The clients are in this process, too: they take half of it. */
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &old), ==, 0);
  ph_listener_set_limits (f->listener, 1000, 1000);
  ph_listener_set_farewell (f->listener, "421 busy\r\n");
  for (guint i = 0; i < N; i++)
    clients[i] = client_new (f);
  few = old;
  few.rlim_cur = N + 60;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &few), ==, 0);

  for (guint i = 0; i < 200; i++)
    {
      turn (f);
      g_usleep (500);
    }
  n_accepted = ph_listener_get_n_connections (f->listener);
  g_assert_cmpuint (n_accepted, <, N);
  g_assert_cmpuint (ph_listener_get_n_refused (f->listener), >, 0);

  /* It waits for its pause to be over, and uses no processor. */
  getrusage (RUSAGE_SELF, &before);
  for (guint i = 0; i < 20; i++)
    {
      turn (f);
      g_usleep (10000);
    }
  getrusage (RUSAGE_SELF, &after);
  cpu = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * G_USEC_PER_SEC + after.ru_utime.tv_usec - before.ru_utime.tv_usec;
  g_assert_cmpint (cpu, <, 50000);
  if (n_accepted > 0)
    {
      client_expect (clients[0], "hi\n");
      client_send (clients[0], "one\n");
      client_expect (clients[0], "= one\n");
    }

  for (guint i = 0; i < N; i++)
    client_free (clients[i]);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &old), ==, 0);
  ph_clock_advance (f->clock, 3 * G_USEC_PER_SEC);
  last = client_new (f);
  wait_for ((ph_clock_advance (f->clock, G_USEC_PER_SEC / 10), client_receive (last), last->got->len > 0));
  client_expect (last, "hi\n");
}

static guint
count_timed_out (NetFixture *f)
{
  guint n = 0;

  for (guint i = 0; i < f->sessions->len; i++)
    n += ((LineSession *)g_ptr_array_index (f->sessions, i))->n_timed_out;

  return n;
}

static void
pass_seconds (NetFixture *f,
              guint       seconds)
{
  for (guint i = 0; i < seconds * 2; i++)
    {
      ph_clock_advance (f->clock, G_USEC_PER_SEC / 2);
      turn (f);
    }
}

/* S13: at three quarters of the limit those who say nothing are left sooner, but for who is not to be; when half of
 * the crowd is gone, they have their time again. */
static void
test_crowd (NetFixture   *f,
            gconstpointer data)
{
  enum {
    N = 12,
    MAX_TOTAL = 16
  };
  Client *clients[N];
  Client *late[2];

  ph_listener_set_limits (f->listener, MAX_TOTAL, MAX_TOTAL);
  for (guint i = 0; i < N - 1; i++)
    {
      clients[i] = client_new (f);
      client_expect (clients[i], "hi\n");
      if (i > 0)
        client_send (clients[i], "IDLE\n");
    }
  pass_seconds (f, 15);
  g_assert_cmpuint (count_timed_out (f), ==, 0);

  clients[N - 1] = client_new (f);
  client_expect (clients[N - 1], "hi\n");
  pass_seconds (f, 15);
  g_assert_cmpuint (count_timed_out (f), ==, N - 2);
  g_assert_cmpuint (get_session (f, 0)->n_timed_out, ==, 0);
  g_assert_cmpuint (get_session (f, N - 1)->n_timed_out, ==, 0);

  for (guint i = 1; i < N - 1; i++)
    client_free (clients[i]);
  wait_for (ph_listener_get_n_connections (f->listener) == 2);
  for (guint i = 0; i < G_N_ELEMENTS (late); i++)
    {
      late[i] = client_new (f);
      client_expect (late[i], "hi\n");
      client_send (late[i], "IDLE\n");
    }
  pass_seconds (f, 15);
  g_assert_cmpuint (count_timed_out (f), ==, N - 2);
  for (guint i = 0; i < G_N_ELEMENTS (late); i++)
    client_free (late[i]);
  client_free (clients[0]);
  client_free (clients[N - 1]);
}

static gboolean
is_fatal_cb (const char    *domain,
             GLogLevelFlags level,
             const char    *message,
             gpointer       user_data)
{
  return FALSE;
}

/* GSocketService complains of each accept that fails. */
static void
count_failure_cb (const char    *domain,
                  GLogLevelFlags level,
                  const char    *message,
                  gpointer       user_data)
{
  ++*(guint *)user_data;
}

/* Who was sent away, and why. */
static void
told_cb (PhPeer     *peer,
         const char *words,
         const char *why,
         gpointer    user_data)
{
  g_assert_cmpstr (peer->address, ==, "127.0.0.1");
  g_assert_cmpuint (peer->port, !=, 0);
  g_assert_cmpstr (words, ==, "421 busy\r\n");
  g_assert_cmpstr (why, ==, "This program may open no more files and connections (its limit of descriptors); this service has 1 connection");
  ++*(guint *)user_data;
}

/* V39: not one descriptor is left.  Those who come are told so, with the spare one; it
 * never spins, even where the last was taken behind the back of a service that accepts;
 * and a pause after there are some again, everyone comes in. */
static void
test_no_descriptor (NetFixture   *f,
                    gconstpointer data)
{
  struct rlimit old, few;
  g_autoptr (Client) early = client_new (f);
  g_autoptr (Client) late = NULL;
  Client       *clients[8];
  struct rusage before, after;
  int           taken[64];
  guint         n_taken = 0, n_failures = 0, n_told = 0, handler;

  g_test_log_set_fatal_handler (is_fatal_cb, NULL);
  handler = g_log_set_handler ("GLib-GIO", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL, count_failure_cb, &n_failures);
  ph_listener_set_farewell (f->listener, "421 busy\r\n");
  ph_listener_set_refuse (f->listener, NULL, told_cb, &n_told);
  client_expect (early, "hi\n");

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &old), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = client_make (f, 0);
  few = old;
  few.rlim_cur = 64;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &few), ==, 0);
  while ((taken[n_taken] = dup (0)) >= 0)
    n_taken++;

  getrusage (RUSAGE_SELF, &before);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      client_connect (clients[i]);
      client_expect (clients[i], "421 busy\r\n");
      client_expect_end (clients[i]);
      ph_clock_advance (f->clock, PH_ACCEPTOR_PAUSE);
    }
  for (guint i = 0; i < 20; i++, g_usleep (10000))
    turn (f);
  getrusage (RUSAGE_SELF, &after);
  g_assert_cmpint ((after.ru_utime.tv_sec - before.ru_utime.tv_sec) * G_USEC_PER_SEC + after.ru_utime.tv_usec - before.ru_utime.tv_usec, <, 100000);
  g_assert_cmpuint (n_failures, <, 50);
  g_assert_cmpuint (ph_listener_get_n_refused (f->listener), ==, G_N_ELEMENTS (clients));
  g_assert_cmpuint (n_told, ==, G_N_ELEMENTS (clients));
  client_send (early, "one\n");
  client_expect (early, "= one\n");

  while (n_taken > 0)
    close (taken[--n_taken]);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &old), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    client_free (clients[i]);
  late = client_new (f);
  ph_clock_advance (f->clock, PH_ACCEPTOR_PAUSE);
  client_expect (late, "hi\n");
  g_log_remove_handler ("GLib-GIO", handler);
}

static void
test_ipv6 (NetFixture   *f,
           gconstpointer data)
{
  g_autoptr (PhListener) other = ph_listener_new (f->poller, make_session, f);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;

  if (!ph_listener_start (other, "::1", 0, &error))
    {
      g_test_skip ("no IPv6 here");
      return;
    }

  address = g_inet_socket_address_new_from_string ("::1", ph_listener_get_port (other));
  socket = g_socket_new (G_SOCKET_FAMILY_IPV6, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_socket_connect (socket, address, NULL, &error);
  g_assert_no_error (error);
  wait_for (f->sessions->len == 1 && get_session (f, 0)->n_started == 1);
  g_assert_cmpstr (ph_session_get_peer (PH_SESSION (get_session (f, 0)))->address, ==, "::1");
  g_assert_true (ph_session_get_peer (PH_SESSION (get_session (f, 0)))->is_loopback);

  g_socket_close (socket, NULL);
  ph_listener_stop_async (other, stopped_cb, f);
  wait_for (f->stopped);
  f->stopped = FALSE;
}

/* Connector, and a connection that we open */

typedef struct
{
  GSocket *socket;
  GError  *error;
  gboolean done;
  gboolean closed;
  GError  *closed_error;
} Outgoing;

static void
connected_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  Outgoing *outgoing = user_data;

  outgoing->socket = ph_connector_connect_finish (result, &outgoing->error);
  outgoing->done = TRUE;
}

static void
closed_cb (PhConnection *connection,
           const GError *error,
           gpointer      user_data)
{
  Outgoing *outgoing = user_data;

  outgoing->closed = TRUE;
  outgoing->closed_error = error != NULL ? g_error_copy (error) : NULL;
}

static void
outgoing_clear (Outgoing *outgoing)
{
  g_clear_object (&outgoing->socket);
  g_clear_error (&outgoing->error);
  g_clear_error (&outgoing->closed_error);
  *outgoing = (Outgoing){ 0 };
}

static void
test_connect (NetFixture   *f,
              gconstpointer data)
{
  Outgoing outgoing = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  guint16 port = ph_listener_get_port (f->listener);

  ph_connector_connect_async (f->poller, "127.0.0.1", port, NULL, connected_cb, &outgoing);
  g_assert_false (outgoing.done);
  wait_for (outgoing.done);
  g_assert_no_error (outgoing.error);
  g_assert_true (g_socket_is_connected (outgoing.socket));
  wait_for (f->sessions->len == 1);
  outgoing_clear (&outgoing);

  ph_connector_connect_async (f->poller, "mail.test", port, NULL, connected_cb, &outgoing);
  wait_for (outgoing.done);
  g_assert_error (outgoing.error, PH_NET_ERROR, PH_NET_ERROR_FAILED);
  outgoing_clear (&outgoing);

  ph_connector_connect_async (f->poller, "127.0.0.1", port, cancellable, connected_cb, &outgoing);
  g_cancellable_cancel (cancellable);
  wait_for (outgoing.done);
  g_assert_error (outgoing.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  outgoing_clear (&outgoing);

  ph_listener_stop_async (f->listener, stopped_cb, f);
  wait_for (f->stopped);
  ph_connector_connect_async (f->poller, "127.0.0.1", port, NULL, connected_cb, &outgoing);
  wait_for (outgoing.done);
  g_assert_error (outgoing.error, PH_NET_ERROR, PH_NET_ERROR_UNREACHABLE);
  outgoing_clear (&outgoing);
}

/* A backlog of one that is full: the third SYN gets no answer. */
static void
test_connect_timeout (NetFixture   *f,
                      gconstpointer data)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t          length = sizeof address;
  int                full = socket (AF_INET, SOCK_STREAM, 0);
  Outgoing           outgoing[4] = { 0 };
  guint              n_timed_out = 0;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (full, (struct sockaddr *)&address, length), ==, 0);
  g_assert_cmpint (listen (full, 0), ==, 0);
  g_assert_cmpint (getsockname (full, (struct sockaddr *)&address, &length), ==, 0);

  for (guint i = 0; i < G_N_ELEMENTS (outgoing); i++)
    ph_connector_connect_async (f->poller, "127.0.0.1", ntohs (address.sin_port), NULL, connected_cb, &outgoing[i]);
  wait_for (outgoing[0].done);
  ph_clock_advance (f->clock, (PH_CONNECTOR_SECONDS + 1) * G_USEC_PER_SEC);
  for (guint i = 0; i < G_N_ELEMENTS (outgoing); i++)
    {
      wait_for (outgoing[i].done);
      n_timed_out += g_error_matches (outgoing[i].error, PH_NET_ERROR, PH_NET_ERROR_TIMED_OUT);
      outgoing_clear (&outgoing[i]);
    }
  g_assert_cmpuint (n_timed_out, >=, 1);
  close (full);
}

/* A client session that asks for STARTTLS as soon as it is greeted. */
#define CALL_TYPE_SESSION (call_session_get_type ())
G_DECLARE_FINAL_TYPE (CallSession, call_session, CALL, SESSION, PhSession)
struct _CallSession
{
  PhSession parent_instance;
  GString  *got;
  guint     n_secured, n_peer_closed;
};
G_DEFINE_FINAL_TYPE (CallSession, call_session, PH_TYPE_SESSION)

static gsize
call_session_feed (PhSession    *session,
                   const guint8 *data,
                   gsize         length)
{
  CallSession  *self = CALL_SESSION (session);
  const guint8 *end = memchr (data, '\n', length);
  gsize         taken = end != NULL ? (gsize)(end - data) + 1 : 0;

  g_string_append_len (self->got, (const char *)data, (gssize)taken);
  if (g_str_equal (self->got->str, "hi\n"))
    ph_session_write_string (session, "STARTTLS\n");
  else if (g_str_has_suffix (self->got->str, "go\n"))
    ph_session_start_tls (session);
  else if (g_str_has_suffix (self->got->str, "bye\n"))
    ph_session_close (session);

  return taken;
}

static void
call_session_secured (PhSession *session)
{
  CALL_SESSION (session)->n_secured++;
  ph_session_write_string (session, "QUIT\n");
}

static void
call_session_peer_closed (PhSession *session)
{
  CALL_SESSION (session)->n_peer_closed++;
}

static void
call_session_finalize (GObject *object)
{
  g_string_free (CALL_SESSION (object)->got, TRUE);
  G_OBJECT_CLASS (call_session_parent_class)->finalize (object);
}

static void
call_session_class_init (CallSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = call_session_finalize;
  PH_SESSION_CLASS (klass)->feed = call_session_feed;
  PH_SESSION_CLASS (klass)->secured = call_session_secured;
  PH_SESSION_CLASS (klass)->peer_closed = call_session_peer_closed;
}

static void
call_session_init (CallSession *self)
{
  self->got = g_string_new (NULL);
}

static CallSession *
call (NetFixture  *f,
      PhTlsClient *tls,
      const char  *name,
      guint16      port,
      Outgoing    *outgoing)
{
  CallSession *session = g_object_new (CALL_TYPE_SESSION, NULL);
  g_autoptr (PhPeer) peer = ph_peer_new ("127.0.0.1", port);
  g_autoptr (PhConnection) connection = NULL;

  outgoing_clear (outgoing);
  ph_connector_connect_async (f->poller, "127.0.0.1", port, NULL, connected_cb, outgoing);
  wait_for (outgoing->done);
  g_assert_no_error (outgoing->error);
  connection = ph_connection_new_outgoing (f->poller, outgoing->socket, peer, PH_SESSION (session), tls, name, FALSE, closed_cb, outgoing);
  g_clear_object (&outgoing->socket);

  return session;
}

static void
test_outgoing (NetFixture   *f,
               gconstpointer data)
{
  g_autofree char *ca = g_build_filename (f->dir, PH_TLS_AUTHORITY_CERTIFICATE, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (PhTlsClient) any = ph_tls_client_new (PH_TLS_VERIFY_NONE, NULL, &error);
  g_autoptr (PhTlsClient) strict = ph_tls_client_new (PH_TLS_VERIFY_NAME, ca, &error);
  guint16  port = ph_listener_get_port (f->listener);
  Outgoing outgoing = { 0 };
  const struct
  {
    PhTlsClient *tls;
    const char  *name;
    gboolean     good;
  } cases[] = {
    { any, "wrong.test", TRUE },
    { any, NULL, TRUE },
    { strict, "localhost", TRUE },
    { strict, "127.0.0.1", TRUE },
    { strict, "wrong.test", FALSE },
  };

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CallSession) session = call (f, cases[i].tls, cases[i].name, port, &outgoing);

      wait_for (outgoing.closed);
      if (cases[i].good)
        {
          g_assert_no_error (outgoing.closed_error);
          g_assert_cmpstr (session->got->str, ==, "hi\ngo\nbye\n");
          g_assert_true (ph_session_get_peer (PH_SESSION (session))->is_tls);
          g_assert_cmpuint (session->n_peer_closed, ==, 0);
        }
      else
        {
          g_assert_error (outgoing.closed_error, PH_NET_ERROR, PH_NET_ERROR_TLS);
          g_assert_nonnull (strstr (outgoing.closed_error->message, "not trusted"));
          g_assert_cmpuint (session->n_secured, ==, 0);
          g_assert_cmpuint (session->n_peer_closed, ==, 1);
        }
    }
  outgoing_clear (&outgoing);
}

/* V04: a server that slips in clear text with its "go ahead". */
static void
test_response_injection (NetFixture   *f,
                         gconstpointer data)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t          length = sizeof address;
  int                hostile = socket (AF_INET, SOCK_STREAM, 0);
  int                fd;
  Outgoing           outgoing = { 0 };
  g_autoptr (PhTlsClient) any = ph_tls_client_new (PH_TLS_VERIFY_NONE, NULL, NULL);
  g_autoptr (CallSession) session = NULL;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (hostile, (struct sockaddr *)&address, length), ==, 0);
  g_assert_cmpint (listen (hostile, 5), ==, 0);
  g_assert_cmpint (getsockname (hostile, (struct sockaddr *)&address, &length), ==, 0);

  session = call (f, any, "mail.test", ntohs (address.sin_port), &outgoing);
  fd = accept (hostile, NULL, NULL);
  g_assert_cmpint (send (fd, "hi\ngo\nAUTH\n", 11, 0), ==, 11);
  wait_for (outgoing.closed);
  g_assert_error (outgoing.closed_error, PH_NET_ERROR, PH_NET_ERROR_TLS);
  g_assert_cmpstr (session->got->str, ==, "hi\ngo\n");
  g_assert_cmpuint (session->n_secured, ==, 0);
  g_assert_cmpuint (session->n_peer_closed, ==, 1);

  outgoing_clear (&outgoing);
  close (fd);
  close (hostile);
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
    { "/net/listener/V39-caps", 0, test_caps },
    { "/net/listener/shut-down", MANUAL_CLOCK, test_shut_down },
    { "/net/listener/disconnect", MANUAL_CLOCK, test_disconnect },
    { "/net/listener/start-again", 0, test_start_again },
    { "/net/listener/errors", 0, test_errors },
    { "/net/listener/not-permitted", 0, test_not_permitted },
    { "/net/listener/V39-few-descriptors", MANUAL_CLOCK, test_few_descriptors },
    { "/net/listener/S13-crowd", MANUAL_CLOCK, test_crowd },
    { "/net/listener/V39-no-descriptor", MANUAL_CLOCK, test_no_descriptor },
    { "/net/listener/ipv6", 0, test_ipv6 },
    { "/net/connector/connect", 0, test_connect },
    { "/net/connector/timeout", MANUAL_CLOCK, test_connect_timeout },
    { "/net/outgoing/starttls", WITH_TLS, test_outgoing },
    { "/net/outgoing/V04-response-injection", 0, test_response_injection },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, NetFixture, GUINT_TO_POINTER (tests[i].flags),
                net_fixture_set_up, tests[i].function, net_fixture_tear_down);

  return g_test_run ();
}
