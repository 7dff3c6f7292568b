/* DATA (RFC 5321 4.1.1.4) and BDAT (RFC 3030): the message. */

#include "ph-smtp-session-private.h"

#include <string.h>

static gboolean
normalizes (PhSmtpSession *self)
{
  return self->config.role == PH_SMTP_ROLE_SUBMISSION;
}

/* A sink of the handler, or a refusal. */
static PhSmtpReply *
begin_message (PhSmtpSession *self,
               gboolean       raw)
{
  PhSmtpReply *refusal = NULL;

  self->message = PH_SMTP_HANDLER_GET_IFACE (self->handler)->begin_message (self->handler, self, self->envelope, &refusal);
  if (self->message == NULL)
    return refusal != NULL ? refusal : ph_smtp_reply_new (451, "4.3.0", "Mail can't be taken now");

  self->message_failed = self->message_too_big = FALSE;
  self->message_size = 0;
  self->data_step = 0;
  ph_smtp_data_decoder_init (&self->decoder, raw, normalizes (self));

  return NULL;
}

static void
write_message (const guint8 *data,
               gsize         length,
               gpointer      user_data)
{
  PhSmtpSession *self = user_data;

  self->message_size += length;
  if (self->message_size > self->config.message_size_max)
    self->message_too_big = TRUE;
  if (self->message == NULL || self->message_failed || self->message_too_big)
    return;

  self->message_failed = !PH_SMTP_HANDLER_GET_IFACE (self->handler)->write_message (self->handler, self->message, data, length);
}

/* What is wrong with the whole, whoever takes it. */
static PhSmtpReply *
check_message (PhSmtpSession *self)
{
  const PhSmtpDataDecoder *decoder = &self->decoder;

  if (self->message_too_big)
    return ph_smtp_reply_new (552, "5.3.4", "The message has more than %" G_GUINT64_FORMAT " bytes", self->config.message_size_max);
  if (decoder->bare_cr || (decoder->bare_lf && !decoder->normalize))
    return ph_smtp_reply_new (550, "5.5.2", "Line %" G_GUINT64_FORMAT " of the message ends in a bare CR or LF", decoder->bare_line);
  if (decoder->line_too_long)
    return ph_smtp_reply_new (554, "5.6.0", "A line of the message is too long");

  return NULL;
}

static void
ended_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (PhSmtpSession) self = user_data;
  g_autoptr (PhSmtpReply) reply = PH_SMTP_HANDLER_GET_IFACE (self->handler)->end_message_finish (PH_SMTP_HANDLER (source), result);

  self->input = PH_SMTP_INPUT_COMMAND;
  if (!self->gone)
    ph_smtp_session_send (self, reply);
  ph_smtp_session_reset (self);
  if (!self->gone)
    ph_smtp_session_resume (self);
}

static void
end_message (PhSmtpSession *self)
{
  g_autoptr (PhSmtpReply) refusal = check_message (self);

  ph_journal_session_add_folded (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_CLIENT, "message", self->message_size);
  if (refusal != NULL)
    {
      self->input = PH_SMTP_INPUT_COMMAND;
      ph_smtp_session_send (self, refusal);
      ph_smtp_session_reset (self);
      ph_session_set_deadline (PH_SESSION (self), PH_SMTP_COMMAND_SECONDS);
      return;
    }

  self->input = PH_SMTP_INPUT_WAIT;
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_COMMIT_SECONDS);
  PH_SMTP_HANDLER_GET_IFACE (self->handler)->end_message_async (self->handler, self, self->envelope, self->message, self->cancellable, ended_cb, g_object_ref (self));
}

