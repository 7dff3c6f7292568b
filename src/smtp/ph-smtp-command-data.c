/* DATA and BDAT: the message itself, and the wait for the handler's word on it. */

#include "ph-smtp-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
begin_message (PhSmtpSession *self,
               gboolean       raw,
               PhSmtpReply  **refusal)
{
  self->message = PH_SMTP_HANDLER_GET_IFACE (self->handler)->begin_message (self->handler, self, self->envelope, refusal);
  if (self->message == NULL)
    {
      if (*refusal == NULL)
        *refusal = ph_smtp_reply_new (451, "4.3.0", "No place for the message");
      return FALSE;
    }

  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  self->data_step = 0;
  ph_smtp_data_decoder_init (&self->decoder, raw, self->config.role == PH_SMTP_ROLE_SUBMISSION);

  return TRUE;
}

/* Bytes of the message.  Once it is refused its sink is dropped, which frees the disk. */
static void
write_cb (const guint8 *data,
          gsize         length,
          gpointer      user_data)
{
  PhSmtpSession *self = user_data;

  self->message_size += length;
  if (self->config.message_size_max > 0 && self->message_size > self->config.message_size_max)
    {
      self->message_too_big = TRUE;
      g_clear_object (&self->message);
    }

  if (self->message == NULL || self->message_failed)
    return;

  if (!PH_SMTP_HANDLER_GET_IFACE (self->handler)->write_message (self->handler, self->message, data, length))
    self->message_failed = TRUE;
}

/* The deadline is for a number of octets, so that it asks for a rate (V38). */
static void
count_progress (PhSmtpSession *self,
                gsize          length)
{
  self->data_step += length;
  if (self->data_step < PH_SMTP_DATA_STEP)
    return;

  self->data_step = 0;
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_DATA_SECONDS);
}

/* What the session itself has against the message; NULL for nothing. */
static PhSmtpReply *
judge_message (PhSmtpSession *self)
{
  const PhSmtpDataDecoder *decoder = &self->decoder;
  gboolean                 bare_lf = decoder->bare_lf && !decoder->normalize;

  if (decoder->bare_cr || bare_lf)
    {
      ph_journal_session_add_finding (ph_session_get_journal (PH_SESSION (self)), decoder->bare_cr ? N_ ("A message had a bare CR") : N_ ("A message had a bare LF"));
      return ph_smtp_reply_new (550, "5.5.2", "Line %" G_GUINT64_FORMAT " of the message has a bare CR or LF", decoder->bare_line);
    }
  if (self->message_too_big)
    return ph_smtp_session_refuse_size (self, self->message_size);
  if (decoder->line_too_long)
    return ph_smtp_reply_new (554, "5.6.0", "A line of the message is longer than %d bytes", PH_SMTP_TEXT_LINE_MAX);

  return NULL;
}

static void
end_message_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (PhSmtpSession) self = user_data;
  g_autoptr (PhSmtpReply) reply = NULL;

  reply = PH_SMTP_HANDLER_GET_IFACE (self->handler)->end_message_finish (self->handler, result);

  /* The peer is gone, or was told 421: nobody to answer. */
  if (self->gone)
    {
      PhSmtpHandlerInterface *iface = PH_SMTP_HANDLER_GET_IFACE (self->handler);

      if (reply->code / 100 == 2 && iface->message_unanswered != NULL)
        iface->message_unanswered (self->handler, self, self->envelope, self->message);
      ph_smtp_session_reset (self);
      return;
    }

  ph_smtp_session_send_final (self, reply);
  if (reply->code / 100 == 2)
    self->n_errors = 0;
  ph_smtp_session_reset (self);
  ph_smtp_session_resume (self);
}

/* On how the client wrote the message: RFC 5322 section 2.1.1, RFC 6152 section 3. */
static void
note_conduct (PhSmtpSession *self)
{
  PhJournalSession *journal = ph_session_get_journal (PH_SESSION (self));

  if (self->decoder.has_long_line)
    ph_journal_session_add_finding (journal, N_ ("A line of a message had more than 998 bytes"));
  if (self->decoder.has_8bit && self->envelope->body == PH_SMTP_BODY_7BIT)
    ph_journal_session_add_finding (journal, N_ ("A message had 8-bit bytes that were not announced (8BITMIME)"));
}

