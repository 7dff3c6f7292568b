/* The TRANSACTION and UPDATE states: RFC 1939 sections 5, 6 and 7. */

#include "ph-pop3-session-private.h"

#include "ph-received.h"
#include "ph-trail.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The message of that number, or NULL after a -ERR. */
static PhPop3Message *
find_message (PhPop3Session *self,
              const char    *text)
{
  guint64 number;

  if (self->messages->len > 0 && g_ascii_string_to_unsigned (text, 10, 1, self->messages->len, &number, NULL))
    {
      PhPop3Message *message = &g_array_index (self->messages, PhPop3Message, number - 1);

      if (!message->deleted)
        return message;
    }

  ph_pop3_session_reply (self, "-ERR There is no such message");

  return NULL;
}

static guint
get_number (PhPop3Session       *self,
            const PhPop3Message *message)
{
  return (guint)(message - (const PhPop3Message *)(gpointer)self->messages->data) + 1;
}

void
ph_pop3_command_stat (PhPop3Session *self,
                      const char    *argument)
{
  ph_pop3_session_reply (self, "+OK %u %" G_GUINT64_FORMAT, self->messages->len - self->n_deleted, self->size - self->size_deleted);
}

/* LIST and UIDL of 50,000 messages go out as the client reads them. */

typedef void (*FormatFunc) (PhPop3Session       *self,
                            const PhPop3Message *message);

static void
write_size (PhPop3Session       *self,
            const PhPop3Message *message)
{
  ph_pop3_session_reply_more (self, "%u %u", get_number (self, message), message->size);
}

/* UIDVALIDITY.UID, or what it was when the message was in INBOX before: the same wherever it has been meanwhile (P02). */
static char *
dup_uidl (PhPop3Session       *self,
          const PhPop3Message *message)
{
  const char *kept = g_hash_table_lookup (self->uidls, GUINT_TO_POINTER (message->uid));

  return kept != NULL ? g_strdup (kept) : g_strdup_printf ("%u.%u", ph_mailbox_get_uidvalidity (self->mailbox), message->uid);
}

static void
write_uid (PhPop3Session       *self,
           const PhPop3Message *message)
{
  g_autofree char *uidl = dup_uidl (self, message);

  ph_pop3_session_reply_more (self, "%u %s", get_number (self, message), uidl);
}

static gboolean
produce_list (PhPop3Session *self,
              FormatFunc     format)
{
  while (self->cursor < self->messages->len && ph_session_can_write (PH_SESSION (self)))
    {
      const PhPop3Message *message = &g_array_index (self->messages, PhPop3Message, self->cursor);

      if (!message->deleted)
        format (self, message);
      self->cursor++;
    }
  if (self->cursor < self->messages->len)
    return FALSE;

  ph_pop3_session_reply (self, ".");

  return TRUE;
}

static gboolean
produce_sizes (PhPop3Session *self)
{
  return produce_list (self, write_size);
}

static gboolean
produce_uids (PhPop3Session *self)
{
  return produce_list (self, write_uid);
}

void
ph_pop3_command_list (PhPop3Session *self,
                      const char    *argument)
{
  PhPop3Message *message;

  if (*argument == '\0')
    {
      ph_pop3_session_reply_more (self, "+OK %u messages", self->messages->len - self->n_deleted);
      self->cursor = 0;
      ph_pop3_session_produce (self, produce_sizes);
      return;
    }

  message = find_message (self, argument);
  if (message != NULL)
    ph_pop3_session_reply (self, "+OK %u %u", get_number (self, message), message->size);
}

void
ph_pop3_command_uidl (PhPop3Session *self,
                      const char    *argument)
{
  g_autofree char *uidl = NULL;
  PhPop3Message   *message;

  if (*argument == '\0')
    {
      ph_pop3_session_reply_more (self, "+OK");
      self->cursor = 0;
      ph_pop3_session_produce (self, produce_uids);
      return;
    }

  message = find_message (self, argument);
  if (message == NULL)
    return;

  uidl = dup_uidl (self, message);
  ph_pop3_session_reply (self, "+OK %u %s", get_number (self, message), uidl);
}

/* RETR and TOP */

void
ph_pop3_transfer_clear (PhPop3Session *self)
{
  g_clear_object (&self->transfer.message);
}

/* Counts the line that ends here; FALSE when TOP has had its lines. */
static gboolean
end_line (PhPop3Transfer *transfer)
{
  gboolean was_empty = transfer->line_is_empty;

  transfer->line_is_empty = TRUE;
  if (transfer->in_header)
    {
      transfer->in_header = !was_empty;
      return transfer->in_header || transfer->lines_left != 0;
    }

  return transfer->lines_left < 0 || --transfer->lines_left > 0;
}

