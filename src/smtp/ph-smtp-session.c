#include "ph-smtp-session-private.h"

#include "ph-login.h"

#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (PhSmtpSession, ph_smtp_session, PH_TYPE_SESSION)

static void
ph_smtp_session_drop (PhSmtpSession *self)
{
  self->gone = TRUE;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->exchange);

  /* While the handler works on it, the envelope is lent to it; its callback resets. */
  if (self->input != PH_SMTP_INPUT_WAIT || self->held_refusal != NULL)
    ph_smtp_session_reset (self);
}

static void
ph_smtp_session_dispose (GObject *object)
{
  PhSmtpSession *self = PH_SMTP_SESSION (object);

  ph_smtp_session_drop (self);
  ph_smtp_session_reset (self);
  g_clear_object (&self->handler);
  g_clear_object (&self->authenticator);
  g_clear_object (&self->account);

  G_OBJECT_CLASS (ph_smtp_session_parent_class)->dispose (object);
}

static void
ph_smtp_session_finalize (GObject *object)
{
  PhSmtpSession *self = PH_SMTP_SESSION (object);

  g_free ((char *)self->config.host_name);
  g_free (self->helo);

  G_OBJECT_CLASS (ph_smtp_session_parent_class)->finalize (object);
}

/* Lines go out in the form of RFC 5321 4.2.1; what is not ASCII only to a client that
 * asked for SMTPUTF8 (RFC 6531 section 3.7.4.2). */
static void
write_line (PhSmtpSession     *self,
            const PhSmtpReply *reply,
            const char        *text,
            gsize              length,
            gboolean           is_last)
{
  g_autoptr (GString) line = g_string_new (NULL);
  gboolean utf8 = self->envelope != NULL && self->envelope->smtputf8;
  gsize    start;

  g_string_append_printf (line, "%03u%c", reply->code, is_last ? ' ' : '-');
  if (reply->enhanced != NULL)
    g_string_append_printf (line, "%s ", reply->enhanced);
  start = line->len;
  g_string_append_len (line, text, (gssize)MIN (length, PH_SMTP_REPLY_TEXT_MAX));

  for (gsize i = start; i < line->len && !utf8; i++)
    if ((guchar)line->str[i] >= 0x80)
      line->str[i] = '?';

  ph_journal_session_add_part (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_SERVER, line->str, line->len, is_last);
  g_string_append (line, "\r\n");
  ph_session_write (PH_SESSION (self), line->str, line->len);
}

void
ph_smtp_session_send (PhSmtpSession     *self,
                      const PhSmtpReply *reply)
{
  const char *text = reply->text;
  const char *end;

  while ((end = strchr (text, '\n')) != NULL)
    {
      write_line (self, reply, text, (gsize)(end - text), FALSE);
      text = end + 1;
    }
  write_line (self, reply, text, strlen (text), TRUE);
}

/* RFC 2033 section 4.2: LMTP has an answer for each recipient that was accepted. */
void
ph_smtp_session_send_final (PhSmtpSession     *self,
                            const PhSmtpReply *reply)
{
  guint n = self->config.role == PH_SMTP_ROLE_LMTP ? self->envelope->recipients->len : 1;

  for (guint i = 0; i < n; i++)
    {
      if (reply->code >= 400)
        ph_journal_session_add_refusal (ph_session_get_journal (PH_SESSION (self)));
      ph_smtp_session_send (self, reply);
    }
}

void
ph_smtp_session_reply (PhSmtpSession *self,
                       guint          code,
                       const char    *enhanced,
                       const char    *format,
                       ...)
{
  g_autoptr (PhSmtpReply) reply = NULL;
  g_autofree char *text = NULL;
  va_list          args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  reply = ph_smtp_reply_new (code, enhanced, "%s", text);
  ph_smtp_session_send (self, reply);
}

