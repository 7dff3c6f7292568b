#include "ph-imap-session-private.h"

#include "ph-date.h"
#include "ph-imap-command.h"
#include "ph-imap-flags.h"
#include "ph-store-error.h"

#include <string.h>

/* APPEND (RFC 3501 6.3.11, 4315).  The message goes from the input into a spool;
 * only then is the command whole.  What is wrong with the arguments is said before
 * the client sends the message (I11). */

typedef struct
{
  char       *name;
  PhImapFlags flags;
  PhDate      date;
  PhSpool    *spool;
  PhMailbox  *mailbox;
  guint64     remaining; /* of the literal */
  gboolean    after_cr;
  gboolean    has_nul;
  GError     *error; /* of the spool; the rest of the literal is dropped */
} Append;

static void
append_free (gpointer data)
{
  Append *append = data;

  g_free (append->name);
  ph_imap_flags_clear (&append->flags);
  g_clear_object (&append->spool);
  g_clear_object (&append->mailbox);
  g_clear_error (&append->error);
  g_free (append);
}

/* TRUE if the text ends with the announcement at the parser's place. */
static gboolean
is_at_announcement (const PhImapParser *arguments)
{
  const guint8 *start = arguments->data + arguments->position;
  gsize         rest = arguments->length - arguments->position;

  return rest > 0 && *start == '{' && memchr (start, '\n', rest) == start + rest - 1;
}

static gboolean
take_date (PhImapParser *arguments,
           PhDate       *date)
{
  g_autofree char *text = NULL;

  if (ph_imap_parser_peek (arguments) != '"')
    return TRUE;

  if (!ph_imap_parser_take_string (arguments, &text))
    return FALSE;
  if (!ph_date_parse_internal (text, strlen (text), date))
    return ph_imap_parser_fail (arguments, "Bad date");

  return ph_imap_parser_take_space (arguments);
}

/* Between the name of the mailbox and the literal. */
static gboolean
take_options (PhImapParser *arguments,
              Append       *append)
{
  if (!ph_imap_parser_take_space (arguments))
    return FALSE;
  if (ph_imap_parser_peek (arguments) == '(' && (!ph_imap_flags_take (arguments, FALSE, &append->flags) || !ph_imap_parser_take_space (arguments)))
    return FALSE;
  if (!take_date (arguments, &append->date))
    return FALSE;

  return is_at_announcement (arguments) || ph_imap_parser_fail (arguments, "Expected the message as a literal");
}

/* Answers NO and is FALSE where the message would not be taken anyway. */
static gboolean
check_append (PhImapSession *self,
              Append        *append)
{
  const PhFolder *folder = append->name != NULL
                             ? ph_account_store_find_folder (self->account_store, append->name)
                             : NULL;
  g_autoptr(GError) error = NULL;

  if (append->name == NULL)
    ph_imap_session_no (self, "CANNOT", "Not a possible mailbox name");
  else if (folder == NULL || !folder->exists)
    ph_imap_session_no (self, "TRYCREATE", "No such mailbox");
  else if (append->flags.over_limit)
    ph_imap_session_no (self, "LIMIT", "Too many keywords, or one too long");
  else if (self->reader.literal_size > self->append_size_max)
    ph_imap_session_no (self, "TOOBIG", "Message too large");
  else if (self->reader.literal_size == 0)
    ph_imap_session_no (self, "CANNOT", "An empty message is none");
  else if ((append->spool = ph_account_store_open_spool (self->account_store, &error)) == NULL)
    ph_imap_session_fail (self, error);
  else
    return TRUE;

  return FALSE;
}

static void
begin_literal (PhImapSession *self,
               Append        *append)
{
  append->remaining = self->reader.literal_size;
  ph_imap_session_wait (self, append, append_free);
  self->busy = FALSE;
  self->input = PH_IMAP_INPUT_APPEND;

  ph_journal_session_add_folded (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_CLIENT,
                                 "message", append->remaining);
  if (self->reader.literal_sync)
    ph_imap_session_send ("+ OK\r\n", 6, self);
  ph_session_set_deadline (PH_SESSION (self),
                           PH_IMAP_COMMAND_SECONDS + (guint)(append->remaining / PH_IMAP_APPEND_RATE_MIN));
}

