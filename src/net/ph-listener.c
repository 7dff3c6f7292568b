#include "ph-listener.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* Descriptors kept free for store, queue and index: a quarter, at most so many. */
#define MAX_RESERVED_FDS 256

/* How long it accepts nobody when descriptors are short. */
#define PAUSE_SECONDS 1

struct _PhListener
{
  GObject parent_instance;

  PhPoller             *poller;
  PhWatch              *watch; /* to go on after a batch */
  PhListenerSessionFunc make_session;
  gpointer              user_data;
  PhTlsServer          *tls;
  gboolean              implicit_tls;
  char                 *alpn;
  char                 *farewell;
  guint                 max_total;
  guint                 max_per_address;

  GSocketService *service; /* NULL unless running */
  guint16         port;
  gulong          incoming_handler;
  guint           n_in_batch;
  PhDeadline      pause;
  PhDeadline      grace;
  GSList         *stopping;    /* of GTask, owned; NULL unless it stops */
  GHashTable     *connections; /* PhConnection, owned → address key */
  GHashTable     *addresses;   /* address key → count */
  guint64         n_refused;
};

G_DEFINE_FINAL_TYPE (PhListener, ph_listener, G_TYPE_OBJECT)

enum {
  PROP_N_CONNECTIONS = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void close_service (PhListener *self);

static void
ph_listener_dispose (GObject *object)
{
  PhListener *self = PH_LISTENER (object);

  close_service (self);
  if (self->watch != NULL)
    {
      ph_deadlines_clear (ph_poller_get_deadlines (self->poller), &self->pause);
      ph_deadlines_clear (ph_poller_get_deadlines (self->poller), &self->grace);
      ph_poller_remove_watch (self->poller, g_steal_pointer (&self->watch));
    }
  g_clear_object (&self->poller);
  g_clear_object (&self->tls);

  G_OBJECT_CLASS (ph_listener_parent_class)->dispose (object);
}

static void
ph_listener_finalize (GObject *object)
{
  PhListener *self = PH_LISTENER (object);

  g_hash_table_unref (self->connections);
  g_hash_table_unref (self->addresses);
  g_free (self->alpn);
  g_free (self->farewell);

  G_OBJECT_CLASS (ph_listener_parent_class)->finalize (object);
}

static void
ph_listener_get_property (GObject    *object,
                          guint       id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  if (id == PROP_N_CONNECTIONS)
    g_value_set_uint (value, ph_listener_get_n_connections (PH_LISTENER (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ph_listener_class_init (PhListenerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ph_listener_dispose;
  object_class->finalize = ph_listener_finalize;
  object_class->get_property = ph_listener_get_property;

  props[PROP_N_CONNECTIONS] = g_param_spec_uint ("n-connections", NULL, NULL, 0, G_MAXUINT, 0,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ph_listener_init (PhListener *self)
{
  self->connections = g_hash_table_new_full (NULL, NULL, g_object_unref, g_free);
  self->addresses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->max_total = PH_LISTENER_TOTAL;
  self->max_per_address = PH_LISTENER_PER_ADDRESS;
}

/* Connections */

/* One household has a whole /64 of IPv6. */
static char *
make_address_key (GInetAddress *address)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6 && !g_inet_address_get_is_loopback (address))
    return g_strdup_printf ("%02x%02x:%02x%02x:%02x%02x:%02x%02x::/64",
                            bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]);

  return g_inet_address_to_string (address);
}

static guint
count_address (PhListener *self,
               const char *key)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->addresses, key));
}

static void
change_count (PhListener *self,
              const char *key,
              int         change)
{
  guint count = count_address (self, key) + (guint)change;

  if (count == 0)
    g_hash_table_remove (self->addresses, key);
  else
    g_hash_table_insert (self->addresses, g_strdup (key), GUINT_TO_POINTER (count));
}

static void
finish_stop (PhListener *self)
{
  g_autoslist (GTask) tasks = g_steal_pointer (&self->stopping);

  ph_deadlines_clear (ph_poller_get_deadlines (self->poller), &self->grace);
  for (GSList *link = tasks; link != NULL; link = link->next)
    g_task_return_boolean (link->data, TRUE);
}

static void
on_closed (PhConnection *connection,
           const GError *error,
           gpointer      user_data)
{
  g_autoptr (PhListener) self = g_object_ref (PH_LISTENER (user_data));

  change_count (self, g_hash_table_lookup (self->connections, connection), -1);
  g_hash_table_remove (self->connections, connection);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_CONNECTIONS]);

  if (self->stopping != NULL && g_hash_table_size (self->connections) == 0)
    finish_stop (self);
  g_object_unref (self); /* the connection's */
}