void
ph_smtp_session_mistake (PhSmtpSession *self,
                         guint          code,
                         const char    *enhanced,
                         const char    *format,
                         ...)
{
  g_autofree char *text = NULL;
  va_list          args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  ph_smtp_session_reply (self, code, enhanced, "%s", text);
  if (++self->n_errors < PH_SMTP_ERRORS_MAX)
    return;

  /* Translators: 20 */
  ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), N_ ("After %d mistakes without a message in between a session ends"), PH_SMTP_ERRORS_MAX);
  ph_smtp_session_give_up (self, "4.7.0", "Too many mistakes");
}

PhSmtpReply *
ph_smtp_session_refuse_size (PhSmtpSession *self,
                             guint64        size)
{
  g_autofree char *is = g_format_size_full (size, G_FORMAT_SIZE_LONG_FORMAT);
  g_autofree char *may = g_format_size_full (self->config.message_size_max, G_FORMAT_SIZE_LONG_FORMAT);

  /* Translators: two sizes */
  ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), N_ ("The message has %s, or is said to; the settings take %s (MessageSizeMax in [Mail])"), is, may);

  return ph_smtp_reply_new (552, "5.3.4", "At most %" G_GUINT64_FORMAT " bytes", self->config.message_size_max);
}

void
ph_smtp_session_give_up (PhSmtpSession *self,
                         const char    *enhanced,
                         const char    *text)
{
  if (!ph_session_wants_close (PH_SESSION (self)))
    ph_smtp_session_reply (self, 421, enhanced, "%s", text);
  ph_smtp_session_drop (self);
  ph_session_close (PH_SESSION (self));
}

void
ph_smtp_session_reset (PhSmtpSession *self)
{
  g_clear_pointer (&self->envelope, ph_smtp_envelope_free);
  g_clear_pointer (&self->chunk_refusal, ph_smtp_reply_free);
  g_clear_pointer (&self->held_refusal, ph_smtp_reply_free);
  g_clear_object (&self->message);
  g_clear_object (&self->cancellable);
  self->recipient_tried = FALSE;
  self->message_failed = FALSE;
  self->message_too_big = FALSE;
  self->message_size = 0;
  self->in_chunks = FALSE;
}

gboolean
ph_smtp_session_is_protected (PhSmtpSession *self)
{
  return ph_authenticator_protects (self->authenticator, ph_session_get_peer (PH_SESSION (self)));
}

gboolean
ph_smtp_session_is_tls (PhSmtpSession *self)
{
  PhPeer *peer = ph_session_get_peer (PH_SESSION (self));

  return peer != NULL && peer->is_tls;
}

void
ph_smtp_session_await_command (PhSmtpSession *self)
{
  ph_session_await_command (PH_SESSION (self), PH_SMTP_COMMAND_SECONDS);
  ph_session_set_patience (PH_SESSION (self), PH_SMTP_HURRIED_SECONDS);
}

void
ph_smtp_session_resume (PhSmtpSession *self)
{
  if (self->input == PH_SMTP_INPUT_WAIT)
    self->input = PH_SMTP_INPUT_COMMAND;
  ph_smtp_session_await_command (self);
  ph_session_changed (PH_SESSION (self));
}

static void
ph_smtp_session_start (PhSession *session)
{
  PhSmtpSession *self = PH_SMTP_SESSION (session);
  PhPeer        *peer = ph_session_get_peer (session);

  /* Mail programs wait for the greeting; what sends spam often does not (S06, V40). */
  if (self->config.role == PH_SMTP_ROLE_RELAY && peer != NULL && peer->talked_first)
    {
      ph_journal_session_add_finding (ph_session_get_journal (session), N_ ("The client talked before it was greeted"));
      ph_smtp_session_give_up (self, "4.7.0", "Wait for the greeting before you talk");
      return;
    }

  ph_smtp_session_reply (self, 220, NULL, "%s %s Posthouse", self->config.host_name, self->config.role == PH_SMTP_ROLE_LMTP ? "LMTP" : "ESMTP");
  ph_smtp_session_await_command (self);
}

