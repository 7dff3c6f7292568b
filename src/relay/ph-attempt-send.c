/* How an attempt goes from server to server: routes, connections, and what is made of the answers. */

#include "ph-attempt-private.h"

#include "ph-connector.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void connect_next (PhAttempt *self);

static const PhRouteStop *
get_stop (PhAttempt *self)
{
  return self->route->stops->pdata[self->next_stop - 1];
}

static const char *
get_host (PhAttempt *self)
{
  return get_stop (self)->host;
}

static PhSmtpClient *
get_client (PhAttempt *self)
{
  return ph_channel_get_client (self->channel);
}

/* In the enhanced code or, where there is none, the code. */
static gboolean
is_too_many (const PhSmtpReply *reply)
{
  return reply->enhanced != NULL ? strcmp (reply->enhanced, "4.5.3") == 0 : reply->code == 452 || reply->code == 552;
}

/* Some were too many for one transaction (RFC 5321 section 4.5.3.1.10), and others were not. */
static gboolean
has_more_for_same_host (PhAttempt *self)
{
  const PhSmtpResult *results = ph_smtp_client_get_results (get_client (self));
  gboolean            some_delivered = FALSE, some_too_many = FALSE;

  for (guint i = 0; i < self->asked->recipients->len; i++)
    {
      some_delivered |= results[i].kind == PH_SMTP_RESULT_DELIVERED;
      some_too_many |= results[i].kind == PH_SMTP_RESULT_TEMPORARY && is_too_many (results[i].reply);
    }

  return some_delivered && some_too_many;
}

static Next
choose_next (PhAttempt *self)
{
  PhSmtpClient *client = get_client (self);

  if (self->stopped)
    return NEXT_NOTHING;
  if (ph_smtp_client_try_without_tls (client) || ph_smtp_client_was_stale (client))
    return NEXT_SAME_HOST;
  if (ph_smtp_client_wants_7bit (client) && ph_message_forms_may_have (self->forms, PH_FORM_7BIT))
    return NEXT_OTHER_FORM;
  if (ph_smtp_client_try_next_host (client))
    return self->n_hosts < PH_ATTEMPT_HOSTS_MAX && self->next_stop < self->route->stops->len ? NEXT_HOST : NEXT_NOTHING;

  return has_more_for_same_host (self) ? NEXT_SAME_HOST : NEXT_NOTHING;
}

/* "mx1.example.org, TLS1.3, verified by DANE" */
static char *
describe_way (PhAttempt *self,
              PhPeer    *peer)
{
  PhAttemptTls tls;

  if (peer == NULL || !peer->is_tls)
    return g_strdup_printf ("%s, no TLS", get_host (self));

  tls = ph_attempt_choose_tls (self, get_stop (self), peer);

  return g_strdup_printf ("%s, %s, %s", get_host (self), peer->tls_version, tls.source);
}

static void
take_results (PhAttempt *self)
{
  PhSmtpClient       *client = get_client (self);
  const PhSmtpResult *results = ph_smtp_client_get_results (client);
  PhPeer             *peer = ph_session_get_peer (PH_SESSION (client));
  gboolean            of_host = ph_smtp_client_try_next_host (client);

  for (guint i = 0; i < self->asked->recipients->len; i++)
    {
      guint            place = GPOINTER_TO_UINT (((PhSmtpRecipient *)self->asked->recipients->pdata[i])->handler_data);
      PhAttemptResult *result = &self->results[place];

      ph_attempt_set_result (self, place, results[i].kind, results[i].reply, of_host && !results[i].is_own);
      g_free (result->host);
      g_free (result->route);
      result->host = g_strdup (get_host (self));
      result->route = describe_way (self, peer);
      result->has_dsn = ph_smtp_client_has_dsn (client);
    }
}

/* From inside of the client: the connection goes on to its QUIT, or is ready, by itself. */
static void
finished_cb (gpointer user_data)
{
  PhAttempt *self = user_data;

  take_results (self);
  if (ph_smtp_client_try_without_tls (get_client (self)))
    {
      ph_journal_session_note (self->journal, N_ ("TLS failed: once more without it"));
      g_hash_table_add (self->context->no_tls, g_strdup (get_host (self)));
    }

  self->next = choose_next (self);
  if (self->next == NEXT_NOTHING)
    ph_attempt_tell_done (self);
}

