/* One mail transaction: MAIL, RCPT, DATA and the message (RFC 5321 section 3.3). */

#include "ph-smtp-client-private.h"
#include "ph-smtp-xtext.h"

#include <string.h>

static gboolean
is_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guchar)*text >= 0x80)
      return FALSE;

  return TRUE;
}

static PhSmtpRecipient *
get_recipient (PhSmtpClient *self,
               guint         i)
{
  return self->envelope->recipients->pdata[i];
}

static gboolean
needs_utf8 (PhSmtpClient *self)
{
  if (self->envelope->smtputf8 || !is_ascii (self->envelope->sender))
    return TRUE;

  for (guint i = 0; i < self->envelope->recipients->len; i++)
    if (!is_ascii (get_recipient (self, i)->address))
      return TRUE;

  return FALSE;
}

/* What this server can't take, before anything is sent: TRUE where it ended. */
static gboolean
refuse_what_cannot_pass (PhSmtpClient *self)
{
  PhSmtpReply *reply = NULL;

  if (self->size_max != 0 && self->size > self->size_max)
    reply = ph_smtp_reply_new (552, "5.3.4", "%s takes at most %" G_GUINT64_FORMAT " bytes", self->server_name, self->size_max);
  else if (needs_utf8 (self) && !(self->offers & PH_SMTP_OFFERS_SMTPUTF8))
    {
      self->try_next_host = TRUE; /* S21: another may */
      reply = ph_smtp_reply_new (553, "5.6.7", "%s takes no international addresses", self->server_name);
    }
  else if (self->is_8bit && !(self->offers & PH_SMTP_OFFERS_8BITMIME))
    {
      self->try_next_host = TRUE;
      reply = ph_smtp_reply_new (554, "5.6.3", "%s takes no 8-bit mail", self->server_name);
    }

  if (reply != NULL)
    ph_smtp_client_end (self, PH_SMTP_RESULT_PERMANENT, reply);

  return reply != NULL;
}

static void
send_mail (PhSmtpClient *self)
{
  const PhSmtpEnvelope *envelope = self->envelope;
  g_autoptr (GString) parameters = g_string_new (NULL);

  if (self->offers & PH_SMTP_OFFERS_SIZE)
    g_string_append_printf (parameters, " SIZE=%" G_GUINT64_FORMAT, self->size);
  if (self->is_8bit)
    g_string_append (parameters, " BODY=8BITMIME");
  if (needs_utf8 (self))
    g_string_append (parameters, " SMTPUTF8");
  if ((self->offers & PH_SMTP_OFFERS_DSN) && envelope->ret != PH_DSN_RET_DEFAULT)
    g_string_append (parameters, envelope->ret == PH_DSN_RET_FULL ? " RET=FULL" : " RET=HDRS");
  if ((self->offers & PH_SMTP_OFFERS_DSN) && envelope->envid != NULL)
    {
      g_autofree char *text = ph_smtp_xtext_encode (envelope->envid, FALSE);

      g_string_append_printf (parameters, " ENVID=%s", text);
    }

  ph_smtp_client_send (self, PH_SMTP_EXPECT_MAIL, 0, "MAIL FROM:<%s>%s", envelope->sender, parameters->str);
}

static const struct
{
  PhDsnNotify notify;
  const char *word;
} notify_words[] = {
  { PH_DSN_NOTIFY_NEVER, "NEVER" },
  { PH_DSN_NOTIFY_SUCCESS, "SUCCESS" },
  { PH_DSN_NOTIFY_FAILURE, "FAILURE" },
  { PH_DSN_NOTIFY_DELAY, "DELAY" },
};

static void
append_notify (GString    *parameters,
               PhDsnNotify notify)
{
  const char *separator = " NOTIFY=";

  for (guint i = 0; i < G_N_ELEMENTS (notify_words); i++)
    if (notify & notify_words[i].notify)
      {
        g_string_append_printf (parameters, "%s%s", separator, notify_words[i].word);
        separator = ",";
      }
}

static void
append_orcpt (PhSmtpClient *self,
              GString      *parameters,
              const char   *orcpt)
{
  const char      *semicolon = strchr (orcpt, ';');
  g_autofree char *text = NULL;

  if (semicolon == NULL)
    return;

  text = ph_smtp_xtext_encode (semicolon + 1, needs_utf8 (self));
  g_string_append_printf (parameters, " ORCPT=%.*s;%s", (int)(semicolon - orcpt), orcpt, text);
}

static void
send_rcpt (PhSmtpClient *self)
{
  const PhSmtpRecipient *recipient = get_recipient (self, self->next_rcpt++);
  g_autoptr (GString) parameters = g_string_new (NULL);

  if (self->offers & PH_SMTP_OFFERS_DSN)
    {
      append_notify (parameters, recipient->notify);
      if (recipient->orcpt != NULL)
        append_orcpt (self, parameters, recipient->orcpt);
    }

  ph_smtp_client_send (self, PH_SMTP_EXPECT_RCPT, 0, "RCPT TO:<%s>%s", recipient->address, parameters->str);
}

static void
send_next (PhSmtpClient *self)
{
  if (self->next_rcpt < self->envelope->recipients->len)
    send_rcpt (self);
  else
    ph_smtp_client_send (self, PH_SMTP_EXPECT_DATA, 0, "DATA");
}