static gsize
line_max (PhSmtpSession *self,
          const guint8  *data,
          gsize          length)
{
  gboolean is_auth = self->input != PH_SMTP_INPUT_COMMAND || (length >= 5 && g_ascii_strncasecmp ((const char *)data, "AUTH ", 5) == 0);

  return is_auth ? PH_SMTP_AUTH_LINE_MAX : PH_SMTP_LINE_MAX;
}

static void
skip_line (PhSmtpSession *self,
           gsize          length)
{
  self->n_skipped += length;
  if (self->n_skipped > PH_SMTP_SKIP_MAX)
    ph_smtp_session_give_up (self, "4.7.0", "The line does not end");
}

/* The end of a line that was too long; what it was for has failed. */
static void
end_skip (PhSmtpSession *self,
          gsize          length)
{
  g_autofree char *size = g_format_size_full (self->n_skipped + length, G_FORMAT_SIZE_LONG_FORMAT);

  /* Translators: a size */
  ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), N_ ("A line of %s was dropped"), size);
  self->n_skipped = 0;
  self->input = PH_SMTP_INPUT_COMMAND;
  ph_smtp_session_await_command (self);
  ph_smtp_session_mistake (self, 500, self->skips_auth ? "5.5.6" : "5.5.2", "Line too long"); /* RFC 4954 section 4 */
  g_clear_object (&self->exchange);
}

/* Whatever is a line: commands and the answers to challenges. */
static gsize
take_line (PhSmtpSession *self,
           const guint8  *data,
           gsize          length)
{
  const guint8 *lf = memchr (data, '\n', length);
  gsize         line_length, max = line_max (self, data, length);

  if (lf == NULL && length <= max)
    return 0;

  if (lf == NULL || (gsize)(lf - data) >= max)
    {
      self->input = PH_SMTP_INPUT_SKIP;
      self->skips_auth = max == PH_SMTP_AUTH_LINE_MAX;
      return 0;
    }

  line_length = (gsize)(lf - data);
  ph_smtp_session_await_command (self);
  if (line_length > 0 && lf[-1] == '\r')
    {
      line_length--;
      if (self->input == PH_SMTP_INPUT_COMMAND)
        ph_smtp_commands_run (self, (const char *)data, line_length, FALSE);
      else
        ph_smtp_auth_take_line (self, (const char *)data, line_length);
    }
  else if (self->input == PH_SMTP_INPUT_COMMAND)
    {
      ph_smtp_commands_run (self, (const char *)data, line_length, TRUE);
    }
  else
    {
      ph_smtp_auth_take_line (self, (const char *)data, line_length);
    }
  /* Now it is the client who waits. */
  if (self->input == PH_SMTP_INPUT_WAIT)
    ph_session_set_patience (PH_SESSION (self), 0);

  return (gsize)(lf - data) + 1;
}

static gsize
take_skip (PhSmtpSession *self,
           const guint8  *data,
           gsize          length)
{
  const guint8 *lf = memchr (data, '\n', length);

  if (lf == NULL)
    {
      skip_line (self, length);
      return length;
    }

  end_skip (self, (gsize)(lf - data));

  return (gsize)(lf - data) + 1;
}

static gsize
take_nothing (PhSmtpSession *self,
              const guint8  *data,
              gsize          length)
{
  return 0;
}

static gsize
ph_smtp_session_feed (PhSession    *session,
                      const guint8 *data,
                      gsize         length)
{
  static gsize (*const takers[]) (PhSmtpSession * self, const guint8 *data, gsize length) = {
    [PH_SMTP_INPUT_COMMAND] = take_line,
    [PH_SMTP_INPUT_SKIP] = take_skip,
    [PH_SMTP_INPUT_AUTH] = take_line,
    [PH_SMTP_INPUT_DATA] = ph_smtp_data_take,
    [PH_SMTP_INPUT_CHUNK] = ph_smtp_chunk_take,
    [PH_SMTP_INPUT_WAIT] = take_nothing,
  };
  g_autoptr (PhSmtpSession) self = g_object_ref (PH_SMTP_SESSION (session));
  gsize total = 0;

  /* A reader that does not read gets no more replies: its input waits (S06). */
  while (total < length && ph_session_can_write (session) && !ph_session_wants_tls (session) && !ph_session_wants_close (session))
    {
      PhSmtpInput input = self->input;
      gsize       taken = takers[input](self, data + total, length - total);

      total += taken;
      if (taken == 0 && self->input == input)
        break;
    }

  return ph_session_wants_close (session) ? length : total;
}

