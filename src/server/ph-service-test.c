#include "ph-service-test.h"

#include "ph-connection.h"
#include "ph-connector.h"

#include <gnutls/x509.h>

typedef struct
{
  PhPoller        *poller;
  PhWorkerPool    *workers;
  PhClock         *clock;
  char            *address;
  guint16          port;
  gboolean         implicit_tls;
  GBytes          *authority;
  PhServiceProbe  *probe;
  PhServiceAnswer *answer;
  GPtrArray       *chain;      /* of GBytes: what it showed, its own first */
  PhConnection    *connection; /* borrowed while it runs */
  GCancellable    *connecting;
  GSource         *cancel_source;
  guint            timer;
  gint64           began;
  gboolean         is_late;
} Test;

static void
end_watches (Test *test)
{
  ph_clock_cancel_timer (test->clock, &test->timer);
  if (test->cancel_source != NULL)
    g_source_destroy (test->cancel_source);
  g_clear_pointer (&test->cancel_source, g_source_unref);
}

static void
test_free (gpointer data)
{
  Test *test = data;

  end_watches (test);
  g_signal_handlers_disconnect_by_data (test->probe, test);
  g_clear_object (&test->probe);
  g_clear_object (&test->connecting);
  g_clear_pointer (&test->answer, ph_service_answer_unref);
  g_clear_pointer (&test->authority, g_bytes_unref);
  g_ptr_array_unref (test->chain);
  g_free (test->address);
  g_object_unref (test->clock);
  g_object_unref (test->workers);
  g_object_unref (test->poller);
  g_free (test);
}

/* The certificate; in a worker, because the system's authorities are many files. */

static void
import (GBytes            *der,
        gnutls_x509_crt_t *certificate)
{
  gsize          size;
  gconstpointer  data = g_bytes_get_data (der, &size);
  gnutls_datum_t datum = { (guchar *)data, (guint)size };

  gnutls_x509_crt_init (certificate);
  gnutls_x509_crt_import (*certificate, &datum, GNUTLS_X509_FMT_DER);
}

static guint
describe_status (guint status)
{
  const guint names = GNUTLS_CERT_UNEXPECTED_OWNER;
  const guint dates = GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED;
  const guint trust = GNUTLS_CERT_SIGNER_NOT_FOUND;
  guint       faults = 0;

  if (status & names)
    faults |= PH_CERTIFICATE_FAULT_NAME;
  if (status & dates)
    faults |= PH_CERTIFICATE_FAULT_DATE;
  if (status & trust)
    faults |= PH_CERTIFICATE_FAULT_UNTRUSTED;
  if (status & ~(names | dates | trust | GNUTLS_CERT_INVALID))
    faults |= PH_CERTIFICATE_FAULT_OTHER;

  /* Invalid without a reason that we know. */
  return faults == 0 && status != 0 ? PH_CERTIFICATE_FAULT_OTHER : faults;
}

static guint
verify (gnutls_x509_crt_t *chain,
        guint              n,
        GBytes            *authority,
        const char        *name)
{
  gnutls_x509_trust_list_t list;
  gnutls_x509_crt_t        trusted;
  gnutls_typed_vdata_st    wanted[] = {
       { GNUTLS_DT_DNS_HOSTNAME, (guchar *)name, 0 },
       { GNUTLS_DT_KEY_PURPOSE_OID, (guchar *)GNUTLS_KP_TLS_WWW_SERVER, 0 },
  };
  guint status = 0;
  int   result;

  gnutls_x509_trust_list_init (&list, 0);
  if (authority != NULL)
    {
      import (authority, &trusted);
      gnutls_x509_trust_list_add_cas (list, &trusted, 1, 0); /* takes it */
    }
  else
    gnutls_x509_trust_list_add_system_trust (list, 0, 0);

  result = gnutls_x509_trust_list_verify_crt2 (list, chain, n, wanted, G_N_ELEMENTS (wanted), 0, &status, NULL);
  gnutls_x509_trust_list_deinit (list, 1);

  return result < 0 ? PH_CERTIFICATE_FAULT_OTHER : describe_status (status);
}

static void
verify_job (GTask        *task,
            gpointer      source,
            gpointer      task_data,
            GCancellable *cancellable)
{
  Test                         *test = task_data;
  g_autofree gnutls_x509_crt_t *chain = g_new (gnutls_x509_crt_t, test->chain->len);

  for (guint i = 0; i < test->chain->len; i++)
    import (test->chain->pdata[i], &chain[i]);

  test->answer->expiry = (gint64)gnutls_x509_crt_get_expiration_time (chain[0]) * G_USEC_PER_SEC;
  test->answer->faults = verify (chain, test->chain->len, test->authority, test->answer->name);
  for (guint i = 0; i < test->chain->len; i++)
    gnutls_x509_crt_deinit (chain[i]);

  g_task_return_pointer (task, g_steal_pointer (&test->answer), (GDestroyNotify)ph_service_answer_unref);
}

/* Any will do for the conversation: what a client would say of it is told at the end. */
static gboolean
keep_chain_cb (const gnutls_datum_t *chain,
               guint                 n,
               gpointer              user_data)
{
  GPtrArray *kept = user_data;

  g_ptr_array_set_size (kept, 0);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (kept, g_bytes_new (chain[i].data, chain[i].size));

  return TRUE;
}

/* The conversation */

