/* MAIL and RCPT: the envelope. */

#include "ph-smtp-parameters.h"
#include "ph-smtp-session-private.h"
#include "ph-smtp-xtext.h"

#include "ph-address.h"

#include <string.h>

#define ENVID_MAX 100 /* encoded, RFC 3461 section 5.4 */
#define ORCPT_MAX 500 /* encoded, the same */

static gboolean
value_is (const char *value,
          gsize       length,
          const char *word)
{
  return strlen (word) == length && g_ascii_strncasecmp (word, value, length) == 0;
}

/* Parameters of MAIL; the target is the session, whose envelope is being made. */

static PhSmtpReply *
apply_size (gpointer    target,
            const char *value,
            gsize       length)
{
  PhSmtpSession *self = target;
  guint64        size = 0;

  /* RFC 1870: at most 20 digits.  What overflows is too big, not wrong (V46). */
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (value[i]) || length > 20)
        return ph_smtp_reply_new (501, "5.5.4", "SIZE needs a number");
      if (!g_uint64_checked_mul (&size, size, 10) || !g_uint64_checked_add (&size, size, (guint64)(value[i] - '0')))
        size = G_MAXUINT64 / 10;
    }

  if (self->config.message_size_max > 0 && size > self->config.message_size_max)
    return ph_smtp_session_refuse_size (self, size);
  self->envelope->declared_size = size;

  return NULL;
}

static PhSmtpReply *
apply_body (gpointer    target,
            const char *value,
            gsize       length)
{
  PhSmtpSession *self = target;

  if (value_is (value, length, "8BITMIME"))
    self->envelope->body = PH_SMTP_BODY_8BITMIME;
  else if (value_is (value, length, "BINARYMIME"))
    self->envelope->body = PH_SMTP_BODY_BINARYMIME;
  else if (!value_is (value, length, "7BIT"))
    return ph_smtp_reply_new (501, "5.5.4", "BODY is 7BIT, 8BITMIME or BINARYMIME");

  return NULL;
}

static PhSmtpReply *
apply_smtputf8 (gpointer    target,
                const char *value,
                gsize       length)
{
  PhSmtpSession *self = target;

  self->envelope->smtputf8 = TRUE;

  return NULL;
}

/* RFC 8689 section 2: known only under TLS. */
static PhSmtpReply *
apply_requiretls (gpointer    target,
                  const char *value,
                  gsize       length)
{
  PhSmtpSession *self = target;

  if (!ph_smtp_session_is_tls (self))
    return ph_smtp_reply_new (555, "5.5.4", "REQUIRETLS needs TLS here, too");
  self->envelope->requiretls = TRUE;

  return NULL;
}

static PhSmtpReply *
apply_ret (gpointer    target,
           const char *value,
           gsize       length)
{
  PhSmtpSession *self = target;

  if (value_is (value, length, "FULL"))
    self->envelope->ret = PH_DSN_RET_FULL;
  else if (value_is (value, length, "HDRS"))
    self->envelope->ret = PH_DSN_RET_HDRS;
  else
    return ph_smtp_reply_new (501, "5.5.4", "RET is FULL or HDRS");

  return NULL;
}

static PhSmtpReply *
apply_envid (gpointer    target,
             const char *value,
             gsize       length)
{
  PhSmtpSession *self = target;

  if (length <= ENVID_MAX)
    self->envelope->envid = ph_smtp_xtext_decode (value, length, FALSE);

  return self->envelope->envid != NULL ? NULL : ph_smtp_reply_new (501, "5.5.4", "Malformed ENVID");
}

/* RFC 4954 section 5: who submitted it first.  We trust nobody's word for that, so it is
 * checked and forgotten. */
static PhSmtpReply *
apply_auth (gpointer    target,
            const char *value,
            gsize       length)
{
  g_autofree char *mailbox = ph_smtp_xtext_decode (value, length, FALSE);

  return mailbox != NULL ? NULL : ph_smtp_reply_new (501, "5.5.4", "Malformed AUTH");
}

/* The last are known only to submission. */
static const PhSmtpParameter mail_parameters[] = {
  { "SIZE", TRUE, apply_size },
  { "BODY", TRUE, apply_body },
  { "SMTPUTF8", FALSE, apply_smtputf8 },
  { "REQUIRETLS", FALSE, apply_requiretls },
  { "RET", TRUE, apply_ret },
  { "ENVID", TRUE, apply_envid },
  { "AUTH", TRUE, apply_auth },
  { "HOLDFOR", TRUE, ph_smtp_hold_apply_for },
  { "HOLDUNTIL", TRUE, ph_smtp_hold_apply_until },
};
#define SUBMISSION_PARAMETERS 3

