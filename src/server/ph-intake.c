#include "ph-intake-private.h"

#include "ph-smtp-session.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void smtp_handler_init (PhSmtpHandlerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PhIntake, ph_intake, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (PH_TYPE_SMTP_HANDLER, smtp_handler_init) G_IMPLEMENT_INTERFACE (PH_TYPE_RELAY_HANDLER, ph_intake_init_relay_handler))

static void
ph_intake_dispose (GObject *object)
{
  PhIntake *self = PH_INTAKE (object);

  g_clear_weak_pointer (&self->relay);
  g_clear_object (&self->responder);
  g_clear_object (&self->recoders);
  g_clear_object (&self->checkers);
  g_clear_object (&self->resolver);
  g_clear_object (&self->limits);
  g_clear_object (&self->recent);
  g_clear_object (&self->accounts);
  g_clear_object (&self->store);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (ph_intake_parent_class)->dispose (object);
}

static void
ph_intake_finalize (GObject *object)
{
  PhIntake *self = PH_INTAKE (object);

  g_free (self->host_name);
  g_clear_pointer (&self->rules, ph_check_rules_free);

  G_OBJECT_CLASS (ph_intake_parent_class)->finalize (object);
}

static void
ph_intake_class_init (PhIntakeClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_intake_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_intake_finalize;
}

static void
ph_intake_init (PhIntake *self)
{
}

PhIntake *
ph_intake_new (PhAccounts *accounts,
               PhStore    *store,
               PhClock    *clock)
{
  PhIntake *self = g_object_new (PH_TYPE_INTAKE, NULL);

  self->accounts = g_object_ref (accounts);
  self->store = g_object_ref (store);
  self->clock = g_object_ref (clock);
  self->host_name = g_strdup ("localhost");
  self->limits = ph_mail_limits_new (clock);
  self->recent = ph_recent_mail_new (clock);

  return self;
}

void
ph_intake_set_relay (PhIntake *self,
                     PhRelay  *relay)
{
  g_return_if_fail (PH_IS_INTAKE (self));

  g_set_weak_pointer (&self->relay, relay);
}

void
ph_intake_set_responder (PhIntake    *self,
                         PhResponder *responder)
{
  g_return_if_fail (PH_IS_INTAKE (self));

  g_set_object (&self->responder, responder);
  ph_responder_set_handler (responder, PH_RELAY_HANDLER (self));
}

void
ph_intake_set_host_name (PhIntake   *self,
                         const char *host_name)
{
  g_return_if_fail (PH_IS_INTAKE (self));

  g_free (self->host_name);
  self->host_name = g_strdup (host_name);
}

void
ph_intake_set_limits (PhIntake                 *self,
                      const PhMailLimitsConfig *limits)
{
  g_return_if_fail (PH_IS_INTAKE (self));

  ph_mail_limits_configure (self->limits, limits);
}

void
ph_intake_set_hold_max (PhIntake *self,
                        guint     seconds)
{
  g_return_if_fail (PH_IS_INTAKE (self));

  self->hold_max = seconds;
}

/* Yes or no */

static guint
get_hold_max (PhSmtpHandler *handler,
              gint64        *now)
{
  PhIntake *self = PH_INTAKE (handler);

  *now = ph_clock_get_real_time (self->clock);

  return self->relay != NULL ? self->hold_max : 0;
}

typedef struct
{
  PhAccounts *accounts;
  PhAccount  *account;
} KeptBy;

static gboolean
is_kept_by (const char *sender,
            gpointer    user_data)
{
  KeptBy *by = user_data;

  return ph_accounts_may_send_as (by->accounts, by->account, sender);
}

/* RFC 4865 section 6: what is kept takes room for a long time. */
static PhSmtpReply *
check_kept (PhIntake             *self,
            PhJournalSession     *journal,
            PhAccount            *account,
            const PhSmtpEnvelope *envelope)
{
  KeptBy by = { self->accounts, account };
  guint  total, own;

  if (envelope->release == 0 || self->relay == NULL || account == NULL)
    return NULL;

  own = ph_relay_count_kept (self->relay, is_kept_by, &by, &total);
  if (own < PH_KEPT_MAIL_SENDER_MAX && total < PH_KEPT_MAIL_MAX)
    return NULL;

  /* Translators: numbers of messages that are kept until a time: there are %1$u and %2$u, and may be %3$d and %4$d */
  ph_journal_session_note (journal, N_ ("Messages that wait for their time: %u of this account and %u of all; there may be %d and %d"), own, total, PH_KEPT_MAIL_SENDER_MAX, PH_KEPT_MAIL_MAX);
  if (own >= PH_KEPT_MAIL_SENDER_MAX)
    return ph_smtp_reply_new (552, "5.7.16", "%u of your messages wait for their time already", own);

  return ph_smtp_reply_new (552, "5.7.17", "Too many messages wait for their time already");
}

/* Programs of this computer may send what they like, as shipped. */
static gboolean
is_counted (PhIntake      *self,
            PhSmtpSession *session)
{
  return !ph_session_get_peer (PH_SESSION (session))->is_loopback || ph_mail_limits_counts_loopback (self->limits);
}

