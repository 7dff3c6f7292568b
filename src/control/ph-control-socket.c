#include "ph-control-socket.h"

#include <fcntl.h>
#include <unistd.h>

struct _PhControlSocket
{
  GObject parent_instance;

  PhControl   *control;
  GDBusServer *server;
  GPtrArray   *connections; /* of GDBusConnection */
  int          directory;
};

G_DEFINE_FINAL_TYPE (PhControlSocket, ph_control_socket, G_TYPE_OBJECT)

static void
ph_control_socket_dispose (GObject *object)
{
  PhControlSocket *self = PH_CONTROL_SOCKET (object);

  if (self->server != NULL)
    {
      g_dbus_server_stop (self->server);
      unlinkat (self->directory, PH_CONTROL_SOCKET_NAME, 0);
    }
  for (guint i = 0; i < self->connections->len; i++)
    g_signal_handlers_disconnect_by_data (self->connections->pdata[i], self);
  g_ptr_array_set_size (self->connections, 0);
  g_clear_object (&self->server);
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

/* FALSE closes it. */
static gboolean
connection_cb (PhControlSocket *self,
               GDBusConnection *connection)
{
  g_autoptr (GError) error = NULL;

  if (ph_control_export (self->control, connection, &error) == 0)
    {
      g_warning ("%s", error->message);
      return FALSE;
    }

  g_ptr_array_add (self->connections, g_object_ref (connection));
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), self);

  return TRUE;
}

char *
ph_control_socket_format_address (int directory)
{
  return g_strdup_printf ("unix:path=/proc/self/fd/%d/" PH_CONTROL_SOCKET_NAME, directory);
}

PhControlSocket *
ph_control_socket_new (PhControl  *control,
                       const char *data_dir,
                       GError    **error)
{
  g_autoptr (PhControlSocket) self = g_object_new (PH_TYPE_CONTROL_SOCKET, NULL);
  g_autofree char *address = NULL;
  g_autofree char *guid = g_dbus_generate_guid ();

  self->control = g_object_ref (control);
  self->directory = open (data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  address = ph_control_socket_format_address (self->directory);
  unlinkat (self->directory, PH_CONTROL_SOCKET_NAME, 0);
  self->server = g_dbus_server_new_sync (address, G_DBUS_SERVER_FLAGS_AUTHENTICATION_REQUIRE_SAME_USER, guid, NULL, NULL, error);
  if (self->server == NULL)
    return NULL;

  g_signal_connect_object (self->server, "new-connection", G_CALLBACK (connection_cb), self, G_CONNECT_SWAPPED);
  g_dbus_server_start (self->server);

  return g_steal_pointer (&self);
}
