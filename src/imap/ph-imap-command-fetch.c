#include "ph-imap-fetch.h"
#include "ph-imap-resync.h"
#include "ph-imap-watch.h"

#include <glib/gi18n-lib.h>

/* FETCH (RFC 3501 6.4.5).  Messages go by in batches: \Seen is set for a batch at once, and what
 * is on disk is loaded while others go out; a body goes out in pieces as the peer reads them. */

#define BATCH 200

static void step (PhImapSession *self);

static void
fetch_free (gpointer data)
{
  PhImapFetch *fetch = data;

  ph_imap_fetch_drop_message (fetch);
  g_clear_pointer (&fetch->summaries, ph_imap_ahead_free);
  g_clear_pointer (&fetch->messages, ph_imap_ahead_free);
  g_clear_error (&fetch->error);
  ph_imap_fetch_items_free (fetch->items);
  g_array_unref (fetch->uids);
  g_clear_pointer (&fetch->asked, g_array_unref);
  g_string_free (fetch->line, TRUE);
  g_free (fetch);
}

/* What waited meanwhile goes on: commands, or IDLE. */
static void
end_unsolicited (PhImapSession *self)
{
  gpointer fetch = g_steal_pointer (&self->work);

  self->work_free = NULL;
  self->step = NULL;
  self->by_uid = FALSE;
  self->busy = FALSE;
  fetch_free (fetch);
  ph_imap_watch_wake (self->watch);
  ph_session_changed (PH_SESSION (self));
}

/* Frees `fetch`. */
static void
fail (PhImapSession *self,
      PhImapFetch   *fetch)
{
  g_autoptr (GError) error = g_steal_pointer (&fetch->error);

  if (fetch->unsolicited)
    end_unsolicited (self);
  else
    ph_imap_session_fail (self, error);
}

static void
finish (PhImapSession *self,
        PhImapFetch   *fetch)
{
  fetch->phase = PH_IMAP_FETCH_PHASE_FINISHED;
  if (fetch->unsolicited)
    end_unsolicited (self);
  else if (fetch->unknown_encoding)
    ph_imap_session_no (self, "UNKNOWN-CTE", "A part has an encoding that nobody knows");
  else if (fetch->n_gone > 0 && !self->by_uid)
    ph_imap_session_no (self, "EXPUNGEISSUED", "Some of the messages have been deleted");
  else
    ph_imap_session_ok (self, NULL, "Fetched");
}

/* Batches */

static void
on_seen (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  PhImapFetch *fetch = self->work;
  gboolean     stored = ph_mailbox_store_flags_finish (PH_MAILBOX (source), result, NULL, &error);

  if (!ph_imap_session_is_waiting (self))
    return;

  /* Reading must go on where writing is impossible. */
  if (!stored)
    /* Translators: why */
    ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), N_ ("Not marked as read: %s"), _ (error->message));
  fetch->waiting = FALSE;
  step (self);
}

/* The unread messages of the batch become read (I15). */
static void
mark_seen (PhImapSession *self,
           PhImapFetch   *fetch)
{
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = fetch->batch_start; i < fetch->batch_end; i++)
    {
      guint32              uid = g_array_index (fetch->uids, guint32, i);
      const PhMessageInfo *info = ph_imap_fetch_find_info (self, uid);

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
             PhImapFetch   *fetch)
{
  if (fetch->next == fetch->uids->len)
    {
      finish (self, fetch);
      return;
    }

  fetch->batch_start = fetch->next;
  fetch->batch_end = MIN (fetch->next + BATCH, fetch->uids->len);
  fetch->phase = PH_IMAP_FETCH_PHASE_MESSAGE;
  if (fetch->sets_seen)
    mark_seen (self, fetch);
}

/* Messages */

