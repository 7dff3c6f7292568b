#include "ph-pop3-session-private.h"

#include "ph-http-verb.h"
#include "ph-login.h"
#include "ph-store-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (PhPop3Session, ph_pop3_session, PH_TYPE_SESSION)

/* What may stand behind a command. */
typedef enum {
  PH_POP3_ARGUMENT_NONE, /* RFC 1939 section 3 has syntax that is not its own refused */
  PH_POP3_ARGUMENT_PLAIN,
  PH_POP3_ARGUMENT_SECRET, /* a password */
} PhPop3Argument;

/* RFC 1939 with APOP, 2449 (CAPA), 2595 (STLS), 5034 (AUTH), 6856 (UTF8, LANG) */
typedef struct
{
  const char       *name;
  PhPop3State       states;
  PhPop3Argument    argument;
  PhPop3CommandFunc run;
} PhPop3Command;

static const PhPop3Command commands[] = {
  { "CAPA", PH_POP3_AUTHORIZATION | PH_POP3_TRANSACTION, PH_POP3_ARGUMENT_NONE, ph_pop3_command_capa },
  { "STLS", PH_POP3_AUTHORIZATION, PH_POP3_ARGUMENT_NONE, ph_pop3_command_stls },
  { "UTF8", PH_POP3_AUTHORIZATION, PH_POP3_ARGUMENT_NONE, ph_pop3_command_utf8 },
  { "LANG", PH_POP3_AUTHORIZATION | PH_POP3_TRANSACTION, PH_POP3_ARGUMENT_PLAIN, ph_pop3_command_lang },
  { "USER", PH_POP3_AUTHORIZATION, PH_POP3_ARGUMENT_PLAIN, ph_pop3_command_user },
  { "PASS", PH_POP3_AUTHORIZATION, PH_POP3_ARGUMENT_SECRET, ph_pop3_command_pass },
  { "APOP", PH_POP3_AUTHORIZATION, PH_POP3_ARGUMENT_SECRET, ph_pop3_command_apop },
  { "AUTH", PH_POP3_AUTHORIZATION, PH_POP3_ARGUMENT_SECRET, ph_pop3_command_auth },
  { "STAT", PH_POP3_TRANSACTION, PH_POP3_ARGUMENT_NONE, ph_pop3_command_stat },
  { "LIST", PH_POP3_TRANSACTION, PH_POP3_ARGUMENT_PLAIN, ph_pop3_command_list },
  { "UIDL", PH_POP3_TRANSACTION, PH_POP3_ARGUMENT_PLAIN, ph_pop3_command_uidl },
  { "RETR", PH_POP3_TRANSACTION, PH_POP3_ARGUMENT_PLAIN, ph_pop3_command_retr },
  { "TOP", PH_POP3_TRANSACTION, PH_POP3_ARGUMENT_PLAIN, ph_pop3_command_top },
  { "DELE", PH_POP3_TRANSACTION, PH_POP3_ARGUMENT_PLAIN, ph_pop3_command_dele },
  { "NOOP", PH_POP3_TRANSACTION, PH_POP3_ARGUMENT_NONE, ph_pop3_command_noop },
  { "RSET", PH_POP3_TRANSACTION, PH_POP3_ARGUMENT_NONE, ph_pop3_command_rset },
  { "QUIT", PH_POP3_AUTHORIZATION | PH_POP3_TRANSACTION, PH_POP3_ARGUMENT_NONE, ph_pop3_command_quit },
};

void
ph_pop3_session_leave (PhPop3Session *self)
{
  g_cancellable_cancel (self->cancellable);
  ph_pop3_auth_clear (self);
  ph_pop3_transfer_clear (self);
  ph_pop3_ahead_clear (self);
  self->next_index = 0;
  self->produce = NULL;
  if (self->locked)
    ph_account_store_unlock (self->account_store, self);
  self->locked = FALSE;
  g_clear_pointer (&self->uidls, g_hash_table_unref);
  g_clear_object (&self->mailbox);
  g_clear_object (&self->account_store);
  g_clear_object (&self->account);
}

static void
ph_pop3_session_dispose (GObject *object)
{
  PhPop3Session *self = PH_POP3_SESSION (object);

  ph_pop3_session_leave (self);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->authenticator);
  g_clear_object (&self->store);

  G_OBJECT_CLASS (ph_pop3_session_parent_class)->dispose (object);
}

static void
ph_pop3_session_finalize (GObject *object)
{
  PhPop3Session *self = PH_POP3_SESSION (object);

  g_array_unref (self->messages);
  g_free (self->host_name);
  g_free (self->user);
  g_free (self->challenge);

  G_OBJECT_CLASS (ph_pop3_session_parent_class)->finalize (object);
}

