#include "ph-imap-command.h"

#include "ph-http-verb.h"
#include "ph-imap-metadata.h"
#include "ph-imap-transcript.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define NUMBERS PH_IMAP_COMMAND_KEEP_NUMBERS
#define HAS_UID PH_IMAP_COMMAND_HAS_UID
#define LONG PH_IMAP_COMMAND_LONG
#define CHANGES PH_IMAP_COMMAND_CHANGES
#define ASKS PH_IMAP_COMMAND_ASKS

static const PhImapCommand commands[] = {
  { "CAPABILITY", PH_IMAP_ANY, 0, ph_imap_command_capability },
  { "NOOP", PH_IMAP_ANY, ASKS, ph_imap_command_noop },
  { "LOGOUT", PH_IMAP_ANY, PH_IMAP_COMMAND_QUIET, ph_imap_command_logout },
  { "ID", PH_IMAP_ANY, 0, ph_imap_command_id },

  { "STARTTLS", PH_IMAP_NOT_AUTHENTICATED, 0, ph_imap_command_starttls },
  { "LOGIN", PH_IMAP_NOT_AUTHENTICATED, 0, ph_imap_command_login },
  { "AUTHENTICATE", PH_IMAP_NOT_AUTHENTICATED, 0, ph_imap_command_authenticate },

  { "ENABLE", PH_IMAP_LOGGED_IN, 0, ph_imap_command_enable },
  { "NAMESPACE", PH_IMAP_LOGGED_IN, 0, ph_imap_command_namespace },
  { "SELECT", PH_IMAP_LOGGED_IN, PH_IMAP_COMMAND_QUIET | ASKS, ph_imap_command_select },
  { "EXAMINE", PH_IMAP_LOGGED_IN, PH_IMAP_COMMAND_QUIET | ASKS, ph_imap_command_examine },
  { "CREATE", PH_IMAP_LOGGED_IN, 0, ph_imap_command_create },
  { "DELETE", PH_IMAP_LOGGED_IN, 0, ph_imap_command_delete },
  { "RENAME", PH_IMAP_LOGGED_IN, 0, ph_imap_command_rename },
  { "SUBSCRIBE", PH_IMAP_LOGGED_IN, 0, ph_imap_command_subscribe },
  { "UNSUBSCRIBE", PH_IMAP_LOGGED_IN, 0, ph_imap_command_unsubscribe },
  { "LIST", PH_IMAP_LOGGED_IN, 0, ph_imap_command_list },
  { "LSUB", PH_IMAP_LOGGED_IN, 0, ph_imap_command_lsub },
  { "STATUS", PH_IMAP_LOGGED_IN, ASKS, ph_imap_command_status },
  { "APPEND", PH_IMAP_LOGGED_IN, CHANGES, ph_imap_command_append },
  { "GETMETADATA", PH_IMAP_LOGGED_IN, 0, ph_imap_command_getmetadata },
  { "SETMETADATA", PH_IMAP_LOGGED_IN, 0, ph_imap_command_setmetadata },
  { "COMPRESS", PH_IMAP_LOGGED_IN, PH_IMAP_COMMAND_QUIET, ph_imap_command_compress },
  { "GETQUOTA", PH_IMAP_LOGGED_IN, 0, ph_imap_command_getquota },
  { "GETQUOTAROOT", PH_IMAP_LOGGED_IN, 0, ph_imap_command_getquotaroot },
  { "SETQUOTA", PH_IMAP_LOGGED_IN, 0, ph_imap_command_setquota },
  { "IDLE", PH_IMAP_LOGGED_IN, 0, ph_imap_command_idle },
  { "NOTIFY", PH_IMAP_LOGGED_IN, 0, ph_imap_command_notify },

  { "CHECK", PH_IMAP_SELECTED, ASKS, ph_imap_command_noop },
  { "CLOSE", PH_IMAP_SELECTED, PH_IMAP_COMMAND_QUIET, ph_imap_command_close },
  { "UNSELECT", PH_IMAP_SELECTED, PH_IMAP_COMMAND_QUIET, ph_imap_command_unselect },
  { "FETCH", PH_IMAP_SELECTED, HAS_UID | NUMBERS, ph_imap_command_fetch },
  { "STORE", PH_IMAP_SELECTED, HAS_UID | NUMBERS, ph_imap_command_store },
  { "SEARCH", PH_IMAP_SELECTED, HAS_UID | NUMBERS | LONG, ph_imap_command_search },
  { "CANCELUPDATE", PH_IMAP_SELECTED, 0, ph_imap_command_cancelupdate },
  { "SORT", PH_IMAP_SELECTED, HAS_UID | NUMBERS | LONG, ph_imap_command_sort },
  { "THREAD", PH_IMAP_SELECTED, HAS_UID | NUMBERS | LONG, ph_imap_command_thread },
  { "COPY", PH_IMAP_SELECTED, HAS_UID | LONG | CHANGES, ph_imap_command_copy },
  { "REPLACE", PH_IMAP_SELECTED, HAS_UID | CHANGES, ph_imap_command_replace },
  { "MOVE", PH_IMAP_SELECTED, HAS_UID | LONG | CHANGES, ph_imap_command_move },
  { "EXPUNGE", PH_IMAP_SELECTED, HAS_UID | CHANGES, ph_imap_command_expunge },
};

