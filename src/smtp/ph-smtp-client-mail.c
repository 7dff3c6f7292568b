/* One mail transaction: MAIL, RCPT, and the answer to the message (RFC 5321 section 3.3). */

#include "ph-smtp-client-private.h"
#include "ph-smtp-xtext.h"

#include "ph-address.h"

#include <string.h>

/* The wire form of an address, from its parsed parts, so that whatever an envelope that
 * came from a file says, it is an address and no more (V14).  NULL where it is none. */
static char *
format_address (PhSmtpClient *self,
                const char   *text)
{
  g_autoptr (PhAddress) address = ph_address_parse (text, strlen (text), PH_ADDRESS_UTF8 | PH_ADDRESS_POSTMASTER, NULL);

  if (address == NULL)
    return NULL;
  if (ph_address_needs_utf8 (address))
    self->needs_utf8 = TRUE;

  return ph_address_format (address);
}

static void
settle (PhSmtpClient    *self,
        guint            i,
        PhSmtpResultKind kind,
        PhSmtpReply     *reply)
{
  self->results[i].kind = kind;
  self->results[i].reply = reply;
  self->results[i].is_own = TRUE;
}

/* RFC 9422 section 5: TRUE where one more would be more than the server takes in a transaction. */
static gboolean
is_too_many (PhSmtpClient *self,
             GHashTable   *domains,
             guint         n_good,
             const char   *address)
{
  const char *at = strrchr (address, '@');
  gboolean    is_new = self->domains_max != 0 && at != NULL && !g_hash_table_contains (domains, at);

  if ((self->recipients_max != 0 && n_good >= self->recipients_max) || (is_new && g_hash_table_size (domains) >= self->domains_max))
    return TRUE;
  if (is_new)
    g_hash_table_add (domains, (gpointer)at);

  return FALSE;
}

/* Formats the envelope.  A recipient that can't be asked for gets its result at once. */
static void
prepare_envelope (PhSmtpClient *self)
{
  g_autoptr (GHashTable) domains = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_good = 0;

  self->needs_utf8 = self->envelope->smtputf8;
  self->sender = *self->envelope->sender == '\0' ? g_strdup ("") : format_address (self, self->envelope->sender);

  for (guint i = 0; i < self->n_recipients; i++)
    {
      const PhSmtpRecipient *recipient = self->envelope->recipients->pdata[i];

      if (is_too_many (self, domains, n_good, recipient->address))
        {
          settle (self, i, PH_SMTP_RESULT_TEMPORARY, ph_smtp_reply_new (452, "4.5.3", "%s takes %u recipients at a time", self->server_name, n_good));
          continue;
        }
      self->recipients[i] = format_address (self, recipient->address);
      if (self->recipients[i] != NULL)
        n_good++;
      else
        settle (self, i, PH_SMTP_RESULT_PERMANENT, ph_smtp_reply_new (553, "5.1.3", "That is no address"));
    }
}

static guint
skip_settled (PhSmtpClient *self,
              guint         i)
{
  while (i < self->n_recipients && self->recipients[i] == NULL)
    i++;

  return i;
}

/* RFC 8689 section 4.2.1; a report, which has no sender, goes without it, too. */
gboolean
ph_smtp_client_must_have_tls (PhSmtpClient *self)
{
  return self->envelope->requiretls && *self->envelope->sender != '\0';
}

static gboolean
may_require_tls (PhSmtpClient *self)
{
  return (self->offers & PH_SMTP_OFFERS_REQUIRETLS) && self->tls_is_verified && ph_session_get_peer (PH_SESSION (self))->is_tls;
}