static void
set_deadline (PhPop3Session *self)
{
  if (self->state == PH_POP3_TRANSACTION)
    ph_session_await_command (PH_SESSION (self), PH_POP3_IDLE_SECONDS);
  else
    ph_session_set_deadline (PH_SESSION (self), PH_POP3_LOGIN_SECONDS);
}

void
ph_pop3_session_wait (PhPop3Session *self)
{
  self->waiting = TRUE;
}

void
ph_pop3_session_go_on (PhPop3Session *self)
{
  self->waiting = FALSE;
  set_deadline (self);
  ph_session_changed (PH_SESSION (self));
}

static void
produce_more (PhPop3Session *self)
{
  while (self->produce != NULL && ph_session_can_write (PH_SESSION (self)))
    if (self->produce (self))
      self->produce = NULL;
}

void
ph_pop3_session_produce (PhPop3Session    *self,
                         PhPop3ProduceFunc produce)
{
  self->produce = produce;
  produce_more (self);
}

gboolean
ph_pop3_session_is_protected (PhPop3Session *self)
{
  return ph_authenticator_protects (self->authenticator, ph_session_get_peer (PH_SESSION (self)));
}

/* Logging in */

static void
take_snapshot (PhPop3Session *self)
{
  guint n = ph_mailbox_get_n_messages (self->mailbox);

  g_array_set_size (self->messages, 0);
  self->size = 0;
  for (guint i = 0; i < n; i++)
    {
      const PhMessageInfo *info = ph_mailbox_get_info (self->mailbox, i);
      /* P05: what RETR sends ends with a CRLF, whatever is stored. */
      guint32       size = info->size + (info->ending == PH_MESSAGE_ENDING_OPEN ? 2 : 0);
      PhPop3Message message = { info->uid, size, FALSE };

      g_array_append_val (self->messages, message);
      self->size += size;
    }
}

/* Others may be tried on the same connection. */
static void
refuse_to_enter (PhPop3Session *self,
                 const char    *reply)
{
  ph_pop3_session_leave (self);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  ph_pop3_session_reply (self, "%s", reply);
  ph_pop3_session_go_on (self);
}

static void
fail_to_enter (PhPop3Session *self,
               const GError  *error)
{
  /* Translators: why */
  ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), N_ ("The mailbox can’t be opened: %s"), _ (error->message));
  refuse_to_enter (self, "-ERR [SYS/TEMP] The mailbox can't be opened now");
}

static void
uidls_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (PhPop3Session) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) uidls = ph_mailbox_load_uidls_finish (PH_MAILBOX (source), result, &error);

  if (self->mailbox == NULL)
    return; /* the peer is gone */
  if (uidls == NULL)
    {
      fail_to_enter (self, error);
      return;
    }

  self->uidls = g_steal_pointer (&uidls);
  self->state = PH_POP3_TRANSACTION;
  take_snapshot (self);
  ph_pop3_session_reply (self, "+OK %u messages (%" G_GUINT64_FORMAT " octets)", self->messages->len, self->size);
  ph_pop3_session_go_on (self);
}

/* Sizes are told once all endings are known; where one can't be, as it is stored. */
static void
endings_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhPop3Session) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ph_mailbox_load_endings_finish (PH_MAILBOX (source), result, &error))
    /* Translators: why */
    ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), N_ ("The ends of messages can’t be looked at: %s"), _ (error->message));
  if (self->mailbox == NULL)
    return; /* the peer is gone */

  ph_mailbox_load_uidls_async (self->mailbox, self->cancellable, uidls_cb, g_object_ref (self));
}

static void
mailbox_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhPop3Session) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMailbox) mailbox = ph_account_store_open_mailbox_finish (PH_ACCOUNT_STORE (source), result, &error);

  if (self->account_store == NULL)
    return; /* the peer is gone */
  if (mailbox == NULL)
    {
      fail_to_enter (self, error);
      return;
    }

  self->mailbox = g_steal_pointer (&mailbox);
  ph_mailbox_load_endings_async (self->mailbox, self->cancellable, endings_cb, g_object_ref (self));
}

static void
account_ended_cb (PhPop3Session *self,
                  const char    *reason)
{
  ph_session_shut_down (PH_SESSION (self), reason);
  ph_session_changed (PH_SESSION (self));
}

static void
account_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhPop3Session) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhAccountStore) account_store = ph_store_open_account_finish (PH_STORE (source), result, &error);

  if (self->account == NULL)
    return; /* the peer is gone */
  if (account_store == NULL)
    {
      fail_to_enter (self, error);
      return;
    }

  self->account_store = g_steal_pointer (&account_store);
  self->locked = ph_account_store_try_lock (self->account_store, self);
  if (!self->locked)
    {
      refuse_to_enter (self, "-ERR [IN-USE] Another POP3 session has this mailbox");
      return;
    }

  g_signal_connect_object (self->account_store, "ended", G_CALLBACK (account_ended_cb), self, G_CONNECT_SWAPPED);
  ph_account_store_open_mailbox_async (self->account_store, "INBOX", self->cancellable, mailbox_cb, g_object_ref (self));
}

