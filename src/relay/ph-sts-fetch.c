#include "ph-sts-fetch.h"

#include "ph-relay-error.h"
#include "ph-sts-policy.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

/* For a single step. */
#define STEP_SECONDS 20

/* A host with the addresses that it is to be reached at: libsoup checks the certificate against its name, and asks
 * no DNS of its own. */

#define PH_TYPE_PINNED_ADDRESS (ph_pinned_address_get_type ())
G_DECLARE_FINAL_TYPE (PhPinnedAddress, ph_pinned_address, PH, PINNED_ADDRESS, GNetworkAddress)

struct _PhPinnedAddress
{
  GNetworkAddress parent_instance;

  GStrv addresses;
};

#define PH_TYPE_PINNED_WALK (ph_pinned_walk_get_type ())
G_DECLARE_FINAL_TYPE (PhPinnedWalk, ph_pinned_walk, PH, PINNED_WALK, GSocketAddressEnumerator)

struct _PhPinnedWalk
{
  GSocketAddressEnumerator parent_instance;

  PhPinnedAddress *address;
  guint            next;
};

G_DEFINE_FINAL_TYPE (PhPinnedWalk, ph_pinned_walk, G_TYPE_SOCKET_ADDRESS_ENUMERATOR)

static GSocketAddress *
ph_pinned_walk_next (GSocketAddressEnumerator *enumerator,
                     GCancellable             *cancellable,
                     GError                  **error)
{
  PhPinnedWalk *self = PH_PINNED_WALK (enumerator);
  const char   *address = self->address->addresses[self->next];

  if (address == NULL)
    return NULL;

  self->next++;

  return g_inet_socket_address_new_from_string (address, g_network_address_get_port (G_NETWORK_ADDRESS (self->address)));
}

static void
ph_pinned_walk_finalize (GObject *object)
{
  g_object_unref (PH_PINNED_WALK (object)->address);
  G_OBJECT_CLASS (ph_pinned_walk_parent_class)->finalize (object);
}

static void
ph_pinned_walk_class_init (PhPinnedWalkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_pinned_walk_finalize;
  G_SOCKET_ADDRESS_ENUMERATOR_CLASS (klass)->next = ph_pinned_walk_next;
}

static void
ph_pinned_walk_init (PhPinnedWalk *self)
{
}

static GSocketAddressEnumerator *
enumerate (GSocketConnectable *connectable)
{
  PhPinnedWalk *walk = g_object_new (PH_TYPE_PINNED_WALK, NULL);

  walk->address = PH_PINNED_ADDRESS (g_object_ref (connectable));

  return G_SOCKET_ADDRESS_ENUMERATOR (walk);
}

static void
connectable_iface_init (GSocketConnectableIface *iface)
{
  iface->enumerate = enumerate;
  iface->proxy_enumerate = enumerate; /* there is none in between */
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PhPinnedAddress, ph_pinned_address, G_TYPE_NETWORK_ADDRESS, G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE, connectable_iface_init))

static void
ph_pinned_address_finalize (GObject *object)
{
  g_strfreev (PH_PINNED_ADDRESS (object)->addresses);
  G_OBJECT_CLASS (ph_pinned_address_parent_class)->finalize (object);
}

static void
ph_pinned_address_class_init (PhPinnedAddressClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_pinned_address_finalize;
}

static void
ph_pinned_address_init (PhPinnedAddress *self)
{
}

/* Fetching */

typedef struct
{
  char   *host;
  GStrv   addresses;
  guint16 port;
  char   *authorities;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->host);
  g_strfreev (job->addresses);
  g_free (job->authorities);
  g_free (job);
}

static SoupSession *
open_session (const Job *job,
              GError   **error)
{
  g_autoptr (PhPinnedAddress) address = g_object_new (PH_TYPE_PINNED_ADDRESS, "hostname", job->host, "port", (guint)job->port, "scheme", "https", NULL);
  g_autoptr (GTlsDatabase) authorities = NULL;
  SoupSession *session;

  address->addresses = g_strdupv (job->addresses);
  if (job->authorities != NULL)
    {
      authorities = g_tls_file_database_new (job->authorities, error);
      if (authorities == NULL)
        return NULL;
    }

  session = soup_session_new_with_options ("remote-connectable", address, "proxy-resolver", NULL, "timeout", STEP_SECONDS, "user-agent", "Posthouse", NULL);
  if (authorities != NULL)
    soup_session_set_tls_database (session, authorities);

  return session;
}

static GBytes *
read_body (GInputStream *body,
           GCancellable *cancellable,
           GError      **error)
{
  g_autofree char *text = g_malloc (PH_STS_POLICY_MAX + 1);
  gsize            length;

  if (!g_input_stream_read_all (body, text, PH_STS_POLICY_MAX + 1, &length, cancellable, error))
    return NULL;
  if (length > PH_STS_POLICY_MAX)
    {
      g_set_error_literal (error, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, N_ ("it is too long"));
      return NULL;
    }

  return g_bytes_new (text, length);
}

/* Section 3.3: 200, and nothing else; and text/plain, so that nobody can plant one who may only upload pictures. */
static gboolean
is_policy (SoupMessage *message,
           GError     **error)
{
  const char *type = soup_message_headers_get_content_type (soup_message_get_response_headers (message), NULL);

  if (soup_message_get_status (message) != SOUP_STATUS_OK)
    /* Translators: a number that HTTP knows, such as 404 */
    g_set_error (error, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, _ ("the answer is %u"), (guint)soup_message_get_status (message));
  else if (type == NULL || g_ascii_strcasecmp (type, "text/plain") != 0)
    g_set_error_literal (error, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, N_ ("it is not text/plain"));
  else
    return TRUE;

  return FALSE;
}

static void
fetch_in_thread (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (SoupSession) session = NULL;
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GInputStream) body = NULL;
  g_autofree char *uri = NULL;
  const Job       *job = data;
  GError          *error = NULL;
  GBytes          *bytes = NULL;

  g_main_context_push_thread_default (context);
  session = open_session (job, &error);
  uri = g_strdup_printf ("https://%s:%u/.well-known/mta-sts.txt", job->host, job->port);
  message = soup_message_new (SOUP_METHOD_GET, uri);
  if (message != NULL)
    soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (session != NULL && message != NULL)
    body = soup_session_send (session, message, cancellable, &error);
  if (body != NULL && is_policy (message, &error))
    bytes = read_body (body, cancellable, &error);
  if (session != NULL)
    soup_session_abort (session);
  g_clear_object (&body);
  g_clear_object (&session);
  g_main_context_pop_thread_default (context);

  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify)g_bytes_unref);
  else
    g_task_return_error (task, error != NULL ? error : g_error_new_literal (PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, N_ ("it has no address")));
}

void
ph_sts_fetch_async (PhWorkerPool       *workers,
                    const PhStsSource  *source,
                    GCancellable       *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  job->host = g_strdup (source->host);
  job->addresses = g_strdupv ((GStrv)source->addresses);
  job->port = source->port;
  job->authorities = g_strdup (source->authorities);
  g_task_set_source_tag (task, ph_sts_fetch_async);
  g_task_set_task_data (task, job, job_free);
  ph_worker_pool_run (workers, task, fetch_in_thread);
}

GBytes *
ph_sts_fetch_finish (GAsyncResult *result,
                     GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