static const PhImapCommand *
find_command (const char *name,
              gboolean    by_uid)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_ascii_strcasecmp (commands[i].name, name) == 0 && (!by_uid || (commands[i].flags & PH_IMAP_COMMAND_HAS_UID) != 0))
      return &commands[i];

  return NULL;
}

/* What is said of a command in a state that does not allow it. */
static const char *
explain_state (PhImapSession *self)
{
  switch (self->state)
    {
    case PH_IMAP_NOT_AUTHENTICATED:
      return "Log in first";
    case PH_IMAP_AUTHENTICATED:
      return "Not now: no mailbox is selected, or you are logged in already";
    case PH_IMAP_SELECTED:
    default:
      return "You are logged in already";
    }
}

/* Tag and name; answers BAD itself if there is something wrong with them. */
static gboolean
take_name (PhImapSession *self,
           PhImapParser  *parser)
{
  g_autofree char *tag = NULL;
  g_autofree char *name = NULL;

  if (!ph_imap_parser_take_tag (parser, &tag) || !ph_imap_parser_take_space (parser))
    {
      ph_imap_session_bad (self, "A command begins with a tag and a space");
      return FALSE;
    }
  g_free (self->tag);
  self->tag = g_steal_pointer (&tag);

  if (!ph_imap_parser_take_atom (parser, &name))
    {
      ph_imap_session_bad (self, "Missing command");
      return FALSE;
    }

  self->by_uid = g_ascii_strcasecmp (name, "UID") == 0;
  if (self->by_uid)
    {
      g_clear_pointer (&name, g_free);
      if (!ph_imap_parser_take_space (parser) || !ph_imap_parser_take_atom (parser, &name))
        {
          ph_imap_session_bad (self, "UID needs a command");
          return FALSE;
        }
    }

  self->command = find_command (name, self->by_uid);
  if (self->command == NULL)
    {
      ph_imap_session_bad (self, "Unknown command");
      return FALSE;
    }
  if ((self->command->states & self->state) == 0)
    {
      ph_imap_session_bad (self, explain_state (self));
      return FALSE;
    }
  /* RFC 9586 3.2; EXPUNGE names no message. */
  if ((self->enabled & PH_IMAP_ENABLED_UIDONLY) != 0 && !self->by_uid && (self->command->flags & PH_IMAP_COMMAND_HAS_UID) != 0 && self->command->run != ph_imap_command_expunge)
    {
      ph_imap_session_bad (self, "[UIDREQUIRED] UIDONLY is enabled: name messages by UID");
      return FALSE;
    }

  return TRUE;
}

/* The selected mailbox may be gone since the last command (I31). */
static gboolean
check_selected (PhImapSession *self)
{
  if (self->view == NULL || !ph_mailbox_get_deleted (ph_imap_view_get_mailbox (self->view)))
    return TRUE;

  ph_imap_session_bye (self, NULL, "The selected mailbox was deleted");

  return FALSE;
}

/* After a failed login a line that is no command may be a password that came late. */
static gboolean
is_suspect (PhImapSession *self)
{
  g_autofree char *tag = NULL;
  g_autofree char *name = NULL;
  PhImapParser     parser;

  if (self->state != PH_IMAP_NOT_AUTHENTICATED || !self->tried_login)
    return FALSE;

  ph_imap_parser_init (&parser, ph_buffer_get_data (&self->reader.text), ph_buffer_get_length (&self->reader.text));

  return !ph_imap_parser_take_tag (&parser, &tag) || !ph_imap_parser_take_space (&parser) || !ph_imap_parser_take_atom (&parser, &name) || find_command (name, FALSE) == NULL;
}

