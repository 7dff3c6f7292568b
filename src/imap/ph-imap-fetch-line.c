#include "ph-imap-fetch.h"

#include "ph-date.h"
#include "ph-imap-number.h"
#include "ph-mime-format.h"
#include "ph-received.h"
#include "ph-store-error.h"
#include "ph-trail.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The line of one message (RFC 3501 7.4.2). */

#define PIECE (16 * 1024)

guint32
ph_imap_fetch_get_uid (const PhImapFetch *fetch)
{
  return g_array_index (fetch->uids, guint32, fetch->next);
}

const PhMessageInfo *
ph_imap_fetch_find_info (PhImapSession *self,
                         guint32        uid)
{
  PhMailbox *mailbox = ph_imap_view_get_mailbox (self->view);
  guint      position;

  return ph_mailbox_find_uid (mailbox, uid, &position) ? ph_mailbox_get_info (mailbox, position) : NULL;
}

void
ph_imap_fetch_drop_message (PhImapFetch *fetch)
{
  ph_imap_content_clear (&fetch->content);
  g_clear_object (&fetch->decoded);
  g_clear_object (&fetch->message);
  fetch->root = NULL;
  fetch->section = 0;
}

void
ph_imap_fetch_skip_message (PhImapFetch *fetch)
{
  ph_imap_fetch_drop_message (fetch);
  fetch->n_gone++;
  fetch->next++;
  fetch->phase = PH_IMAP_FETCH_PHASE_MESSAGE;
}

static void
add_number (GString    *line,
            const char *name,
            guint64     number)
{
  g_string_append (line, name);
  ph_imap_number_append (number, line);
  g_string_append_c (line, ' ');
}

