#include "ph-connection.h"

#include "ph-due-times.h"
#include "ph-pump.h"
#include "ph-tls-notes.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* Dropped at once while lingering. */
#define CHUNK (16 * 1024)

/* What a lingering close reads and drops before it gives up. */
#define MAX_LINGER_BYTES (1024 * 1024)

typedef enum {
  STARTING,
  SHAKING_HANDS,
  OPEN,
  LINGERING, /* our last byte is sent; what the peer still sends is dropped */
  CLOSED,    /* waits for the next dispatch to say so */
} State;

struct _PhConnection
{
  GObject parent_instance;

  PhPoller              *poller;
  PhWatch               *watch;
  GSocket               *socket;
  PhTransport            transport;
  PhPeer                *peer;
  PhSession             *session;
  PhTlsServer           *tls_server;
  PhTlsClient           *tls_client;
  char                  *tls_name; /* of the server, or the ALPN name where we are the server */
  gboolean               implicit_tls;
  PhConnectionClosedFunc closed;
  gpointer               closed_data;
  GError                *error; /* why it broke off */

  State      state;
  gboolean   running; /* inside of a dispatch */
  gboolean   session_started;
  gboolean   shut_down_asked;
  gboolean   abort_asked;
  PhPump     pump;
  gboolean   end_unsent; /* close_notify could not be written yet */
  gsize      n_dropped;
  PhDueTimes due;
};

G_DEFINE_FINAL_TYPE (PhConnection, ph_connection, G_TYPE_OBJECT)

static void
ph_connection_dispose (GObject *object)
{
  PhConnection *self = PH_CONNECTION (object);

  g_clear_object (&self->session);
  g_clear_object (&self->socket);
  g_clear_object (&self->tls_server);
  g_clear_object (&self->tls_client);
  g_clear_object (&self->poller);
  g_clear_pointer (&self->peer, ph_peer_unref);

  G_OBJECT_CLASS (ph_connection_parent_class)->dispose (object);
}

static void
ph_connection_finalize (GObject *object)
{
  PhConnection *self = PH_CONNECTION (object);

  ph_pump_clear (&self->pump);
  g_free (self->tls_name);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (ph_connection_parent_class)->finalize (object);
}

static void
ph_connection_class_init (PhConnectionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_connection_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_connection_finalize;
}

static void
ph_connection_init (PhConnection *self)
{
}

static void
report_bytes (PhConnection *self)
{
  if (self->pump.n_in > 0 || self->pump.n_out > 0)
    ph_journal_session_add_bytes (ph_session_get_journal (self->session), self->pump.n_in, self->pump.n_out);
  self->pump.n_in = self->pump.n_out = 0;
}

/* The end of the conversation, not yet of the socket.  Takes `error`, NULL where the session
 * itself closes; the first one stays. */
static void
end_session (PhConnection *self,
             GError       *error)
{
  gboolean broken = error != NULL;

  if (self->error == NULL)
    self->error = error;
  else
    g_clear_error (&error);

  report_bytes (self);
  if (broken)
    ph_session_peer_closed (self->session);
  if (self->error != NULL && self->state == SHAKING_HANDS)
    ph_tls_notes_write_failure (&self->transport, self->error->message, ph_session_get_journal (self->session));
  else if (self->error != NULL)
    ph_journal_session_note (ph_session_get_journal (self->session), "%s", _ (self->error->message));
  ph_journal_session_end (ph_session_get_journal (self->session), self->error != NULL ? self->error->message : NULL);
}

/* Closes without lingering: the peer is gone, or deserves no more. Takes `error`. */
static void
break_off (PhConnection *self,
           GError       *error)
{
  end_session (self, error);
  self->state = CLOSED;
}

static void
break_off_because (PhConnection *self,
                   PhNetError    code,
                   const char   *why)
{
  break_off (self, g_error_new_literal (PH_NET_ERROR, (int)code, why));
}

static void
linger (PhConnection *self)
{
  PhTransportResult result = ph_transport_end (&self->transport);

  self->end_unsent = result == PH_TRANSPORT_AGAIN;
  self->state = self->pump.at_end && !self->end_unsent ? CLOSED : LINGERING;
  self->due.phase = ph_due_times_from_now (&self->due, PH_CONNECTION_LINGER_SECONDS);
  self->due.session = self->due.stall = 0;
}

/* Handshake */