static void
add_transcript (PhImapSession *self)
{
  PhJournalSession *journal = ph_session_get_journal (PH_SESSION (self));

  if (journal != NULL)
    ph_imap_transcript_add_line (journal,
                                 ph_buffer_get_data (&self->reader.text),
                                 ph_buffer_get_length (&self->reader.text),
                                 self->reader.line_start, is_suspect (self));
}

/* Before a login "GET" may be a tag, but not that of a request line. */
static gboolean
refuse_http (PhImapSession *self)
{
  if (self->state != PH_IMAP_NOT_AUTHENTICATED ||
      !ph_http_verb_begins ((const char *)ph_buffer_get_data (&self->reader.text), ph_buffer_get_length (&self->reader.text)))
    return FALSE;

  ph_journal_session_add_finding (ph_session_get_journal (PH_SESSION (self)), N_ ("The client speaks HTTP"));
  ph_imap_session_bye (self, NULL, "This is a mail server");

  return TRUE;
}

void
ph_imap_command_run (PhImapSession *self)
{
  gsize        length = ph_buffer_get_length (&self->reader.text);
  PhImapParser parser;

  add_transcript (self);
  ph_imap_session_set_deadline (self);
  ph_imap_parser_init (&parser, ph_buffer_get_data (&self->reader.text), length);
  parser.utf8 = ph_imap_session_has_utf8 (self);

  /* An empty line is the rest of somebody's mistake: no tag, no answer. */
  if (length == 0 || refuse_http (self) || !check_selected (self) || !take_name (self, &parser))
    return;

  if ((self->command->flags & ASKS) == 0)
    {
      gsize start = strlen (self->tag) + 1;

      ph_imap_session_note_question (self, (const char *)ph_buffer_get_data (&self->reader.text) + start, length - start);
    }
  self->command->run (self, &parser);
}

void
ph_imap_command_refuse_literal (PhImapSession *self)
{
  guint64 max = self->state == PH_IMAP_NOT_AUTHENTICATED ? PH_IMAP_PREAUTH_COMMAND_MAX : self->append_size_max;

  if (self->ended)
    return;

  if (!self->reader.literal_sync && self->reader.literal_size > max)
    ph_imap_session_bye (self, "TOOBIG", "Literal too large");
  else
    ph_imap_reader_refuse (&self->reader);
}

void
ph_imap_command_take_literal (PhImapSession *self)
{
  PhJournalSession *journal = ph_session_get_journal (PH_SESSION (self));
  PhImapReader     *reader = &self->reader;
  gsize             length = ph_buffer_get_length (&reader->text);
  PhImapParser      parser;

  add_transcript (self);
  ph_imap_parser_init (&parser, ph_buffer_get_data (&reader->text), length);
  parser.utf8 = ph_imap_session_has_utf8 (self);

  if (!check_selected (self) || !take_name (self, &parser))
    {
      ph_imap_command_refuse_literal (self);
      return;
    }

  if ((self->command->run == ph_imap_command_append || self->command->run == ph_imap_command_replace) && ph_imap_append_begin (self, &parser))
    return;

  if (!ph_imap_reader_may_accept (reader))
    {
      if (self->command->run == ph_imap_command_setmetadata)
        ph_imap_metadata_refuse_size (self);
      else
        ph_imap_session_bad (self, "Literal too large");
      ph_imap_command_refuse_literal (self);
      return;
    }

  ph_imap_transcript_add_literal (journal, ph_buffer_get_data (&reader->text), length, reader->literal_size);
  if (reader->literal_sync)
    ph_imap_session_send ("+ OK\r\n", 6, self);
  ph_imap_reader_accept (reader);
  g_clear_pointer (&self->tag, g_free);
  self->command = NULL;
}

void
ph_imap_command_refuse_long (PhImapSession *self)
{
  PhImapParser     parser;
  g_autofree char *tag = NULL;

  ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), N_ ("Command too long, dropped"));
  ph_imap_parser_init (&parser, ph_buffer_get_data (&self->reader.text), ph_buffer_get_length (&self->reader.text));
  if (!self->reader.raw && ph_imap_parser_take_tag (&parser, &tag) && ph_imap_parser_peek (&parser) == ' ')
    {
      g_free (self->tag);
      self->tag = g_steal_pointer (&tag);
    }
  ph_imap_session_bad (self, "Command too long");
}
