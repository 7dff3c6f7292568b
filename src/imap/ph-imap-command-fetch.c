#include "ph-imap-session-private.h"

#include "ph-date.h"
#include "ph-imap-content.h"

/* FETCH (RFC 3501 6.4.5).  Messages go by in batches: \Seen is set and summaries are
 * loaded for a batch at once; a body goes out in pieces as the peer reads them. */

#define BATCH 200
#define PIECE (16 * 1024)

typedef enum {
  PHASE_BATCH,    /* begin the next batch */
  PHASE_SUMMARY,  /* load its summaries */
  PHASE_MESSAGE,  /* begin the next message */
  PHASE_OPENED,   /* its file is open */
  PHASE_LINE,     /* all is there to begin its line */
  PHASE_SECTION,  /* begin the next section */
  PHASE_CONTENT,  /* its bytes go out */
  PHASE_FINISHED, /* the command ended */
} Phase;

typedef struct
{
  PhImapFetchItems *items;
  GArray           *uids;
  gboolean          sets_seen;

  Phase    phase;
  gboolean waiting; /* for a callback */
  guint    next;    /* in `uids` */
  guint    batch_start;
  guint    batch_end;
  guint    n_gone;

  GPtrArray        *summaries; /* of the batch, or NULL */
  PhMessage        *message;
  const PhMimePart *root; /* of the message, if its structure is needed */
  gsize             body_offset;
  guint             section; /* the next one */
  PhImapContent     content;
  GString          *line; /* what is not sent yet */
} Fetch;

static void step (PhImapSession *self);

static void
drop_message (Fetch *fetch)
{
  ph_imap_content_clear (&fetch->content);
  g_clear_object (&fetch->message);
  fetch->root = NULL;
  fetch->section = 0;
}

static void
fetch_free (gpointer data)
{
  Fetch *fetch = data;

  drop_message (fetch);
  ph_imap_fetch_items_free (fetch->items);
  g_array_unref (fetch->uids);
  g_clear_pointer (&fetch->summaries, g_ptr_array_unref);
  g_string_free (fetch->line, TRUE);
  g_free (fetch);
}

static guint32
get_uid (const Fetch *fetch)
{
  return g_array_index (fetch->uids, guint32, fetch->next);
}

static void
skip_message (Fetch *fetch)
{
  drop_message (fetch);
  fetch->n_gone++;
  fetch->next++;
  fetch->phase = PHASE_MESSAGE;
}

/* NULL if it is not there any more. */
static const PhMessageInfo *
find_info (PhImapSession *self,
           guint32        uid)
{
  PhMailbox *mailbox = ph_imap_view_get_mailbox (self->view);
  guint      position;

  return ph_mailbox_find_uid (mailbox, uid, &position) ? ph_mailbox_get_info (mailbox, position) : NULL;
}

static void
finish (PhImapSession *self,
        Fetch         *fetch)
{
  fetch->phase = PHASE_FINISHED;
  if (fetch->n_gone > 0 && !self->by_uid)
    ph_imap_session_no (self, "EXPUNGEISSUED", "Some of the messages are gone");
  else
    ph_imap_session_ok (self, NULL, "Fetched");
}

/* Batches */

static void
on_seen (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(PhImapSession) self = user_data;
  g_autoptr(GError) error = NULL;
  Fetch   *fetch = self->work;
  gboolean stored = ph_mailbox_store_flags_finish (PH_MAILBOX (source), result, NULL, &error);

  if (!ph_imap_session_is_waiting (self))
    return;

  /* Reading must go on where writing is impossible. */
  if (!stored)
    ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), "Not marked as read: %s", error->message);
  fetch->waiting = FALSE;
  step (self);
}

/* The unread messages of the batch become read (I15). */
static void
mark_seen (PhImapSession *self,
           Fetch         *fetch)
{
  g_autoptr(GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = fetch->batch_start; i < fetch->batch_end; i++)
    {
      guint32              uid = g_array_index (fetch->uids, guint32, i);
      const PhMessageInfo *info = find_info (self, uid);

      if (info != NULL && (info->flags & PH_FLAG_SEEN) == 0)
        g_array_append_val (uids, uid);
    }
  if (uids->len == 0)
    return;

  fetch->waiting = TRUE;
  ph_mailbox_store_flags_async (ph_imap_view_get_mailbox (self->view),
                                (const guint32 *)(gpointer)uids->data, uids->len,
                                PH_FLAGS_ADD, PH_FLAG_SEEN, NULL, G_MAXUINT64,
                                self->cancellable, on_seen, g_object_ref (self));
}