static void
begin_handshake (PhConnection *self)
{
  gnutls_session_t tls = NULL;

  if (self->tls_server != NULL)
    tls = ph_tls_server_create_session (self->tls_server, self->tls_name);
  else if (self->tls_client != NULL)
    tls = ph_tls_client_create_session (self->tls_client, self->tls_name);

  if (tls == NULL)
    {
      break_off_because (self, PH_NET_ERROR_TLS, N_ ("No TLS is set up for this connection"));
      return;
    }

  ph_transport_take_tls (&self->transport, tls, self->tls_client != NULL ? self->tls_name : NULL);
  self->state = SHAKING_HANDS;
  self->due.phase = ph_due_times_from_now (&self->due, PH_CONNECTION_HANDSHAKE_SECONDS);
  self->transport.wants_write = self->tls_client != NULL;
  ph_poller_set_costly (self->poller, self->watch, TRUE);
}

/* A handshake after STARTTLS starts on an empty input: what came before it was not
 * protected and must not be taken for something that was (V03, V04). */
static void
begin_requested_handshake (PhConnection *self)
{
  if (ph_buffer_get_length (&self->pump.input) > 0)
    break_off_because (self, PH_NET_ERROR_TLS, N_ ("Closed: unprotected text came after STARTTLS (command injection)"));
  else if (self->transport.tls != NULL)
    break_off_because (self, PH_NET_ERROR_TLS, N_ ("Closed: TLS was asked for twice"));
  else
    begin_handshake (self);
}

static void
finish_handshake (PhConnection *self)
{
  PhPeer *described = ph_transport_describe (&self->transport, self->peer);

  ph_poller_set_costly (self->poller, self->watch, FALSE);
  ph_peer_unref (self->peer);
  self->peer = described;
  ph_tls_notes_write (self->transport.tls, self->peer, ph_session_get_journal (self->session));
  self->state = OPEN;
  self->due.phase = 0;
  self->pump.readable = self->pump.writable = self->pump.changed = TRUE;

  if (self->session_started)
    ph_session_secured (self->session, self->peer);
  else
    {
      self->session_started = TRUE;
      ph_session_start (self->session, self->peer);
    }
}

static void
run_handshake (PhConnection *self)
{
  g_autoptr (GError) error = NULL;

  switch (ph_transport_shake_hands (&self->transport, &error))
    {
    case PH_TRANSPORT_OK:
      finish_handshake (self);
      break;

    case PH_TRANSPORT_AGAIN:
      break;

    case PH_TRANSPORT_END:
    case PH_TRANSPORT_FAILED:
    default:
      /* Lingers, so that the alert arrives; without TLS, which has no close_notify to send. */
      end_session (self, g_steal_pointer (&error));
      ph_poller_set_costly (self->poller, self->watch, FALSE);
      ph_transport_clear (&self->transport);
      linger (self);
      break;
    }
}

/* Open */

static void
note_progress (PhConnection *self)
{
  gboolean waits = ph_buffer_get_length (ph_session_get_output (self->session)) > 0;

  if (!waits)
    self->due.stall = 0;
  else if (self->pump.n_out > 0 || self->due.stall == 0)
    self->due.stall = ph_due_times_from_now (&self->due, PH_CONNECTION_STALL_SECONDS);

  /* After a half-close: what is left to be done must go on. */
  if (self->pump.at_end && (self->due.phase == 0 || self->pump.n_in > 0 || self->pump.n_out > 0))
    self->due.phase = ph_due_times_from_now (&self->due, PH_CONNECTION_EOF_SECONDS);
}

static void
run_open (PhConnection *self)
{
  GError      *error = NULL;
  PhPumpResult result = ph_pump_run (&self->pump, &error);

  note_progress (self);

  switch (result)
    {
    case PH_PUMP_AGAIN:
      ph_poller_wake (self->poller, self->watch);
      break;

    case PH_PUMP_TLS:
      begin_requested_handshake (self);
      break;

    case PH_PUMP_CLOSE:
      end_session (self, NULL);
      linger (self);
      break;

    case PH_PUMP_GONE:
      break_off_because (self, PH_NET_ERROR_FAILED, N_ ("The peer closed the connection in mid-conversation"));
      break;

    case PH_PUMP_FAILED:
      break_off (self, error);
      break;

    case PH_PUMP_WAIT:
    default:
      break;
    }
}

