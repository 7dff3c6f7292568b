#include "ph-listener.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/socket.h>

struct _PhListener
{
  GObject parent_instance;

  PhPoller             *poller;
  PhListenerSessionFunc make_session;
  gpointer              user_data;
  PhListenerRefuseFunc  refuse;  /* or NULL */
  PhListenerRefusedFunc refused; /* or NULL */
  gpointer              refuse_data;
  PhTlsServer          *tls;
  gboolean              implicit_tls;
  gboolean              requires_tls;
  char                 *alpn;
  char                 *farewell;
  guint                 max_total;
  guint                 max_per_address;

  PhAcceptor *acceptor; /* NULL unless running */
  PhDeadline  grace;
  GSList     *stopping;    /* of GTask, owned; NULL unless it stops */
  GHashTable *connections; /* PhConnection, owned → address key */
  GHashTable *addresses;   /* address key → count */
  guint       crowd;       /* of so many there were too many, and still are; 0: there are not */
  guint64     n_refused;
};

G_DEFINE_FINAL_TYPE (PhListener, ph_listener, G_TYPE_OBJECT)

enum {
  PROP_N_CONNECTIONS = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
ph_listener_dispose (GObject *object)
{
  PhListener *self = PH_LISTENER (object);

  g_clear_pointer (&self->acceptor, ph_acceptor_close);
  if (self->poller != NULL)
    ph_deadlines_clear (ph_poller_get_deadlines (self->poller), &self->grace);
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
set_crowd (PhListener *self,
           guint       crowd)
{
  gboolean       is_other = (crowd != 0) != (self->crowd != 0);
  GHashTableIter iter;
  gpointer       connection;

  self->crowd = crowd;
  if (!is_other)
    return;

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    ph_session_set_hurried (ph_connection_get_session (connection), crowd != 0);
}

/* Before it is full those who say nothing are waited for less long, until it is half as crowded (S13). */
static void
watch_crowd (PhListener *self)
{
  guint n = g_hash_table_size (self->connections);

  if (n >= MAX (self->max_total / 4 * 3, 1))
    set_crowd (self, n);
  else if (n < (self->crowd + 1) / 2)
    set_crowd (self, 0);
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
  watch_crowd (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_CONNECTIONS]);

  if (self->stopping != NULL && g_hash_table_size (self->connections) == 0)
    finish_stop (self);
  g_object_unref (self); /* the connection's */
}

/* A few bytes always fit into the buffer of a new socket. */
static void
send_away_with (PhListener *self,
                int         fd,
                const char *farewell,
                PhPeer     *peer,
                const char *why)
{
  self->n_refused++;
  if (self->refused != NULL)
    self->refused (peer, farewell, why, self->refuse_data);
  if (farewell != NULL && !self->implicit_tls)
    send (fd, farewell, strlen (farewell), MSG_NOSIGNAL | MSG_DONTWAIT);
  shutdown (fd, SHUT_WR);
}

/* Who that is; NULL where it is gone already. */
static PhPeer *
find_peer (int fd)
{
  struct sockaddr_storage storage;
  socklen_t               length = sizeof storage;
  g_autoptr (GSocketAddress) remote = getpeername (fd, (struct sockaddr *)&storage, &length) == 0 ? g_socket_address_new_from_native (&storage, length) : NULL;
  g_autofree char *address = NULL;

  if (!G_IS_INET_SOCKET_ADDRESS (remote))
    return NULL;
  address = g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));

  return ph_peer_new (address, g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (remote)));
}

static void
send_away (int      fd,
           gpointer user_data)
{
  PhListener *self = user_data;
  guint       n = g_hash_table_size (self->connections);
  g_autoptr (PhPeer) peer = find_peer (fd);
  /* Translators: a number */
  g_autofree char *why = g_strdup_printf (ngettext ("This program may open no more files and connections (its limit of descriptors); this service has %u connection",
                                                    "This program may open no more files and connections (its limit of descriptors); this service has %u connections", n),
                                          n);

  set_crowd (self, n);
  send_away_with (self, fd, self->farewell, peer, why);
}

