#include "ph-smtp-client-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (PhSmtpClient, ph_smtp_client, PH_TYPE_SESSION)

enum {
  SIGNAL_FINISHED,
  SIGNAL_READY,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void ph_smtp_client_on_end (PhSmtpClient      *self,
                                   const PhSmtpReply *reply);

static const struct
{
  PhSmtpReplyFunc on_reply;
  guint           seconds; /* for the reply */
} steps[] = {
  [PH_SMTP_EXPECT_GREETING] = { ph_smtp_client_on_greeting, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_EHLO] = { ph_smtp_client_on_ehlo, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_HELO] = { ph_smtp_client_on_helo, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_STARTTLS] = { ph_smtp_client_on_starttls, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_AUTH_PLAIN] = { ph_smtp_client_on_auth_end, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_AUTH_LOGIN] = { ph_smtp_client_on_auth_login, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_AUTH_USER] = { ph_smtp_client_on_auth_user, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_AUTH_PASSWORD] = { ph_smtp_client_on_auth_end, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_AUTH_TOKEN] = { ph_smtp_client_on_auth_token, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_AUTH_CHALLENGE] = { ph_smtp_client_on_auth_challenge, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_AUTH_FINAL] = { ph_smtp_client_on_auth_final, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_MAIL] = { ph_smtp_client_on_mail, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_RCPT] = { ph_smtp_client_on_rcpt, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_DATA] = { ph_smtp_client_on_data, PH_SMTP_CLIENT_DATA_SECONDS },
  [PH_SMTP_EXPECT_CHUNK] = { ph_smtp_client_on_chunk, PH_SMTP_CLIENT_BLOCK_SECONDS },
  [PH_SMTP_EXPECT_FINAL] = { ph_smtp_client_on_final, PH_SMTP_CLIENT_FINAL_SECONDS },
  [PH_SMTP_EXPECT_NOTHING] = { ph_smtp_client_on_end, PH_SMTP_CLIENT_COMMAND_SECONDS },
  [PH_SMTP_EXPECT_QUIT] = { ph_smtp_client_on_end, PH_SMTP_CLIENT_QUIT_SECONDS },
};

static void
drop_mail (PhSmtpClient *self)
{
  for (guint i = 0; i < self->n_recipients; i++)
    {
      ph_smtp_reply_free (self->results[i].reply);
      g_free (self->recipients[i]);
    }
  g_clear_pointer (&self->results, g_free);
  g_clear_pointer (&self->recipients, g_free);
  g_clear_pointer (&self->sender, g_free);
  self->n_recipients = 0;
}

static void
ph_smtp_client_finalize (GObject *object)
{
  PhSmtpClient *self = PH_SMTP_CLIENT (object);

  drop_mail (self);
  g_queue_clear (&self->expected);
  ph_smtp_reply_parser_clear (&self->parser);
  g_free (self->host_name);
  g_free (self->server_name);
  g_free (self->user);
  explicit_bzero (self->password, strlen (self->password));
  g_free (self->password);
  g_clear_pointer (&self->scram, ph_scram_client_free);

  G_OBJECT_CLASS (ph_smtp_client_parent_class)->finalize (object);
}

/* Sending */

void
ph_smtp_client_send (PhSmtpClient     *self,
                     PhSmtpExpectation expectation,
                     gsize             secret,
                     const char       *format,
                     ...)
{
  PhJournalSession *journal = ph_session_get_journal (PH_SESSION (self));
  g_autofree char  *line = NULL;
  gsize             length;
  va_list           args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  length = strlen (line);

  if (secret > 0)
    ph_journal_session_add_masked (journal, PH_JOURNAL_CLIENT, line, length, length - secret, secret);
  else
    ph_journal_session_add (journal, PH_JOURNAL_CLIENT, line, length);
  ph_session_write (PH_SESSION (self), line, length);
  ph_session_write (PH_SESSION (self), "\r\n", 2);
  if (secret > 0)
    explicit_bzero (line, length);

  if (g_queue_is_empty (&self->expected))
    ph_session_set_deadline (PH_SESSION (self), steps[expectation].seconds);
  g_queue_push_tail (&self->expected, GUINT_TO_POINTER (expectation));
}

/* Ends */

PhSmtpResultKind
ph_smtp_client_classify (const PhSmtpReply *reply)
{
  switch (reply->code / 100)
    {
    case 2:
      return PH_SMTP_RESULT_DELIVERED;
    case 5:
      return PH_SMTP_RESULT_PERMANENT;
    default:
      return PH_SMTP_RESULT_TEMPORARY; /* S22 */
    }
}

PhSmtpResultKind
ph_smtp_client_classify_failure (const PhSmtpReply *reply)
{
  return reply->code / 100 == 5 ? PH_SMTP_RESULT_PERMANENT : PH_SMTP_RESULT_TEMPORARY;
}

static void
set_results (PhSmtpClient      *self,
             PhSmtpResultKind   kind,
             const PhSmtpReply *reply)
{
  for (guint i = 0; i < self->n_recipients; i++)
    {
      PhSmtpResult *result = &self->results[i];

      if (result->reply != NULL && result->kind != PH_SMTP_RESULT_DELIVERED)
        continue; /* refused on its own */
      g_clear_pointer (&result->reply, ph_smtp_reply_free);
      result->is_own = FALSE;
      result->kind = kind;
      result->reply = ph_smtp_reply_copy (reply);
    }
}

static gboolean
may_send_another (PhSmtpClient *self)
{
  guint64 max = self->mails_max != 0 ? MIN (self->mails_max, PH_SMTP_CLIENT_MAILS_MAX) : PH_SMTP_CLIENT_MAILS_MAX;

  return self->keeps_open && self->may_go_on && self->n_mails < max;
}

/* Answers to pipelined commands that are still to come are waited for. */
static void
wind_up (PhSmtpClient *self)
{
  /* In the middle of the data, QUIT would be part of it. */
  if (self->sending_body)
    {
      ph_session_close (PH_SESSION (self));
    }
  else if (!self->gone && g_queue_is_empty (&self->expected) && may_send_another (self))
    {
      self->ready = TRUE;
      ph_session_set_deadline (PH_SESSION (self), PH_SMTP_CLIENT_IDLE_SECONDS);
      g_signal_emit (self, signals[SIGNAL_READY], 0);
    }
  else if (!self->gone && g_queue_is_empty (&self->expected))
    {
      ph_smtp_client_send (self, PH_SMTP_EXPECT_QUIT, 0, "QUIT");
    }
}

void
ph_smtp_client_end (PhSmtpClient    *self,
                    PhSmtpResultKind kind,
                    PhSmtpReply     *reply)
{
  g_autoptr (PhSmtpClient) alive G_GNUC_UNUSED = g_object_ref (self);

  if (!self->finished)
    {
      self->finished = TRUE;
      set_results (self, kind, reply);
      g_signal_emit (self, signals[SIGNAL_FINISHED], 0);
    }
  ph_smtp_reply_free (reply);
  wind_up (self);
}

void
ph_smtp_client_fail_valist (PhSmtpClient    *self,
                            PhSmtpResultKind kind,
                            guint            code,
                            const char      *enhanced,
                            const char      *format,
                            va_list          args)
{
  g_autofree char *text = NULL;
  va_list          again;

  va_copy (again, args);
  text = g_strdup_vprintf (format, again);
  va_end (again);

  ph_journal_session_note_valist (ph_session_get_journal (PH_SESSION (self)), format, args);
  ph_smtp_client_end (self, kind, ph_smtp_reply_new (code, enhanced, "%s", text));
}

void
ph_smtp_client_fail (PhSmtpClient *self,
                     const char   *enhanced,
                     const char   *format,
                     ...)
{
  va_list args;

  va_start (args, format);
  ph_smtp_client_fail_valist (self, PH_SMTP_RESULT_TEMPORARY, 451, enhanced, format, args);
  va_end (args);
}

static void
ph_smtp_client_on_end (PhSmtpClient      *self,
                       const PhSmtpReply *reply)
{
  if (!self->finished)
    /* Translators: a mail server */
    ph_smtp_client_fail (self, "4.5.0", N_ ("%s answers what was not asked"), self->server_name);
}

/* Receiving */

/* An answer to the message before all of it is on its way: a refusal will do, a success
 * can't be one, and in either case the connection is of no more use (V16). */
static void
take_early_reply (PhSmtpClient      *self,
                  const PhSmtpReply *reply)
{
  if (reply->code / 100 == 4 || reply->code / 100 == 5)
    ph_smtp_client_end (self, ph_smtp_client_classify_failure (reply), ph_smtp_reply_copy (reply));
  else
    /* Translators: a mail server */
    ph_smtp_client_fail (self, "4.5.0", N_ ("%s answers before it has the message"), self->server_name);
  ph_session_close (PH_SESSION (self));
}

/* All recipients have their results, but answers were still under way; or the server says
 * something while it waits for the next message: that it goes, most times. */
static void
take_late_reply (PhSmtpClient      *self,
                 PhSmtpExpectation  expectation,
                 const PhSmtpReply *reply)
{
  if (expectation == PH_SMTP_EXPECT_QUIT || reply->code == 421 || self->ready)
    {
      self->ready = FALSE;
      ph_session_close (PH_SESSION (self));
      return;
    }

  /* RFC 2920 section 3.1: a server that wants a message for nobody gets an empty one. */
  if (expectation == PH_SMTP_EXPECT_DATA && reply->code == 354)
    ph_smtp_client_send (self, PH_SMTP_EXPECT_NOTHING, 0, ".");
  wind_up (self);
}

static void
take_reply (PhSmtpClient      *self,
            const PhSmtpReply *reply)
{
  gboolean          was_asked = !g_queue_is_empty (&self->expected);
  gboolean          has_output = ph_buffer_get_length (ph_session_get_output (PH_SESSION (self))) > 0;
  PhSmtpExpectation expectation = GPOINTER_TO_UINT (g_queue_pop_head (&self->expected));

  if (!g_queue_is_empty (&self->expected))
    ph_session_set_deadline (PH_SESSION (self), steps[GPOINTER_TO_UINT (g_queue_peek_head (&self->expected))].seconds);

  if (self->finished)
    {
      take_late_reply (self, expectation, reply);
    }
  else if ((self->sending_body && expectation != PH_SMTP_EXPECT_CHUNK) || (expectation == PH_SMTP_EXPECT_FINAL && has_output))
    {
      take_early_reply (self, reply);
    }
  else if (reply->code == 421 && expectation != PH_SMTP_EXPECT_FINAL && expectation != PH_SMTP_EXPECT_CHUNK)
    {
      /* RFC 5321 section 3.8: the server goes, whatever was asked. */
      self->try_next_host = TRUE;
      self->was_stale = self->n_mails > 1 && self->n_replies == 0;
      ph_smtp_client_end (self, PH_SMTP_RESULT_TEMPORARY, ph_smtp_reply_copy (reply));
      ph_session_close (PH_SESSION (self));
    }
  else if (!was_asked)
    {
      /* Translators: a mail server */
      ph_smtp_client_fail (self, "4.5.0", N_ ("%s answers what was not asked"), self->server_name);
      ph_session_close (PH_SESSION (self));
    }
  else
    {
      self->n_replies++;
      steps[expectation].on_reply (self, reply);
    }
}

static void
take_line (PhSmtpClient *self,
           const char   *line,
           gsize         length)
{
  g_autoptr (PhSmtpReply) reply = NULL;
  PhSmtpReplyStep step = ph_smtp_reply_parser_take_line (&self->parser, line, length, &reply);

  ph_journal_session_add_part (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_SERVER, line, length, step != PH_SMTP_REPLY_MORE);
  switch (step)
    {
    case PH_SMTP_REPLY_WHOLE:
      take_reply (self, reply);
      break;
    case PH_SMTP_REPLY_INVALID:
      self->try_next_host = self->n_accepted == 0;
      if (!self->finished)
        /* Translators: a mail server */
        ph_smtp_client_fail (self, "4.5.0", N_ ("%s answers what is no SMTP"), self->server_name);
      ph_session_close (PH_SESSION (self));
      break;
    case PH_SMTP_REPLY_MORE:
    default:
      break;
    }
}

static gsize
ph_smtp_client_feed (PhSession    *session,
                     const guint8 *data,
                     gsize         length)
{
  g_autoptr (PhSmtpClient) self = g_object_ref (PH_SMTP_CLIENT (session));
  gsize taken = 0;

  while (taken < length && !ph_session_wants_close (session) && !ph_session_wants_tls (session))
    {
      const guint8 *line = data + taken;
      const guint8 *end = memchr (line, '\n', length - taken);
      gsize         line_length = end != NULL ? (gsize)(end - line) : length - taken;

      if (end == NULL && line_length <= PH_SMTP_REPLY_LINE_MAX)
        return taken;

      taken += MIN (line_length + 1, length - taken);
      if (end != NULL && line_length > 0 && line[line_length - 1] == '\r')
        line_length--;
      take_line (self, (const char *)line, line_length);

      /* V04: bytes in clear behind the answer to STARTTLS are somebody else's. */
      if (ph_session_wants_tls (session) && taken < length)
        {
          self->try_next_host = TRUE;
          /* Translators: a mail server */
          ph_smtp_client_lack_tls (self, "4.7.0", N_ ("%s sent more in clear after its answer to STARTTLS"), self->server_name);
          ph_session_close (session);
        }
    }

  return taken;
}

static void
ph_smtp_client_start (PhSession *session)
{
  PhSmtpClient *self = PH_SMTP_CLIENT (session);

  g_queue_push_tail (&self->expected, GUINT_TO_POINTER (PH_SMTP_EXPECT_GREETING));
  ph_session_set_deadline (session, steps[PH_SMTP_EXPECT_GREETING].seconds);
}

static void
ph_smtp_client_drained (PhSession *session)
{
  PhSmtpClient *self = PH_SMTP_CLIENT (session);

  if (!self->sending_body)
    return;

  ph_session_set_deadline (session, PH_SMTP_CLIENT_BLOCK_SECONDS);
  ph_smtp_client_send_body (self);
  ph_session_changed (session);
}

static void
ph_smtp_client_secured (PhSession *session)
{
  /* What was offered in clear counts no more (RFC 3207 section 4.2). */
  ph_smtp_client_say_hello (PH_SMTP_CLIENT (session));
  ph_session_changed (session);
}

/* Nobody has more to send. */
static void
leave (PhSmtpClient *self)
{
  self->ready = FALSE;
  ph_smtp_client_send (self, PH_SMTP_EXPECT_QUIT, 0, "QUIT");
}

static void
ph_smtp_client_timed_out (PhSession *session)
{
  PhSmtpClient *self = PH_SMTP_CLIENT (session);

  self->try_next_host = self->n_accepted == 0;
  if (!self->finished)
    /* Translators: a mail server */
    ph_smtp_client_fail (self, "4.4.2", N_ ("%s did not answer in time"), self->server_name);
  else if (self->ready)
    leave (self);
}

static void
ph_smtp_client_shut_down (PhSession  *session,
                          const char *reason)
{
  PhSmtpClient *self = PH_SMTP_CLIENT (session);

  if (!self->finished)
    ph_smtp_client_fail (self, "4.3.2", N_ ("Posthouse was stopped"));
  else if (self->ready)
    leave (self);
}

static void
ph_smtp_client_peer_closed (PhSession *session)
{
  PhSmtpClient *self = PH_SMTP_CLIENT (session);

  self->gone = TRUE;
  self->ready = FALSE;
  if (self->finished)
    return;

  self->try_next_host = self->n_accepted == 0;
  self->was_stale = self->n_mails > 1 && self->n_replies == 0;
  self->try_without_tls = ph_session_wants_tls (session) && self->tls == PH_SMTP_TLS_OPPORTUNISTIC && !self->implicit_tls;
  if (ph_session_wants_tls (session))
    /* Translators: a mail server */
    ph_smtp_client_lack_tls (self, "4.7.5", N_ ("%s has no TLS that can be used or trusted"), self->server_name);
  else
    /* Translators: a mail server */
    ph_smtp_client_fail (self, "4.4.2", N_ ("%s closed the connection"), self->server_name);
}

static void
ph_smtp_client_class_init (PhSmtpClientClass *klass)
{
  PhSessionClass *session_class = PH_SESSION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ph_smtp_client_finalize;
  session_class->start = ph_smtp_client_start;
  session_class->feed = ph_smtp_client_feed;
  session_class->drained = ph_smtp_client_drained;
  session_class->secured = ph_smtp_client_secured;
  session_class->timed_out = ph_smtp_client_timed_out;
  session_class->shut_down = ph_smtp_client_shut_down;
  session_class->peer_closed = ph_smtp_client_peer_closed;

  signals[SIGNAL_FINISHED] = g_signal_new ("finished", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_READY] = g_signal_new ("ready", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ph_smtp_client_init (PhSmtpClient *self)
{
  g_queue_init (&self->expected);
}

/* Nothing is left of the message before. */
static void
take_mail (PhSmtpClient          *self,
           const PhSmtpClientJob *job)
{
  self->envelope = job->envelope;
  self->read = job->read;
  self->read_data = job->read_data;
  self->size = job->size;
  self->is_8bit = job->is_8bit;
  self->n_recipients = job->envelope->recipients->len;
  self->recipients = g_new0 (char *, self->n_recipients + 1);
  self->results = g_new0 (PhSmtpResult, self->n_recipients + 1);
  self->writer = (PhSmtpBodyWriter){ 0 };
  self->offset = 0;
  self->n_accepted = self->n_replies = 0;
  self->finished = self->ready = self->may_go_on = self->in_chunks = FALSE;
  self->try_next_host = self->wants_7bit = self->was_stale = FALSE;
  self->n_mails++;
}

PhSmtpClient *
ph_smtp_client_new (const PhSmtpClientJob *job)
{
  PhSmtpClient *self = g_object_new (PH_TYPE_SMTP_CLIENT, NULL);

  self->host_name = g_strdup (job->host_name);
  self->server_name = g_strdup (job->server_name);
  self->tls = job->tls;
  self->implicit_tls = job->implicit_tls;
  self->tls_is_verified = job->tls_is_verified;
  self->user = g_strdup (job->user);
  self->password = g_strdup (job->password != NULL ? job->password : "");
  self->has_token = job->password_is_token;
  self->keeps_open = job->keeps_open;
  take_mail (self, job);

  return self;
}

void
ph_smtp_client_send_another (PhSmtpClient          *self,
                             const PhSmtpClientJob *job)
{
  g_return_if_fail (PH_IS_SMTP_CLIENT (self) && self->ready);

  drop_mail (self);
  take_mail (self, job);
  ph_smtp_client_begin_mail (self);
  ph_session_changed (PH_SESSION (self));
}

gboolean
ph_smtp_client_is_ready (PhSmtpClient *self)
{
  g_return_val_if_fail (PH_IS_SMTP_CLIENT (self), FALSE);

  return self->ready && !ph_session_wants_close (PH_SESSION (self));
}

gboolean
ph_smtp_client_wants_7bit (PhSmtpClient *self)
{
  g_return_val_if_fail (PH_IS_SMTP_CLIENT (self), FALSE);

  return self->wants_7bit;
}

gboolean
ph_smtp_client_was_stale (PhSmtpClient *self)
{
  g_return_val_if_fail (PH_IS_SMTP_CLIENT (self), FALSE);

  return self->was_stale;
}

gboolean
ph_smtp_client_is_finished (PhSmtpClient *self)
{
  g_return_val_if_fail (PH_IS_SMTP_CLIENT (self), FALSE);

  return self->finished;
}

const PhSmtpResult *
ph_smtp_client_get_results (PhSmtpClient *self)
{
  g_return_val_if_fail (PH_IS_SMTP_CLIENT (self), NULL);

  return self->results;
}

gboolean
ph_smtp_client_try_next_host (PhSmtpClient *self)
{
  g_return_val_if_fail (PH_IS_SMTP_CLIENT (self), FALSE);

  return self->try_next_host;
}

gboolean
ph_smtp_client_has_dsn (PhSmtpClient *self)
{
  g_return_val_if_fail (PH_IS_SMTP_CLIENT (self), FALSE);

  return (self->offers & PH_SMTP_OFFERS_DSN) != 0;
}

gboolean
ph_smtp_client_try_without_tls (PhSmtpClient *self)
{
  g_return_val_if_fail (PH_IS_SMTP_CLIENT (self), FALSE);

  return self->try_without_tls;
}