void
ph_pop3_session_enter (PhPop3Session *self,
                       PhAccount     *account)
{
  self->account = g_object_ref (account);
  ph_login_begin (account, PH_PROTOCOL_POP3, PH_SESSION (self));
  ph_store_open_account_async (self->store, ph_account_get_address (account), self->cancellable, account_cb, g_object_ref (self));
}

/* Lines */

static void
write_journal (PhPop3Session *self,
               const char    *line,
               gsize          length,
               gsize          secret_start)
{
  PhJournalSession *journal = ph_session_get_journal (PH_SESSION (self));

  if (secret_start < length)
    ph_journal_session_add_masked (journal, PH_JOURNAL_CLIENT, line, length, secret_start, length - secret_start);
  else
    ph_journal_session_add (journal, PH_JOURNAL_CLIENT, line, length);
}

/* Where the secret of a line begins: after the word and, for AUTH, the mechanism. */
static gsize
find_secret (const char *line,
             gsize       length,
             gboolean    is_auth)
{
  gsize start = 5;

  while (is_auth && start < length && line[start] != ' ')
    start++;

  return is_auth ? start + 1 : start;
}

/* Of a word that is no command: once somebody has tried to log in it may be a password that
 * came out of step, and "PASSsecret" is one at any time. */
static gsize
find_stray_secret (PhPop3Session *self,
                   const char    *line,
                   gsize          length)
{
  if (self->state == PH_POP3_AUTHORIZATION && self->tried_login)
    return 0;

  return length > 4 && g_ascii_strncasecmp (line, "PASS", 4) == 0 ? 4 : G_MAXSIZE;
}

/* Blanks at the end are nothing, unless they are a password's. */
static char *
dup_argument (const char *space, /* NULL: there is none */
              const char *end,
              gboolean    is_secret)
{
  char *argument = space != NULL ? g_strndup (space + 1, (gsize)(end - space - 1)) : g_strdup ("");

  return is_secret ? argument : g_strchomp (argument);
}

static void
run_command (PhPop3Session       *self,
             const PhPop3Command *command,
             const char          *line,
             gsize                length,
             const char          *space)
{
  gboolean         is_secret = command->argument == PH_POP3_ARGUMENT_SECRET;
  g_autofree char *argument = dup_argument (space, line + length, is_secret);

  self->tried_login |= is_secret || command->run == ph_pop3_command_user;
  write_journal (self, line, length, is_secret ? find_secret (line, length, command->run == ph_pop3_command_auth) : G_MAXSIZE);

  if ((command->states & self->state) == 0)
    ph_pop3_session_mistake (self, self->state == PH_POP3_TRANSACTION ? "-ERR You are logged in" : "-ERR Log in first");
  else if (command->argument == PH_POP3_ARGUMENT_NONE && *argument != '\0')
    ph_pop3_session_mistake (self, "-ERR %s has no argument", command->name);
  else
    command->run (self, argument);
  explicit_bzero (argument, strlen (argument));
}

static void
run_line (PhPop3Session *self,
          const char    *line,
          gsize          length)
{
  const char *space = memchr (line, ' ', length);
  gsize       name_length = space != NULL ? (gsize)(space - line) : length;

  if (memchr (line, '\0', length) != NULL)
    {
      write_journal (self, line, length, find_stray_secret (self, line, length));
      ph_pop3_session_mistake (self, "-ERR A command has no NUL");
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strlen (commands[i].name) == name_length && g_ascii_strncasecmp (commands[i].name, line, name_length) == 0)
      {
        run_command (self, &commands[i], line, length, space);
        return;
      }

  write_journal (self, line, length, find_stray_secret (self, line, length));
  if (ph_http_verb_is (line, name_length))
    {
      ph_journal_session_add_finding (ph_session_get_journal (PH_SESSION (self)), N_ ("The client speaks HTTP"));
      ph_pop3_session_reply (self, "-ERR This is a mail server");
      ph_session_close (PH_SESSION (self));
      return;
    }

  ph_pop3_session_mistake (self, "-ERR What is that?");
}

static void
take_line (PhPop3Session *self,
           const guint8  *data,
           gsize          length)
{
  set_deadline (self);
  if (length > 0 && data[length - 1] == '\r')
    length--;

  if (self->discarding)
    self->discarding = FALSE;
  else if (self->exchange != NULL)
    ph_pop3_auth_continue (self, (const char *)data, length);
  else
    run_line (self, (const char *)data, length);
}

