#include "ph-imap-append.h"

#include "ph-date.h"
#include "ph-imap-command.h"
#include "ph-imap-flags.h"
#include "ph-store-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* APPEND (RFC 3501 6.3.11) of one or many messages (3502), or of what CATENATE puts together (4469),
 * and REPLACE (8508).  A message goes from the input into a spool, where a URL's bytes follow in their
 * turn; only when all came is the command whole, and they are added together.  What is wrong with the arguments is said before the client sends a
 * message (I11). */

/* Messages of one command: each has a file open. */
#define PH_IMAP_APPEND_MESSAGES_MAX 250

void
ph_imap_append_free (gpointer data)
{
  PhImapAppend *append = data;

  g_free (append->name);
  g_ptr_array_unref (append->items);
  g_clear_error (&append->error);
  g_clear_pointer (&append->url, ph_imap_url_free);
  g_free (append->url_text);
  g_free (append);
}

PhAppendItem *
ph_imap_append_get_last (PhImapAppend *append)
{
  return g_ptr_array_index (append->items, append->items->len - 1);
}

/* TRUE if the text ends with the announcement at the parser's place; *binary: of a
 * literal8 (RFC 3516). */
gboolean
ph_imap_append_is_at_announcement (const PhImapParser *arguments,
                                   gboolean           *binary)
{
  const guint8 *start = arguments->data + arguments->position;
  gsize         rest = arguments->length - arguments->position;

  *binary = rest > 0 && *start == '~';
  if (*binary)
    {
      start++;
      rest--;
    }

  return rest > 0 && *start == '{' && memchr (start, '\n', rest) == start + rest - 1;
}

static gboolean
take_date (PhImapParser *arguments,
           PhAppendItem *item)
{
  g_autofree char *text = NULL;
  PhDate           date;

  if (ph_imap_parser_peek (arguments) != '"')
    return TRUE;

  if (!ph_imap_parser_take_string (arguments, &text))
    return FALSE;
  if (!ph_date_parse_internal (text, strlen (text), &date))
    return ph_imap_parser_fail (arguments, "Bad date");
  item->internal_date = date.time;
  item->zone = (gint16)date.offset;

  return ph_imap_parser_take_space (arguments);
}

static gboolean
take_flags (PhImapParser *arguments,
            PhImapAppend *append,
            PhAppendItem *item)
{
  g_auto (PhImapFlags) flags = { 0 };

  if (ph_imap_parser_peek (arguments) != '(')
    return TRUE;
  if (!ph_imap_flags_take (arguments, FALSE, &flags) || !ph_imap_parser_take_space (arguments))
    return FALSE;

  item->flags = flags.system;
  item->keywords = g_strdupv ((char **)ph_imap_flags_get_keywords (&flags));
  append->over_limit = flags.over_limit;

  return TRUE;
}

/* Between the name of the mailbox, or the message before, and the literal. */
static gboolean
take_options (PhImapParser *arguments,
              PhImapAppend *append,
              PhAppendItem *item)
{
  if (!ph_imap_parser_take_space (arguments) || !take_flags (arguments, append, item) || !take_date (arguments, item))
    return FALSE;

  append->wrapped = FALSE;
  append->listing = ph_imap_parser_skip_word (arguments, "CATENATE");
  if (append->listing)
    return ph_imap_parser_take_space (arguments) && ph_imap_parser_take_char (arguments, '(');

  append->wrapped = ph_imap_parser_skip_word (arguments, "UTF8");
  if (append->wrapped && (!ph_imap_parser_take_space (arguments) || !ph_imap_parser_take_char (arguments, '(')))
    return FALSE;

  return (ph_imap_append_is_at_announcement (arguments, &item->binary) && (item->binary || !append->wrapped)) ||
         ph_imap_parser_fail (arguments, "Expected the message as a literal");
}