/* Bytes keep the session alive at PH_SMTP_DATA_STEP in PH_SMTP_DATA_SECONDS, no slower (V38). */
static void
count_step (PhSmtpSession *self,
            gsize          length)
{
  self->data_step += length;
  if (self->data_step < PH_SMTP_DATA_STEP)
    return;

  self->data_step = 0;
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_DATA_SECONDS);
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
      ph_smtp_session_mistake (self, self->recipient_tried ? 554 : 503, "5.5.1", "There is no recipient");
      return;
    }
  if (self->envelope->body == PH_SMTP_BODY_BINARYMIME)
    {
      ph_smtp_session_mistake (self, 503, "5.5.1", "BINARYMIME goes with BDAT");
      return;
    }

  refusal = begin_message (self, FALSE);
  if (refusal != NULL)
    {
      ph_smtp_session_send (self, refusal);
      return;
    }

  self->input = PH_SMTP_INPUT_DATA;
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_DATA_SECONDS);
  ph_smtp_session_reply (self, 354, NULL, "Send the message, then a line with a dot");
}

gsize
ph_smtp_data_take (PhSmtpSession *self,
                   const guint8  *data,
                   gsize          length)
{
  gboolean ended = FALSE;
  gsize    taken = ph_smtp_data_decoder_feed (&self->decoder, data, length, write_message, self, &ended);

  count_step (self, taken);
  if (ended)
    end_message (self);

  return taken;
}

/* BDAT: its chunk is read whatever the answer is, so that no byte of it becomes a command (S07, V41). */

static gboolean
parse_chunk (const char *args,
             gsize       length,
             guint64    *size,
             gboolean   *last)
{
  g_autofree char *text = g_strndup (args, length);
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  guint n_words = 0;

  while (words[n_words] != NULL)
    n_words++;
  *last = n_words == 2 && g_ascii_strcasecmp (words[1], "LAST") == 0;

  return (n_words == 1 || *last) && g_ascii_string_to_unsigned (words[0], 10, 0, G_MAXINT64, size, NULL);
}

static PhSmtpReply *
check_chunk (PhSmtpSession *self,
             guint64        size)
{
  if (self->envelope == NULL)
    return ph_smtp_reply_new (503, "5.5.1", "Say MAIL first");
  if (self->envelope->recipients->len == 0)
    return ph_smtp_reply_new (self->recipient_tried ? 554 : 503, "5.5.1", "There is no recipient");
  if (size > self->config.message_size_max || self->message_size + size > self->config.message_size_max)
    return ph_smtp_reply_new (552, "5.3.4", "The message has more than %" G_GUINT64_FORMAT " bytes", self->config.message_size_max);
  if (self->message == NULL)
    return begin_message (self, TRUE);

  return NULL;
}

static void
end_chunk (PhSmtpSession *self)
{
  self->input = PH_SMTP_INPUT_COMMAND;
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_COMMAND_SECONDS);
  if (self->chunk_refusal != NULL)
    {
      ph_smtp_session_send (self, self->chunk_refusal);
      return;
    }

  if (!self->chunk_last)
    {
      ph_smtp_session_reply (self, 250, "2.0.0", "%" G_GUINT64_FORMAT " bytes taken", self->chunk_size);
      return;
    }

  ph_smtp_data_decoder_finish (&self->decoder);
  end_message (self);
}

void
ph_smtp_command_bdat (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  guint64  size;
  gboolean last;

  if (!parse_chunk (args, length, &size, &last))
    {
      /* Where the chunk ends is not known, so nothing more can be understood. */
      ph_smtp_session_give_up (self, "4.5.0", "BDAT needs a size");
      return;
    }

  if (self->chunk_refusal == NULL)
    self->chunk_refusal = check_chunk (self, size);
  self->in_chunks = self->envelope != NULL;
  self->chunk_last = last;
  self->chunk_size = self->chunk_left = size;
  self->input = PH_SMTP_INPUT_CHUNK;
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_DATA_SECONDS);
  if (size == 0)
    end_chunk (self);
}

gsize
ph_smtp_chunk_take (PhSmtpSession *self,
                    const guint8  *data,
                    gsize          length)
{
  gboolean ended;
  gsize    taken = (gsize)MIN ((guint64)length, self->chunk_left);

  if (self->chunk_refusal == NULL)
    ph_smtp_data_decoder_feed (&self->decoder, data, taken, write_message, self, &ended);
  self->chunk_left -= taken;
  count_step (self, taken);
  if (self->chunk_left == 0)
    end_chunk (self);

  return taken;
}