static void
run_lingering (PhConnection *self)
{
  guint8  dropped[CHUNK];
  ssize_t n;

  if (self->end_unsent && self->pump.writable)
    self->end_unsent = ph_transport_end (&self->transport) == PH_TRANSPORT_AGAIN;

  do
    {
      n = recv (self->transport.fd, dropped, sizeof dropped, 0);
      self->n_dropped += (gsize)MAX (n, 0);
    }
  while (n > 0 && self->n_dropped < MAX_LINGER_BYTES);

  self->pump.readable = self->pump.writable = FALSE;
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;

  if (n == 0)
    self->pump.at_end = TRUE;
  if (!self->end_unsent || n != 0)
    self->state = CLOSED;
}

/* Due times */

static void
check_phase (PhConnection *self)
{
  if (self->state == SHAKING_HANDS)
    break_off_because (self, PH_NET_ERROR_TLS, N_ ("The TLS handshake took too long"));
  else if (self->state == OPEN)
    break_off_because (self, PH_NET_ERROR_TIMED_OUT, N_ ("The peer did not wait for the end of the conversation"));
  else
    self->state = CLOSED;
}

static void
check_due_times (PhConnection *self)
{
  /* What the session has set between two dispatches counts. */
  if (self->state == OPEN)
    ph_due_times_take_session (&self->due, self->session);

  if (ph_due_times_is_past (&self->due, self->due.stall) && self->state == OPEN)
    break_off_because (self, PH_NET_ERROR_TIMED_OUT, N_ ("The peer took no more of what we sent"));
  else if (ph_due_times_is_past (&self->due, self->due.phase))
    check_phase (self);
  else if (ph_due_times_is_past (&self->due, self->due.session) && self->state == OPEN)
    {
      self->due.session = 0;
      if (ph_session_wants_close (self->session) || !ph_session_timed_out (self->session))
        return;

      self->due.phase = ph_due_times_from_now (&self->due, PH_CONNECTION_GOODBYE_SECONDS);
      self->error = g_error_new_literal (PH_NET_ERROR, PH_NET_ERROR_TIMED_OUT, N_ ("The peer was silent for too long"));
    }
}

static void
update_due_times (PhConnection *self)
{
  if (self->state == OPEN)
    {
      ph_due_times_take_session (&self->due, self->session);

      /* A goodbye that the peer takes byte by byte has an end, too. */
      if (ph_session_wants_close (self->session) && self->due.phase == 0)
        self->due.phase = ph_due_times_from_now (&self->due, PH_CONNECTION_STALL_SECONDS);
    }

  ph_due_times_arm (&self->due);
}

/* Driving */

static void
update_events (PhConnection *self)
{
  PhPollEvents events = PH_POLL_NONE;

  if (self->state == SHAKING_HANDS)
    events = self->transport.wants_write ? PH_POLL_OUT : PH_POLL_IN;
  else if (self->state == LINGERING)
    events = (self->end_unsent ? PH_POLL_OUT : 0) | (self->pump.at_end ? 0 : PH_POLL_IN);
  else if (self->state == OPEN)
    events = (ph_pump_may_read (&self->pump) ? PH_POLL_IN : 0) | (self->pump.writable ? 0 : PH_POLL_OUT);

  ph_poller_set_events (self->poller, self->watch, events);
}

static void
finish (PhConnection *self)
{
  ph_session_set_driver (self->session, NULL, NULL);
  ph_due_times_clear (&self->due);
  ph_poller_remove_watch (self->poller, self->watch);
  self->watch = NULL;
  ph_transport_clear (&self->transport);
  g_socket_close (self->socket, NULL);

  if (self->closed != NULL)
    self->closed (self, self->error, self->closed_data);
  g_object_unref (self); /* taken when it was made */
}

static void
start (PhConnection *self)
{
  if (self->implicit_tls)
    {
      begin_handshake (self);
      return;
    }

  self->peer->talked_first = ph_transport_has_input (&self->transport);

  self->state = OPEN;
  self->session_started = TRUE;
  ph_session_start (self->session, self->peer);
}

static void
abort_now (PhConnection *self)
{
  if (self->state != LINGERING)
    break_off_because (self, PH_NET_ERROR_FAILED, N_ ("Posthouse closed the connection"));
  self->state = CLOSED;
}

static void
shut_down_now (PhConnection *self)
{
  self->shut_down_asked = FALSE;

  if (self->state == SHAKING_HANDS)
    abort_now (self);
  if (self->state != OPEN)
    return;

  self->due.phase = ph_due_times_from_now (&self->due, PH_CONNECTION_GOODBYE_SECONDS);
  ph_session_shut_down (self->session, "The server is going down");
}