/* Those without a final result, with their places. */
static PhSmtpEnvelope *
make_asked (PhAttempt *self)
{
  PhSmtpEnvelope *asked = ph_smtp_envelope_copy_options (self->envelope);

  for (guint i = 0; i < self->envelope->recipients->len && asked->recipients->len < PH_ATTEMPT_RECIPIENTS_MAX; i++)
    {
      const PhSmtpRecipient *recipient = self->envelope->recipients->pdata[i];
      PhSmtpRecipient       *copy;

      if (!ph_attempt_is_open (self, i))
        continue;
      copy = ph_smtp_envelope_add (asked, recipient->address);
      copy->notify = recipient->notify;
      copy->orcpt = g_strdup (recipient->orcpt);
      copy->handler_data = GUINT_TO_POINTER (i);
    }

  return asked;
}

static PhSmtpClientJob
make_job (PhAttempt          *self,
          const PhAttemptTls *tls)
{
  const PhRelayTarget *target = self->target;
  PhSmtpClientJob      job = {
         .host_name = self->context->config->host_name,
         .server_name = get_host (self),
         .envelope = self->asked,
         .read = ph_queue_message_read,
         .is_8bit = ph_message_forms_is_8bit (self->forms, self->form),
         .tls = tls->policy,
         .tls_is_verified = tls->is_verified,
         .implicit_tls = target != NULL && target->implicit_tls,
         .user = target != NULL ? target->user : NULL,
         .password = target != NULL ? target->password : NULL,
         .password_is_token = target != NULL && target->is_token,
         .keeps_open = TRUE,
  };

  job.read_data = ph_message_forms_get (self->forms, self->form, &job.size);

  return job;
}

static guint16
get_port (PhAttempt *self)
{
  return ph_relay_config_get_port (self->context->config, self->target);
}

static PhChannelKey
make_key (PhAttempt *self)
{
  return (PhChannelKey){ self->destination, self->envelope->tls_is_optional, ph_attempt_needs_proof (self), self->generation };
}

static void over_cb (gpointer user_data);

static PhChannelUser
make_user (PhAttempt *self)
{
  return (PhChannelUser){ finished_cb, over_cb, g_object_ref (self) };
}

static PhPeer *
new_peer (PhAttempt *self)
{
  return ph_peer_new (get_stop (self)->address, get_port (self));
}

static void
ask_anew (PhAttempt *self)
{
  self->next = NEXT_NOTHING;
  g_clear_pointer (&self->asked, ph_smtp_envelope_free);
  self->asked = make_asked (self);
}

static void
converse (PhAttempt *self,
          GSocket   *socket)
{
  g_autoptr (PhPeer) peer = new_peer (self);
  PhChannelKey  key = make_key (self);
  PhChannelUser user = make_user (self);
  PhAttemptTls  tls = ph_attempt_choose_tls (self, get_stop (self), peer);
  g_autoptr (PhTlsClient) client = ph_attempt_dup_tls_client (self, &tls);
  PhSmtpClientJob job;

  self->n_hosts++;
  ask_anew (self);
  job = make_job (self, &tls);
  self->channel = ph_channel_open (self->context->poller, socket, self->route, self->next_stop, get_port (self), client, &key, &job, self->journal, &user);
}

/* The channel at hand is ready. */
static void
send_by_channel (PhAttempt *self)
{
  g_autoptr (PhPeer) peer = new_peer (self);
  PhAttemptTls    tls = ph_attempt_choose_tls (self, get_stop (self), peer);
  PhChannelUser   user = make_user (self);
  PhSmtpClientJob job;

  ask_anew (self);
  job = make_job (self, &tls);
  ph_channel_send (self->channel, &job, self->journal, &user);
}

/* Over the connection that is there, or a new one. */
static void
try_same_host (PhAttempt *self)
{
  if (self->channel != NULL && ph_channel_is_ready (self->channel) && !self->stopped)
    {
      send_by_channel (self);
      return;
    }

  g_clear_object (&self->channel);
  g_clear_object (&self->journal);
  self->next_stop--;
  self->n_hosts--;
  connect_next (self);
}

