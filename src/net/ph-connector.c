#include "ph-connector.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  PhPoller  *poller;
  PhWatch   *watch;
  GSocket   *socket;
  PhDeadline deadline;
  GSource   *cancel_source;
} Attempt;

static void
attempt_free (gpointer data)
{
  Attempt *attempt = data;

  ph_deadlines_clear (ph_poller_get_deadlines (attempt->poller), &attempt->deadline);
  if (attempt->watch != NULL)
    ph_poller_remove_watch (attempt->poller, attempt->watch);
  if (attempt->cancel_source != NULL)
    g_source_destroy (attempt->cancel_source);
  g_clear_pointer (&attempt->cancel_source, g_source_unref);
  g_clear_object (&attempt->socket);
  g_object_unref (attempt->poller);
  g_free (attempt);
}

/* Ends what could still call us; the task then returns once. */
static void
settle (Attempt *attempt)
{
  ph_deadlines_clear (ph_poller_get_deadlines (attempt->poller), &attempt->deadline);
  if (attempt->watch != NULL)
    ph_poller_remove_watch (attempt->poller, g_steal_pointer (&attempt->watch));
  if (attempt->cancel_source != NULL)
    g_source_destroy (attempt->cancel_source);
}

static void
fail (GTask      *task,
      PhNetError  code,
      const char *why)
{
  settle (g_task_get_task_data (task));
  g_task_return_error (task, g_error_new_literal (PH_NET_ERROR, (int)code, why));
  g_object_unref (task);
}

/* In our words, because the system's are in the language of the window, and these go into a report, too. */
static void
fail_with (GTask  *task,
           GError *failure)
{
  static const struct
  {
    GIOErrorEnum io_error;
    PhNetError   code;
    const char  *why;
  } failures[] = {
    { G_IO_ERROR_CONNECTION_REFUSED, PH_NET_ERROR_UNREACHABLE, N_ ("connection refused") },
    { G_IO_ERROR_HOST_UNREACHABLE, PH_NET_ERROR_UNREACHABLE, N_ ("no way to this host") },
    { G_IO_ERROR_NETWORK_UNREACHABLE, PH_NET_ERROR_UNREACHABLE, N_ ("no way to its network") },
    { G_IO_ERROR_TIMED_OUT, PH_NET_ERROR_TIMED_OUT, N_ ("no answer") },
    { G_IO_ERROR_PERMISSION_DENIED, PH_NET_ERROR_FAILED, N_ ("this computer does not allow it") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    if (g_error_matches (failure, G_IO_ERROR, failures[i].io_error))
      {
        fail (task, failures[i].code, failures[i].why);
        return;
      }

  fail (task, PH_NET_ERROR_FAILED, N_ ("the network failed"));
}

static void
on_ready (PhPollEvents events,
          gpointer     user_data)
{
  GTask   *task = user_data;
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!g_socket_check_connect_result (attempt->socket, &error))
    {
      fail_with (task, error);
      return;
    }

  settle (attempt);
  g_task_return_pointer (task, g_steal_pointer (&attempt->socket), g_object_unref);
  g_object_unref (task);
}

static void
on_deadline (gpointer user_data)
{
  fail (user_data, PH_NET_ERROR_TIMED_OUT, N_ ("no answer"));
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  GTask *task = user_data;

  settle (g_task_get_task_data (task));
  g_task_return_error_if_cancelled (task);
  g_object_unref (task);

  return G_SOURCE_REMOVE;
}

/* Returns FALSE where it is decided already, with an error. */
static gboolean
begin (Attempt        *attempt,
       GSocketAddress *address,
       GError        **error)
{
  g_autoptr (GError) failure = NULL;

  attempt->socket = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  if (attempt->socket == NULL)
    return FALSE;

  g_socket_set_blocking (attempt->socket, FALSE);
  if (!g_socket_connect (attempt->socket, address, NULL, &failure) &&
      !g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PENDING))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }

  return TRUE;
}

void
ph_connector_connect_async (PhPoller           *poller,
                            const char         *address,
                            guint16             port,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data)
{
  GTask   *task = g_task_new (NULL, cancellable, callback, user_data);
  Attempt *attempt = g_new0 (Attempt, 1);
  g_autoptr (GSocketAddress) socket_address = g_inet_socket_address_new_from_string (address, port);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, ph_connector_connect_async);
  g_task_set_task_data (task, attempt, attempt_free);
  attempt->poller = g_object_ref (poller);
  attempt->deadline = (PhDeadline){ .function = on_deadline, .user_data = task };

  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }
  if (socket_address == NULL)
    {
      fail (task, PH_NET_ERROR_FAILED, N_ ("not a numeric address"));
      return;
    }
  if (!begin (attempt, socket_address, &error))
    {
      fail_with (task, error);
      return;
    }

  attempt->watch = ph_poller_add_watch (poller, g_socket_get_fd (attempt->socket), PH_POLL_OUT, on_ready, task);
  ph_deadlines_set (ph_poller_get_deadlines (poller), &attempt->deadline, PH_CONNECTOR_SECONDS);
  if (cancellable != NULL)
    {
      attempt->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_callback (attempt->cancel_source, G_SOURCE_FUNC (on_cancelled), task, NULL);
      g_source_attach (attempt->cancel_source, g_main_context_get_thread_default ());
    }
}

GSocket *
ph_connector_connect_finish (GAsyncResult *result,
                             GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
