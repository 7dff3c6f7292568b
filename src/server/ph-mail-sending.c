#include "ph-mail-sending.h"

#include "ph-server-error.h"
#include "ph-smtp-client.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Bytes that one turn of the main loop passes from one side to the other. */
#define TURN_MAX (256 * 1024)

typedef struct
{
  PhSessionFactory *factory;
  PhAccount        *account;
  PhMailDraft      *draft;
  GStrv             recipients;
  char             *name;
  char             *host_name;
  guint64           size_max;

  GBytes           *message;
  PhSmtpEnvelope   *envelope;
  PhSession        *client;
  PhSession        *server;
  PhJournalSession *journal;
  guint             turn; /* the source that passes bytes on */
  char             *refused;
} PhSending;

static void
ph_sending_free (gpointer data)
{
  PhSending *self = data;

  g_clear_handle_id (&self->turn, g_source_remove);
  if (self->client != NULL)
    ph_session_set_driver (self->client, NULL, NULL);
  if (self->server != NULL)
    ph_session_set_driver (self->server, NULL, NULL);
  g_clear_object (&self->client);
  g_clear_object (&self->server);
  g_clear_object (&self->journal);
  g_clear_object (&self->factory);
  g_clear_object (&self->account);
  g_clear_pointer (&self->draft, ph_mail_draft_free);
  g_clear_pointer (&self->message, g_bytes_unref);
  g_clear_pointer (&self->envelope, ph_smtp_envelope_free);
  g_strfreev (self->recipients);
  g_free (self->name);
  g_free (self->host_name);
  g_free (self->refused);
  g_free (self);
}

/* The end */

static void
part (PhSending *self)
{
  ph_session_set_driver (self->client, NULL, NULL);
  ph_session_set_driver (self->server, NULL, NULL);
  g_clear_handle_id (&self->turn, g_source_remove);
}

static void
finish (GTask *task) /* transfer full */
{
  PhSending          *self = g_task_get_task_data (task);
  const PhSmtpResult *results = ph_smtp_client_get_results (PH_SMTP_CLIENT (self->client));
  g_autoptr (GString) refused = g_string_new (NULL);
  gboolean taken = FALSE;

  for (guint i = 0; i < self->envelope->recipients->len; i++)
    {
      PhSmtpRecipient *recipient = self->envelope->recipients->pdata[i];
      g_autofree char *reply = results[i].reply != NULL ? ph_smtp_reply_format (results[i].reply) : g_strdup (_ ("no answer"));

      if (results[i].kind == PH_SMTP_RESULT_DELIVERED)
        taken = TRUE;
      else
        g_string_append_printf (refused, "%s%s: %s", refused->len > 0 ? "\n" : "", recipient->address, reply);
    }

  part (self);
  ph_journal_session_end (self->journal, NULL);
  if (refused->len > 0)
    self->refused = g_strdup (refused->str);
  if (taken)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, PH_SERVER_ERROR, PH_SERVER_ERROR_FAILED, "%s", refused->str);
  g_object_unref (task);
}

/* Passing bytes on: what one side does not take yet stays in the other's output */

static gsize
pass_on (PhSession *from,
         PhSession *to)
{
  PhBuffer *output = ph_session_get_output (from);
  gsize     length = MIN (ph_buffer_get_length (output), PH_SESSION_INPUT_MAX), taken;

  if (length == 0)
    return 0;

  taken = ph_session_feed (to, ph_buffer_get_data (output), length);
  ph_buffer_consume (output, taken);
  if (ph_buffer_get_length (output) == 0)
    ph_session_drained (from);

  return taken;
}

static gboolean
is_over (PhSending *self)
{
  return ph_smtp_client_is_finished (PH_SMTP_CLIENT (self->client)) || ((ph_session_wants_close (self->server) || ph_session_wants_close (self->client)) && ph_buffer_get_length (ph_session_get_output (self->server)) == 0);
}

static void schedule (PhSession *session,
                      gpointer   data);

static gboolean
turn_cb (gpointer data)
{
  GTask     *task = data;
  PhSending *self = g_task_get_task_data (task);
  gsize      total = 0, sent, received;

  self->turn = 0;
  if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    {
      part (self);
      ph_session_peer_closed (self->server);
      ph_journal_session_end (self->journal, N_ ("Cancelled in the window"));
      g_task_return_error_if_cancelled (task);
      g_object_unref (task);
      return G_SOURCE_REMOVE;
    }

  do
    {
      sent = pass_on (self->client, self->server);
      received = pass_on (self->server, self->client);
      ph_journal_session_add_bytes (self->journal, sent, received);
      total += sent + received;
    }
  while (sent + received > 0 && total < TURN_MAX);

  if (sent + received > 0)
    {
      schedule (NULL, task);
      return G_SOURCE_REMOVE;
    }
  if (is_over (self))
    {
      if (!ph_smtp_client_is_finished (PH_SMTP_CLIENT (self->client)))
        ph_session_peer_closed (self->client);
      finish (task);
    }

  return G_SOURCE_REMOVE;
}