/* Parameters of RCPT; the target is a PhSmtpRecipient. */

static PhSmtpReply *
apply_notify (gpointer    target,
              const char *value,
              gsize       length)
{
  static const struct
  {
    const char *word;
    PhDsnNotify flag;
  } words[] = {
    { "NEVER", PH_DSN_NOTIFY_NEVER },
    { "SUCCESS", PH_DSN_NOTIFY_SUCCESS },
    { "FAILURE", PH_DSN_NOTIFY_FAILURE },
    { "DELAY", PH_DSN_NOTIFY_DELAY },
  };
  PhSmtpRecipient *recipient = target;
  gsize            at = 0;
  gboolean         known = TRUE;

  while (at <= length && known)
    {
      const char *comma = memchr (value + at, ',', length - at);
      gsize       word = comma != NULL ? (gsize)(comma - value) - at : length - at;

      known = FALSE;
      for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
        if (value_is (value + at, word, words[i].word))
          {
            recipient->notify |= words[i].flag;
            known = TRUE;
          }
      at += word + 1;
    }

  if (!known || ((recipient->notify & PH_DSN_NOTIFY_NEVER) && recipient->notify != PH_DSN_NOTIFY_NEVER))
    return ph_smtp_reply_new (501, "5.5.4", "NOTIFY is NEVER, or some of SUCCESS, FAILURE, DELAY");

  return NULL;
}

/* "rfc822;" and an address in xtext (RFC 3461 section 4.2), or "utf-8;" (RFC 6533). */
static PhSmtpReply *
apply_orcpt (gpointer    target,
             const char *value,
             gsize       length)
{
  PhSmtpRecipient *recipient = target;
  const char      *semicolon = memchr (value, ';', length);
  gsize            type = semicolon != NULL ? (gsize)(semicolon - value) : 0;
  g_autofree char *address = NULL;

  for (gsize i = 0; i < type; i++)
    if (!g_ascii_isalnum (value[i]) && value[i] != '-')
      type = 0;

  if (type > 0 && length > type + 1 && length <= ORCPT_MAX)
    address = ph_smtp_xtext_decode (semicolon + 1, length - type - 1, value_is (value, type, "utf-8"));
  if (address == NULL)
    return ph_smtp_reply_new (501, "5.5.4", "Malformed ORCPT");

  recipient->orcpt = g_strdup_printf ("%.*s;%s", (int)type, value, address);

  return NULL;
}

static const PhSmtpParameter rcpt_parameters[] = {
  { "NOTIFY", TRUE, apply_notify },
  { "ORCPT", TRUE, apply_orcpt },
};

/* Parses "FROM:<path>" or "TO:<path>".  NULL once a mistake was answered. */
static PhAddress *
parse_path (PhSmtpSession *self,
            const char    *keyword,
            PhAddressFlags flags,
            const char    *enhanced,
            const char    *args,
            gsize          length,
            gsize         *consumed)
{
  g_autoptr (GError) error = NULL;
  PhAddress *address;
  gsize      at = strlen (keyword);

  if (length < at || g_ascii_strncasecmp (args, keyword, at) != 0)
    {
      ph_smtp_session_mistake (self, 501, "5.5.4", "Syntax: %s<address>", keyword);
      return NULL;
    }

  /* Old mail programs put a blank there; servers do not (S03). */
  while (self->config.role == PH_SMTP_ROLE_SUBMISSION && at < length && args[at] == ' ')
    at++;

  address = ph_address_parse_path (args + at, length - at, flags | PH_ADDRESS_UTF8, consumed, &error);
  if (address == NULL)
    {
      ph_smtp_session_mistake (self, 501, enhanced, "%s", error->message);
      return NULL;
    }
  *consumed += at;

  return address;
}

/* RFC 6531 section 3.5; a domain that is not ASCII is no address of RFC 5321 either. */
static gboolean
needs_utf8 (PhSmtpSession *self,
            const char    *path,
            gsize          length)
{
  gboolean is_ascii = TRUE;

  for (gsize i = 0; i < length; i++)
    is_ascii &= (guchar)path[i] < 0x80;

  return !is_ascii && !self->envelope->smtputf8;
}

/* With HELO there are no extensions, so no parameters. */
static PhSmtpReply *
parse_parameters (PhSmtpSession         *self,
                  const PhSmtpParameter *table,
                  gsize                  n_rows,
                  const char            *text,
                  gsize                  length,
                  gpointer               target)
{
  return ph_smtp_parameters_parse (table, self->extended ? n_rows : 0, text, length, target);
}