static void
add_bytes (GString    *line,
           const char *name,
           GBytes     *bytes)
{
  gsize       length;
  const char *data = g_bytes_get_data (bytes, &length);

  g_string_append (line, name);
  g_string_append_c (line, ' ');
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

/* RFC 8474 5 */
static void
add_object_id (GString    *line,
               const char *name,
               char        kind,
               guint64     number)
{
  char text[PH_OBJECT_ID_SIZE];

  ph_object_id_format (kind, number, text);
  if (number != 0)
    g_string_append_printf (line, "%s (%s) ", name, text);
  else
    g_string_append_printf (line, "%s NIL ", name);
}

/* RFC 8970 3.1 */
static void
add_preview (GString    *line,
             const char *preview)
{
  g_auto (PhBuffer) text = { 0 };

  ph_mime_format_string (preview, strlen (preview), &text);
  g_string_append (line, "PREVIEW ");
  g_string_append_len (line, (const char *)ph_buffer_get_data (&text), (gssize)ph_buffer_get_length (&text));
  g_string_append_c (line, ' ');
}

static void
add_plain_items (PhImapSession       *self,
                 PhImapFetch         *fetch,
                 const PhMessageInfo *info)
{
  PhImapFetchFlags flags = fetch->items->flags;
  GString         *line = fetch->line;

  if (((flags & PH_IMAP_FETCH_UID) != 0 || self->by_uid) && (self->enabled & PH_IMAP_ENABLED_UIDONLY) == 0)
    add_number (line, "UID ", info->uid);
  if ((flags & PH_IMAP_FETCH_INTERNALDATE) != 0)
    add_date (line, "INTERNALDATE", info->internal_date, info->internal_zone);
  if ((flags & PH_IMAP_FETCH_SIZE) != 0)
    add_number (line, "RFC822.SIZE ", info->size);
  if ((flags & PH_IMAP_FETCH_EMAILID) != 0)
    add_object_id (line, "EMAILID", 'M', info->object);
  if ((flags & PH_IMAP_FETCH_THREADID) != 0)
    add_object_id (line, "THREADID", 'T', info->thread);
  if ((flags & PH_IMAP_FETCH_SAVEDATE) != 0)
    add_date (line, "SAVEDATE", info->save_date, 0);
}

static void
add_summary (PhImapFetch *fetch)
{
  PhImapFetchFlags        flags = fetch->items->flags;
  const PhMessageSummary *summary = fetch->summary;

  if ((flags & PH_IMAP_FETCH_ENVELOPE) != 0)
    add_bytes (fetch->line, "ENVELOPE", summary->envelope);
  if ((flags & PH_IMAP_FETCH_BODY) != 0)
    add_bytes (fetch->line, "BODY", summary->body);
  if ((flags & PH_IMAP_FETCH_BODYSTRUCTURE) != 0)
    add_bytes (fetch->line, "BODYSTRUCTURE", summary->bodystructure);
  if ((flags & PH_IMAP_FETCH_PREVIEW) != 0)
    add_preview (fetch->line, summary->preview);
}

void
ph_imap_fetch_begin_line (PhImapSession *self,
                          PhImapFetch   *fetch)
{
  const PhMessageInfo *info = ph_imap_fetch_find_info (self, ph_imap_fetch_get_uid (fetch));
  guint                position;
  gsize                before;

  if (info == NULL || !ph_imap_view_find_uid (self->view, info->uid, &position))
    {
      ph_imap_fetch_skip_message (fetch);
      return;
    }

  /* Another session may have made a keyword meanwhile: it is named before it is seen here (I13). */
  ph_imap_view_sync_keywords (self->view, ph_imap_session_send, self);
  ph_imap_view_begin_fetch (self->view, position, FALSE, fetch->line);
  before = fetch->line->len;
  ph_imap_view_tell_flags (self->view, position, (fetch->items->flags & PH_IMAP_FETCH_FLAGS) == 0, fetch->line);
  if (fetch->line->len == before && (fetch->items->flags & PH_IMAP_FETCH_MODSEQ) != 0)
    ph_imap_view_tell_modseq (self->view, info->uid, fetch->line);
  if (fetch->line->len > before)
    g_string_append_c (fetch->line, ' ');

  add_plain_items (self, fetch, info);
  add_summary (fetch);
  fetch->phase = PH_IMAP_FETCH_PHASE_SECTION;
}

static gboolean
has_body (const PhImapFetchItems *items)
{
  for (guint i = 0; i < items->sections->len; i++)
    {
      const PhImapSection *section = g_ptr_array_index (items->sections, i);

      if (section->section == PH_MIME_SECTION_BODY || section->section == PH_MIME_SECTION_TEXT)
        return TRUE;
    }

  return FALSE;
}

/* Whether it is read from its beginning on: one that comes in pieces or part by part is counted once. */
static gboolean
begins_body (const PhImapFetchItems *items)
{
  for (guint i = 0; i < items->sections->len; i++)
    {
      const PhImapSection *section = g_ptr_array_index (items->sections, i);

      if ((section->section == PH_MIME_SECTION_BODY || section->section == PH_MIME_SECTION_TEXT) && section->offset == 0 &&
          (section->n_path == 0 || section->path[0] == 1))
        return TRUE;
    }

  return FALSE;
}

/* That this client has it now: all of it or a part, not only its header.  The first page is at hand, it was just sent. */
static void
trace (PhImapSession *self,
       PhImapFetch   *fetch)
{
  guint8           start[PH_RECEIVED_FIRST_MAX];
  gssize           length = has_body (fetch->items) && fetch->message != NULL ? ph_message_read (fetch->message, 0, start, sizeof start, NULL) : 0;
  g_autofree char *id = length > 0 ? ph_received_dup_first_id (start, (gsize)length) : NULL;

  if (id != NULL)
    ph_journal_session_trace (ph_session_get_journal (PH_SESSION (self)), PH_TRAIL_FETCHED, id, NULL, NULL);
  if (fetch->message != NULL && begins_body (fetch->items))
    ph_journal_session_add_message (ph_session_get_journal (PH_SESSION (self)));
}

static void
end_line (PhImapSession *self,
          PhImapFetch   *fetch)
{
  GString *line = fetch->line;

  /* The blank after the last item. */
  if (line->len > 0 && line->str[line->len - 1] == ' ')
    g_string_truncate (line, line->len - 1);
  g_string_append (line, ")\r\n");
  ph_imap_session_send (line->str, line->len, self);
  g_string_truncate (line, 0);

  trace (self, fetch);
  ph_imap_fetch_drop_message (fetch);
  fetch->next++;
  fetch->phase = PH_IMAP_FETCH_PHASE_MESSAGE;
}

/* A file that fails after sizes were announced: nothing true can follow. */
static void
break_off (PhImapSession *self,
           PhImapFetch   *fetch,
           const GError  *error)
{
  /* Translators: the UID of a message, and why it can’t be read */
  ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), N_ ("Message %u: %s"), ph_imap_fetch_get_uid (fetch), _ (error->message));
  fetch->phase = PH_IMAP_FETCH_PHASE_FINISHED;
  self->ended = TRUE;
  g_cancellable_cancel (self->cancellable);
  ph_session_close (PH_SESSION (self));
}