/* FALSE: it waits, or it failed. */
static gboolean
find_ahead (PhImapFetch *fetch,
            PhImapAhead *ahead,
            gpointer    *item)
{
  if (ahead == NULL || ph_imap_ahead_find (ahead, fetch->next, item, &fetch->error))
    return TRUE;

  if (fetch->error != NULL)
    fetch->phase = PH_IMAP_FETCH_PHASE_FAILED;
  else
    fetch->waiting = TRUE;

  return FALSE;
}

static void
begin_message (PhImapSession *self,
               PhImapFetch   *fetch)
{
  gpointer summary = NULL;
  gpointer message = NULL;

  if (fetch->next == fetch->batch_end)
    {
      fetch->phase = PH_IMAP_FETCH_PHASE_BATCH;
      return;
    }
  if (!find_ahead (fetch, fetch->summaries, &summary) || !find_ahead (fetch, fetch->messages, &message))
    return;

  if (ph_imap_fetch_find_info (self, ph_imap_fetch_get_uid (fetch)) == NULL ||
      (fetch->summaries != NULL && summary == NULL) || (fetch->messages != NULL && message == NULL))
    {
      ph_imap_fetch_skip_message (fetch);
      return;
    }

  fetch->summary = summary;
  g_set_object (&fetch->message, message);
  fetch->phase = message != NULL ? PH_IMAP_FETCH_PHASE_OPENED : PH_IMAP_FETCH_PHASE_LINE;
}

static void
on_structure (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  const PhMimePart *root = ph_message_load_structure_finish (PH_MESSAGE (source), result, &error);
  PhImapFetch      *fetch = self->work;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (root == NULL)
    {
      fetch->error = g_steal_pointer (&error);
      fail (self, fetch);
      return;
    }

  fetch->root = root;
  fetch->waiting = FALSE;
  step (self);
}

/* Whole messages and plain headers, what clients ask for most, need no structure. */
static gboolean
needs_structure (PhImapFetch *fetch)
{
  gboolean needs_body_offset = FALSE;
  gsize    n_held;

  ph_message_peek (fetch->message, &n_held);
  fetch->body_offset = n_held;
  for (guint i = 0; i < fetch->items->sections->len; i++)
    {
      const PhImapSection *section = g_ptr_array_index (fetch->items->sections, i);

      /* Decoding brings its own. */
      if (section->form != PH_IMAP_SECTION_BYTES)
        continue;
      if (section->n_path > 0)
        return TRUE;
      /* A held header is parsed where its fields are picked. */
      needs_body_offset |= section->section != PH_MIME_SECTION_BODY && (section->fields == NULL || n_held == 0);
    }

  return needs_body_offset && !ph_imap_content_find_body (fetch->message, &fetch->body_offset, NULL);
}

static void
prepare_message (PhImapSession *self,
                 PhImapFetch   *fetch)
{
  fetch->phase = PH_IMAP_FETCH_PHASE_LINE;
  if (!needs_structure (fetch))
    return;

  fetch->waiting = TRUE;
  ph_message_load_structure_async (fetch->message, self->cancellable, on_structure, g_object_ref (self));
}

static void
step (PhImapSession *self)
{
  static void (*const phases[]) (PhImapSession *, PhImapFetch *) = {
    [PH_IMAP_FETCH_PHASE_BATCH] = begin_batch,
    [PH_IMAP_FETCH_PHASE_MESSAGE] = begin_message,
    [PH_IMAP_FETCH_PHASE_OPENED] = prepare_message,
    [PH_IMAP_FETCH_PHASE_LINE] = ph_imap_fetch_begin_line,
    [PH_IMAP_FETCH_PHASE_SECTION] = ph_imap_fetch_begin_section,
    [PH_IMAP_FETCH_PHASE_DECODED] = ph_imap_fetch_begin_decoded,
    [PH_IMAP_FETCH_PHASE_CONTENT] = ph_imap_fetch_send_piece,
    [PH_IMAP_FETCH_PHASE_FAILED] = fail,
  };
  PhImapFetch     *fetch = self->work;
  PhImapFetchPhase phase = fetch->phase;

  while (!fetch->waiting && phase != PH_IMAP_FETCH_PHASE_FINISHED && ph_session_can_write (PH_SESSION (self)))
    {
      /* What ends the command frees the fetch. */
      gboolean ends = phase == PH_IMAP_FETCH_PHASE_FAILED || (phase == PH_IMAP_FETCH_PHASE_BATCH && fetch->next == fetch->uids->len);

      phases[phase](self, fetch);
      if (ends)
        return;
      phase = fetch->phase;
    }

  ph_session_changed (PH_SESSION (self));
}