static void
form_ready_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (PhAttempt) self = user_data;
  gboolean is_there = ph_message_forms_prepare_finish (self->forms, result);

  ph_journal_session_note (self->journal, is_there ? N_ ("Re-encoded in 7 bits for this server") : N_ ("This message can’t be re-encoded: it is signed or encrypted as it is"));
  if (is_there)
    {
      self->form = PH_FORM_7BIT;
      try_same_host (self);
      return;
    }

  /* Perhaps another takes 8 bits. */
  ph_channel_close (self->channel);
  g_clear_object (&self->channel);
  if (self->n_hosts < PH_ATTEMPT_HOSTS_MAX)
    {
      g_clear_object (&self->journal);
      connect_next (self);
    }
  else
    ph_attempt_finish (self);
}

void
ph_attempt_leave (PhAttempt *self)
{
  g_autoptr (PhAttempt) alive G_GNUC_UNUSED = g_object_ref (self);

  /* Its session of the journal goes on with the connection. */
  self->is_waiting = FALSE;
  g_clear_object (&self->journal);
  if (!self->stopped)
    ph_channel_pool_give (self->context->idle, self->channel);
  else
    ph_channel_close (self->channel);
  g_clear_object (&self->channel);
  ph_attempt_finish (self);
}

/* The channel is ready for another message, or gone. */
static void
over_cb (gpointer user_data)
{
  g_autoptr (PhAttempt) self = user_data;

  switch (self->next)
    {
    case NEXT_SAME_HOST:
      try_same_host (self);
      break;

    case NEXT_OTHER_FORM:
      ph_message_forms_prepare_async (self->forms, PH_FORM_7BIT, form_ready_cb, g_object_ref (self));
      break;

    case NEXT_HOST:
      g_clear_object (&self->channel);
      g_clear_object (&self->journal);
      connect_next (self);
      break;

    case NEXT_NOTHING:
    default:
      ph_attempt_tell_done (self);
      self->is_waiting = !self->is_settled && !self->stopped && ph_channel_is_ready (self->channel);
      if (!self->is_waiting)
        ph_attempt_leave (self);
      break;
    }
}

static char *
dup_peer (PhAttempt *self)
{
  const char *address = get_stop (self)->address;

  return g_strdup_printf (strchr (address, ':') != NULL ? "[%s]:%u" : "%s:%u", address, get_port (self));
}

static void
connected_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (PhAttempt) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = ph_connector_connect_finish (result, &error);
  g_autoptr (PhSmtpReply) reply = NULL;
  g_autofree char *peer = NULL;

  if (socket != NULL)
    {
      converse (self, socket);
      return;
    }

  peer = dup_peer (self);
  /* Translators: an address with a port, and why */
  ph_journal_session_note (self->journal, N_ ("No connection to %s: %s"), peer, _ (error->message));
  reply = ph_smtp_reply_new (451, "4.4.1", "No connection to %s (%s): %s", get_host (self), peer, error->message);
  ph_attempt_set_open_results (self, PH_SMTP_RESULT_TEMPORARY, reply, TRUE);
  connect_next (self);
}

static PhJournalSession *
begin_journal (PhAttempt *self)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint n_more = self->envelope->recipients->len - MIN (self->envelope->recipients->len, 3);

  for (guint i = 0; i < self->envelope->recipients->len && i < 3; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", ((PhSmtpRecipient *)self->envelope->recipients->pdata[i])->address);

  g_clear_object (&self->journal);
  if (self->context->journal != NULL)
    self->journal = ph_journal_begin (self->context->journal, "SMTP out", TRUE, self->domain != NULL ? self->domain : self->target != NULL ? self->target->host
                                                                                                                                           : NULL);
  if (n_more > 0)
    /* Translators: the name of a message in the queue, its sender, its first recipients, and how many there are besides */
    ph_journal_session_note (self->journal, ngettext ("Message %s from <%s> to %s and %u more", "Message %s from <%s> to %s and %u more", n_more), self->id, self->envelope->sender, names->str, n_more);
  else
    /* Translators: the name of a message in the queue, its sender and its recipients */
    ph_journal_session_note (self->journal, N_ ("Message %s from <%s> to %s"), self->id, self->envelope->sender, names->str);
  ph_journal_session_set_account (self->journal, self->envelope->sender);

  return self->journal;
}