/* Writes a piece of a whole message with its dots doubled (RFC 1939 section 3): only the ends of its lines are looked at. */
static void
write_lines (PhPop3Session *self,
             const guint8  *data,
             gsize          length)
{
  PhPop3Transfer *transfer = &self->transfer;
  gsize           from = 0, at = 0;

  while (at < length)
    {
      const guint8 *end = memchr (data + at, '\n', length - at);
      gsize         next = end != NULL ? (gsize)(end - data) + 1 : length;

      if (transfer->at_line_start && data[at] == '.')
        {
          ph_session_write (PH_SESSION (self), data + from, at - from);
          ph_session_write (PH_SESSION (self), ".", 1);
          from = at;
        }
      transfer->at_line_start = end != NULL && (end > data ? end[-1] : transfer->last) == '\r';
      at = next;
    }
  transfer->last = data[length - 1];
  transfer->ends_with_crlf = transfer->at_line_start;
  ph_session_write (PH_SESSION (self), data + from, length - from);
}

/* The same for TOP; FALSE when no more is wanted. */
static gboolean
write_top (PhPop3Session *self,
           const guint8  *data,
           gsize          length)
{
  PhPop3Transfer *transfer = &self->transfer;
  gsize           from = 0;

  for (gsize i = 0; i < length; i++)
    {
      gboolean is_end = data[i] == '\n' && transfer->last == '\r';

      if (transfer->at_line_start && data[i] == '.')
        {
          ph_session_write (PH_SESSION (self), data + from, i - from);
          ph_session_write (PH_SESSION (self), ".", 1);
          from = i;
        }
      transfer->at_line_start = is_end;
      if (data[i] != '\r' && data[i] != '\n')
        transfer->line_is_empty = FALSE;
      transfer->last = data[i];
      transfer->ends_with_crlf = is_end;

      if (is_end && !end_line (transfer))
        {
          ph_session_write (PH_SESSION (self), data + from, i + 1 - from);
          return FALSE;
        }
    }
  ph_session_write (PH_SESSION (self), data + from, length - from);

  return TRUE;
}

/* That this client has it now, whole. */
static void
trace (PhPop3Session *self)
{
  guint8           start[PH_RECEIVED_FIRST_MAX];
  gssize           length = self->transfer.lines_left < 0 ? ph_message_read (self->transfer.message, 0, start, sizeof start, NULL) : 0;
  g_autofree char *id = length > 0 ? ph_received_dup_first_id (start, (gsize)length) : NULL;

  if (id != NULL)
    ph_journal_session_trace (ph_session_get_journal (PH_SESSION (self)), PH_TRAIL_FETCHED, id, NULL, NULL);
}

static gboolean
end_transfer (PhPop3Session *self)
{
  if (!self->transfer.ends_with_crlf && self->transfer.offset > 0)
    ph_session_write_string (PH_SESSION (self), "\r\n");
  ph_journal_session_add_folded (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_SERVER, N_ ("message"), self->transfer.offset);
  ph_journal_session_add_message (ph_session_get_journal (PH_SESSION (self)));
  trace (self);
  ph_pop3_session_reply (self, ".");
  ph_pop3_transfer_clear (self);

  return TRUE;
}

/* FALSE when no more is wanted. */
static gboolean
write_piece (PhPop3Session *self,
             const guint8  *data,
             gsize          length)
{
  if (length == 0)
    return FALSE;

  self->transfer.offset += length;
  if (self->transfer.lines_left >= 0)
    return write_top (self, data, length);
  write_lines (self, data, length);

  return TRUE;
}

static gboolean
produce_message (PhPop3Session *self)
{
  PhPop3Transfer *transfer = &self->transfer;
  guint8          piece[PH_POP3_PIECE];
  g_autoptr (GError) error = NULL;
  gsize         n_held;
  const guint8 *held = ph_message_peek (transfer->message, &n_held);
  gssize        length;

  /* All of it is in memory, and no more than a piece. */
  if (n_held > 0 && n_held == ph_message_get_size (transfer->message))
    {
      write_piece (self, held, n_held);
      return end_transfer (self);
    }

  length = ph_message_read (transfer->message, transfer->offset, piece, sizeof piece, &error);

  if (length < 0)
    {
      /* What was sent can't be taken back: only the end of the connection says that it is not whole. */
      /* Translators: why */
      ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), N_ ("The message can’t be read: %s"), _ (error->message));
      ph_pop3_transfer_clear (self);
      ph_session_close (PH_SESSION (self));
      return TRUE;
    }

  return !write_piece (self, piece, (gsize)length) && end_transfer (self);
}

