#include "ph-dsn.h"

#include <string.h>

#include "ph-address.h"
#include "ph-date.h"
#include "ph-header.h"
#include "ph-trace.h"
#include "ph-transfer-encoding.h"

/* Of one field's value, and of the reply of a server shown to a person */
#define VALUE_MAX 900

/* Message-IDs in References: the newest */
#define REFERENCES_MAX 10

static const struct
{
  const char *keyword; /* RFC 3464 2.3.3 */
  const char *status;  /* where none is known */
  const char *subject;
  const char *text;
} actions[] = {
  [PH_DSN_FAILED] = { "failed", "5.0.0", "Your message could not be delivered",
                      "Your message could not be delivered to:" },
  [PH_DSN_DELAYED] = { "delayed", "4.0.0", "Your message is delayed",
                       "Your message has not been delivered yet to:" },
  [PH_DSN_DELIVERED] = { "delivered", "2.0.0", "Your message was delivered",
                         "Your message was delivered to:" },
  [PH_DSN_RELAYED] = { "relayed", "2.0.0", "Your message was passed on",
                       "Your message was passed on to a server that will not confirm its delivery, for:" },
  [PH_DSN_EXPANDED] = { "expanded", "2.0.0", "Your message was passed on",
                        "Your message was passed on to all members of:" },
};

/* What a status means in plain words, by subject and detail (RFC 3463, 5248, 7505);
 * the first row that is a prefix counts. */
static const struct
{
  const char *code;
  const char *text;
} explanations[] = {
  { "1.10", "This domain accepts no mail at all. Check the part after the @." },
  { "1.1", "There is no such mailbox. Check the address for typing errors." },
  { "1.2", "There is no such domain. Check the part after the @ for typing errors." },
  { "1.3", "The address is not valid. Check it for typing errors." },
  { "1.6", "The mailbox has moved, and where to is not known. Ask for the new address." },
  { "1.7", "The receiving server does not take mail from your address." },
  { "1.8", "The receiving server does not take mail from your address." },
  { "2.1", "The mailbox is disabled. Reach the recipient in another way." },
  { "2.2", "The mailbox is full. Try again later, or reach the recipient in another way." },
  { "2.3", "The message is too large for this mailbox. Send it without large attachments." },
  { "3.4", "The message is too large for the receiving server. Send it without large attachments." },
  { "4.6", "The message goes in circles between servers. Tell the postmaster." },
  { "4.7", "It could not be delivered in time. Try again later, or reach the recipient in another way." },
  { "4.", "The receiving server could not be reached." },
  { "6.7", "The receiving server does not know international addresses." },
  { "6.", "The receiving server can't take this kind of content." },
  { "7.", "The receiving server refused it by its rules; what it said may tell why." },
};

/* --- Harmless text (V14) --- */

/* One line: controls become blanks; octets above ASCII "?" unless `utf8`. */
static char *
dup_line (const char *text,
          gboolean    utf8)
{
  char *valid = g_utf8_make_valid (text, -1), *to = valid, *next;

  for (char *from = valid; *from != '\0' && to - valid < VALUE_MAX; from = next)
    {
      gunichar c = g_utf8_get_char (from);

      next = g_utf8_next_char (from);
      if (c < 32 || (c >= 127 && c < 160))
        *to++ = ' ';
      else if (c >= 128 && !utf8)
        *to++ = '?';
      else
        for (; from < next; from++)
          *to++ = *from;
    }
  *to = '\0';

  return g_strchomp (valid);
}

static void
append_field (PhBuffer   *out,
              const char *name,
              const char *type,
              const char *value)
{
  g_autofree char *line = NULL;

  if (value == NULL)
    return;

  line = dup_line (value, FALSE);
  ph_buffer_append_printf (out, "%s: %s%s\r\n", name, type, line);
}

static void
append_date_field (PhBuffer   *out,
                   const char *name,
                   gint64      time)
{
  PhDate           date = ph_date_from_local (time);
  g_autofree char *text = ph_date_format (&date);

  if (time != 0)
    ph_buffer_append_printf (out, "%s: %s\r\n", name, text);
}

