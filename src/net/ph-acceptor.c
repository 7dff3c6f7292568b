#include "ph-acceptor.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Descriptors kept free for store, queue and index: a quarter, at most so many. */
#define MAX_RESERVED_FDS 256

/* Turns of the main loop without a client, after which an open service is looked after:
 * it may be failing over and over, because a worker took the last descriptor. */
#define IDLE_TURNS 16

/* Before the GSocketService, which has the default priority. */
#define GATE_PRIORITY G_PRIORITY_HIGH

typedef struct
{
  GSource     source;
  PhAcceptor *acceptor; /* borrowed; NULL once it is gone */
} GateSource;

struct _PhAcceptor
{
  PhPoller              *poller;
  const PhAcceptorFuncs *funcs;
  gpointer               user_data;
  GSocketService        *service;
  GSocket               *socket;
  guint16                port;
  gulong                 incoming_handler;

  GSource *gate;
  gpointer gate_tag;
  gboolean is_open; /* the service may accept */
  guint    n_idle_turns;
  guint    n_in_batch;

  PhWatch *watch; /* to go on when the poller had its turn */
  guint    pause; /* a timer of the clock; 0: none */
  int      spare; /* -1: lost */
};

/* While the gate is watched, the service is shut, and the other way round. */
static void
set_open (PhAcceptor *self,
          gboolean    is_open,
          gboolean    watch_gate)
{
  if (self->is_open != is_open && is_open)
    g_socket_service_start (self->service);
  else if (self->is_open != is_open)
    g_socket_service_stop (self->service);

  self->is_open = is_open;
  self->n_idle_turns = 0;
  g_source_modify_unix_fd (self->gate, self->gate_tag, watch_gate ? G_IO_IN : 0);
}

static void
take_spare (PhAcceptor *self)
{
  if (self->spare < 0)
    self->spare = open ("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void
give_spare (PhAcceptor *self)
{
  if (self->spare >= 0)
    close (self->spare);
  self->spare = -1;
}

/* Numbers are given out from the lowest, so a high one says that few are left. */
static gboolean
has_descriptor (PhAcceptor *self)
{
  struct rlimit limit;
  int           next;

  take_spare (self);
  next = self->spare < 0 ? -1 : fcntl (self->spare, F_DUPFD_CLOEXEC, 0);
  if (next < 0)
    return FALSE;
  close (next);

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return TRUE;

  return (rlim_t)next < limit.rlim_cur - MIN (limit.rlim_cur / 4, MAX_RESERVED_FDS);
}

/* Those who wait are told, instead of being left to wait for what may be long. */
static void
refuse_batch (PhAcceptor *self)
{
  for (guint i = 0; i < PH_ACCEPTOR_BATCH; i++)
    {
      int fd;

      give_spare (self);
      fd = accept4 (g_socket_get_fd (self->socket), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd < 0)
        break;
      self->funcs->refused (fd, self->user_data);
      close (fd);
      take_spare (self);
    }

  take_spare (self);
}

static void
on_pause_over (gpointer user_data)
{
  PhAcceptor *self = user_data;

  self->pause = 0;
  ph_poller_wake (self->poller, self->watch);
}

/* Someone waits at the gate, which is shut because there was no descriptor. */
static void
look (PhAcceptor *self)
{
  if (has_descriptor (self))
    {
      set_open (self, TRUE, FALSE);
      return;
    }

  refuse_batch (self);
  set_open (self, FALSE, FALSE);
  self->pause = ph_clock_add_timer (ph_poller_get_clock (self->poller), PH_ACCEPTOR_PAUSE, on_pause_over, self);
}

static gboolean
gate_prepare (GSource *source,
              int     *timeout)
{
  PhAcceptor *self = ((GateSource *)source)->acceptor;

  *timeout = -1;
  if (!self->is_open || ++self->n_idle_turns < IDLE_TURNS)
    return FALSE;

  self->n_idle_turns = 0;
  if (!has_descriptor (self))
    set_open (self, FALSE, TRUE);

  return FALSE;
}

static gboolean
gate_dispatch (GSource    *source,
               GSourceFunc callback,
               gpointer    user_data)
{
  look (((GateSource *)source)->acceptor);

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs gate_funcs = { .prepare = gate_prepare, .dispatch = gate_dispatch };

static gboolean
on_incoming (GSocketService    *service,
             GSocketConnection *stream,
             GObject           *source,
             gpointer           user_data)
{
  PhAcceptor *self = user_data;

  self->n_idle_turns = 0;
  self->funcs->accepted (g_socket_connection_get_socket (stream), self->user_data);

  if (++self->n_in_batch == PH_ACCEPTOR_BATCH)
    {
      set_open (self, FALSE, FALSE);
      ph_poller_wake (self->poller, self->watch);
    }
  else if (!has_descriptor (self))
    set_open (self, FALSE, TRUE);

  return TRUE;
}

static void
on_woken (PhPollEvents events,
          gpointer     user_data)
{
  PhAcceptor *self = user_data;

  self->n_in_batch = 0;
  set_open (self, FALSE, TRUE);
}

/* Opening */

static void
set_bind_error (GError    **error,
                GError     *failure,
                const char *address,
                guint16     port)
{
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_ADDRESS_IN_USE,
                 /* Translators: a port, and an address of this computer */
                 _ ("Another program already listens on port %u of %s. Stop that program, or choose another port."), port, address);
  else if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_NOT_PERMITTED,
                 /* Translators: a port, a port that can be used in its place, the first port again */
                 _ ("Port %u needs privilege. Use port %u (any from 1024 up will do), or let the system pass port %u on to it."),
                 port, port == 25 ? 2525u : port + 2000u, port);
  else
    /* Translators: a port, an address of this computer, and why */
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_FAILED, _ ("Can’t listen on port %u of %s: %s. Is this an address of this computer?"), port, address, failure->message);
}

