/* What a session is told of the changes in its mailbox, and when. */

#include "ph-imap-view-private.h"

#include "ph-imap-flags.h"
#include "ph-imap-number.h"
#include "ph-uid-ranges.h"

#define ALL_FLAGS (PH_FLAG_SEEN | PH_FLAG_ANSWERED | PH_FLAG_FLAGGED | PH_FLAG_DELETED | PH_FLAG_DRAFT)

/* More changes than a share of the entries: to look each one up is no faster than to walk through all. */
#define FEW(n_changes, n_entries) ((n_changes) < (n_entries) / 8 + 64)

static void
tell (GString       *text,
      PhImapLineFunc line,
      gpointer       user_data)
{
  g_string_append (text, "\r\n");
  line (text->str, text->len, user_data);
  g_string_truncate (text, 0);
}

void
ph_imap_view_announce_flags (PhImapView    *self,
                             PhImapLineFunc line,
                             gpointer       user_data)
{
  g_autoptr (GString) text = g_string_new ("* FLAGS (");
  guint              n_names;
  const char *const *names = ph_mailbox_get_keywords (self->mailbox, &n_names);

  ph_imap_flags_format (ALL_FLAGS, FALSE, G_MAXUINT64, names, n_names, text);
  g_string_append_c (text, ')');
  tell (text, line, user_data);

  g_string_append (text, "* OK [PERMANENTFLAGS (");
  if (!self->read_only)
    {
      ph_imap_flags_format (ALL_FLAGS, FALSE, G_MAXUINT64, names, n_names, text);
      if (n_names < PH_MAILBOX_KEYWORDS_MAX)
        g_string_append (text, " \\*");
    }
  g_string_append (text, self->read_only ? ")] Nothing can be changed" : ")] These stay");
  tell (text, line, user_data);

  self->n_keywords_told = n_names;
}

void
ph_imap_view_set_behind (PhImapView *self)
{
  self->behind = TRUE;
}

/* From the last to the first, so that each number is right when it is read (I03). */
static void
tell_expunge_numbers (const GArray  *gone,
                      GString       *text,
                      PhImapLineFunc line,
                      gpointer       user_data)
{
  for (guint i = gone->len; i > 0; i--)
    {
      g_string_printf (text, "* %u EXPUNGE", g_array_index (gone, guint32, i - 1));
      tell (text, line, user_data);
    }
}

/* RFC 7162 3.2.10 */
static void
tell_vanished (const GArray  *gone,
               GString       *text,
               PhImapLineFunc line,
               gpointer       user_data)
{
  if (gone->len == 0)
    return;

  g_string_assign (text, "* VANISHED ");
  ph_imap_set_format ((const guint32 *)(gpointer)gone->data, gone->len, text);
  tell (text, line, user_data);
}

/* What is gone, to the client, and from the map. */
static void
tell_expunged (PhImapView    *self,
               GString       *text,
               PhImapLineFunc line,
               gpointer       user_data)
{
  g_autoptr (GArray) numbers = g_array_sized_new (FALSE, FALSE, sizeof (guint32), self->gone->len);
  const guint32 *uids = (const guint32 *)(gpointer)self->gone->data;

  for (guint i = 0; i < self->gone->len; i++)
    {
      guint   position;
      guint32 number;

      ph_uid_rows_find (self->entries, uids[i], &position);
      number = position + 1;
      g_array_append_val (numbers, number);
      self->n_recent -= ph_imap_view_peek_entry (self, position)->recent;
    }

  if ((self->enabled & (PH_IMAP_ENABLED_QRESYNC | PH_IMAP_ENABLED_UIDONLY)) != 0)
    tell_vanished (self->gone, text, line, user_data);
  else
    tell_expunge_numbers (numbers, text, line, user_data);
  ph_uid_rows_remove (self->entries, uids, self->gone->len);
  g_array_set_size (self->gone, 0);
}

void
ph_imap_view_begin_fetch (PhImapView *self,
                          guint       position,
                          gboolean    with_uid,
                          GString    *out)
{
  guint32  uid = ph_imap_view_peek_entry (self, position)->uid;
  gboolean uid_only = (self->enabled & PH_IMAP_ENABLED_UIDONLY) != 0; /* RFC 9586 3.3 */

  g_string_assign (out, "* ");
  ph_imap_number_append (uid_only ? uid : position + 1, out);
  g_string_append (out, uid_only ? " UIDFETCH (" : " FETCH (");
  if (with_uid && !uid_only)
    {
      g_string_append (out, "UID ");
      ph_imap_number_append (uid, out);
      g_string_append_c (out, ' ');
    }
}