/* "rfc822;address", or where that is not ASCII "utf-8;" and utf-8-addr-xtext
 * (RFC 6533 3), which needs no 8-bit. */
static void
append_recipient_field (PhBuffer   *out,
                        const char *name,
                        const char *type,
                        const char *address)
{
  g_autofree char *line = dup_line (address, TRUE);
  g_autoptr (GString) text = g_string_new (NULL);

  if (g_str_is_ascii (line))
    {
      ph_buffer_append_printf (out, "%s: %s;%s\r\n", name, type, line);
      return;
    }

  for (const char *p = line; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c <= 32 || c >= 127 || c == '\\' || c == '+' || c == '=')
        g_string_append_printf (text, "\\x{%X}", c);
      else
        g_string_append_c (text, *p);
    }
  ph_buffer_append_printf (out, "%s: utf-8;%s\r\n", name, text->str);
}

/* --- The header --- */

static gboolean
is_message_id (const char *word)
{
  gsize length = strlen (word);

  for (gsize i = 0; i < length; i++)
    if (word[i] <= 32 || word[i] == 127)
      return FALSE;

  return length > 2 && length <= PH_ADDRESS_MAX && word[0] == '<' && word[length - 1] == '>';
}

static void
append_references (const PhDsn *self,
                   PhBuffer    *out)
{
  g_autoptr (PhHeader) header = ph_header_parse (self->message, self->message_length);
  g_autofree char *id = ph_header_dup_value (header, "Message-ID");
  g_autofree char *references = ph_header_dup_value (header, "References");
  g_autofree char *all = g_strjoin (" ", references != NULL ? references : "", id != NULL ? id : "", NULL);
  g_auto (GStrv) words = g_strsplit_set (all, " \t", -1);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (guint i = 0; words[i] != NULL; i++)
    if (is_message_id (words[i]))
      g_ptr_array_add (ids, words[i]);

  if (ids->len == 0)
    return;

  ph_buffer_append_printf (out, "In-Reply-To: %s\r\nReferences:", (const char *)g_ptr_array_index (ids, ids->len - 1));
  for (guint i = ids->len > REFERENCES_MAX ? ids->len - REFERENCES_MAX : 0; i < ids->len; i++)
    ph_buffer_append_printf (out, "%s%s", i == 0 ? " " : "\r\n ", (const char *)g_ptr_array_index (ids, i));
  ph_buffer_append_string (out, "\r\n");
}

static void
append_header (const PhDsn *self,
               const char  *boundary,
               PhBuffer    *out)
{
  g_autofree char *host = dup_line (self->reporting_mta, FALSE);
  g_autofree char *to = self->sender != NULL ? ph_address_normalize (self->sender) : NULL;
  g_autofree char *id = ph_trace_new_message_id (host);

  append_date_field (out, "Date", self->now);
  ph_buffer_append_printf (out, "From: Mail Delivery System <mailer-daemon@%s>\r\n", host);
  ph_buffer_append_printf (out, to != NULL ? "To: <%s>\r\n" : "To: undisclosed-recipients:;\r\n", to);
  ph_buffer_append_printf (out, "Subject: %s\r\n", actions[self->n_recipients > 0 ? self->recipients[0].action : PH_DSN_FAILED].subject);
  ph_buffer_append_printf (out, "Message-ID: %s\r\n", id);
  append_references (self, out);
  ph_buffer_append_string (out, "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n");
  ph_buffer_append_printf (out, "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"%s\"\r\n", boundary);
}

/* --- For a person --- */

static const char *
get_status (const PhDsnRecipient *recipient)
{
  const char *status = recipient->status;
  char class = actions[recipient->action].status[0];
  gsize subject, detail;

  if (status == NULL || status[0] != class || status[1] != '.')
    return actions[recipient->action].status;

  subject = strspn (status + 2, "0123456789");
  if (subject < 1 || subject > 3 || status[2 + subject] != '.')
    return actions[recipient->action].status;

  detail = strspn (status + 3 + subject, "0123456789");
  if (detail < 1 || detail > 3 || status[3 + subject + detail] != '\0')
    return actions[recipient->action].status;

  return status;
}