/* The number or UID of the message that is to go. */
static gboolean
take_replaced (PhImapSession *self,
               PhImapParser  *arguments,
               PhImapAppend  *append)
{
  g_autoptr (GArray) set = NULL;
  g_autoptr (GArray) uids = NULL;

  if (!append->replaces)
    return TRUE;
  if (!ph_imap_parser_take_space (arguments) || !ph_imap_set_take (arguments, &set))
    return FALSE;

  uids = ph_imap_view_select (self->view, set, self->by_uid);
  if (uids == NULL || uids->len > 1)
    return ph_imap_parser_fail (arguments, "There is no one message of that number");
  append->replaced = uids->len == 1 ? g_array_index (uids, guint32, 0) : 0;

  return TRUE;
}

static gboolean
check_target (PhImapSession *self,
              PhImapAppend  *append)
{
  const PhFolder *folder = append->name != NULL ? ph_account_store_find_folder (self->account_store, append->name) : NULL;

  if (append->name == NULL)
    ph_imap_session_no (self, "CANNOT", "Not a possible mailbox name");
  else if (folder == NULL || !folder->exists)
    ph_imap_session_no (self, "TRYCREATE", "No such mailbox");
  else if (append->replaces && ph_imap_view_get_read_only (self->view))
    ph_imap_session_no (self, "READ-ONLY", "The mailbox was opened with EXAMINE");
  else if (append->replaces && (append->replaced == 0 || ph_imap_view_is_gone (self->view, append->replaced)))
    ph_imap_session_no (self, "EXPUNGEISSUED", "The message to replace has been deleted");
  else
    return TRUE;

  return FALSE;
}

/* Answers NO and is FALSE where the message would not be taken anyway. */
static gboolean
check_message (PhImapSession *self,
               PhImapAppend  *append,
               PhAppendItem  *item)
{
  g_autoptr (GError) error = NULL;

  if (append->over_limit)
    ph_imap_session_no (self, "LIMIT", "Too many keywords, or one too long");
  else if (!ph_imap_session_check_limit (self, NULL, append->items->len))
    return FALSE;
  else if (append->items->len > PH_IMAP_APPEND_MESSAGES_MAX)
    ph_imap_session_no (self, "LIMIT", "Too many messages at once");
  else if (!append->listing && self->reader.literal_size > self->append_size_max)
    ph_imap_session_no (self, "TOOBIG", "Message too large");
  else if (!append->listing && self->reader.literal_size == 0)
    ph_imap_session_no (self, "CANNOT", "An empty message is none");
  else if ((item->spool = ph_account_store_open_spool (self->account_store, &error)) == NULL)
    ph_imap_session_fail (self, error);
  else
    return TRUE;

  return FALSE;
}

void
ph_imap_append_begin_literal (PhImapSession *self,
                              PhImapAppend  *append)
{
  append->remaining = self->reader.literal_size;
  append->after_cr = FALSE;
  append->position = ph_buffer_get_length (&self->reader.text);
  self->busy = FALSE;
  self->input = PH_IMAP_INPUT_APPEND;

  ph_journal_session_add_folded (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_CLIENT,
                                 N_ ("message"), append->remaining);
  if (self->reader.literal_sync)
    ph_imap_session_send ("+ OK\r\n", 6, self);
  ph_session_set_deadline (PH_SESSION (self),
                           PH_IMAP_COMMAND_SECONDS + (guint)(append->remaining / PH_IMAP_APPEND_RATE_MIN));
}

/* Its bytes come: from the literal that was announced, or from the parts of CATENATE. */
static void
begin_message (PhImapSession *self,
               PhImapAppend  *append,
               PhImapParser  *arguments)
{
  if (!append->listing)
    {
      ph_imap_append_begin_literal (self, append);
      return;
    }
  append->position = arguments->position;
  ph_imap_append_take_parts (self);
}