static void
on_decoded (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean     has_nul;
  PhMessage   *decoded = ph_message_decode_part_finish (PH_MESSAGE (source), result, &has_nul, &error);
  PhImapFetch *fetch = self->work;

  if (!ph_imap_session_is_waiting (self))
    {
      g_clear_object (&decoded);
      return;
    }

  fetch->waiting = FALSE;
  fetch->decoded = decoded;
  fetch->has_nul = has_nul;
  fetch->unknown_encoding |= g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID);
  fetch->phase = PH_IMAP_FETCH_PHASE_DECODED;
  self->step (self);
}

/* A section's size and bytes follow. */
static void
announce (PhImapSession *self,
          PhImapFetch   *fetch,
          const char    *label,
          gboolean       binary)
{
  g_string_append (fetch->line, label);
  g_string_append (fetch->line, binary ? " ~{" : " {");
  ph_imap_number_append (fetch->content.remaining, fetch->line);
  g_string_append (fetch->line, "}\r\n");
  ph_imap_session_send (fetch->line->str, fetch->line->len, self);
  g_string_truncate (fetch->line, 0);
  ph_journal_session_add_folded (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_SERVER,
                                 N_ ("message"), fetch->content.remaining);
  fetch->phase = PH_IMAP_FETCH_PHASE_CONTENT;
}

/* RFC 3516 4.2, 4.3 */
void
ph_imap_fetch_begin_decoded (PhImapSession *self,
                             PhImapFetch   *fetch)
{
  const PhImapSection *section = g_ptr_array_index (fetch->items->sections, fetch->section - 1);
  PhImapSection        whole = { .partial = section->partial, .offset = section->offset, .count = section->count };
  gboolean             found;

  fetch->phase = PH_IMAP_FETCH_PHASE_SECTION;
  if (fetch->decoded == NULL)
    {
      g_string_append_printf (fetch->line, section->form == PH_IMAP_SECTION_SIZE ? "%s 0 " : "%s NIL ", section->label);
      return;
    }
  if (section->form == PH_IMAP_SECTION_SIZE)
    {
      g_string_append_printf (fetch->line, "%s %" G_GUINT64_FORMAT " ", section->label, ph_message_get_size (fetch->decoded));
      g_clear_object (&fetch->decoded);
      return;
    }

  /* From memory of the file alone: it can't fail. */
  ph_imap_content_open (&fetch->content, fetch->decoded, NULL, 0, &whole, &found, NULL);
  announce (self, fetch, section->label, fetch->has_nul);
}

void
ph_imap_fetch_begin_section (PhImapSession *self,
                             PhImapFetch   *fetch)
{
  g_autoptr (GError) error = NULL;
  const PhImapSection *section;
  gboolean             found;

  if (fetch->section == fetch->items->sections->len)
    {
      end_line (self, fetch);
      return;
    }

  section = g_ptr_array_index (fetch->items->sections, fetch->section++);
  if (section->form != PH_IMAP_SECTION_BYTES)
    {
      fetch->waiting = TRUE;
      ph_message_decode_part_async (fetch->message, section->path, section->n_path, self->cancellable,
                                    on_decoded, g_object_ref (self));
      return;
    }
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

  announce (self, fetch, section->label, FALSE);
}

void
ph_imap_fetch_send_piece (PhImapSession *self,
                          PhImapFetch   *fetch)
{
  g_autoptr (GError) error = NULL;
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
  g_clear_object (&fetch->decoded);
  g_string_append_c (fetch->line, ' ');
  fetch->phase = PH_IMAP_FETCH_PHASE_SECTION;
}