/* A few bytes always fit into the buffer of a new socket. */
static void
send_away (PhListener *self,
           GSocket    *socket)
{
  self->n_refused++;
  if (self->farewell != NULL && !self->implicit_tls)
    send (g_socket_get_fd (socket), self->farewell, strlen (self->farewell), MSG_NOSIGNAL | MSG_DONTWAIT);
  shutdown (g_socket_get_fd (socket), SHUT_WR);
  g_socket_close (socket, NULL);
}

static void
accept_connection (PhListener *self,
                   GSocket    *socket)
{
  g_autoptr (GSocketAddress) remote = g_socket_get_remote_address (socket, NULL);
  g_autoptr (PhPeer) peer = NULL;
  g_autoptr (PhSession) session = NULL;
  g_autofree char *address = NULL;
  g_autofree char *key = NULL;
  PhConnection    *connection;

  /* Gone already. */
  if (!G_IS_INET_SOCKET_ADDRESS (remote))
    return;

  address = g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));
  key = make_address_key (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));
  peer = ph_peer_new (address, g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (remote)));

  if (g_hash_table_size (self->connections) < self->max_total && count_address (self, key) < self->max_per_address)
    session = self->make_session (self, peer, self->user_data);
  if (session == NULL)
    {
      send_away (self, socket);
      return;
    }

  connection = ph_connection_new_accepted (self->poller, socket, peer, session, self->tls, self->implicit_tls, self->alpn,
                                           on_closed, g_object_ref (self));
  change_count (self, key, 1);
  g_hash_table_insert (self->connections, connection, g_steal_pointer (&key));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_CONNECTIONS]);
}

/* Accepting */

/* Numbers are given out from the lowest, so a high one says that few are left. */
static gboolean
is_near_fd_limit (int fd)
{
  struct rlimit limit;
  rlim_t        reserved;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return FALSE;

  reserved = MIN (limit.rlim_cur / 4, MAX_RESERVED_FDS);

  return (rlim_t)fd >= limit.rlim_cur - reserved;
}

/* GSocketService accepts at a higher priority than drawing and our own work, and one that
 * fails for want of descriptors it tries again at once, forever.  So we let it accept a
 * batch, then stop it until the poller has its turn; and stop it for a second before
 * descriptors run out (V39). */
static gboolean
on_incoming (GSocketService    *service,
             GSocketConnection *stream,
             GObject           *source,
             gpointer           user_data)
{
  PhListener *self = user_data;
  GSocket    *socket = g_socket_connection_get_socket (stream);

  if (is_near_fd_limit (g_socket_get_fd (socket)))
    {
      send_away (self, socket);
      g_socket_service_stop (service);
      ph_deadlines_set (ph_poller_get_deadlines (self->poller), &self->pause, PAUSE_SECONDS);
      return TRUE;
    }

  accept_connection (self, socket);
  if (++self->n_in_batch == PH_LISTENER_BATCH)
    {
      g_socket_service_stop (service);
      ph_poller_wake (self->poller, self->watch);
    }

  return TRUE;
}

static void
on_pause_over (gpointer user_data)
{
  PhListener *self = user_data;

  ph_poller_wake (self->poller, self->watch);
}

static void
on_woken (PhPollEvents events,
          gpointer     user_data)
{
  PhListener *self = user_data;

  self->n_in_batch = 0;
  if (self->service != NULL)
    g_socket_service_start (self->service);
}

/* Starting */

static void
set_bind_error (GError    **error,
                GError     *failure,
                const char *address,
                guint16     port)
{
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_ADDRESS_IN_USE,
                 "Another program already listens on port %u of %s. Stop that program, or choose another port.", port, address);
  else if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_NOT_PERMITTED,
                 "Port %u needs privilege. Use port %u (any from 1024 up will do), or let the system pass port %u on to it.",
                 port, port == 25 ? 2525u : port + 2000u, port);
  else
    g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_FAILED, "Can’t listen on port %u of %s: %s. Is this an address of this computer?",
                 port, address, failure->message);
}