static GSocket *
listen_on (const char *address,
           guint16     port,
           guint16    *actual_port,
           GError    **error)
{
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new_from_string (address, port);
  g_autoptr (GSocketAddress) effective = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) failure = NULL;

  if (wanted == NULL)
    {
      /* Translators: what was typed in */
      g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_FAILED, _ ("“%s” is not a numeric address such as 127.0.0.1 or ::1."), address);
      return NULL;
    }

  socket = g_socket_new (g_socket_address_get_family (wanted), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &failure);
  if (socket != NULL)
    {
      g_socket_set_blocking (socket, FALSE);
      g_socket_set_listen_backlog (socket, PH_ACCEPTOR_BACKLOG);
    }
  if (socket == NULL || !g_socket_bind (socket, wanted, TRUE, &failure) || !g_socket_listen (socket, &failure) ||
      (effective = g_socket_get_local_address (socket, &failure)) == NULL)
    {
      set_bind_error (error, failure, address, port);
      return NULL;
    }

  *actual_port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));

  return g_steal_pointer (&socket);
}

static void
make_service (PhAcceptor *self)
{
  self->service = g_socket_service_new ();
  g_socket_service_stop (self->service);
  g_socket_listener_add_socket (G_SOCKET_LISTENER (self->service), self->socket, NULL, NULL); /* fails for a socket that does not listen */
  self->incoming_handler = g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);

  self->gate = g_source_new (&gate_funcs, sizeof (GateSource));
  ((GateSource *)self->gate)->acceptor = self;
  g_source_set_priority (self->gate, GATE_PRIORITY);
  g_source_set_static_name (self->gate, "PhAcceptor");
  self->gate_tag = g_source_add_unix_fd (self->gate, g_socket_get_fd (self->socket), G_IO_IN);
  g_source_attach (self->gate, g_main_context_get_thread_default ());
}

PhAcceptor *
ph_acceptor_open (PhPoller              *poller,
                  const char            *address,
                  guint16                port,
                  const PhAcceptorFuncs *funcs,
                  gpointer               user_data,
                  GError               **error)
{
  PhAcceptor *self;
  GSocket    *socket = listen_on (address, port, &port, error);

  if (socket == NULL)
    return NULL;

  self = g_new0 (PhAcceptor, 1);
  self->poller = g_object_ref (poller);
  self->funcs = funcs;
  self->user_data = user_data;
  self->socket = socket;
  self->port = port;
  self->spare = -1;
  take_spare (self);
  self->watch = ph_poller_add_watch (poller, -1, PH_POLL_NONE, on_woken, self);
  make_service (self);

  return self;
}

void
ph_acceptor_close (PhAcceptor *self)
{
  g_source_destroy (self->gate);
  g_source_unref (self->gate);
  g_clear_signal_handler (&self->incoming_handler, self->service);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_object_unref (self->service);
  g_object_unref (self->socket);
  ph_clock_cancel_timer (ph_poller_get_clock (self->poller), &self->pause);
  ph_poller_remove_watch (self->poller, self->watch);
  give_spare (self);
  g_object_unref (self->poller);
  g_free (self);
}

guint16
ph_acceptor_get_port (PhAcceptor *self)
{
  return self->port;
}