static PhAppendItem *
add_item (PhImapSession *self,
          PhImapAppend  *append)
{
  PhAppendItem *item = g_new0 (PhAppendItem, 1);
  PhDate        now = ph_date_from_local (ph_clock_get_real_time (self->clock) / G_USEC_PER_SEC);

  item->internal_date = now.time;
  item->zone = (gint16)now.offset;
  append->over_limit = FALSE;
  g_ptr_array_add (append->items, item);

  return item;
}

/* A mistake, or a message that would not be taken: the literal that was announced is not. */
void
ph_imap_append_refuse (PhImapSession *self,
                       PhImapParser  *arguments,
                       gboolean       at_literal)
{
  if (arguments->error != NULL)
    ph_imap_session_bad (self, arguments->error);
  if (at_literal)
    ph_imap_command_refuse_literal (self);
}

/* A further message, behind what was taken of the one before. */
static void
begin_next (PhImapSession *self,
            PhImapParser  *arguments)
{
  PhImapAppend *append = self->work;
  gboolean      at_literal = append->at_literal;
  PhAppendItem *item;

  item = add_item (self, append);
  if (append->replaces)
    ph_imap_parser_fail (arguments, "REPLACE takes one message");

  if (arguments->error == NULL && take_options (arguments, append, item) && check_message (self, append, item))
    begin_message (self, append, arguments);
  else
    ph_imap_append_refuse (self, arguments, at_literal);
}

/* All of the first message but its bytes; FALSE where it was answered, or where the literal is the name. */
static gboolean
begin_first (PhImapSession *self,
             PhImapParser  *arguments,
             gboolean       at_literal,
             gboolean      *is_name)
{
  PhImapAppend *append = g_new0 (PhImapAppend, 1);
  PhAppendItem *item;
  gboolean      binary;

  append->items = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_append_item_free);
  append->replaces = self->command->run == ph_imap_command_replace;
  append->at_literal = at_literal;
  item = add_item (self, append);

  /* The name may be a literal too: that one is gathered like any other. */
  *is_name = take_replaced (self, arguments, append) && ph_imap_parser_take_space (arguments) && at_literal && ph_imap_append_is_at_announcement (arguments, &binary) && !binary;
  if (*is_name)
    {
      ph_imap_append_free (append);
      return FALSE;
    }

  if (arguments->error != NULL || !ph_imap_parser_take_mailbox (arguments, &append->name) || !take_options (arguments, append, item))
    ph_imap_session_bad (self, arguments->error);
  else if (check_target (self, append) && check_message (self, append, item))
    {
      ph_imap_session_wait (self, append, ph_imap_append_free);
      begin_message (self, append, arguments);
      return TRUE;
    }
  ph_imap_append_free (append);

  return FALSE;
}

gboolean
ph_imap_append_begin (PhImapSession *self,
                      PhImapParser  *arguments)
{
  PhImapAppend *append = self->work;
  gboolean      is_name;

  if (append != NULL)
    {
      append->at_literal = TRUE;
      arguments->position = append->position;
      if (append->listing)
        ph_imap_append_take_parts (self);
      else
        ph_imap_append_finish_message (self, append, arguments);
      return TRUE;
    }

  if (!begin_first (self, arguments, TRUE, &is_name) && !is_name)
    ph_imap_command_refuse_literal (self);

  return !is_name;
}

static void
spool_write (PhImapAppend *append,
             const void   *data,
             gsize         length)
{
  if (append->error == NULL && !append->has_nul && length > 0)
    ph_spool_write (ph_imap_append_get_last (append)->spool, data, length, &append->error);
}

/* Writes with CRLF line ends, so that sizes are what is served later (I12). */
static void
write_lines (PhImapAppend *append,
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
  PhImapAppend *append = self->work;
  gsize         n = MIN (length, append->remaining);

  if (ph_imap_append_get_last (append)->binary)
    {
      spool_write (append, data, n);
    }
  else
    {
      append->has_nul |= memchr (data, 0, n) != NULL;
      write_lines (append, data, n);
    }

  append->remaining -= n;
  if (append->remaining == 0)
    {
      self->input = PH_IMAP_INPUT_COMMAND;
      ph_imap_reader_resume (&self->reader);
    }

  return n;
}