static void
on_ahead (gpointer user_data)
{
  PhImapSession *self = user_data;
  PhImapFetch   *fetch = self->work;

  if (!ph_imap_session_is_waiting (self))
    return;

  fetch->waiting = FALSE;
  step (self);
}

static void
load_summaries (PhMailbox          *mailbox,
                const guint32      *uids,
                gsize               n_uids,
                gpointer            hint,
                GCancellable       *cancellable,
                GAsyncReadyCallback callback,
                gpointer            user_data)
{
  ph_mailbox_load_summaries_async (mailbox, uids, n_uids, cancellable, callback, user_data);
}

static void
open_messages (PhMailbox          *mailbox,
               const guint32      *uids,
               gsize               n_uids,
               gpointer            hint,
               GCancellable       *cancellable,
               GAsyncReadyCallback callback,
               gpointer            user_data)
{
  ph_mailbox_open_messages_async (mailbox, uids, n_uids, (PhMessageHold)GPOINTER_TO_UINT (hint), cancellable, callback, user_data);
}

/* What has to be known of each file. */
static PhMessageHold
choose_hold (const PhImapFetchItems *items)
{
  for (guint i = 0; i < items->sections->len; i++)
    {
      const PhImapSection *section = g_ptr_array_index (items->sections, i);

      if (section->form != PH_IMAP_SECTION_BYTES || section->n_path > 0 || section->section != PH_MIME_SECTION_HEADER)
        return PH_MESSAGE_HOLD_SHORT;
    }

  return PH_MESSAGE_HOLD_HEADER;
}

/* Takes both. */
static PhImapFetch *
fetch_new (PhImapSession    *self,
           PhImapFetchItems *items,
           GArray           *uids)
{
  PhImapFetch *fetch = g_new0 (PhImapFetch, 1);
  PhMailbox   *mailbox = ph_imap_view_get_mailbox (self->view);

  fetch->items = items;
  fetch->uids = uids;
  fetch->line = g_string_new (NULL);
  if ((items->flags & PH_IMAP_FETCH_SUMMARY) != 0)
    fetch->summaries = ph_imap_ahead_new (mailbox, uids, load_summaries, ph_mailbox_load_summaries_finish, NULL, self->cancellable, on_ahead, self);
  if (items->sections->len > 0)
    fetch->messages = ph_imap_ahead_new (mailbox, uids, open_messages, ph_mailbox_open_messages_finish, GUINT_TO_POINTER (choose_hold (items)), self->cancellable, on_ahead, self);

  return fetch;
}

void
ph_imap_fetch_tell (PhImapSession    *self,
                    PhImapFetchItems *items,
                    GArray           *uids)
{
  PhImapFetch *fetch = fetch_new (self, items, uids);

  fetch->unsolicited = TRUE;
  self->by_uid = TRUE;
  ph_imap_session_wait (self, fetch, fetch_free);
  self->step = step;
  step (self);
}

/* FALSE, and answered, for more of them than may be asked for (RFC 9738 3.1). */
static gboolean
check_partial (PhImapSession          *self,
               const PhImapFetchItems *items)
{
  gint64 n = items->partial.last - items->partial.first;

  return !items->has_partial || ph_imap_session_check_limit (self, NULL, (guint)MIN (ABS (n) + 1, G_MAXUINT32));
}