static void
begin_batch (PhImapSession *self,
             Fetch         *fetch)
{
  if (fetch->next == fetch->uids->len)
    {
      finish (self, fetch);
      return;
    }

  fetch->batch_start = fetch->next;
  fetch->batch_end = MIN (fetch->next + BATCH, fetch->uids->len);
  fetch->phase = PHASE_SUMMARY;
  if (fetch->sets_seen)
    mark_seen (self, fetch);
}

static void
on_summaries (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(PhImapSession) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) summaries = ph_mailbox_load_summaries_finish (PH_MAILBOX (source), result, &error);
  Fetch *fetch = self->work;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (summaries == NULL)
    {
      ph_imap_session_fail (self, error);
      return;
    }

  g_clear_pointer (&fetch->summaries, g_ptr_array_unref);
  fetch->summaries = g_steal_pointer (&summaries);
  fetch->waiting = FALSE;
  step (self);
}

static void
load_summaries (PhImapSession *self,
                Fetch         *fetch)
{
  fetch->phase = PHASE_MESSAGE;
  if ((fetch->items->flags & PH_IMAP_FETCH_SUMMARY) == 0)
    return;

  fetch->waiting = TRUE;
  ph_mailbox_load_summaries_async (ph_imap_view_get_mailbox (self->view),
                                   (const guint32 *)(gpointer)fetch->uids->data + fetch->batch_start,
                                   fetch->batch_end - fetch->batch_start,
                                   self->cancellable, on_summaries, g_object_ref (self));
}

/* Messages */

static void
on_opened (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(PhImapSession) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(PhMessage) message = ph_mailbox_open_message_finish (PH_MAILBOX (source), result, &error);
  Fetch *fetch = self->work;

  if (!ph_imap_session_is_waiting (self))
    return;

  fetch->waiting = FALSE;
  if (message != NULL)
    {
      fetch->message = g_steal_pointer (&message);
      fetch->phase = PHASE_OPENED;
    }
  else
    {
      ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), "Message %u: %s", get_uid (fetch), error->message);
      skip_message (fetch);
    }
  step (self);
}

static void
begin_message (PhImapSession *self,
               Fetch         *fetch)
{
  if (fetch->next == fetch->batch_end)
    {
      fetch->phase = PHASE_BATCH;
      return;
    }
  if (find_info (self, get_uid (fetch)) == NULL)
    {
      skip_message (fetch);
      return;
    }
  if (fetch->items->sections->len == 0)
    {
      fetch->phase = PHASE_LINE;
      return;
    }

  fetch->waiting = TRUE;
  ph_mailbox_open_message_async (ph_imap_view_get_mailbox (self->view), get_uid (fetch), self->cancellable,
                                 on_opened, g_object_ref (self));
}

static void
on_structure (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(PhImapSession) self = user_data;
  g_autoptr(GError) error = NULL;
  const PhMimePart *root = ph_message_load_structure_finish (PH_MESSAGE (source), result, &error);
  Fetch            *fetch = self->work;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (root == NULL)
    {
      ph_imap_session_fail (self, error);
      return;
    }

  fetch->root = root;
  fetch->waiting = FALSE;
  step (self);
}

/* Whole messages and plain headers, what clients ask for most, need no structure. */
static gboolean
needs_structure (Fetch *fetch)
{
  gboolean needs_body_offset = FALSE;

  for (guint i = 0; i < fetch->items->sections->len; i++)
    {
      const PhImapSection *section = g_ptr_array_index (fetch->items->sections, i);

      if (section->n_path > 0)
        return TRUE;
      needs_body_offset |= section->section != PH_MIME_SECTION_BODY;
    }

  return needs_body_offset && !ph_imap_content_find_body (fetch->message, &fetch->body_offset, NULL);
}