/* A line longer than it may be is answered once and its rest thrown away. */
static gsize
refuse_long_line (PhPop3Session *self,
                  gsize          length)
{
  if (!self->discarding)
    {
      self->discarding = TRUE;
      ph_pop3_auth_clear (self);
      ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), N_ ("The client’s line is too long; the rest is left out"));
      ph_pop3_session_mistake (self, "-ERR The line is too long");
    }

  return length;
}

static gsize
ph_pop3_session_feed (PhSession    *session,
                      const guint8 *data,
                      gsize         length)
{
  PhPop3Session *self = PH_POP3_SESSION (session);
  gsize          taken = 0;

  produce_more (self);
  while (taken < length && !self->waiting && self->produce == NULL && ph_session_can_write (session) && !ph_session_wants_close (session) && !ph_session_wants_tls (session))
    {
      const guint8 *line = data + taken;
      const guint8 *end = memchr (line, '\n', length - taken);
      gsize         line_length = end != NULL ? (gsize)(end - line) : length - taken;
      /* AUTH may bring an initial response. */
      gsize limit = self->exchange != NULL || (line_length > 4 && g_ascii_strncasecmp ((const char *)line, "AUTH", 4) == 0) ? PH_POP3_SASL_LINE_MAX : PH_POP3_LINE_MAX;

      if (line_length > limit)
        {
          taken += refuse_long_line (self, line_length);
          continue;
        }
      if (end == NULL)
        return self->discarding ? length : taken;

      taken += line_length + 1;
      take_line (self, line, line_length);
    }

  return taken;
}

/* The rest of what a driver asks */

static void
ph_pop3_session_start (PhSession *session)
{
  PhPop3Session *self = PH_POP3_SESSION (session);

  set_deadline (self);
  if (ph_authenticator_takes_challenges (self->authenticator, ph_session_get_peer (session)))
    self->challenge = ph_challenge_new (self->host_name);
  ph_pop3_session_reply (self, "+OK %s POP3 ready%s%s", self->host_name, self->challenge != NULL ? " " : "", self->challenge != NULL ? self->challenge : "");
}

static void
ph_pop3_session_drained (PhSession *session)
{
  PhPop3Session *self = PH_POP3_SESSION (session);

  set_deadline (self);
  produce_more (self);
  if (self->produce == NULL)
    ph_session_changed (session);
}

static void
ph_pop3_session_secured (PhSession *session)
{
  PhPop3Session *self = PH_POP3_SESSION (session);

  /* What was said in clear counts no more (V03). */
  g_clear_pointer (&self->user, g_free);
  self->utf8 = FALSE;
  ph_pop3_auth_clear (self);
  set_deadline (self);
}

static void
ph_pop3_session_shut_down (PhSession  *session,
                           const char *reason)
{
  /* In the middle of a message a line would look like a part of it. */
  if (PH_POP3_SESSION (session)->produce == NULL)
    ph_pop3_session_reply (PH_POP3_SESSION (session), "-ERR [SYS/TEMP] %s", reason);
}

static void
ph_pop3_session_peer_closed (PhSession *session)
{
  ph_pop3_session_leave (PH_POP3_SESSION (session));
}

static void
ph_pop3_session_class_init (PhPop3SessionClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  PhSessionClass *session_class = PH_SESSION_CLASS (klass);

  object_class->dispose = ph_pop3_session_dispose;
  object_class->finalize = ph_pop3_session_finalize;
  session_class->start = ph_pop3_session_start;
  session_class->feed = ph_pop3_session_feed;
  session_class->drained = ph_pop3_session_drained;
  session_class->secured = ph_pop3_session_secured;
  /* No timed_out: RFC 1939 section 3 wants the connection ended without a word, and nothing removed. */
  session_class->shut_down = ph_pop3_session_shut_down;
  session_class->peer_closed = ph_pop3_session_peer_closed;
}

static void
ph_pop3_session_init (PhPop3Session *self)
{
  self->state = PH_POP3_AUTHORIZATION;
  self->cancellable = g_cancellable_new ();
  self->messages = g_array_new (FALSE, FALSE, sizeof (PhPop3Message));
}

PhPop3Session *
ph_pop3_session_new (const PhPop3Config *config,
                     PhAuthenticator    *authenticator,
                     PhStore            *store)
{
  PhPop3Session *self = g_object_new (PH_TYPE_POP3_SESSION, NULL);

  self->host_name = g_strdup (config->host_name);
  self->offer_starttls = config->offer_starttls;
  self->authenticator = g_object_ref (authenticator);
  self->store = g_object_ref (store);

  return self;
}
