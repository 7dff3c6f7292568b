#include "ph-control-stream.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <sys/socket.h>
#include <unistd.h>

/* Else it would try cookies in the home directory first. */
static gboolean
allow_mechanism_cb (GDBusAuthObserver *observer,
                    const char        *mechanism)
{
  return g_str_equal (mechanism, "ANONYMOUS");
}

void
ph_control_stream_connect (int                 fd,
                           gboolean            as_server,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr (GInputStream) input = g_unix_input_stream_new (fd, TRUE);
  g_autoptr (GOutputStream) output = g_unix_output_stream_new (fcntl (fd, F_DUPFD_CLOEXEC, 0), TRUE);
  g_autoptr (GIOStream) stream = g_simple_io_stream_new (input, output);
  g_autoptr (GDBusAuthObserver) observer = g_dbus_auth_observer_new ();
  g_autofree char     *guid = as_server ? g_dbus_generate_guid () : NULL;
  GDBusConnectionFlags flags = G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT;

  if (as_server)
    flags = G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING;
  g_signal_connect (observer, "allow-mechanism", G_CALLBACK (allow_mechanism_cb), NULL);
  g_dbus_connection_new (stream, guid, flags, observer, NULL, callback, user_data);
}

gboolean
ph_control_stream_is_same_user (int fd)
{
  struct ucred credentials;
  socklen_t    length = sizeof credentials;

  return getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 && credentials.uid == geteuid ();
}