static void
prepare_message (PhImapSession *self,
                 Fetch         *fetch)
{
  fetch->phase = PHASE_LINE;
  if (!needs_structure (fetch))
    return;

  fetch->waiting = TRUE;
  ph_message_load_structure_async (fetch->message, self->cancellable, on_structure, g_object_ref (self));
}

/* The line */

static void
add_bytes (GString    *line,
           const char *name,
           GBytes     *bytes)
{
  gsize       length;
  const char *data = g_bytes_get_data (bytes, &length);

  g_string_append_printf (line, "%s ", name);
  g_string_append_len (line, data, (gssize)length);
  g_string_append_c (line, ' ');
}

static void
add_date (GString    *line,
          const char *name,
          gint64      time,
          gint        zone)
{
  const PhDate     date = { time, zone };
  g_autofree char *text = ph_date_format_internal (&date);

  g_string_append_printf (line, "%s \"%s\" ", name, text);
}

static void
add_plain_items (PhImapSession       *self,
                 Fetch               *fetch,
                 const PhMessageInfo *info)
{
  PhImapFetchFlags flags = fetch->items->flags;
  GString         *line = fetch->line;

  if ((flags & PH_IMAP_FETCH_UID) != 0 || self->by_uid)
    g_string_append_printf (line, "UID %u ", info->uid);
  if ((flags & PH_IMAP_FETCH_INTERNALDATE) != 0)
    add_date (line, "INTERNALDATE", info->internal_date, info->internal_zone);
  if ((flags & PH_IMAP_FETCH_SIZE) != 0)
    g_string_append_printf (line, "RFC822.SIZE %u ", info->size);
  if ((flags & PH_IMAP_FETCH_SAVEDATE) != 0)
    add_date (line, "SAVEDATE", info->save_date, 0);
}

/* FALSE if there is none: the message went meanwhile. */
static gboolean
add_summary (Fetch *fetch)
{
  PhImapFetchFlags        flags = fetch->items->flags;
  const PhMessageSummary *summary;

  if ((flags & PH_IMAP_FETCH_SUMMARY) == 0)
    return TRUE;

  summary = g_ptr_array_index (fetch->summaries, fetch->next - fetch->batch_start);
  if (summary == NULL)
    return FALSE;

  if ((flags & PH_IMAP_FETCH_ENVELOPE) != 0)
    add_bytes (fetch->line, "ENVELOPE", summary->envelope);
  if ((flags & PH_IMAP_FETCH_BODY) != 0)
    add_bytes (fetch->line, "BODY", summary->body);
  if ((flags & PH_IMAP_FETCH_BODYSTRUCTURE) != 0)
    add_bytes (fetch->line, "BODYSTRUCTURE", summary->bodystructure);

  return TRUE;
}

static void
begin_line (PhImapSession *self,
            Fetch         *fetch)
{
  const PhMessageInfo *info = find_info (self, get_uid (fetch));
  guint                position;
  gsize                before;

  if (info == NULL || !ph_imap_view_find_uid (self->view, info->uid, &position))
    {
      skip_message (fetch);
      return;
    }

  g_string_printf (fetch->line, "* %u FETCH (", position + 1);
  before = fetch->line->len;
  ph_imap_view_tell_flags (self->view, position, (fetch->items->flags & PH_IMAP_FETCH_FLAGS) == 0, fetch->line);
  if (fetch->line->len > before)
    g_string_append_c (fetch->line, ' ');

  add_plain_items (self, fetch, info);
  if (!add_summary (fetch))
    {
      skip_message (fetch);
      return;
    }
  fetch->phase = PHASE_SECTION;
}

static void
end_line (PhImapSession *self,
          Fetch         *fetch)
{
  GString *line = fetch->line;

  /* The blank after the last item. */
  if (line->len > 0 && line->str[line->len - 1] == ' ')
    g_string_truncate (line, line->len - 1);
  g_string_append (line, ")\r\n");
  ph_imap_session_send (line->str, line->len, self);
  g_string_truncate (line, 0);

  drop_message (fetch);
  fetch->next++;
  fetch->phase = PHASE_MESSAGE;
}