static void
ph_smtp_session_drained (PhSession *session)
{
  ph_session_changed (session);
}

/* RFC 3207 section 4.2: what was said in clear is forgotten (V03). */
static void
ph_smtp_session_secured (PhSession *session)
{
  PhSmtpSession *self = PH_SMTP_SESSION (session);

  ph_smtp_session_reset (self);
  g_clear_pointer (&self->helo, g_free);
  g_clear_object (&self->account);
  g_clear_object (&self->exchange);
  self->extended = FALSE;
  self->input = PH_SMTP_INPUT_COMMAND;
  ph_smtp_session_await_command (self);
}

static void
ph_smtp_session_timed_out (PhSession *session)
{
  if (ph_smtp_tar_pit_release (PH_SMTP_SESSION (session)))
    return;

  ph_smtp_session_give_up (PH_SMTP_SESSION (session), "4.4.2", ph_session_is_hurried (session) ? "Timed out: there are too many others" : "Timed out");
}

static void
ph_smtp_session_shut_down (PhSession  *session,
                           const char *reason)
{
  ph_smtp_session_give_up (PH_SMTP_SESSION (session), "4.3.2", reason);
}

static void
ph_smtp_session_peer_closed (PhSession *session)
{
  PhSmtpSession *self = PH_SMTP_SESSION (session);

  if (self->input == PH_SMTP_INPUT_DATA || self->input == PH_SMTP_INPUT_CHUNK)
    ph_journal_session_add_folded (ph_session_get_journal (session), PH_JOURNAL_CLIENT, N_ ("part of a message"), self->message_size);
  ph_smtp_session_drop (self);
}

static void
ph_smtp_session_class_init (PhSmtpSessionClass *klass)
{
  PhSessionClass *session_class = PH_SESSION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_smtp_session_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_smtp_session_finalize;
  session_class->start = ph_smtp_session_start;
  session_class->feed = ph_smtp_session_feed;
  session_class->drained = ph_smtp_session_drained;
  session_class->secured = ph_smtp_session_secured;
  session_class->timed_out = ph_smtp_session_timed_out;
  session_class->shut_down = ph_smtp_session_shut_down;
  session_class->peer_closed = ph_smtp_session_peer_closed;
}

static void
ph_smtp_session_init (PhSmtpSession *self)
{
}

PhSmtpSession *
ph_smtp_session_new (const PhSmtpConfig *config,
                     PhSmtpHandler      *handler,
                     PhAuthenticator    *authenticator)
{
  PhSmtpSession *self = g_object_new (PH_TYPE_SMTP_SESSION, NULL);

  self->config = *config;
  self->config.host_name = g_strdup (config->host_name);
  self->handler = g_object_ref (handler);
  g_set_object (&self->authenticator, authenticator);

  return self;
}

const PhSmtpConfig *
ph_smtp_session_get_config (PhSmtpSession *self)
{
  return &self->config;
}

const char *
ph_smtp_session_get_helo (PhSmtpSession *self)
{
  return self->helo;
}

void
ph_smtp_session_trust (PhSmtpSession *self,
                       PhAccount     *account)
{
  g_return_if_fail (PH_IS_SMTP_SESSION (self) && ph_session_get_peer (PH_SESSION (self)) == NULL);

  g_set_object (&self->account, account);
  ph_login_begin (account, PH_PROTOCOL_SUBMISSION, PH_SESSION (self));
}

PhAccount *
ph_smtp_session_get_account (PhSmtpSession *self)
{
  return self->account;
}

gboolean
ph_smtp_session_is_extended (PhSmtpSession *self)
{
  return self->extended;
}