/* What is said to who had enough, and to people who look at the session; and where the number is set. */
static const struct
{
  PhMailLimitsWhat    what;
  PhMailLimitsVerdict verdict;
  guint               code;
  const char         *text;
  const char         *keys[2]; /* of an address, of an account */
} over_limits[] = {
  { PH_MAIL_LIMITS_MESSAGE, PH_MAIL_LIMITS_OVER_HOUR, 450, N_ ("Too many messages in an hour"), { "AddressMessages", "AccountMessages" } },
  { PH_MAIL_LIMITS_MESSAGE, PH_MAIL_LIMITS_OVER_DAY, 450, N_ ("Too many messages in a day"), { NULL, "AccountMessagesDay" } },
  { PH_MAIL_LIMITS_RECIPIENT, PH_MAIL_LIMITS_OVER_HOUR, 452, N_ ("Too many recipients in an hour"), { "AddressRecipients", "AccountRecipients" } },
  { PH_MAIL_LIMITS_RECIPIENT, PH_MAIL_LIMITS_OVER_DAY, 452, N_ ("Too many recipients in a day"), { NULL, "AccountRecipientsDay" } },
  { PH_MAIL_LIMITS_UNKNOWN, PH_MAIL_LIMITS_OVER_HOUR, 450, N_ ("Too many unknown recipients in an hour"), { "AddressUnknown", NULL } },
};

/* Not 4.5.3, which would make a client begin the next message at once. */
static PhSmtpReply *
refuse_over_limit (PhIntake           *self,
                   PhSmtpSession      *session,
                   PhMailLimitsWhat    what,
                   PhMailLimitsVerdict verdict)
{
  PhJournalSession *journal = ph_session_get_journal (PH_SESSION (session));
  PhAccount        *account = ph_smtp_session_get_account (session);

  for (guint i = 0; i < G_N_ELEMENTS (over_limits); i++)
    if (over_limits[i].what == what && over_limits[i].verdict == verdict)
      {
        ph_journal_session_add_finding (journal, over_limits[i].text);
        /* Translators: an address, a number, and the name of a setting */
        ph_journal_session_note (journal, N_ ("%s has used up all %u (%s in [Limits]); there is room for one more as time goes by"),
                                 account != NULL ? ph_account_get_address (account) : ph_session_get_peer (PH_SESSION (session))->address,
                                 ph_mail_limits_get_number (self->limits, what, account != NULL, verdict), over_limits[i].keys[account != NULL]);
        return ph_smtp_reply_new (over_limits[i].code, "4.7.1", "%s; try again later", over_limits[i].text);
      }

  return NULL;
}

static PhSmtpReply *
check_limits (PhIntake        *self,
              PhSmtpSession   *session,
              PhMailLimitsWhat what)
{
  PhAccount          *account = ph_smtp_session_get_account (session);
  PhMailLimitsVerdict verdict;

  if (!is_counted (self, session))
    return NULL;

  if (account != NULL)
    verdict = ph_mail_limits_take_account (self->limits, what, ph_account_get_address (account));
  else
    verdict = ph_mail_limits_take_address (self->limits, what, ph_session_get_peer (PH_SESSION (session))->address);

  return refuse_over_limit (self, session, what, verdict);
}

/* V20: who has asked for too many that are not here is told no more who is. */
static PhSmtpReply *
check_guesses (PhIntake      *self,
               PhSmtpSession *session)
{
  if (!is_counted (self, session) || ph_smtp_session_get_account (session) != NULL ||
      ph_mail_limits_has_room (self->limits, PH_MAIL_LIMITS_UNKNOWN, ph_session_get_peer (PH_SESSION (session))->address))
    return NULL;

  return refuse_over_limit (self, session, PH_MAIL_LIMITS_UNKNOWN, PH_MAIL_LIMITS_OVER_HOUR);
}

static PhSmtpReply *
refuse_unknown (PhIntake              *self,
                PhSmtpSession         *session,
                const PhSmtpRecipient *recipient)
{
  if (is_counted (self, session) && ph_smtp_session_get_account (session) == NULL)
    ph_mail_limits_take_address (self->limits, PH_MAIL_LIMITS_UNKNOWN, ph_session_get_peer (PH_SESSION (session))->address);

  /* Translators: an address */
  ph_journal_session_note (ph_session_get_journal (PH_SESSION (session)), N_ ("%s: the domain is one of this server, and it has neither an account, an alias nor a catch-all that would get this"),
                           recipient->address);

  return ph_smtp_reply_new (550, "5.1.1", "There is nobody named %s here", recipient->address);
}

/* V27: for others only what people of this server send. */
static PhSmtpReply *
refuse_relaying (PhSmtpSession         *session,
                 const PhSmtpRecipient *recipient)
{
  /* Translators: an address */
  ph_journal_session_note (ph_session_get_journal (PH_SESSION (session)), N_ ("%s: the domain is none of this server, and mail to others is taken only from who has logged in (Submission)"),
                           recipient->address);

  return ph_smtp_reply_new (550, "5.7.1", "Mail for %s is not relayed", recipient->address);
}

