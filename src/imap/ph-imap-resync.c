#include "ph-imap-resync.h"

void
ph_imap_resync_clear (PhImapResync *self)
{
  g_clear_pointer (&self->known, g_array_unref);
}

/* "(1,50 1,60)": sequence numbers and the UIDs they had. */
static gboolean
take_matches (PhImapParser *parser)
{
  g_autoptr (GArray) numbers = NULL;
  g_autoptr (GArray) uids = NULL;

  return ph_imap_parser_take_char (parser, '(') && ph_imap_set_take (parser, &numbers) && ph_imap_parser_take_space (parser) && ph_imap_set_take (parser, &uids) && ph_imap_parser_take_char (parser, ')');
}

gboolean
ph_imap_resync_take (PhImapParser *parser,
                     PhImapResync *self)
{
  guint64 uidvalidity;

  self->given = TRUE;
  if (!ph_imap_parser_take_space (parser) || !ph_imap_parser_take_char (parser, '(') || !ph_imap_parser_take_number (parser, G_MAXUINT32, &uidvalidity) || !ph_imap_parser_take_space (parser) || !ph_imap_parser_take_number (parser, G_MAXINT64, &self->modseq))
    return FALSE;
  if (uidvalidity == 0 || self->modseq == 0)
    return ph_imap_parser_fail (parser, "0 is no value");
  self->uidvalidity = (guint32)uidvalidity;

  if (ph_imap_parser_skip_char (parser, ' ') && ph_imap_parser_peek (parser) != '(')
    {
      if (!ph_imap_set_take (parser, &self->known))
        return FALSE;
      if (ph_imap_set_is_saved (self->known))
        return ph_imap_parser_fail (parser, "No $ here");
      ph_imap_set_resolve (self->known, G_MAXUINT32);
      if (!ph_imap_parser_skip_char (parser, ' '))
        return ph_imap_parser_take_char (parser, ')');
    }
  self->by_numbers = ph_imap_parser_peek (parser) == '(';
  if (self->by_numbers && !take_matches (parser))
    return FALSE;

  return ph_imap_parser_take_char (parser, ')');
}

static void
append_range (GString *out,
              guint32  first,
              guint32  last)
{
  g_string_append_printf (out, out->len > 0 ? ",%u" : "%u", first);
  if (last > first)
    g_string_append_printf (out, ":%u", last);
}

void
ph_imap_session_tell_vanished (PhImapSession *self,
                               const GArray  *vanished,
                               const GArray  *set)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint next = 0;

  /* Both are ascending. */
  for (guint i = 0; i < vanished->len; i++)
    {
      const PhUidRange *range = &g_array_index (vanished, PhUidRange, i);

      if (set == NULL)
        {
          append_range (text, range->first, range->last);
          continue;
        }
      while (next < set->len && g_array_index (set, PhImapRange, next).last < range->first)
        next++;
      for (guint n = next; n < set->len && g_array_index (set, PhImapRange, n).first <= range->last; n++)
        append_range (text, MAX (range->first, g_array_index (set, PhImapRange, n).first),
                      MIN (range->last, g_array_index (set, PhImapRange, n).last));
    }

  if (text->len > 0)
    ph_imap_session_untagged (self, "VANISHED (EARLIER) %s", text->str);
}

static gboolean
is_known (const PhImapResync *self,
          guint32             uid,
          guint              *next)
{
  if (self->known == NULL)
    return TRUE;

  while (*next < self->known->len && g_array_index (self->known, PhImapRange, *next).last < uid)
    (*next)++;

  return *next < self->known->len && g_array_index (self->known, PhImapRange, *next).first <= uid;
}

void
ph_imap_resync_tell_changes (const PhImapResync *self,
                             PhImapSession      *session)
{
  PhMailbox *mailbox = ph_imap_view_get_mailbox (session->view);
  g_autoptr (GString) line = g_string_new (NULL);
  guint next = 0;

  for (guint i = 0; i < ph_imap_view_get_n_entries (session->view); i++)
    {
      guint32 uid = ph_imap_view_get_entry (session->view, i)->uid;
      guint   position;

      if (!ph_mailbox_find_uid (mailbox, uid, &position) || ph_mailbox_get_info (mailbox, position)->modseq <= self->modseq || !is_known (self, uid, &next))
        continue;
      ph_imap_view_begin_fetch (session->view, i, TRUE, line);
      ph_imap_view_tell_flags (session->view, i, FALSE, line);
      g_string_append (line, ")\r\n");
      ph_imap_session_send (line->str, line->len, session);
    }
}
