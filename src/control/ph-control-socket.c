#include "ph-control-socket.h"

#include "ph-control-stream.h"

#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <unistd.h>

/* Command lines are short. */
#define PH_CONTROL_SOCKET_CONNECTIONS_MAX 100

struct _PhControlSocket
{
  GObject parent_instance;

  PhControl      *control;
  GSocketService *service;
  GPtrArray      *connections; /* of GDBusConnection */
  int             directory;
};

G_DEFINE_FINAL_TYPE (PhControlSocket, ph_control_socket, G_TYPE_OBJECT)

static void
ph_control_socket_dispose (GObject *object)
{
  PhControlSocket *self = PH_CONTROL_SOCKET (object);

  if (self->service != NULL)
    {
      g_socket_service_stop (self->service);
      g_socket_listener_close (G_SOCKET_LISTENER (self->service));
      unlinkat (self->directory, PH_CONTROL_SOCKET_NAME, 0);
    }
  for (guint i = 0; i < self->connections->len; i++)
    g_signal_handlers_disconnect_by_data (self->connections->pdata[i], self);
  g_ptr_array_set_size (self->connections, 0);
  g_clear_object (&self->service);
  g_clear_object (&self->control);

  G_OBJECT_CLASS (ph_control_socket_parent_class)->dispose (object);
}

static void
ph_control_socket_finalize (GObject *object)
{
  PhControlSocket *self = PH_CONTROL_SOCKET (object);

  g_ptr_array_unref (self->connections);
  if (self->directory >= 0)
    close (self->directory);

  G_OBJECT_CLASS (ph_control_socket_parent_class)->finalize (object);
}

static void
ph_control_socket_class_init (PhControlSocketClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_control_socket_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_control_socket_finalize;
}

static void
ph_control_socket_init (PhControlSocket *self)
{
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
  self->directory = -1;
}

static void
closed_cb (GDBusConnection *connection,
           gboolean         remote_peer_vanished,
           GError          *error,
           PhControlSocket *self)
{
  g_ptr_array_remove_fast (self->connections, connection);
}

static void
connected_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (PhControlSocket) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_dbus_connection_new_finish (result, &error);

  if (self->service == NULL || connection == NULL || ph_control_export (self->control, connection, &error) == 0)
    return;

  g_ptr_array_add (self->connections, g_object_ref (connection));
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), self);
  g_dbus_connection_start_message_processing (connection);
}

static gboolean
incoming_cb (PhControlSocket   *self,
             GSocketConnection *connection)
{
  int fd = g_socket_get_fd (g_socket_connection_get_socket (connection));

  if (self->connections->len < PH_CONTROL_SOCKET_CONNECTIONS_MAX && ph_control_stream_is_same_user (fd))
    ph_control_stream_connect (fcntl (fd, F_DUPFD_CLOEXEC, 0), TRUE, connected_cb, g_object_ref (self));

  return TRUE;
}

GSocketAddress *
ph_control_socket_new_address (int directory)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d/" PH_CONTROL_SOCKET_NAME, directory);

  return g_unix_socket_address_new (path);
}

PhControlSocket *
ph_control_socket_new (PhControl  *control,
                       const char *data_dir,
                       GError    **error)
{
  g_autoptr (PhControlSocket) self = g_object_new (PH_TYPE_CONTROL_SOCKET, NULL);
  g_autoptr (GSocketService) service = g_socket_service_new ();
  g_autoptr (GSocketAddress) address = NULL;

  self->control = g_object_ref (control);
  self->directory = open (data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  address = ph_control_socket_new_address (self->directory);
  unlinkat (self->directory, PH_CONTROL_SOCKET_NAME, 0);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, error))
    return NULL;

  self->service = g_steal_pointer (&service);
  g_signal_connect_object (self->service, "incoming", G_CALLBACK (incoming_cb), self, G_CONNECT_SWAPPED);

  return g_steal_pointer (&self);
}