/* Leaves the UIDs that the modifiers let through, in place. */
static void
filter (PhImapSession          *self,
        const PhImapFetchItems *items,
        GArray                 *uids)
{
  guint start;
  guint end;
  guint n = 0;

  for (guint i = 0; items->has_changed_since && i < uids->len; i++)
    {
      guint32              uid = g_array_index (uids, guint32, i);
      const PhMessageInfo *info = ph_imap_fetch_find_info (self, uid);

      if (info == NULL || info->modseq > items->changed_since)
        g_array_index (uids, guint32, n++) = uid;
    }
  if (items->has_changed_since)
    g_array_set_size (uids, n);

  if (!items->has_partial)
    return;
  ph_imap_partial_resolve (&items->partial, uids->len, &start, &end);
  g_array_set_size (uids, end);
  g_array_remove_range (uids, 0, start);
}

/* RFC 7162 3.2.6: what vanished among the UIDs asked for; "*" is the last that ever was. */
static GArray *
resolve_for_vanished (PhImapSession *self,
                      GArray        *set)
{
  GArray *asked = g_array_copy (set);

  ph_imap_set_resolve (asked, ph_mailbox_get_uidnext (ph_imap_view_get_mailbox (self->view)) - 1);

  return asked;
}

static void
on_vanished (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) vanished = ph_mailbox_load_vanished_finish (PH_MAILBOX (source), result, &error);
  PhImapFetch *fetch = self->work;

  if (!ph_imap_session_is_waiting (self))
    return;

  if (vanished == NULL)
    {
      ph_imap_session_fail (self, error);
      return;
    }

  ph_imap_session_tell_vanished (self, vanished, fetch->asked);
  self->step = step;
  step (self);
}

static gboolean
check_modifiers (PhImapSession          *self,
                 const PhImapFetchItems *items)
{
  if (items->vanished && (!self->by_uid || (self->enabled & PH_IMAP_ENABLED_QRESYNC) == 0))
    ph_imap_session_bad (self, "VANISHED is for UID FETCH with QRESYNC enabled");
  else if (items->has_partial && !self->by_uid)
    ph_imap_session_bad (self, "PARTIAL is for UID FETCH");
  else
    return TRUE;

  return FALSE;
}

void
ph_imap_command_fetch (PhImapSession *self,
                       PhImapParser  *arguments)
{
  g_autoptr (GArray) set = NULL;
  g_autoptr (GArray) uids = NULL;
  g_autoptr (GArray) asked = NULL;
  g_autoptr (PhImapFetchItems) items = NULL;
  PhImapFetch *fetch;

  if (ph_imap_parser_take_space (arguments) && ph_imap_set_take (arguments, &set) && ph_imap_parser_take_space (arguments))
    items = ph_imap_fetch_items_take (arguments);
  if (items != NULL)
    ph_imap_fetch_items_take_modifiers (items, arguments);
  if (!ph_imap_session_end_arguments (self, arguments) || !check_modifiers (self, items) || !check_partial (self, items))
    return;

  if (items->vanished)
    asked = resolve_for_vanished (self, set);
  uids = ph_imap_view_select (self->view, set, self->by_uid);
  if (uids == NULL)
    {
      ph_imap_session_bad (self, "There is no message with such a number");
      return;
    }

  if ((items->flags & PH_IMAP_FETCH_MODSEQ) != 0)
    ph_imap_session_enable (self, PH_IMAP_ENABLED_CONDSTORE);
  filter (self, items, uids);
  ph_imap_session_limit (self, uids);

  fetch = fetch_new (self, g_steal_pointer (&items), g_steal_pointer (&uids));
  fetch->sets_seen = ph_imap_fetch_items_sets_seen (fetch->items) && !ph_imap_view_get_read_only (self->view);
  ph_imap_session_wait (self, fetch, fetch_free);
  fetch->asked = g_steal_pointer (&asked);
  if (fetch->asked != NULL)
    {
      ph_mailbox_load_vanished_async (ph_imap_view_get_mailbox (self->view), fetch->items->changed_since,
                                      self->cancellable, on_vanished, g_object_ref (self));
      return;
    }
  self->step = step;
  step (self);
}
