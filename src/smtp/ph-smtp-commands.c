/* The table of commands: which there are, when each may come, and what is wrong with a
 * line before any command sees it. */

#include "ph-http-verb.h"
#include "ph-login.h"
#include "ph-smtp-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* BDAT may come in any state: its chunk must be read whatever the answer is. */
static const PhSmtpCommand commands[] = {
  { "AUTH", PH_SMTP_STATE_READY, PH_SMTP_IN_ALL, FALSE, ph_smtp_command_auth },
  { "BDAT", PH_SMTP_STATE_ANY, PH_SMTP_IN_ALL, FALSE, ph_smtp_command_bdat },
  { "DATA", PH_SMTP_STATE_MAIL, PH_SMTP_IN_ALL, FALSE, ph_smtp_command_data },
  { "EHLO", PH_SMTP_STATE_ANY, PH_SMTP_IN_SMTP, FALSE, ph_smtp_command_ehlo },
  { "ETRN", PH_SMTP_STATE_ANY, PH_SMTP_IN_ALL, FALSE, ph_smtp_command_unsupported },
  { "EXPN", PH_SMTP_STATE_ANY, PH_SMTP_IN_ALL, TRUE, ph_smtp_command_unsupported },
  { "HELO", PH_SMTP_STATE_ANY, PH_SMTP_IN_SMTP, FALSE, ph_smtp_command_helo },
  { "HELP", PH_SMTP_STATE_ANY, PH_SMTP_IN_ALL, FALSE, ph_smtp_command_help },
  { "LHLO", PH_SMTP_STATE_ANY, PH_SMTP_IN_LMTP, FALSE, ph_smtp_command_lhlo },
  { "MAIL", PH_SMTP_STATE_READY, PH_SMTP_IN_ALL, TRUE, ph_smtp_command_mail },
  { "NOOP", PH_SMTP_STATE_ANY, PH_SMTP_IN_ALL, TRUE, ph_smtp_command_noop },
  { "QUIT", PH_SMTP_STATE_ANY, PH_SMTP_IN_ALL, FALSE, ph_smtp_command_quit },
  { "RCPT", PH_SMTP_STATE_MAIL, PH_SMTP_IN_ALL, TRUE, ph_smtp_command_rcpt },
  { "RSET", PH_SMTP_STATE_ANY, PH_SMTP_IN_ALL, FALSE, ph_smtp_command_rset },
  { "STARTTLS", PH_SMTP_STATE_START | PH_SMTP_STATE_READY, PH_SMTP_IN_ALL, FALSE, ph_smtp_command_starttls },
  { "VRFY", PH_SMTP_STATE_ANY, PH_SMTP_IN_ALL, TRUE, ph_smtp_command_vrfy },
};

static PhSmtpState
get_state (PhSmtpSession *self)
{
  if (self->in_chunks)
    return PH_SMTP_STATE_CHUNKS;
  if (self->envelope != NULL)
    return PH_SMTP_STATE_MAIL;

  return self->helo != NULL ? PH_SMTP_STATE_READY : PH_SMTP_STATE_START;
}

static gboolean
verb_is (const char *verb,
         const char *line,
         gsize       length)
{
  return strlen (verb) == length && g_ascii_strncasecmp (verb, line, length) == 0;
}

static gboolean
is_known (PhSmtpSession       *self,
          const PhSmtpCommand *command)
{
  return (command->roles & (1u << self->config.role)) != 0;
}

static const PhSmtpCommand *
find_command (PhSmtpSession *self,
              const char    *verb,
              gsize          length)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (verb_is (commands[i].verb, verb, length) && is_known (self, &commands[i]))
      return &commands[i];

  return NULL;
}

/* What stands behind AUTH and its mechanism is a secret; and once there was an AUTH, a
 * line that is no command may be one that the client sent without looking at our answer. */
static void
write_journal (PhSmtpSession       *self,
               const PhSmtpCommand *command,
               const char          *line,
               gsize                length,
               gsize                args)
{
  PhJournalSession *journal = ph_session_get_journal (PH_SESSION (self));
  gsize             secret = length;

  if (command != NULL && command->run == ph_smtp_command_auth)
    {
      self->auth_seen = TRUE;
      for (secret = args; secret < length && line[secret] != ' ';)
        secret++;
      while (secret < length && line[secret] == ' ')
        secret++;
    }
  else if (command == NULL && self->auth_seen)
    {
      secret = 0;
    }

  if (secret < length)
    ph_journal_session_add_masked (journal, PH_JOURNAL_CLIENT, line, length, secret, length - secret);
  else
    ph_journal_session_add (journal, PH_JOURNAL_CLIENT, line, length);
  /* Here, as it went over the wire whatever is answered. */
  if (command != NULL && command->run == ph_smtp_command_auth)
    ph_login_note_mechanism (line + args, length - args, PH_SESSION (self));
}

static gboolean
has_control (const char *text,
             gsize       length)
{
  for (gsize i = 0; i < length; i++)
    if ((guchar)text[i] < 0x20 || text[i] == 0x7f)
      return TRUE;

  return FALSE;
}

static gboolean
has_8bit (const char *text,
          gsize       length)
{
  for (gsize i = 0; i < length; i++)
    if ((guchar)text[i] >= 0x80)
      return TRUE;

  return FALSE;
}