static void
end_message (PhSmtpSession *self)
{
  g_autoptr (PhSmtpReply) refusal = NULL;

  ph_journal_session_add_folded (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_CLIENT, N_ ("message"), self->message_size);
  note_conduct (self);
  refusal = judge_message (self);
  /* What the data is counts, not what was said of it: some clients say 8BITMIME of everything, and that would
   * keep plain mail from a next hop without 8BITMIME. */
  if (self->decoder.has_8bit && self->envelope->body == PH_SMTP_BODY_7BIT)
    self->envelope->body = PH_SMTP_BODY_8BITMIME;
  else if (!self->decoder.has_8bit && self->envelope->body == PH_SMTP_BODY_8BITMIME)
    self->envelope->body = PH_SMTP_BODY_7BIT;
  self->envelope->has_long_lines = self->decoder.has_long_line;

  if (refusal != NULL)
    {
      gboolean ambiguous = refusal->code == 550 && !self->decoder.raw;

      ph_smtp_session_send_final (self, refusal);
      ph_smtp_session_reset (self);
      self->input = PH_SMTP_INPUT_COMMAND;
      ph_smtp_session_await_command (self);

      /* Who sent bare line ends may have meant the data to go on where we saw its end
       * (CR CRLF.CRLF), so what follows could be a smuggled message (V01).  RFC 5321 section
       * 3.8: no end without a 421. */
      if (ambiguous)
        ph_smtp_session_give_up (self, "4.7.0", "What follows such a message is not read");
      return;
    }

  self->input = PH_SMTP_INPUT_WAIT;
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_COMMIT_SECONDS);
  PH_SMTP_HANDLER_GET_IFACE (self->handler)->end_message_async (self->handler, self, self->envelope, self->message, self->cancellable, end_message_cb, g_object_ref (self));
}

gsize
ph_smtp_data_take (PhSmtpSession *self,
                   const guint8  *data,
                   gsize          length)
{
  gboolean ended;
  gsize    taken = ph_smtp_data_decoder_feed (&self->decoder, data, length, write_cb, self, &ended);

  count_progress (self, taken);
  if (ended)
    end_message (self);

  return taken;
}

/* RFC 5321 section 3.3 leaves 503 or 554 to us; for LMTP it is 503 (RFC 2033 section 4.2). */
static guint
code_for_nobody (PhSmtpSession *self)
{
  return self->recipient_tried && self->config.role != PH_SMTP_ROLE_LMTP ? 554 : 503;
}

void
ph_smtp_command_data (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  g_autoptr (PhSmtpReply) refusal = NULL;

  if (length > 0)
    {
      ph_smtp_session_mistake (self, 501, "5.5.4", "DATA takes no parameter");
      return;
    }
  if (self->envelope->recipients->len == 0)
    {
      ph_smtp_session_mistake (self, code_for_nobody (self), "5.5.1", self->recipient_tried ? "No valid recipients" : "Say RCPT first");
      return;
    }
  if (self->envelope->body == PH_SMTP_BODY_BINARYMIME)
    {
      ph_smtp_session_mistake (self, 503, "5.5.1", "BINARYMIME comes by BDAT"); /* RFC 3030 section 3 */
      return;
    }
  if (!begin_message (self, FALSE, &refusal))
    {
      ph_smtp_session_refuse (self, refusal);
      return;
    }

  ph_smtp_session_reply (self, 354, NULL, "Send the message, and end it with a dot on a line of its own");
  self->input = PH_SMTP_INPUT_DATA;
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_DATA_SECONDS);
}

/* What is refused sticks until RSET, or until the last chunk, which ends the transaction as the
 * end of DATA does. */
static void
end_refused_chunk (PhSmtpSession *self)
{
  g_autoptr (PhSmtpReply) refusal = ph_smtp_reply_copy (self->chunk_refusal);
  gboolean is_for_each = self->chunk_last && self->envelope != NULL && self->envelope->recipients->len > 0 && self->config.role == PH_SMTP_ROLE_LMTP;

  /* A note, so that what was noted when it was announced stays next to the reply: its reason. */
  ph_journal_session_add_folded (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_NOTE, N_ ("refused chunk"), self->chunk_size);
  g_clear_object (&self->message);
  if (is_for_each)
    ph_smtp_session_send_final (self, refusal);

  /* Outside of a transaction nothing is to stick. */
  if (self->chunk_last || !self->in_chunks)
    ph_smtp_session_reset (self);
  if (!is_for_each)
    ph_smtp_session_mistake (self, refusal->code, refusal->enhanced, "%s", refusal->text);
}