static void
schedule (PhSession *session,
          gpointer   data)
{
  GTask     *task = data;
  PhSending *self = g_task_get_task_data (task);

  if (self->turn == 0)
    self->turn = g_idle_add (turn_cb, task);
}

/* The beginning */

static gssize
read_message (gpointer user_data,
              guint64  offset,
              void    *data,
              gsize    length)
{
  GBytes       *message = user_data;
  gsize         size;
  const guchar *bytes = g_bytes_get_data (message, &size);

  if (offset >= size)
    return 0;
  length = MIN (length, size - offset);
  memcpy (data, bytes + offset, length);

  return (gssize)length;
}

static void
start (GTask *task) /* transfer full, to the turns */
{
  PhSending      *self = g_task_get_task_data (task);
  PhSmtpClientJob job = {
    .host_name = "posthouse",
    .server_name = ph_session_factory_get_host_name (self->factory),
    .read = read_message,
    .read_data = self->message,
    .size = g_bytes_get_size (self->message),
    .tls = PH_SMTP_TLS_NEVER,
  };
  g_autoptr (PhPeer) peer = ph_peer_new ("127.0.0.1", 0);

  self->envelope = ph_smtp_envelope_new (self->draft->from);
  for (guint i = 0; self->recipients[i] != NULL; i++)
    ph_smtp_envelope_add (self->envelope, self->recipients[i]);
  job.envelope = self->envelope;

  self->client = PH_SESSION (ph_smtp_client_new (&job));
  /* Translators: whom a session is with, in place of an address */
  self->server = ph_session_factory_make_own_submission (self->factory, self->account, _ ("this window"));
  g_set_object (&self->journal, ph_session_get_journal (self->server));
  ph_session_set_driver (self->client, schedule, task);
  ph_session_set_driver (self->server, schedule, task);
  ph_session_start (self->server, peer);
  ph_session_start (self->client, peer);
  schedule (NULL, task);
}

static void
format_in_thread (GTask        *task,
                  gpointer      source,
                  gpointer      data,
                  GCancellable *cancellable)
{
  PhSending *self = data;
  GError    *error = NULL;
  GBytes    *message = ph_mail_draft_format (self->draft, self->name, self->host_name, g_get_real_time () / G_USEC_PER_SEC, self->size_max, cancellable, &error);

  if (message != NULL)
    g_task_return_pointer (task, message, (GDestroyNotify)g_bytes_unref);
  else
    g_task_return_error (task, error);
}

static void
formatted_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PhSending *self = g_task_get_task_data (task);
  GError    *error = NULL;

  self->message = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->message != NULL)
    start (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

void
ph_mail_sending_run_async (PhSessionFactory   *factory,
                           PhAccount          *account,
                           const PhMailDraft  *draft,
                           PhWorkerPool       *workers,
                           GCancellable       *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (factory, cancellable, callback, user_data);
  g_autoptr (GTask) format = NULL;
  PhSending *self = g_new0 (PhSending, 1);
  char      *problem = NULL;

  g_task_set_source_tag (task, ph_mail_sending_run_async);
  g_task_set_task_data (task, self, ph_sending_free);
  self->factory = g_object_ref (factory);
  self->account = g_object_ref (account);
  self->draft = ph_mail_draft_copy (draft);
  self->name = g_strdup (ph_account_get_display_name (account));
  self->host_name = g_strdup (ph_session_factory_get_host_name (factory));
  self->size_max = ph_session_factory_get_message_size_max (factory);
  self->recipients = ph_mail_draft_dup_recipients (draft->to, &problem);
  if (self->recipients == NULL)
    {
      g_task_return_new_error (task, PH_SERVER_ERROR, PH_SERVER_ERROR_FAILED, "%s", problem);
      g_free (problem);
      return;
    }

  format = g_task_new (NULL, cancellable, formatted_cb, g_object_ref (task));
  g_task_set_task_data (format, self, NULL);
  ph_worker_pool_run (workers, format, format_in_thread);
}

gboolean
ph_mail_sending_run_finish (GAsyncResult      *result,
                            char             **refused,
                            PhJournalSession **session,
                            GError           **error)
{
  PhSending *self = g_task_get_task_data (G_TASK (result));

  *refused = g_steal_pointer (&self->refused);
  *session = g_steal_pointer (&self->journal);

  return g_task_propagate_boolean (G_TASK (result), error);
}