static void
refuse_state (PhSmtpSession *self)
{
  const struct
  {
    PhSmtpState state;
    const char *text;
  } hints[] = {
    { PH_SMTP_STATE_START, self->config.role == PH_SMTP_ROLE_LMTP ? "Say LHLO first" : "Say EHLO first" },
    { PH_SMTP_STATE_READY, "Say MAIL first" },
    { PH_SMTP_STATE_MAIL, "Not while a message is under way" },
    { PH_SMTP_STATE_CHUNKS, "BDAT has begun: only BDAT or RSET may follow" },
  };

  /* RFC 3207 section 4.2: what was said in clear is forgotten. */
  if (self->began_tls && get_state (self) == PH_SMTP_STATE_START && ph_smtp_session_is_tls (self))
    ph_journal_session_add_finding (ph_session_get_journal (PH_SESSION (self)), N_ ("The client said no EHLO after STARTTLS"));

  for (gsize i = 0; i < G_N_ELEMENTS (hints); i++)
    if (hints[i].state == get_state (self))
      ph_smtp_session_mistake (self, 503, "5.5.1", "%s", hints[i].text);
}

/* RFC 3207 section 4.  BDAT stays, whose chunk is to be read; without MAIL it does no harm. */
static gboolean
may_come_in_clear (const PhSmtpCommand *command)
{
  return command->run == ph_smtp_command_noop || command->run == ph_smtp_command_ehlo || command->run == ph_smtp_command_lhlo ||
         command->run == ph_smtp_command_starttls || command->run == ph_smtp_command_quit || command->run == ph_smtp_command_bdat;
}

static gboolean
waits_for_tls (PhSmtpSession *self)
{
  PhPeer *peer = ph_session_get_peer (PH_SESSION (self));

  return peer != NULL && peer->must_use_tls && !peer->is_tls;
}

/* What is wrong with the line, whatever its command; FALSE once that was answered. */
static gboolean
check_line (PhSmtpSession       *self,
            const PhSmtpCommand *command,
            const char          *line,
            gsize                length,
            gboolean             bare_lf)
{
  if (bare_lf)
    ph_journal_session_add_finding (ph_session_get_journal (PH_SESSION (self)), N_ ("A command ended in a bare LF"));
  if (bare_lf && self->config.role == PH_SMTP_ROLE_RELAY)
    {
      ph_smtp_session_mistake (self, 500, "5.5.2", "Lines end with CR LF");
      return FALSE;
    }
  if (has_control (line, length))
    {
      ph_smtp_session_mistake (self, 501, "5.5.2", "Control characters are not allowed");
      return FALSE;
    }
  if (command == NULL)
    {
      ph_smtp_session_mistake (self, 500, "5.5.1", "Unknown command");
      return FALSE;
    }
  if (has_8bit (line, length) && (!command->takes_utf8 || !g_utf8_validate (line, (gssize)length, NULL)))
    {
      ph_smtp_session_mistake (self, 501, "5.5.2", "8-bit characters are not allowed here");
      return FALSE;
    }
  if (waits_for_tls (self) && !may_come_in_clear (command))
    {
      ph_login_note_clear (PH_SESSION (self));
      ph_smtp_session_mistake (self, 530, "5.7.0", "Must issue a STARTTLS command first");
      return FALSE;
    }
  if (!(command->states & get_state (self)))
    {
      refuse_state (self);
      return FALSE;
    }

  return TRUE;
}

void
ph_smtp_commands_run (PhSmtpSession *self,
                      const char    *line,
                      gsize          length,
                      gboolean       bare_lf)
{
  const PhSmtpCommand *command;
  gsize                verb, args;

  while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
    length--;
  for (verb = 0; verb < length && line[verb] != ' ';)
    verb++;
  for (args = verb; args < length && line[args] == ' ';)
    args++;

  command = find_command (self, line, verb);
  write_journal (self, command, line, length, args);

  if (ph_http_verb_is (line, verb))
    {
      ph_journal_session_add_finding (ph_session_get_journal (PH_SESSION (self)), N_ ("The client speaks HTTP"));
      ph_smtp_session_give_up (self, "4.7.0", "This is a mail server");
      return;
    }

  if (check_line (self, command, line, length, bare_lf))
    command->run (self, line + args, length - args);
}

/* FALSE for what would only be a mistake here and now. */
static gboolean
is_of_use (PhSmtpSession       *self,
           const PhSmtpCommand *command)
{
  guint                   states = command->run == ph_smtp_command_bdat ? PH_SMTP_STATE_MAIL | PH_SMTP_STATE_CHUNKS : command->states;
  g_autofree const char **mechanisms = NULL;

  if (!is_known (self, command) || !(states & get_state (self)) || command->run == ph_smtp_command_unsupported)
    return FALSE;
  if (command->run == ph_smtp_command_starttls)
    return ph_smtp_session_offers_tls (self);
  if (command->run != ph_smtp_command_auth)
    return TRUE;

  mechanisms = ph_smtp_auth_list_mechanisms (self);

  return mechanisms != NULL;
}

/* S11 */
void
ph_smtp_command_help (PhSmtpSession *self,
                      const char    *args,
                      gsize          length)
{
  g_autoptr (GString) text = g_string_new ("Commands now:");

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (is_of_use (self, &commands[i]))
      g_string_append_printf (text, " %s", commands[i].verb);

  ph_smtp_session_reply (self, 214, "2.0.0", "%s\nSee RFC %s", text->str, self->config.role == PH_SMTP_ROLE_LMTP ? "2033" : "5321");
}