void
ph_pop3_mail_opened (PhPop3Session *self,
                     PhMessage     *message)
{
  if (g_cancellable_is_cancelled (self->cancellable))
    return; /* the peer is gone */

  if (message == NULL)
    {
      /* Removed by an IMAP session meanwhile (P03), or the file is lost. */
      ph_pop3_session_reply (self, "-ERR The message is gone");
      ph_pop3_session_go_on (self);
      return;
    }

  ph_pop3_session_reply (self, "+OK %u octets", self->transfer.size);
  self->transfer.message = g_object_ref (message);
  ph_pop3_session_produce (self, produce_message);
  ph_pop3_session_go_on (self);
}

static void
open_message (PhPop3Session       *self,
              const PhPop3Message *message,
              gint64               lines)
{
  self->transfer = (PhPop3Transfer){ .size = message->size, .lines_left = lines, .in_header = TRUE, .at_line_start = TRUE, .line_is_empty = TRUE };
  ph_pop3_session_wait (self);
  ph_pop3_ahead_open (self, (guint)(message - &g_array_index (self->messages, PhPop3Message, 0)), lines < 0);
}

void
ph_pop3_command_retr (PhPop3Session *self,
                      const char    *argument)
{
  PhPop3Message *message = find_message (self, argument);

  if (message != NULL)
    open_message (self, message, -1);
}

void
ph_pop3_command_top (PhPop3Session *self,
                     const char    *argument)
{
  g_auto (GStrv) words = g_strsplit (argument, " ", 2);
  PhPop3Message *message;
  guint64        lines;

  if (words[0] == NULL || words[1] == NULL || !g_ascii_string_to_unsigned (words[1], 10, 0, G_MAXINT32, &lines, NULL))
    {
      ph_pop3_session_reply (self, "-ERR TOP needs a message and a number of lines");
      return;
    }

  message = find_message (self, words[0]);
  if (message != NULL)
    open_message (self, message, (gint64)lines);
}

/* Deleting */

void
ph_pop3_command_dele (PhPop3Session *self,
                      const char    *argument)
{
  PhPop3Message *message = find_message (self, argument);

  if (message == NULL)
    return;

  message->deleted = TRUE;
  self->n_deleted++;
  self->size_deleted += message->size;
  ph_pop3_session_reply (self, "+OK It goes when you QUIT");
}

void
ph_pop3_command_noop (PhPop3Session *self,
                      const char    *argument)
{
  ph_pop3_session_reply (self, "+OK");
}

void
ph_pop3_command_rset (PhPop3Session *self,
                      const char    *argument)
{
  for (guint i = 0; i < self->messages->len; i++)
    g_array_index (self->messages, PhPop3Message, i).deleted = FALSE;
  self->n_deleted = 0;
  self->size_deleted = 0;
  ph_pop3_session_reply (self, "+OK %u messages (%" G_GUINT64_FORMAT " octets)", self->messages->len, self->size);
}

static void
say_goodbye (PhPop3Session *self,
             const char    *reply)
{
  ph_pop3_session_leave (self);
  ph_pop3_session_reply (self, "%s", reply);
  ph_session_close (PH_SESSION (self));
}

static void
expunged_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhPop3Session) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean removed = ph_mailbox_expunge_finish (PH_MAILBOX (source), result, &error);

  if (!removed)
    /* Translators: why */
    ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), N_ ("Deleting failed: %s"), _ (error->message));
  if (self->mailbox == NULL)
    return; /* the peer is gone */

  say_goodbye (self, removed ? "+OK Goodbye" : "-ERR [SYS/TEMP] Some messages are still there");
  ph_pop3_session_go_on (self);
}

/* The UPDATE state: what was marked goes now, and only now (P04). */
void
ph_pop3_command_quit (PhPop3Session *self,
                      const char    *argument)
{
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; self->state == PH_POP3_TRANSACTION && i < self->messages->len; i++)
    {
      const PhPop3Message *message = &g_array_index (self->messages, PhPop3Message, i);

      if (message->deleted)
        g_array_append_val (uids, message->uid);
    }

  if (uids->len == 0)
    {
      say_goodbye (self, "+OK Goodbye");
      return;
    }

  /* Not cancelled when the peer goes: it has asked for it. */
  ph_pop3_session_wait (self);
  ph_mailbox_expunge_async (self->mailbox, (const guint32 *)(gpointer)uids->data, uids->len, FALSE, NULL, expunged_cb, g_object_ref (self));
}