/* A file that fails after sizes were announced: nothing true can follow. */
static void
break_off (PhImapSession *self,
           Fetch         *fetch,
           const GError  *error)
{
  ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), "Message %u: %s", get_uid (fetch), error->message);
  fetch->phase = PHASE_FINISHED;
  self->ended = TRUE;
  g_cancellable_cancel (self->cancellable);
  ph_session_close (PH_SESSION (self));
}

static void
begin_section (PhImapSession *self,
               Fetch         *fetch)
{
  g_autoptr(GError) error = NULL;
  const PhImapSection *section;
  gboolean             found;

  if (fetch->section == fetch->items->sections->len)
    {
      end_line (self, fetch);
      return;
    }

  section = g_ptr_array_index (fetch->items->sections, fetch->section++);
  if (!ph_imap_content_open (&fetch->content, fetch->message, fetch->root, fetch->body_offset, section, &found, &error))
    {
      break_off (self, fetch, error);
      return;
    }
  if (!found)
    {
      g_string_append_printf (fetch->line, "%s NIL ", section->label);
      return;
    }

  g_string_append_printf (fetch->line, "%s {%" G_GUINT64_FORMAT "}\r\n", section->label, fetch->content.remaining);
  ph_imap_session_send (fetch->line->str, fetch->line->len, self);
  g_string_truncate (fetch->line, 0);
  ph_journal_session_add_folded (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_SERVER,
                                 "message", fetch->content.remaining);
  fetch->phase = PHASE_CONTENT;
}

static void
send_piece (PhImapSession *self,
            Fetch         *fetch)
{
  g_autoptr(GError) error = NULL;
  guint8 piece[PIECE];
  gssize n = ph_imap_content_read (&fetch->content, piece, sizeof piece, &error);

  if (n < 0)
    {
      break_off (self, fetch, error);
      return;
    }
  if (n > 0)
    {
      ph_session_write (PH_SESSION (self), piece, (gsize)n);
      return;
    }

  ph_imap_content_clear (&fetch->content);
  g_string_append_c (fetch->line, ' ');
  fetch->phase = PHASE_SECTION;
}

static void
step (PhImapSession *self)
{
  static void (*const phases[]) (PhImapSession *, Fetch *) = {
    [PHASE_BATCH] = begin_batch,
    [PHASE_SUMMARY] = load_summaries,
    [PHASE_MESSAGE] = begin_message,
    [PHASE_OPENED] = prepare_message,
    [PHASE_LINE] = begin_line,
    [PHASE_SECTION] = begin_section,
    [PHASE_CONTENT] = send_piece,
  };
  Fetch *fetch = self->work;
  Phase  phase = fetch->phase;

  while (!fetch->waiting && phase != PHASE_FINISHED && ph_session_can_write (PH_SESSION (self)))
    {
      /* What ends the command frees the fetch. */
      gboolean ends = phase == PHASE_BATCH && fetch->next == fetch->uids->len;

      phases[phase](self, fetch);
      if (ends)
        return;
      phase = fetch->phase;
    }

  ph_session_changed (PH_SESSION (self));
}

void
ph_imap_command_fetch (PhImapSession *self,
                       PhImapParser  *arguments)
{
  g_autoptr(GArray) set = NULL;
  g_autoptr(GArray) uids = NULL;
  g_autoptr(PhImapFetchItems) items = NULL;
  Fetch *fetch;

  if (ph_imap_parser_take_space (arguments) && ph_imap_set_take (arguments, &set) && ph_imap_parser_take_space (arguments))
    items = ph_imap_fetch_items_take (arguments);
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  uids = ph_imap_view_select (self->view, set, self->by_uid);
  if (uids == NULL)
    {
      ph_imap_session_bad (self, "There is no message with such a number");
      return;
    }

  fetch = g_new0 (Fetch, 1);
  fetch->sets_seen = ph_imap_fetch_items_sets_seen (items) && !ph_imap_view_get_read_only (self->view);
  fetch->items = g_steal_pointer (&items);
  fetch->uids = g_steal_pointer (&uids);
  fetch->line = g_string_new (NULL);
  ph_imap_session_wait (self, fetch, fetch_free);
  self->step = step;
  step (self);
}