static const char *
explain (const PhDsnRecipient *recipient)
{
  const char *code = get_status (recipient) + 2;

  for (gsize i = 0; i < G_N_ELEMENTS (explanations); i++)
    {
      gsize length = strlen (explanations[i].code);

      if (strncmp (code, explanations[i].code, length) == 0 && (explanations[i].code[length - 1] == '.' || code[length] == '\0'))
        return explanations[i].text;
    }

  return NULL;
}

static void
describe_recipient (const PhDsnRecipient *recipient,
                    PhBuffer             *out)
{
  g_autofree char *address = dup_line (recipient->final_recipient, TRUE);
  gboolean         bad = recipient->action == PH_DSN_FAILED || recipient->action == PH_DSN_DELAYED;

  ph_buffer_append_printf (out, "\r\n  %s\r\n", address);

  if (recipient->action == PH_DSN_FAILED && explain (recipient) != NULL)
    ph_buffer_append_printf (out, "    %s\r\n", explain (recipient));
  if (bad && recipient->diagnostic != NULL)
    {
      g_autofree char *host = recipient->remote_mta != NULL ? dup_line (recipient->remote_mta, TRUE) : NULL;
      g_autofree char *reply = dup_line (recipient->diagnostic, TRUE);

      ph_buffer_append_printf (out, "    %s%s: %s\r\n", host != NULL ? host : "Reason", host != NULL ? " said" : "", reply);
    }
  if (recipient->action == PH_DSN_DELAYED && recipient->will_retry_until != 0)
    {
      PhDate           date = ph_date_from_local (recipient->will_retry_until);
      g_autofree char *text = ph_date_format (&date);

      ph_buffer_append_printf (out, "    It will be tried again until %s.\r\n", text);
    }
}

static void
describe (const PhDsn *self,
          PhBuffer    *out)
{
  g_autofree char *host = dup_line (self->reporting_mta, FALSE);

  ph_buffer_append_printf (out, "This is the mail server at %s.\r\n", host);

  for (guint action = 0; action < G_N_ELEMENTS (actions); action++)
    {
      guint n = 0;

      for (guint i = 0; i < self->n_recipients; i++)
        if (self->recipients[i].action == action)
          {
            if (n++ == 0)
              ph_buffer_append_printf (out, "\r\n%s\r\n", actions[action].text);
            describe_recipient (&self->recipients[i], out);
          }

      if (n > 0 && action == PH_DSN_FAILED)
        ph_buffer_append_string (out, "\r\nNobody tries again: if it still matters, send the message anew.\r\n");
      if (n > 0 && action == PH_DSN_DELAYED)
        ph_buffer_append_string (out, "\r\nYou need not do anything: the message is kept and tried again.\r\n");
    }

  ph_buffer_append_string (out, "\r\nDetails for programs and the start of your message follow.\r\n");
}