void
ph_smtp_client_begin_mail (PhSmtpClient *self)
{
  if (refuse_what_cannot_pass (self))
    return;

  send_mail (self);
  if (!(self->offers & PH_SMTP_OFFERS_PIPELINING))
    return;

  /* RFC 2920: all up to DATA in one go. */
  while (self->next_rcpt < self->envelope->recipients->len)
    send_rcpt (self);
  send_next (self);
}

void
ph_smtp_client_on_mail (PhSmtpClient      *self,
                        const PhSmtpReply *reply)
{
  if (reply->code / 100 != 2)
    {
      self->try_next_host = ph_smtp_client_classify (reply) == PH_SMTP_RESULT_TEMPORARY;
      ph_smtp_client_end (self, self->try_next_host ? PH_SMTP_RESULT_TEMPORARY : PH_SMTP_RESULT_PERMANENT, ph_smtp_reply_copy (reply));
      /* With DATA in flight a server may wait for a message: the connection is no good any more. */
      if (self->offers & PH_SMTP_OFFERS_PIPELINING)
        ph_session_close (PH_SESSION (self));
      return;
    }

  if (!(self->offers & PH_SMTP_OFFERS_PIPELINING))
    send_next (self);
}

void
ph_smtp_client_on_rcpt (PhSmtpClient      *self,
                        const PhSmtpReply *reply)
{
  PhSmtpResult *result = &self->results[self->next_result++];

  result->kind = ph_smtp_client_classify (reply);
  result->reply = ph_smtp_reply_copy (reply);
  if (result->kind == PH_SMTP_RESULT_DELIVERED)
    self->n_accepted++; /* so far: the final reply decides */

  if (self->offers & PH_SMTP_OFFERS_PIPELINING)
    return;
  if (self->n_accepted == 0 && self->next_rcpt == self->envelope->recipients->len)
    ph_smtp_client_end (self, PH_SMTP_RESULT_TEMPORARY, ph_smtp_reply_copy (reply));
  else
    send_next (self);
}

void
ph_smtp_client_on_data (PhSmtpClient      *self,
                        const PhSmtpReply *reply)
{
  if (self->n_accepted == 0)
    {
      /* RFC 2920 section 3.1: a server that wants a message for nobody gets an empty one. */
      if (reply->code == 354)
        ph_session_write_string (PH_SESSION (self), ".\r\n");
      ph_smtp_client_end (self, PH_SMTP_RESULT_TEMPORARY, ph_smtp_reply_copy (reply));
      if (reply->code == 354)
        g_queue_push_head (&self->expected, GUINT_TO_POINTER (PH_SMTP_EXPECT_NOTHING_SENT));
      return;
    }

  if (reply->code != 354)
    {
      ph_smtp_client_end (self, ph_smtp_client_classify (reply) == PH_SMTP_RESULT_PERMANENT ? PH_SMTP_RESULT_PERMANENT : PH_SMTP_RESULT_TEMPORARY,
                          ph_smtp_reply_copy (reply));
      return;
    }

  self->sending_body = TRUE;
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_CLIENT_BLOCK_SECONDS);
  ph_smtp_client_send_body (self);
}

/* The length of a Return-Path field at the start: it is for mailboxes (RFC 5321 section 4.4). */
static gsize
measure_return_path (const char *data,
                     gsize       length)
{
  gsize i = strlen ("Return-Path:");

  if (length < i || g_ascii_strncasecmp (data, "Return-Path:", i) != 0)
    return 0;

  for (; i + 1 < length; i++)
    if (data[i] == '\n' && data[i + 1] != ' ' && data[i + 1] != '\t')
      return i + 1;

  return 0;
}

static void
end_body (PhSmtpClient *self)
{
  ph_smtp_body_writer_end (&self->writer, ph_session_get_output (PH_SESSION (self)));
  ph_journal_session_add_folded (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_CLIENT, "message", self->writer.n_written);
  self->sending_body = FALSE;
  g_queue_push_tail (&self->expected, GUINT_TO_POINTER (PH_SMTP_EXPECT_FINAL));
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_CLIENT_FINAL_SECONDS);
}

void
ph_smtp_client_send_body (PhSmtpClient *self)
{
  guint8 piece[PH_SMTP_CLIENT_PIECE];

  while (self->sending_body && ph_session_can_write (PH_SESSION (self)))
    {
      gssize length = self->read (self->read_data, self->offset, piece, sizeof piece);
      gsize  skipped = 0;

      if (length < 0)
        {
          /* Unfinished data and no dot: the server throws it away. */
          ph_smtp_client_fail (self, "4.3.0", "The message could not be read from the queue");
          return;
        }
      if (length == 0)
        {
          end_body (self);
          return;
        }

      if (self->offset == 0)
        skipped = measure_return_path ((const char *)piece, (gsize)length);
      ph_smtp_body_writer_write (&self->writer, ph_session_get_output (PH_SESSION (self)), piece + skipped, (gsize)length - skipped);
      self->offset += (guint64)length;
    }
}

void
ph_smtp_client_on_final (PhSmtpClient      *self,
                         const PhSmtpReply *reply)
{
  ph_smtp_client_end (self, ph_smtp_client_classify (reply), ph_smtp_reply_copy (reply));
}