static void
on_events (PhPollEvents events,
           gpointer     user_data)
{
  PhConnection *self = user_data;

  /* A hang-up shows in the next read or write, whichever we are at. */
  if (events & (PH_POLL_IN | PH_POLL_HANGUP))
    self->pump.readable = TRUE;
  if (events & (PH_POLL_OUT | PH_POLL_HANGUP))
    self->pump.writable = TRUE;

  self->running = TRUE;
  if (self->abort_asked)
    abort_now (self);
  if (self->state == STARTING)
    start (self);
  if (self->shut_down_asked)
    shut_down_now (self);
  check_due_times (self);
  if (self->state == SHAKING_HANDS && !(events & PH_POLL_WOKEN))
    run_handshake (self);
  if (self->state == OPEN)
    run_open (self);
  if (self->state == LINGERING)
    run_lingering (self);

  if (self->state == CLOSED)
    {
      finish (self);
      return;
    }

  report_bytes (self);
  update_due_times (self);
  update_events (self);
  self->running = FALSE;
}

static void
on_changed (PhSession *session,
            gpointer   user_data)
{
  PhConnection *self = user_data;

  self->pump.changed = TRUE;
  if (!self->running)
    ph_poller_wake (self->poller, self->watch);
}

static PhConnection *
ph_connection_new (PhPoller              *poller,
                   GSocket               *socket,
                   PhPeer                *peer,
                   PhSession             *session,
                   gboolean               implicit_tls,
                   PhConnectionClosedFunc closed,
                   gpointer               user_data)
{
  PhConnection *self = g_object_new (PH_TYPE_CONNECTION, NULL);
  int           on = 1, unsent_max = PH_CONNECTION_UNSENT_MAX;

  self->poller = g_object_ref (poller);
  self->socket = g_object_ref (socket);
  self->peer = ph_peer_ref (peer);
  self->session = g_object_ref (session);
  self->implicit_tls = implicit_tls;
  self->closed = closed;
  self->closed_data = user_data;
  self->transport.fd = g_socket_get_fd (socket);
  self->pump.session = session;
  self->pump.transport = &self->transport;
  self->pump.writable = TRUE;
  /* Replies are gathered before they are written, so waiting for more gains nothing. */
  setsockopt (self->transport.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt (self->transport.fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_max, sizeof unsent_max);

  ph_session_set_driver (session, on_changed, self);
  self->watch = ph_poller_add_watch (poller, self->transport.fd, PH_POLL_NONE, on_events, self);
  ph_due_times_init (&self->due, poller, self->watch);
  ph_poller_wake (poller, self->watch);
  g_object_ref (self);

  return self;
}

PhConnection *
ph_connection_new_accepted (PhPoller              *poller,
                            GSocket               *socket,
                            PhPeer                *peer,
                            PhSession             *session,
                            PhTlsServer           *tls,
                            gboolean               implicit_tls,
                            const char            *alpn,
                            PhConnectionClosedFunc closed,
                            gpointer               user_data)
{
  PhConnection *self = ph_connection_new (poller, socket, peer, session, implicit_tls, closed, user_data);

  g_set_object (&self->tls_server, tls);
  self->tls_name = g_strdup (alpn);

  return self;
}

PhConnection *
ph_connection_new_outgoing (PhPoller              *poller,
                            GSocket               *socket,
                            PhPeer                *peer,
                            PhSession             *session,
                            PhTlsClient           *tls,
                            const char            *tls_name,
                            gboolean               implicit_tls,
                            PhConnectionClosedFunc closed,
                            gpointer               user_data)
{
  PhConnection *self = ph_connection_new (poller, socket, peer, session, implicit_tls, closed, user_data);

  g_set_object (&self->tls_client, tls);
  self->tls_name = g_strdup (tls_name);

  return self;
}

PhSession *
ph_connection_get_session (PhConnection *self)
{
  return self->session;
}

PhPeer *
ph_connection_get_peer (PhConnection *self)
{
  return self->peer;
}

void
ph_connection_shut_down (PhConnection *self)
{
  if (self->watch == NULL)
    return;

  self->shut_down_asked = TRUE;
  ph_poller_wake (self->poller, self->watch);
}

void
ph_connection_abort (PhConnection *self)
{
  if (self->watch == NULL)
    return;

  self->abort_asked = TRUE;
  ph_poller_wake (self->poller, self->watch);
}