static char *
format_bytes (guint64 size)
{
  return g_format_size_full (size, G_FORMAT_SIZE_LONG_FORMAT);
}

static PhSmtpReply *
check_sender (PhSmtpHandler        *handler,
              PhSmtpSession        *session,
              const PhSmtpEnvelope *envelope)
{
  PhIntake         *self = PH_INTAKE (handler);
  PhAccount        *account = ph_smtp_session_get_account (session);
  PhJournalSession *journal = ph_session_get_journal (PH_SESSION (session));
  guint64           free_space = ph_store_get_free_space (self->store);
  PhSmtpReply      *refusal;

  if (free_space < PH_INTAKE_RESERVE || free_space - PH_INTAKE_RESERVE < envelope->declared_size)
    {
      g_autofree char *has = format_bytes (free_space), *keeps = format_bytes (PH_INTAKE_RESERVE), *wants = format_bytes (envelope->declared_size);

      /* Translators: three sizes */
      ph_journal_session_note (journal, N_ ("The disk has %s free for mail, of which %s are kept; the message is said to have %s"), has, keeps, wants);
      return ph_smtp_reply_new (452, "4.3.1", "The disk is full; try again later");
    }

  /* S28: people send as themselves; reports of their programs have no sender. */
  if (account != NULL && *envelope->sender != '\0' && !ph_accounts_may_send_as (self->accounts, account, envelope->sender))
    {
      /* Translators: two addresses */
      ph_journal_session_note (journal, N_ ("An account sends with its own address, its aliases, and those with a +tag; <%s> is none of these of %s"),
                               envelope->sender, ph_account_get_address (account));
      return ph_smtp_reply_new (553, "5.7.1", "%s may not send as %s", ph_account_get_address (account), envelope->sender);
    }

  refusal = check_kept (self, journal, account, envelope);

  return refusal != NULL ? refusal : check_limits (self, session, PH_MAIL_LIMITS_MESSAGE);
}

static void
note_quota (PhJournalSession *journal,
            const char       *address,
            PhAccount        *account, /* or NULL */
            guint64           room,
            guint64           size)
{
  g_autofree char *may = format_bytes (account != NULL ? ph_account_get_quota (account) : 0), *has = format_bytes (room), *wants = format_bytes (size);

  /* Translators: an address and three sizes */
  ph_journal_session_note (journal, N_ ("%s may have %s (its quota), of which %s are free; the message is said to have %s"), address, may, has, wants);
}

/* S08: a mailbox that is known to be full says so before the message comes. */
static PhSmtpReply *
check_room (PhIntake             *self,
            PhSmtpSession        *session,
            const PhSmtpEnvelope *envelope,
            const char *const    *targets)
{
  for (guint i = 0; targets[i] != NULL; i++)
    {
      PhAccount *account = ph_accounts_find (self->accounts, targets[i]);
      guint64    room = ph_store_get_room (self->store, targets[i]);

      if (room >= MAX (envelope->declared_size, 1))
        continue;
      note_quota (ph_session_get_journal (PH_SESSION (session)), targets[i], account, room, envelope->declared_size);
      return ph_smtp_reply_new (452, "4.2.2", "The mailbox is full");
    }

  return NULL;
}

static PhSmtpReply *
check_recipient (PhSmtpHandler        *handler,
                 PhSmtpSession        *session,
                 const PhSmtpEnvelope *envelope,
                 PhSmtpRecipient      *recipient)
{
  PhIntake    *self = PH_INTAKE (handler);
  PhSmtpReply *refusal = check_guesses (self, session);
  g_auto (GStrv) targets = NULL;

  if (refusal != NULL)
    return refusal;

  switch (ph_accounts_resolve (self->accounts, recipient->address, &targets))
    {
    case PH_RECIPIENT_UNKNOWN:
      return refuse_unknown (self, session, recipient);

    case PH_RECIPIENT_REMOTE:
      if (ph_smtp_session_get_account (session) == NULL)
        return refuse_relaying (session, recipient);
      break;

    case PH_RECIPIENT_LOCAL:
    default:
      break;
    }

  refusal = check_room (self, session, envelope, (const char *const *)targets);
  if (refusal == NULL)
    refusal = check_limits (self, session, PH_MAIL_LIMITS_RECIPIENT);
  if (refusal != NULL)
    return refusal;

  recipient->handler_data = g_steal_pointer (&targets);
  recipient->handler_free = (GDestroyNotify)g_strfreev;

  return NULL;
}

static void
smtp_handler_init (PhSmtpHandlerInterface *iface)
{
  iface->get_hold_max = get_hold_max;
  iface->check_sender = check_sender;
  iface->check_recipient = check_recipient;
  iface->begin_message = ph_intake_begin_message;
  iface->write_message = ph_intake_write_message;
  iface->end_message_async = ph_intake_end_message_async;
  iface->end_message_finish = ph_intake_end_message_finish;
  iface->message_unanswered = ph_intake_message_unanswered;
}