static void
connect_to_stop (PhAttempt *self)
{
  const PhRouteStop *stop = get_stop (self);
  g_autofree char   *peer = dup_peer (self);

  ph_journal_session_set_peer (self->journal, peer);
  /* Translators: a host and its address */
  ph_journal_session_note (self->journal, N_ ("Connecting to %s at %s"), stop->host, peer);
  ph_connector_connect_async (self->context->poller, stop->address, get_port (self), self->cancellable, connected_cb, g_object_ref (self));
}

static void
authorities_read_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr (PhAttempt) self = user_data;

  connect_to_stop (self);
}

/* The next that may have the message at all; FALSE where there is none. */
static gboolean
find_next_stop (PhAttempt *self)
{
  while (self->next_stop < self->route->stops->len)
    {
      const PhRouteStop *stop = self->route->stops->pdata[self->next_stop++];
      g_autoptr (PhSmtpReply) reply = NULL;

      if (!ph_attempt_must_avoid (self, stop))
        return TRUE;

      reply = ph_smtp_reply_new (550, "5.7.10", "Nothing proves that %s is a mail server of %s, as the sender requires", stop->host, self->domain);
      ph_attempt_set_open_results (self, PH_SMTP_RESULT_PERMANENT, reply, TRUE);
      /* Translators: a host and a domain */
      ph_journal_session_note (self->journal, N_ ("Nothing proves that %s is a mail server of %s, as the sender requires"), stop->host, self->domain);
    }

  return FALSE;
}

static void
connect_next (PhAttempt *self)
{
  g_autoptr (PhPeer) peer = NULL;
  PhAttemptTls tls;

  /* By other settings it may not go there any more: it is tried anew. */
  self->stopped |= self->generation != self->context->generation;
  if (self->stopped || !find_next_stop (self))
    {
      ph_attempt_finish (self);
      return;
    }

  if (self->journal == NULL)
    begin_journal (self);
  peer = new_peer (self);
  tls = ph_attempt_choose_tls (self, get_stop (self), peer);
  if (tls.policy == PH_SMTP_TLS_NEVER)
    ph_journal_session_note (self->journal, N_ ("TLS: none, as the settings or an earlier failure have it"));
  else
    ph_journal_session_note (self->journal, "TLS: %s", _ (tls.source));
  if (tls.is_verified && tls.tlsa == NULL && ph_authorities_get (self->context->authorities) == NULL)
    ph_authorities_read_async (self->context->authorities, authorities_read_cb, g_object_ref (self));
  else
    connect_to_stop (self);
}

static void
route_found_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (PhAttempt) self = user_data;

  self->route = ph_route_find_finish (result, NULL);
  if (self->route != NULL && self->route->failure != NULL)
    ph_attempt_set_open_results (self, self->route->kind, self->route->failure, FALSE);

  if (self->route != NULL && self->route->failure == NULL)
    connect_next (self);
  else
    ph_attempt_finish (self);
}

/* Over a connection that another message has left open. */
static void
go_on (PhAttempt *self)
{
  self->route = ph_route_ref (ph_channel_get_route (self->channel, &self->next_stop));
  self->n_hosts = 1;
  /* Translators: a host */
  ph_journal_session_note (self->journal, N_ ("Over the connection to %s that is still open"), get_host (self));
  send_by_channel (self);
}

/* The message may have a way of its own. */
static void
find_target (PhAttempt *self)
{
  PhRelayTarget *target = ph_relay_config_find_target (self->context->config, self->domain);

  if (self->target == NULL && target != NULL)
    self->target = ph_relay_target_ref (target);
}

void
ph_attempt_start (PhAttempt     *self,
                  PhSendContext *context,
                  PhAttemptFunc  gone,
                  gpointer       user_data)
{
  PhRouteQuery query = { .domain = self->domain, .tls_is_optional = self->envelope->tls_is_optional };
  PhChannelKey key;

  g_return_if_fail (PH_IS_ATTEMPT (self) && self->context == NULL);

  self->context = context;
  self->generation = context->generation;
  find_target (self);
  query.target = self->target;
  self->gone = gone;
  self->gone_data = user_data;
  begin_journal (self);
  key = make_key (self);
  self->channel = ph_channel_pool_take (context->idle, &key);
  if (self->channel != NULL)
    {
      go_on (self);
      return;
    }
  ph_route_find_async (context, &query, self->journal, self->cancellable, route_found_cb, g_object_ref (self));
}