static GSocketService *
open_service (const char *address,
              guint16     port,
              guint16    *actual_port,
              GError    **error)
{
  g_autoptr (GSocketService) service = g_socket_service_new ();
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new_from_string (address, port);
  g_autoptr (GSocketAddress) effective = NULL;
  g_autoptr (GError) failure = NULL;

  if (wanted == NULL)
    {
      g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_FAILED, "“%s” is not a numeric address such as 127.0.0.1 or ::1.", address);
      return NULL;
    }

  g_socket_service_stop (service);
  g_socket_listener_set_backlog (G_SOCKET_LISTENER (service), PH_LISTENER_BACKLOG);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service), wanted, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                      NULL, &effective, &failure))
    {
      set_bind_error (error, failure, address, port);
      return NULL;
    }

  *actual_port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective));

  return g_steal_pointer (&service);
}

gboolean
ph_listener_start (PhListener *self,
                   const char *address,
                   guint16     port,
                   GError    **error)
{
  g_return_val_if_fail (self->service == NULL, FALSE);

  if (self->stopping != NULL)
    {
      g_set_error_literal (error, PH_NET_ERROR, PH_NET_ERROR_FAILED, "This service is still about to stop.");
      return FALSE;
    }
  if (self->implicit_tls && self->tls == NULL)
    {
      g_set_error_literal (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, "This service needs a certificate, and there is none.");
      return FALSE;
    }

  self->service = open_service (address, port, &self->port, error);
  if (self->service == NULL)
    return FALSE;

  self->n_in_batch = 0;
  self->incoming_handler = g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  g_socket_service_start (self->service);

  return TRUE;
}

/* Stopping */

static void
close_service (PhListener *self)
{
  if (self->service == NULL)
    return;

  g_clear_signal_handler (&self->incoming_handler, self->service);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_clear_object (&self->service);
  self->port = 0;
}

static void
on_grace_over (gpointer user_data)
{
  PhListener    *self = user_data;
  GHashTableIter iter;
  gpointer       connection;

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    ph_connection_abort (connection);
}

void
ph_listener_stop_async (PhListener         *self,
                        GAsyncReadyCallback callback,
                        gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GHashTableIter iter;
  gpointer       connection;

  g_task_set_source_tag (task, ph_listener_stop_async);
  close_service (self);

  if (g_hash_table_size (self->connections) == 0)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  self->stopping = g_slist_append (self->stopping, g_steal_pointer (&task));
  ph_deadlines_set (ph_poller_get_deadlines (self->poller), &self->grace, PH_LISTENER_GRACE_SECONDS);

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    ph_connection_shut_down (connection);
}

gboolean
ph_listener_stop_finish (PhListener   *self,
                         GAsyncResult *result,
                         GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* The rest */

PhListener *
ph_listener_new (PhPoller             *poller,
                 PhListenerSessionFunc make_session,
                 gpointer              user_data)
{
  PhListener *self = g_object_new (PH_TYPE_LISTENER, NULL);

  self->poller = g_object_ref (poller);
  self->make_session = make_session;
  self->user_data = user_data;
  self->watch = ph_poller_add_watch (poller, -1, PH_POLL_NONE, on_woken, self);
  self->pause = (PhDeadline){ .function = on_pause_over, .user_data = self };
  self->grace = (PhDeadline){ .function = on_grace_over, .user_data = self };

  return self;
}

void
ph_listener_set_tls (PhListener  *self,
                     PhTlsServer *tls,
                     gboolean     implicit_tls,
                     const char  *alpn)
{
  g_autofree char *copy = g_strdup (alpn);

  g_set_object (&self->tls, tls);
  self->implicit_tls = implicit_tls;
  g_free (self->alpn);
  self->alpn = g_steal_pointer (&copy);
}

void
ph_listener_set_limits (PhListener *self,
                        guint       total,
                        guint       per_address)
{
  self->max_total = total;
  self->max_per_address = per_address;
}

void
ph_listener_set_farewell (PhListener *self,
                          const char *farewell)
{
  g_free (self->farewell);
  self->farewell = g_strdup (farewell);
}

gboolean
ph_listener_is_running (PhListener *self)
{
  return self->service != NULL;
}

guint16
ph_listener_get_port (PhListener *self)
{
  return self->port;
}

guint
ph_listener_get_n_connections (PhListener *self)
{
  return g_hash_table_size (self->connections);
}

guint64
ph_listener_get_n_refused (PhListener *self)
{
  return self->n_refused;
}