/* Ascending UIDs that may be gone or have other flags since the last sync; NULL: any. */
static GArray *
list_changes (PhImapView *self)
{
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));

  if (self->behind || !ph_mailbox_list_changes (self->mailbox, self->n_changes_told, uids))
    return NULL;

  g_array_append_vals (uids, self->unsure->data, self->unsure->len);
  ph_uid_sort (uids);

  return FEW (uids->len, ph_uid_rows_get_length (self->entries)) ? g_steal_pointer (&uids) : NULL;
}

static void
find_gone (PhImapView   *self,
           const GArray *uids)
{
  if (uids == NULL)
    g_array_set_size (self->gone, 0);
  ph_uid_append_gone (self->mailbox, self->entries, uids, self->gone);
  ph_uid_sort (self->gone);
}

static void
tell_flags_if_changed (PhImapView    *self,
                       guint          position,
                       GString       *text,
                       PhImapLineFunc line,
                       gpointer       user_data)
{
  const PhImapEntry   *entry = ph_imap_view_peek_entry (self, position);
  const PhMessageInfo *info;
  guint                place;

  if (!ph_mailbox_find_uid (self->mailbox, entry->uid, &place))
    return;
  info = ph_mailbox_get_info (self->mailbox, place);
  if (info->flags == entry->flags && info->keywords == entry->keywords)
    return;

  ph_imap_view_begin_fetch (self, position, TRUE, text);
  ph_imap_view_tell_flags (self, position, FALSE, text);
  g_string_append_c (text, ')');
  tell (text, line, user_data);
}

static void
tell_changed_flags (PhImapView    *self,
                    const GArray  *uids, /* or NULL for all */
                    GString       *text,
                    PhImapLineFunc line,
                    gpointer       user_data)
{
  guint n = uids != NULL ? uids->len : ph_uid_rows_get_length (self->entries);

  if (self->mutes_flags)
    return;

  for (guint i = 0; i < n; i++)
    {
      guint position = i;

      if (uids == NULL || ph_uid_rows_find (self->entries, g_array_index (uids, guint32, i), &position))
        tell_flags_if_changed (self, position, text, line, user_data);
    }
}

/* TRUE if something changed since the last sync, apart from what it had to keep back. */
static gboolean
has_changed (PhImapView *self)
{
  return self->behind || self->unsure->len > 0 || ph_mailbox_get_highestmodseq (self->mailbox) != self->modseq_told || ph_mailbox_get_n_messages (self->mailbox) != self->n_messages_told;
}

gboolean
ph_imap_view_is_behind (PhImapView *self)
{
  return self->gone->len > 0 || has_changed (self);
}

void
ph_imap_view_set_tells_flags (PhImapView *self,
                              gboolean    tells_flags)
{
  self->mutes_flags = !tells_flags;
}

guint32
ph_imap_view_get_last_uid (PhImapView *self)
{
  guint n = ph_uid_rows_get_length (self->entries);

  return n > 0 ? ph_imap_view_peek_entry (self, n - 1)->uid : 0;
}

void
ph_imap_view_sync_keywords (PhImapView    *self,
                            PhImapLineFunc line,
                            gpointer       user_data)
{
  guint n_keywords;

  ph_mailbox_get_keywords (self->mailbox, &n_keywords);
  if (n_keywords != self->n_keywords_told)
    ph_imap_view_announce_flags (self, line, user_data);
}

void
ph_imap_view_sync (PhImapView    *self,
                   gboolean       may_expunge,
                   PhImapLineFunc line,
                   gpointer       user_data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GArray) changes = NULL;
  guint n_before;

  if (!has_changed (self) && !(may_expunge && self->gone->len > 0))
    return;

  ph_imap_view_sync_keywords (self, line, user_data);
  changes = list_changes (self);
  find_gone (self, changes);
  if (may_expunge)
    tell_expunged (self, text, line, user_data);

  n_before = ph_uid_rows_get_length (self->entries);
  ph_imap_view_add_new_entries (self);
  if (ph_uid_rows_get_length (self->entries) > n_before)
    {
      g_string_printf (text, "* %u EXISTS", ph_uid_rows_get_length (self->entries));
      tell (text, line, user_data);
      if ((self->enabled & PH_IMAP_ENABLED_REV2) == 0)
        {
          g_string_printf (text, "* %u RECENT", self->n_recent);
          tell (text, line, user_data);
        }
    }

  tell_changed_flags (self, changes, text, line, user_data);
  ph_imap_view_note_told (self);
}