gboolean
ph_imap_append_begin (PhImapSession *self,
                      PhImapParser  *arguments)
{
  Append *append;

  if (self->work != NULL)
    {
      ph_imap_session_bad (self, "One message at a time");
      ph_imap_command_refuse_literal (self);
      return TRUE;
    }

  append = g_new0 (Append, 1);
  append->date = ph_date_from_local (ph_clock_get_real_time (self->clock) / G_USEC_PER_SEC);

  /* The name may be a literal too: that one is gathered like any other. */
  if (ph_imap_parser_take_space (arguments) && is_at_announcement (arguments))
    {
      append_free (append);
      return FALSE;
    }

  if (arguments->error != NULL || !ph_imap_parser_take_mailbox (arguments, &append->name) || !take_options (arguments, append))
    ph_imap_session_bad (self, arguments->error);
  else if (check_append (self, append))
    {
      begin_literal (self, append);
      return TRUE;
    }

  append_free (append);
  ph_imap_command_refuse_literal (self);

  return TRUE;
}

static void
spool_write (Append     *append,
             const void *data,
             gsize       length)
{
  if (append->error == NULL && !append->has_nul && length > 0)
    ph_spool_write (append->spool, data, length, &append->error);
}

/* Writes with CRLF line ends, so that sizes are what is served later (I12). */
static void
write_lines (Append       *append,
             const guint8 *data,
             gsize         length)
{
  gsize start = 0;

  for (gsize i = 0; i < length; i++)
    {
      if (data[i] == '\n' && !append->after_cr)
        {
          spool_write (append, data + start, i - start);
          spool_write (append, "\r", 1);
          start = i;
        }
      append->after_cr = data[i] == '\r';
    }
  spool_write (append, data + start, length - start);
}

gsize
ph_imap_append_feed (PhImapSession *self,
                     const guint8  *data,
                     gsize          length)
{
  Append *append = self->work;
  gsize   n = MIN (length, append->remaining);

  if (memchr (data, 0, n) != NULL)
    append->has_nul = TRUE;
  write_lines (append, data, n);

  append->remaining -= n;
  if (append->remaining == 0)
    {
      self->input = PH_IMAP_INPUT_COMMAND;
      ph_imap_reader_resume (&self->reader);
    }

  return n;
}

static void
on_appended (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(PhImapSession) self = user_data;
  g_autoptr(GError) error = NULL;
  PhMailbox       *mailbox = PH_MAILBOX (source);
  guint32          uid = ph_mailbox_append_finish (mailbox, result, &error);
  g_autofree char *code = NULL;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (uid == 0)
    {
      if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID))
        ph_imap_session_no (self, "LIMIT", "Too many keywords in this mailbox");
      else
        ph_imap_session_fail (self, error);
      return;
    }

  ph_journal_session_add_message (ph_session_get_journal (PH_SESSION (self)));
  code = g_strdup_printf ("APPENDUID %u %u", ph_mailbox_get_uidvalidity (mailbox), uid);
  ph_imap_session_ok (self, code, "Appended");
}

static void
on_mailbox_opened (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr(PhImapSession) self = user_data;
  g_autoptr(GError) error = NULL;
  PhMailbox *mailbox = ph_account_store_open_mailbox_finish (PH_ACCOUNT_STORE (source), result, &error);
  Append    *append = self->work;

  if (!ph_imap_session_is_waiting (self))
    {
      g_clear_object (&mailbox);
      return;
    }

  if (mailbox == NULL)
    {
      if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND))
        ph_imap_session_no (self, "TRYCREATE", "No such mailbox");
      else
        ph_imap_session_fail (self, error);
      return;
    }

  append->mailbox = mailbox;
  ph_mailbox_append_async (mailbox, append->spool, append->flags.system,
                           ph_imap_flags_get_keywords (&append->flags),
                           append->date.time, (gint16)append->date.offset,
                           self->cancellable, on_appended, g_object_ref (self));
}

/* The line after the literal is whole. */
void
ph_imap_command_append (PhImapSession *self,
                        PhImapParser  *arguments)
{
  Append *append = self->work;

  if (append == NULL)
    {
      ph_imap_session_bad (self, "Expected a mailbox and the message as a literal");
      return;
    }

  if (self->reader.line_start != arguments->length)
    ph_imap_session_bad (self, "Unexpected text after the message");
  else if (append->has_nul)
    ph_imap_session_no (self, "CANNOT", "A message can't have NUL");
  else if (append->error != NULL)
    ph_imap_session_fail (self, append->error);
  else
    {
      ph_imap_session_wait (self, append, append_free);
      ph_account_store_open_mailbox_async (self->account_store, append->name, self->cancellable,
                                           on_mailbox_opened, g_object_ref (self));
    }
}