/* The chunk was read, or dropped: RFC 3030 section 2. */
static void
end_chunk (PhSmtpSession *self)
{
  self->input = PH_SMTP_INPUT_COMMAND;
  ph_smtp_session_await_command (self);

  if (self->chunk_refusal != NULL)
    {
      end_refused_chunk (self);
    }
  else if (self->chunk_last)
    {
      ph_smtp_data_decoder_finish (&self->decoder);
      end_message (self);
    }
  else
    {
      ph_journal_session_add_folded (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_CLIENT, N_ ("chunk"), self->chunk_size);
      ph_smtp_session_reply (self, 250, "2.0.0", "%" G_GUINT64_FORMAT " bytes", self->chunk_size);
    }
}

gsize
ph_smtp_chunk_take (PhSmtpSession *self,
                    const guint8  *data,
                    gsize          length)
{
  gsize    taken = (gsize)MIN (length, self->chunk_left);
  gboolean ended;

  if (self->chunk_refusal == NULL && self->envelope->body == PH_SMTP_BODY_BINARYMIME)
    write_cb (data, taken, self); /* lines mean nothing in it */
  else if (self->chunk_refusal == NULL)
    ph_smtp_data_decoder_feed (&self->decoder, data, taken, write_cb, self, &ended);

  self->chunk_left -= taken;
  count_progress (self, taken);
  if (self->chunk_left == 0)
    end_chunk (self);

  return taken;
}

static gboolean
parse_chunk (const char *args,
             gsize       length,
             guint64    *size,
             gboolean   *last)
{
  gsize at = 0;

  *size = 0;
  for (; at < length && g_ascii_isdigit (args[at]); at++)
    {
      if (at >= 18)
        return FALSE;
      *size = *size * 10 + (guint64)(args[at] - '0');
    }
  if (at == 0)
    return FALSE;

  *last = length - at == 5 && g_ascii_strncasecmp (args + at, " LAST", 5) == 0;

  return *last || at == length;
}

/* Why the chunk is not wanted; NULL where it is.  Decided before it is read, so that one
 * that is too big never touches the disk (V41). */
static PhSmtpReply *
judge_chunk (PhSmtpSession *self)
{
  guint64      max = self->config.message_size_max;
  PhSmtpReply *refusal = NULL;

  if (self->envelope == NULL)
    return ph_smtp_reply_new (503, "5.5.1", "Say MAIL first");
  if (self->envelope->recipients->len == 0)
    return ph_smtp_reply_new (code_for_nobody (self), "5.5.1", "No valid recipients");
  if (max > 0 && (self->chunk_size > max || self->message_size > max - self->chunk_size))
    return ph_smtp_session_refuse_size (self, self->message_size + self->chunk_size);
  if (!self->in_chunks && !begin_message (self, TRUE, &refusal))
    return refusal;

  return NULL;
}

void
ph_smtp_command_bdat (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  if (!parse_chunk (args, length, &self->chunk_size, &self->chunk_last))
    {
      /* Where the next command is can't be known. */
      ph_smtp_session_mistake (self, 501, "5.5.4", "Syntax: BDAT SIZE [LAST]");
      ph_smtp_session_give_up (self, "4.7.0", "The chunk has no end");
      return;
    }

  self->data_step = 0;
  self->chunk_left = self->chunk_size;
  if (self->chunk_refusal == NULL)
    {
      self->chunk_refusal = judge_chunk (self);
    }
  else
    {
      ph_smtp_reply_free (self->chunk_refusal);
      self->chunk_refusal = ph_smtp_reply_new (503, "5.5.1", "An earlier chunk was refused: say RSET");
    }
  self->in_chunks = self->envelope != NULL;
  self->input = PH_SMTP_INPUT_CHUNK;
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_DATA_SECONDS);
  if (self->chunk_left == 0)
    end_chunk (self);
}