/* 7bit where it can be: some old systems show nothing else well. */
static void
append_description (const PhDsn *self,
                    PhBuffer    *out)
{
  g_auto (PhBuffer) text = { 0 };
  const guint8 *data;
  gsize         length, line = 0;
  gboolean      plain = TRUE;

  describe (self, &text);
  data = ph_buffer_get_data (&text);
  length = ph_buffer_get_length (&text);
  for (gsize i = 0; i < length; i++)
    {
      line = data[i] == '\n' ? 0 : line + 1;
      plain = plain && data[i] < 128 && line <= 900;
    }

  ph_buffer_append_printf (out, "Content-Type: text/plain; charset=%s\r\n", plain ? "us-ascii" : "utf-8");
  if (plain)
    {
      ph_buffer_append_string (out, "\r\n");
      ph_buffer_append (out, data, length);
    }
  else
    {
      ph_buffer_append_string (out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
      ph_transfer_encode_quoted_printable (data, length, out);
    }
}

/* --- For programs --- */

static void
append_recipient (const PhDsnRecipient *recipient,
                  PhBuffer             *out)
{
  ph_buffer_append_string (out, "\r\n");

  if (recipient->original_recipient != NULL)
    {
      const char      *semicolon = strchr (recipient->original_recipient, ';');
      g_autofree char *given = semicolon != NULL ? g_strndup (recipient->original_recipient, (gsize)(semicolon - recipient->original_recipient)) : NULL;
      g_autofree char *type = dup_line (given != NULL ? given : "rfc822", FALSE);

      append_recipient_field (out, "Original-Recipient", type, semicolon != NULL ? semicolon + 1 : recipient->original_recipient);
    }
  append_recipient_field (out, "Final-Recipient", "rfc822", recipient->final_recipient);
  append_field (out, "Action", "", actions[recipient->action].keyword);
  append_field (out, "Status", "", get_status (recipient));
  append_field (out, "Remote-MTA", "dns; ", recipient->remote_mta);
  append_field (out, "Diagnostic-Code", "smtp; ", recipient->diagnostic);
  append_date_field (out, "Last-Attempt-Date", recipient->last_attempt);
  if (recipient->action == PH_DSN_DELAYED)
    append_date_field (out, "Will-Retry-Until", recipient->will_retry_until);
}

static void
append_status (const PhDsn *self,
               PhBuffer    *out)
{
  ph_buffer_append_string (out, "Content-Type: message/delivery-status\r\n\r\n");
  append_field (out, "Original-Envelope-Id", "", self->envelope_id);
  append_field (out, "Reporting-MTA", "dns; ", self->reporting_mta);
  append_date_field (out, "Arrival-Date", self->arrival_time);
  append_field (out, "Future-Release-Request", "", self->hold);
  for (guint i = 0; i < self->n_recipients; i++)
    append_recipient (&self->recipients[i], out);
}

/* Lines with CRLF, without NULs and bare CRs (V02); ends with a line end. */
static void
append_canonical (const guint8 *data,
                  gsize         length,
                  PhBuffer     *out)
{
  for (gsize at = 0; at < length;)
    {
      const guint8 *lf = memchr (data + at, '\n', length - at);
      gsize         end = lf != NULL ? (gsize)(lf - data) : length;

      for (gsize i = at; i < end; i++)
        if (data[i] != '\0' && data[i] != '\r')
          ph_buffer_append (out, data + i, 1);
      ph_buffer_append_string (out, "\r\n");
      at = end + 1;
    }
}

static void
append_original (const PhDsn *self,
                 PhBuffer    *out)
{
  g_autoptr (PhHeader) header = ph_header_parse (self->message, self->message_length);
  gboolean whole = self->whole && self->message_length <= PH_DSN_MESSAGE_MAX;
  gsize    length = whole ? self->message_length : header->length;
  gboolean is_8bit = FALSE;

  if (!whole && length > PH_DSN_HEADER_MAX)
    for (length = PH_DSN_HEADER_MAX; length > 0 && self->message[length - 1] != '\n';)
      length--;

  for (gsize i = 0; i < length; i++)
    is_8bit |= self->message[i] >= 128;

  ph_buffer_append_printf (out, "Content-Type: %s\r\n%s\r\n", whole ? "message/rfc822" : "text/rfc822-headers",
                           is_8bit ? "Content-Transfer-Encoding: 8bit\r\n" : "");
  append_canonical (self->message, length, out);
}

void
ph_dsn_format (const PhDsn *self,
               PhBuffer    *out)
{
  g_autofree char *id = g_uuid_string_random (); /* random, so the original can't contain it */
  g_autofree char *boundary = g_strconcat ("=_", id, NULL);

  append_header (self, boundary, out);
  ph_buffer_append_printf (out, "\r\n--%s\r\n", boundary);
  append_description (self, out);
  ph_buffer_append_printf (out, "\r\n--%s\r\n", boundary);
  append_status (self, out);
  ph_buffer_append_printf (out, "\r\n--%s\r\n", boundary);
  append_original (self, out);
  ph_buffer_append_printf (out, "\r\n--%s--\r\n", boundary);
}