static void
settle (GTask           *task, /* transfer full */
        PhServiceOutcome outcome,
        const char      *said)
{
  Test *test = g_task_get_task_data (task);

  end_watches (test);
  test->answer->outcome = outcome;
  test->answer->said = g_strdup (said);
  test->answer->offers = g_strdup (ph_service_probe_get_offers (test->probe));
  if (!g_task_return_error_if_cancelled (task))
    {
      if (test->chain->len > 0)
        ph_worker_pool_run (test->workers, task, verify_job);
      else
        g_task_return_pointer (task, g_steal_pointer (&test->answer), (GDestroyNotify)ph_service_answer_unref);
    }
  g_object_unref (task);
}

static void
closed_cb (PhConnection *connection,
           const GError *error,
           gpointer      user_data)
{
  GTask           *task = user_data;
  Test            *test = g_task_get_task_data (task);
  PhServiceOutcome outcome;

  test->connection = NULL;
  test->answer->tls_version = g_strdup (ph_connection_get_peer (connection)->tls_version);
  if (!test->is_late && ph_service_probe_get_outcome (test->probe, &outcome))
    settle (task, outcome, ph_service_probe_get_said (test->probe));
  else if (test->is_late || g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_TIMED_OUT))
    settle (task, PH_SERVICE_OUTCOME_SILENT, NULL);
  else if (g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_TLS))
    settle (task, PH_SERVICE_OUTCOME_NO_TLS, error->message);
  else
    settle (task, PH_SERVICE_OUTCOME_CLOSED, NULL);
}

static void
connected_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  GTask *task = user_data;
  Test  *test = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = ph_connector_connect_finish (result, &error);
  g_autoptr (PhTlsClient) tls = NULL;
  g_autoptr (PhPeer) peer = NULL;

  if (socket == NULL)
    {
      gboolean is_late = test->is_late || g_error_matches (error, PH_NET_ERROR, PH_NET_ERROR_TIMED_OUT);

      settle (task, is_late ? PH_SERVICE_OUTCOME_SILENT : PH_SERVICE_OUTCOME_UNREACHABLE, is_late ? NULL : error->message);
      return;
    }

  tls = ph_tls_client_new_with_check (keep_chain_cb, g_ptr_array_ref (test->chain), (GDestroyNotify)g_ptr_array_unref);
  peer = ph_peer_new (test->address, test->port);
  test->connection = ph_connection_new_outgoing (test->poller, socket, peer, PH_SESSION (test->probe), tls, test->answer->name,
                                                 test->implicit_tls, closed_cb, task);
  g_object_unref (test->connection); /* keeps itself while it runs */
}

static void
greeted_cb (Test *test)
{
  test->answer->delay = ph_clock_get_monotonic_time (test->clock) - test->began;
}

static void
give_up (Test *test)
{
  g_cancellable_cancel (test->connecting);
  if (test->connection != NULL)
    ph_connection_abort (test->connection);
}

static void
late_cb (gpointer user_data)
{
  Test            *test = user_data;
  PhServiceOutcome outcome;

  /* What it has said stands, though it is slow to hang up. */
  test->timer = 0;
  test->is_late = !ph_service_probe_get_outcome (test->probe, &outcome);
  give_up (test);
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      user_data)
{
  give_up (user_data);

  return G_SOURCE_REMOVE;
}

static char *
choose_address (const char *listens_on)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (listens_on);
  g_autoptr (GInetAddress) loopback = NULL;

  if (inet == NULL || !g_inet_address_get_is_any (inet))
    return g_strdup (listens_on);

  loopback = g_inet_address_new_loopback (g_inet_address_get_family (inet));

  return g_inet_address_to_string (loopback);
}

void
ph_service_test_async (PhPoller              *poller,
                       PhWorkerPool          *workers,
                       PhClock               *clock,
                       const PhServiceTarget *target,
                       GCancellable          *cancellable,
                       GAsyncReadyCallback    callback,
                       gpointer               user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Test  *test = g_new0 (Test, 1);

  g_task_set_source_tag (task, ph_service_test_async);
  g_task_set_task_data (task, test, test_free);
  test->poller = g_object_ref (poller);
  test->workers = g_object_ref (workers);
  test->clock = g_object_ref (clock);
  test->address = choose_address (target->address);
  test->port = target->port;
  test->implicit_tls = target->implicit_tls;
  test->authority = target->authority != NULL ? g_bytes_ref (target->authority) : NULL;
  test->chain = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  test->answer = ph_service_answer_new ();
  test->answer->name = g_strdup (target->host_name);
  test->probe = ph_service_probe_new (target->protocol);
  g_signal_connect_swapped (test->probe, "greeted", G_CALLBACK (greeted_cb), test);

  test->connecting = g_cancellable_new ();
  if (cancellable != NULL)
    {
      test->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_callback (test->cancel_source, G_SOURCE_FUNC (cancelled_cb), test, NULL);
      g_source_attach (test->cancel_source, g_main_context_get_thread_default ());
    }
  test->timer = ph_clock_add_timer (clock, PH_SERVICE_TEST_SECONDS * G_USEC_PER_SEC, late_cb, test);
  test->began = ph_clock_get_monotonic_time (clock);
  ph_connector_connect_async (poller, test->address, test->port, test->connecting, connected_cb, task);
}

PhServiceAnswer *
ph_service_test_finish (GAsyncResult *result,
                        GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