/* Which limit keeps a new connection from this address out; NULL for none. */
static char *
dup_limit (PhListener *self,
           const char *key)
{
  guint n_all = g_hash_table_size (self->connections), n = count_address (self, key);

  if (n_all >= self->max_total)
    /* Translators: two numbers */
    return g_strdup_printf (_ ("Connections that are open: %u; that may be: %u (Connections of the service)"), n_all, self->max_total);
  if (n >= self->max_per_address)
    /* Translators: an address and two numbers */
    return g_strdup_printf (_ ("Connections from %s that are open: %u; that may be: %u (ConnectionsPerAddress of the service)"), key, n, self->max_per_address);

  return NULL;
}

static void
take_in (GSocket *socket,
         gpointer user_data)
{
  PhListener *self = user_data;
  g_autoptr (GSocketAddress) remote = g_socket_get_remote_address (socket, NULL);
  g_autoptr (PhPeer) peer = NULL;
  g_autoptr (PhSession) session = NULL;
  g_autofree char *address = NULL;
  g_autofree char *key = NULL;
  g_autofree char *limit = NULL;
  const char      *refusal;
  PhConnection    *connection;

  /* Gone already. */
  if (!G_IS_INET_SOCKET_ADDRESS (remote))
    return;

  address = g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));
  key = ph_peer_dup_network (address);
  peer = ph_peer_new (address, g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (remote)));
  peer->must_use_tls = self->requires_tls;

  refusal = self->refuse != NULL ? self->refuse (peer, self->refuse_data) : NULL;
  if (refusal == NULL && (limit = dup_limit (self, key)) == NULL)
    session = self->make_session (self, peer, self->user_data);
  if (session == NULL)
    {
      send_away_with (self, g_socket_get_fd (socket), refusal != NULL ? refusal : self->farewell, peer, limit);
      g_socket_close (socket, NULL);
      return;
    }

  connection = ph_connection_new_accepted (self->poller, socket, peer, session, self->tls, self->implicit_tls, self->alpn,
                                           on_closed, g_object_ref (self));
  change_count (self, key, 1);
  ph_session_set_hurried (session, self->crowd != 0);
  g_hash_table_insert (self->connections, connection, g_steal_pointer (&key));
  watch_crowd (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_CONNECTIONS]);
}

/* Starting and stopping */

static const PhAcceptorFuncs acceptor_funcs = { take_in, send_away };

gboolean
ph_listener_start (PhListener *self,
                   const char *address,
                   guint16     port,
                   GError    **error)
{
  g_return_val_if_fail (self->acceptor == NULL, FALSE);

  if (self->stopping != NULL)
    {
      g_set_error_literal (error, PH_NET_ERROR, PH_NET_ERROR_FAILED, _ ("This service is still about to stop."));
      return FALSE;
    }
  if (self->implicit_tls && self->tls == NULL)
    {
      g_set_error_literal (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, _ ("This service needs a certificate, and there is none."));
      return FALSE;
    }

  self->acceptor = ph_acceptor_open (self->poller, address, port, &acceptor_funcs, self, error);

  return self->acceptor != NULL;
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
  g_clear_pointer (&self->acceptor, ph_acceptor_close);

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

gboolean
ph_listener_disconnect (PhListener       *self,
                        PhJournalSession *journal)
{
  GHashTableIter iter;
  gpointer       connection;

  g_return_val_if_fail (PH_IS_LISTENER (self) && journal != NULL, FALSE);

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    if (ph_session_get_journal (ph_connection_get_session (connection)) == journal)
      {
        ph_connection_shut_down (connection);
        return TRUE;
      }

  return FALSE;
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
  self->grace = (PhDeadline){ .function = on_grace_over, .user_data = self };

  return self;
}

void
ph_listener_set_refuse (PhListener           *self,
                        PhListenerRefuseFunc  refuse,
                        PhListenerRefusedFunc refused,
                        gpointer              user_data)
{
  g_return_if_fail (PH_IS_LISTENER (self));

  self->refuse = refuse;
  self->refused = refused;
  self->refuse_data = user_data;
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

gboolean
ph_listener_has_tls (PhListener *self)
{
  return self->tls != NULL;
}

void
ph_listener_require_tls (PhListener *self,
                         gboolean    require)
{
  self->requires_tls = require;
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
  return self->acceptor != NULL;
}

guint16
ph_listener_get_port (PhListener *self)
{
  return self->acceptor != NULL ? ph_acceptor_get_port (self->acceptor) : 0;
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