static char *
format_appenduid (guint32 uidvalidity,
                  GArray *uids)
{
  GString *code = g_string_new (NULL);

  g_string_printf (code, "APPENDUID %u ", uidvalidity);
  ph_imap_set_format ((const guint32 *)(gpointer)uids->data, uids->len, code);

  return g_string_free (code, FALSE);
}

static void
on_appended (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  guint32 uidvalidity;
  g_autoptr (GArray) uids = ph_account_store_append_finish (PH_ACCOUNT_STORE (source), result, &uidvalidity, &error);
  const PhImapAppend *append = self->work;
  g_autofree char    *code = NULL;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (uids == NULL)
    {
      if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID))
        ph_imap_session_no (self, "LIMIT", "Too many keywords in this mailbox");
      else if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_ALLOWED))
        ph_imap_session_no (self, "UNKNOWN-CTE", "Binary where no encoding is allowed");
      else if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND) && !append->replaces)
        ph_imap_session_no (self, "TRYCREATE", "No such mailbox");
      else
        ph_imap_session_fail (self, error);
      return;
    }

  for (guint i = 0; i < uids->len; i++)
    ph_journal_session_add_message (ph_session_get_journal (PH_SESSION (self)));
  code = format_appenduid (uidvalidity, uids);
  /* RFC 8508 4.3: before the EXPUNGE. */
  if (append->replaces)
    ph_imap_session_untagged (self, "OK [%s] The new one is there", code);
  ph_imap_session_ok (self, append->replaces ? NULL : code, append->replaces ? "Replaced" : "Appended");
}

static gboolean
has_empty (const PhImapAppend *append)
{
  for (guint i = 0; i < append->items->len; i++)
    if (ph_spool_get_size (((const PhAppendItem *)g_ptr_array_index (append->items, i))->spool) == 0)
      return TRUE;

  return FALSE;
}

static void
append_all (PhImapSession *self,
            PhImapAppend  *append)
{
  if (append->has_nul)
    ph_imap_session_no (self, "CANNOT", "A message can't have NUL unless it is a literal8");
  else if (append->error != NULL)
    ph_imap_session_fail (self, append->error);
  else if (has_empty (append))
    ph_imap_session_no (self, "CANNOT", "An empty message is none");
  else
    {
      ph_imap_session_wait (self, append, ph_imap_append_free);
      ph_account_store_append_async (self->account_store, append->name, append->items,
                                     append->replaces ? ph_imap_view_get_mailbox (self->view) : NULL, append->replaced,
                                     self->cancellable, on_appended, g_object_ref (self));
    }
}

void
ph_imap_append_finish_message (PhImapSession *self,
                               PhImapAppend  *append,
                               PhImapParser  *parser)
{
  if (append->wrapped)
    ph_imap_parser_take_char (parser, ')');
  if (parser->error == NULL && !append->at_literal && ph_imap_parser_at_end (parser))
    append_all (self, append);
  else
    begin_next (self, parser);
}

/* The line after the last literal is whole; or there was none, and it has to be CATENATE with URLs. */
void
ph_imap_command_append (PhImapSession *self,
                        PhImapParser  *arguments)
{
  PhImapAppend *append = self->work;
  gboolean      is_name;

  if (append == NULL)
    {
      begin_first (self, arguments, FALSE, &is_name);
      return;
    }

  append->at_literal = FALSE;
  arguments->position = append->position;
  if (append->listing)
    {
      ph_imap_append_take_parts (self);
      return;
    }
  ph_imap_append_finish_message (self, append, arguments);
}

void
ph_imap_command_replace (PhImapSession *self,
                         PhImapParser  *arguments)
{
  ph_imap_command_append (self, arguments);
}