void
ph_smtp_session_refuse (PhSmtpSession     *self,
                        const PhSmtpReply *refusal)
{
  ph_journal_session_add_refusal (ph_session_get_journal (PH_SESSION (self)));
  if (refusal->code == 501 || refusal->code == 555)
    ph_smtp_session_mistake (self, refusal->code, refusal->enhanced, "%s", refusal->text);
  else
    ph_smtp_session_send (self, refusal);
}

static PhSmtpReply *
check_sender (PhSmtpSession *self,
              gsize          path, /* so long, then parameters */
              const char    *args,
              gsize          length)
{
  gsize        n_rows = G_N_ELEMENTS (mail_parameters) - (self->config.role == PH_SMTP_ROLE_SUBMISSION ? 0 : SUBMISSION_PARAMETERS);
  PhSmtpReply *refusal = parse_parameters (self, mail_parameters, n_rows, args + path, length - path, self);

  if (refusal == NULL && needs_utf8 (self, args, path))
    refusal = ph_smtp_reply_new (550, "5.6.7", "Such an address needs SMTPUTF8");
  if (refusal == NULL)
    refusal = PH_SMTP_HANDLER_GET_IFACE (self->handler)->check_sender (self->handler, self, self->envelope);

  return refusal;
}

void
ph_smtp_command_mail (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  g_autoptr (PhAddress) sender = NULL;
  g_autoptr (PhSmtpReply) refusal = NULL;
  g_autofree char *text = NULL;
  gsize            consumed;

  if (self->config.role == PH_SMTP_ROLE_SUBMISSION && self->account == NULL)
    {
      ph_smtp_session_mistake (self, 530, "5.7.0", "%s", ph_smtp_session_is_protected (self) ? "Log in first" : "STARTTLS first, then log in");
      return;
    }

  sender = parse_path (self, "FROM:", PH_ADDRESS_NULL_PATH, "5.1.7", args, length, &consumed);
  if (sender == NULL)
    return;

  text = ph_address_format (sender);
  self->envelope = ph_smtp_envelope_new (text);
  self->envelope->from_here = self->account != NULL;
  refusal = check_sender (self, consumed, args, length);
  if (refusal != NULL)
    {
      ph_smtp_session_refuse (self, refusal);
      ph_smtp_session_reset (self);
      return;
    }

  ph_smtp_session_reply (self, 250, "2.1.0", "OK");
}

static PhSmtpReply *
check_recipient (PhSmtpSession   *self,
                 PhSmtpRecipient *recipient,
                 gsize            path, /* so long, then parameters */
                 const char      *args,
                 gsize            length)
{
  guint        n_recipients = self->envelope->recipients->len;
  PhSmtpReply *refusal = parse_parameters (self, rcpt_parameters, G_N_ELEMENTS (rcpt_parameters), args + path, length - path, recipient);

  if (refusal != NULL)
    return refusal;
  if (needs_utf8 (self, args, path))
    return ph_smtp_reply_new (553, "5.6.7", "Such an address needs SMTPUTF8");
  if (self->config.recipients_max > 0 && n_recipients >= self->config.recipients_max)
    return ph_smtp_reply_new (452, "4.5.3", "At most %u recipients", self->config.recipients_max);

  /* S10: a report is for one person.  Who speaks LMTP has taken it from somebody, and looked. */
  if (self->config.role != PH_SMTP_ROLE_LMTP && *self->envelope->sender == '\0' && n_recipients > 0)
    return ph_smtp_reply_new (452, "4.5.3", "One recipient where there is no sender");

  return PH_SMTP_HANDLER_GET_IFACE (self->handler)->check_recipient (self->handler, self, self->envelope, recipient);
}

void
ph_smtp_command_rcpt (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  g_autoptr (PhAddress) address = NULL;
  g_autoptr (PhSmtpRecipient) recipient = NULL;
  g_autoptr (PhSmtpReply) refusal = NULL;
  g_autofree char *text = NULL;
  gsize            consumed;

  self->recipient_tried = TRUE;
  address = parse_path (self, "TO:", PH_ADDRESS_POSTMASTER, "5.1.3", args, length, &consumed);
  if (address == NULL)
    return;

  text = ph_address_format (address);
  recipient = ph_smtp_recipient_new (text);
  refusal = check_recipient (self, recipient, consumed, args, length);
  if (refusal == NULL)
    {
      g_ptr_array_add (self->envelope->recipients, g_steal_pointer (&recipient));
      ph_smtp_session_reply (self, 250, "2.1.5", "OK");
      return;
    }

  ph_smtp_tar_pit_refuse (self, refusal);
}
