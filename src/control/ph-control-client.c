#include "ph-control-client.h"

#include "ph-control-socket.h"
#include "ph-control-stream.h"
#include "ph-place.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

struct _PhControlClient
{
  GObject parent_instance;

  GDBusConnection *connection;

  /* Where none runs: one of our own, and the other end of the connection to it. */
  PhServer        *server;
  PhControl       *control;
  GDBusConnection *served;
};

G_DEFINE_FINAL_TYPE (PhControlClient, ph_control_client, G_TYPE_OBJECT)

static void
ph_control_client_dispose (GObject *object)
{
  PhControlClient *self = PH_CONTROL_CLIENT (object);
  g_autoptr (GError) error = NULL;

  if (self->server != NULL && !ph_settings_flush (ph_server_get_settings (self->server), &error))
    g_warning ("%s", error->message);
  g_clear_object (&self->connection);
  g_clear_object (&self->served);
  g_clear_object (&self->control);
  g_clear_object (&self->server);

  G_OBJECT_CLASS (ph_control_client_parent_class)->dispose (object);
}

static void
ph_control_client_class_init (PhControlClientClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_control_client_dispose;
}

static void
ph_control_client_init (PhControlClient *self)
{
}

/* Waiting */

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return *result;
}

/* To the Posthouse that runs */

/* Takes the socket. */
static gboolean
connect_stream (PhControlClient *self,
                int              fd,
                GError         **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ph_control_stream_connect (fd, FALSE, result_cb, &result);
  self->connection = g_dbus_connection_new_finish (wait_for (&result), error);

  return self->connection != NULL;
}

/* TRUE also where nobody is there: then there is no connection. */
static gboolean
connect_to_running (PhControlClient *self,
                    const char      *data_dir,
                    GError         **error)
{
  int directory = open (data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autoptr (GSocketAddress) address = ph_control_socket_new_address (directory);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) failure = NULL;

  if (directory < 0)
    return TRUE;

  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &failure);
  close (directory);
  if (connection != NULL)
    return connect_stream (self, fcntl (g_socket_get_fd (g_socket_connection_get_socket (connection)), F_DUPFD_CLOEXEC, 0), error);
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) || g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&failure));

  return FALSE;
}

/* To one of our own */

static void
served_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhControlClient) self = user_data;

  self->served = g_dbus_connection_new_finish (result, NULL);
  if (self->served == NULL || ph_control_export (self->control, self->served, NULL) == 0)
    return;

  g_dbus_connection_start_message_processing (self->served);
}

static gboolean
connect_ends (PhControlClient *self,
              GError         **error)
{
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s", g_strerror (errno));
      return FALSE;
    }

  ph_control_stream_connect (fds[0], TRUE, served_cb, g_object_ref (self));

  return connect_stream (self, fds[1], error);
}

static gboolean
open_own (PhControlClient *self,
          PhSettings      *settings,
          const char      *data_dir,
          GError         **error)
{
  g_autoptr (PhClock) clock = ph_clock_new ();

  ph_place_close_folder (data_dir, FALSE);
  self->server = ph_server_new (settings, data_dir, clock, error);
  if (self->server == NULL)
    return FALSE;

  self->control = ph_control_new ();
  ph_control_set_server (self->control, self->server, NULL);

  return connect_ends (self, error);
}

PhControlClient *
ph_control_client_open (const char *config_path,
                        const char *data_dir,
                        gboolean    must_run,
                        GError    **error)
{
  g_autoptr (PhControlClient) self = g_object_new (PH_TYPE_CONTROL_CLIENT, NULL);
  g_autoptr (PhSettings) settings = ph_place_open_settings (config_path, error);
  g_autofree char *folder = NULL;

  if (settings == NULL)
    return NULL;

  folder = ph_place_choose_data_dir (settings, data_dir);
  if (!connect_to_running (self, folder, error))
    return NULL;
  if (self->connection != NULL)
    return g_steal_pointer (&self);

  if (must_run)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "No Posthouse runs on %s", folder);
      return NULL;
    }

  return open_own (self, settings, folder, error) ? g_steal_pointer (&self) : NULL;
}

GVariant *
ph_control_client_call (PhControlClient *self,
                        const char      *method,
                        GVariant        *parameters,
                        GError         **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GVariant *answer;

  g_return_val_if_fail (PH_IS_CONTROL_CLIENT (self), NULL);

  g_dbus_connection_call (self->connection, NULL, PH_CONTROL_PATH, PH_CONTROL_INTERFACE, method, parameters, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, NULL, result_cb, &result);
  answer = g_dbus_connection_call_finish (self->connection, wait_for (&result), error);
  if (answer == NULL && error != NULL)
    g_dbus_error_strip_remote_error (*error);

  return answer;
}

/* What takes its time */

static void
progress_cb (GDBusConnection *connection,
             const char      *sender,
             const char      *object_path,
             const char      *interface_name,
             const char      *signal,
             GVariant        *parameters,
             gpointer         user_data)
{
  PhControlProgressFunc progress = *(PhControlProgressFunc *)user_data;
  guint64               n_messages, n_bytes, n_rejected;

  g_variant_get (parameters, "(ttt)", &n_messages, &n_bytes, &n_rejected);
  progress (n_messages, n_bytes, n_rejected);
}

static gboolean
interrupted_cb (gpointer user_data)
{
  PhControlClient *self = user_data;

  g_dbus_connection_call (self->connection, NULL, PH_CONTROL_PATH, PH_CONTROL_INTERFACE, "CancelTransfer", NULL, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, NULL, NULL, NULL);

  return G_SOURCE_CONTINUE;
}

GVariant *
ph_control_client_transfer (PhControlClient      *self,
                            const char           *method,
                            GVariant             *parameters,
                            PhControlProgressFunc progress,
                            GError              **error)
{
  GVariant *answer;
  guint     subscription, interrupt;

  g_return_val_if_fail (PH_IS_CONTROL_CLIENT (self), NULL);

  subscription = g_dbus_connection_signal_subscribe (self->connection, NULL, PH_CONTROL_INTERFACE, "TransferProgress", PH_CONTROL_PATH, NULL,
                                                     G_DBUS_SIGNAL_FLAGS_NONE, progress_cb, &progress, NULL);
  interrupt = g_unix_signal_add (SIGINT, interrupted_cb, self);
  answer = ph_control_client_call (self, method, parameters, error);
  g_source_remove (interrupt);
  g_dbus_connection_signal_unsubscribe (self->connection, subscription);
  /* What was on its way is told while `progress` is there. */
  while (g_main_context_iteration (NULL, FALSE))
    ;

  return answer;
}