/* What can't go to this server, before anything is sent: TRUE where it ended. */
static gboolean
refuse_what_cannot_pass (PhSmtpClient *self)
{
  PhSmtpReply *reply = NULL;

  if (self->sender == NULL)
    {
      reply = ph_smtp_reply_new (553, "5.1.7", "The sender is no address");
    }
  else if (self->next_rcpt == self->n_recipients)
    {
      reply = ph_smtp_reply_new (554, "5.5.1", "There is no recipient");
    }
  else if (self->size_max != 0 && self->size > self->size_max)
    {
      g_autofree char *maximum = g_strdup_printf ("%" G_GUINT64_FORMAT, self->size_max);

      reply = ph_smtp_reply_new (552, "5.3.4", "%s takes at most %s bytes", self->server_name, maximum);
    }
  else if (self->needs_utf8 && !(self->offers & PH_SMTP_OFFERS_SMTPUTF8))
    {
      self->try_next_host = TRUE; /* S21: another may */
      reply = ph_smtp_reply_new (553, "5.6.7", "%s takes no international mail", self->server_name);
    }
  else if (self->is_8bit && !(self->offers & PH_SMTP_OFFERS_8BITMIME))
    {
      self->try_next_host = self->wants_7bit = self->may_go_on = TRUE;
      reply = ph_smtp_reply_new (554, "5.6.3", "%s takes no 8-bit mail", self->server_name);
    }
  else if (ph_smtp_client_must_have_tls (self) && !may_require_tls (self))
    {
      self->try_next_host = TRUE;
      reply = ph_smtp_reply_new (550, "5.7.30", "%s does not promise TLS all the way", self->server_name);
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
  if (self->needs_utf8)
    g_string_append (parameters, " SMTPUTF8");
  if (envelope->requiretls && may_require_tls (self))
    g_string_append (parameters, " REQUIRETLS");
  if ((self->offers & PH_SMTP_OFFERS_DSN) && envelope->ret != PH_DSN_RET_DEFAULT)
    g_string_append (parameters, envelope->ret == PH_DSN_RET_FULL ? " RET=FULL" : " RET=HDRS");
  if ((self->offers & PH_SMTP_OFFERS_DSN) && envelope->envid != NULL)
    {
      g_autofree char *text = ph_smtp_xtext_encode (envelope->envid, FALSE);

      g_string_append_printf (parameters, " ENVID=%s", text);
    }

  ph_smtp_client_send (self, PH_SMTP_EXPECT_MAIL, 0, "MAIL FROM:<%s>%s", self->sender, parameters->str);
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

/* Left out where its type could end the word that it is in. */
static void
append_orcpt (PhSmtpClient *self,
              GString      *parameters,
              const char   *orcpt)
{
  gsize            type = strspn (orcpt, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-");
  g_autofree char *text = NULL;

  if (type == 0 || orcpt[type] != ';')
    return;

  text = ph_smtp_xtext_encode (orcpt + type + 1, self->needs_utf8);
  g_string_append_printf (parameters, " ORCPT=%.*s;%s", (int)type, orcpt, text);
}

static void
send_rcpt (PhSmtpClient *self)
{
  const PhSmtpRecipient *recipient = self->envelope->recipients->pdata[self->next_rcpt];
  g_autoptr (GString) parameters = g_string_new (NULL);

  if (self->offers & PH_SMTP_OFFERS_DSN)
    {
      append_notify (parameters, recipient->notify);
      if (recipient->orcpt != NULL)
        append_orcpt (self, parameters, recipient->orcpt);
    }

  ph_smtp_client_send (self, PH_SMTP_EXPECT_RCPT, 0, "RCPT TO:<%s>%s", self->recipients[self->next_rcpt], parameters->str);
  self->next_rcpt = skip_settled (self, self->next_rcpt + 1);
}

static void
send_next (PhSmtpClient *self)
{
  if (self->next_rcpt < self->n_recipients)
    send_rcpt (self);
  else
    ph_smtp_client_send (self, PH_SMTP_EXPECT_DATA, 0, "DATA");
}

/* RFC 3030.  Without pipelining each chunk would wait for the answer to the one before. */
static gboolean
can_chunk (PhSmtpClient *self)
{
  return (self->offers & PH_SMTP_OFFERS_CHUNKING) && (self->offers & PH_SMTP_OFFERS_PIPELINING);
}

void
ph_smtp_client_begin_mail (PhSmtpClient *self)
{
  self->n_replies = 0;
  prepare_envelope (self);
  self->next_rcpt = self->next_result = skip_settled (self, 0);
  if (refuse_what_cannot_pass (self))
    return;

  send_mail (self);
  if (!(self->offers & PH_SMTP_OFFERS_PIPELINING))
    return;

  /* RFC 2920: all up to DATA in one go; or to the end, where that is not much for nothing. */
  while (self->next_rcpt < self->n_recipients)
    send_rcpt (self);
  if (!can_chunk (self))
    send_next (self);
  else if (self->size < PH_SMTP_CLIENT_PIECE / 2)
    ph_smtp_client_begin_body (self, TRUE);
}

void
ph_smtp_client_on_mail (PhSmtpClient      *self,
                        const PhSmtpReply *reply)
{
  if (reply->code / 100 != 2)
    {
      PhSmtpResultKind kind = ph_smtp_client_classify_failure (reply);

      self->try_next_host = kind == PH_SMTP_RESULT_TEMPORARY;
      ph_smtp_client_end (self, kind, ph_smtp_reply_copy (reply));
    }
  else if (!(self->offers & PH_SMTP_OFFERS_PIPELINING))
    {
      send_next (self);
    }
}

/* RFC 5321 section 4.5.3.1.10: 552 may be an old word for too many recipients. */
static PhSmtpResultKind
classify_recipient (const PhSmtpReply *reply)
{
  if (reply->code == 552 && (reply->enhanced == NULL || strcmp (reply->enhanced, "5.5.3") == 0))
    return PH_SMTP_RESULT_TEMPORARY;

  return ph_smtp_client_classify (reply);
}

void
ph_smtp_client_on_rcpt (PhSmtpClient      *self,
                        const PhSmtpReply *reply)
{
  PhSmtpResultKind kind = classify_recipient (reply);

  settle (self, self->next_result, kind, ph_smtp_reply_copy (reply));
  self->next_result = skip_settled (self, self->next_result + 1);
  if (kind == PH_SMTP_RESULT_DELIVERED)
    self->n_accepted++; /* so far: the final reply decides */

  if (self->next_result == self->n_recipients && self->n_accepted == 0)
    ph_smtp_client_end (self, PH_SMTP_RESULT_TEMPORARY, ph_smtp_reply_copy (reply));
  else if (!(self->offers & PH_SMTP_OFFERS_PIPELINING))
    send_next (self);
  else if (self->next_result == self->n_recipients && can_chunk (self) && !self->in_chunks)
    ph_smtp_client_begin_body (self, TRUE);
}

void
ph_smtp_client_on_data (PhSmtpClient      *self,
                        const PhSmtpReply *reply)
{
  if (reply->code != 354)
    {
      ph_smtp_client_end (self, ph_smtp_client_classify_failure (reply), ph_smtp_reply_copy (reply));
      return;
    }

  ph_smtp_client_begin_body (self, FALSE);
}

void
ph_smtp_client_on_final (PhSmtpClient      *self,
                         const PhSmtpReply *reply)
{
  PhSmtpResultKind kind = ph_smtp_client_classify (reply);

  self->may_go_on = kind == PH_SMTP_RESULT_DELIVERED;
  ph_smtp_client_end (self, kind, ph_smtp_reply_copy (reply));
}
