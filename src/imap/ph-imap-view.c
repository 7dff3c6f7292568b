#include "ph-imap-view.h"

#include "ph-imap-flags.h"

#include <string.h>

#define ALL_FLAGS (PH_FLAG_SEEN | PH_FLAG_ANSWERED | PH_FLAG_FLAGGED | PH_FLAG_DELETED | PH_FLAG_DRAFT)

struct _PhImapView
{
  PhMailbox *mailbox;
  gboolean   read_only;
  GArray    *entries; /* of PhImapEntry, ascending UIDs */
  guint      n_gone;  /* entries that are no longer in the mailbox, at the last sync */
  guint      n_keywords_told;
  guint64    modseq_told; /* of the mailbox at the last sync */
  guint      n_messages_told;
  gboolean   behind;
};

static void
add_new_entries (PhImapView *self)
{
  guint   n = ph_mailbox_get_n_messages (self->mailbox);
  guint32 last = 0;
  guint   position = 0;
  guint32 first_recent = self->read_only ? ph_mailbox_peek_recent (self->mailbox)
                                         : ph_mailbox_claim_recent (self->mailbox);

  if (self->entries->len > 0)
    {
      last = g_array_index (self->entries, PhImapEntry, self->entries->len - 1).uid;
      if (ph_mailbox_find_uid (self->mailbox, last, &position))
        position++;
    }

  for (; position < n; position++)
    {
      const PhMessageInfo *info = ph_mailbox_get_info (self->mailbox, position);
      PhImapEntry          entry = {
                 .uid = info->uid,
                 .flags = info->flags,
                 .keywords = info->keywords,
                 .recent = info->uid >= first_recent,
      };

      g_array_append_val (self->entries, entry);
    }
}

PhImapView *
ph_imap_view_new (PhMailbox *mailbox,
                  gboolean   read_only)
{
  PhImapView *self = g_new0 (PhImapView, 1);

  self->mailbox = g_object_ref (mailbox);
  self->read_only = read_only;
  self->entries = g_array_sized_new (FALSE, FALSE, sizeof (PhImapEntry), ph_mailbox_get_n_messages (mailbox));
  add_new_entries (self);
  self->modseq_told = ph_mailbox_get_highestmodseq (mailbox);
  self->n_messages_told = self->entries->len;

  return self;
}

void
ph_imap_view_free (PhImapView *self)
{
  g_object_unref (self->mailbox);
  g_array_unref (self->entries);
  g_free (self);
}

PhMailbox *
ph_imap_view_get_mailbox (PhImapView *self)
{
  return self->mailbox;
}

gboolean
ph_imap_view_get_read_only (PhImapView *self)
{
  return self->read_only;
}

guint
ph_imap_view_get_n_entries (PhImapView *self)
{
  return self->entries->len;
}

const PhImapEntry *
ph_imap_view_get_entry (PhImapView *self,
                        guint       position)
{
  return &g_array_index (self->entries, PhImapEntry, position);
}

guint
ph_imap_view_count_recent (PhImapView *self)
{
  guint n = 0;

  for (guint i = 0; i < self->entries->len; i++)
    n += g_array_index (self->entries, PhImapEntry, i).recent;

  return n;
}

/* The first position whose UID is at least `uid`. */
static guint
lower_bound (PhImapView *self,
             guint32     uid)
{
  guint low = 0;
  guint high = self->entries->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->entries, PhImapEntry, middle).uid < uid)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

gboolean
ph_imap_view_find_uid (PhImapView *self,
                       guint32     uid,
                       guint      *position)
{
  *position = lower_bound (self, uid);

  return *position < self->entries->len && g_array_index (self->entries, PhImapEntry, *position).uid == uid;
}

GArray *
ph_imap_view_select (PhImapView *self,
                     GArray     *set,
                     gboolean    by_uid)
{
  g_autoptr(GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint   n = self->entries->len;
  guint32 max = n;

  if (by_uid && n > 0)
    max = g_array_index (self->entries, PhImapEntry, n - 1).uid;
  /* "*" alone in an empty mailbox is no message. */
  if (!by_uid && n == 0)
    return NULL;
  ph_imap_set_resolve (set, max);

  for (guint i = 0; i < set->len; i++)
    {
      PhImapRange range = g_array_index (set, PhImapRange, i);
      guint       position = by_uid ? lower_bound (self, range.first) : range.first - 1;

      if (!by_uid && range.last > n)
        return NULL;
      for (; position < n; position++)
        {
          guint32 uid = g_array_index (self->entries, PhImapEntry, position).uid;

          if (by_uid ? uid > range.last : position >= range.last)
            break;
          g_array_append_val (uids, uid);
        }
    }

  return g_steal_pointer (&uids);
}

GArray *
ph_imap_view_dup_uids (PhImapView *self)
{
  GArray *uids = g_array_sized_new (FALSE, FALSE, sizeof (guint32), self->entries->len);

  for (guint i = 0; i < self->entries->len; i++)
    g_array_append_val (uids, g_array_index (self->entries, PhImapEntry, i).uid);

  return uids;
}

gboolean
ph_imap_view_is_gone (PhImapView *self,
                      guint32     uid)
{
  guint position;

  return !ph_mailbox_find_uid (self->mailbox, uid, &position);
}

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
  g_autoptr(GString) text = g_string_new ("* FLAGS (");
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
tell_expunged (PhImapView    *self,
               GString       *text,
               PhImapLineFunc line,
               gpointer       user_data)
{
  PhImapEntry *entries = (PhImapEntry *)(gpointer)self->entries->data;
  guint        n = 0;

  for (guint i = self->entries->len; i > 0; i--)
    if (ph_imap_view_is_gone (self, entries[i - 1].uid))
      {
        entries[i - 1].uid = 0;
        g_string_printf (text, "* %u EXPUNGE", i);
        tell (text, line, user_data);
      }

  for (guint i = 0; i < self->entries->len; i++)
    if (entries[i].uid != 0)
      entries[n++] = entries[i];
  g_array_set_size (self->entries, n);
  self->n_gone = 0;
}

/* Walks entries and messages, both ascending, side by side. */
static void
tell_changed_flags (PhImapView    *self,
                    GString       *text,
                    PhImapLineFunc line,
                    gpointer       user_data)
{
  guint n = ph_mailbox_get_n_messages (self->mailbox);
  guint place = 0;

  self->n_gone = 0;
  for (guint i = 0; i < self->entries->len; i++)
    {
      const PhImapEntry   *entry = &g_array_index (self->entries, PhImapEntry, i);
      const PhMessageInfo *info = NULL;

      for (; place < n; place++)
        {
          info = ph_mailbox_get_info (self->mailbox, place);
          if (info->uid >= entry->uid)
            break;
        }

      if (place >= n || info->uid != entry->uid)
        {
          self->n_gone++;
        }
      else if (info->flags != entry->flags || info->keywords != entry->keywords)
        {
          g_string_printf (text, "* %u FETCH (UID %u ", i + 1, entry->uid);
          ph_imap_view_tell_flags (self, i, FALSE, text);
          g_string_append_c (text, ')');
          tell (text, line, user_data);
        }
    }
}

/* TRUE if something changed since the last sync, apart from what it had to keep back. */
static gboolean
has_changed (PhImapView *self)
{
  return self->behind || ph_mailbox_get_highestmodseq (self->mailbox) != self->modseq_told || ph_mailbox_get_n_messages (self->mailbox) != self->n_messages_told;
}

gboolean
ph_imap_view_is_behind (PhImapView *self)
{
  return self->n_gone > 0 || has_changed (self);
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
  g_autoptr(GString) text = g_string_new (NULL);
  guint n_before;

  if (!has_changed (self) && !(may_expunge && self->n_gone > 0))
    return;

  ph_imap_view_sync_keywords (self, line, user_data);
  if (may_expunge)
    tell_expunged (self, text, line, user_data);

  n_before = self->entries->len;
  add_new_entries (self);
  if (self->entries->len > n_before)
    {
      g_string_printf (text, "* %u EXISTS", self->entries->len);
      tell (text, line, user_data);
      g_string_printf (text, "* %u RECENT", ph_imap_view_count_recent (self));
      tell (text, line, user_data);
    }

  tell_changed_flags (self, text, line, user_data);
  self->modseq_told = ph_mailbox_get_highestmodseq (self->mailbox);
  self->n_messages_told = ph_mailbox_get_n_messages (self->mailbox);
  self->behind = FALSE;
}

gboolean
ph_imap_view_tell_flags (PhImapView *self,
                         guint       position,
                         gboolean    only_if_changed,
                         GString    *out)
{
  PhImapEntry       *entry = &g_array_index (self->entries, PhImapEntry, position);
  gboolean           changed = FALSE;
  guint              n_names;
  const char *const *names = ph_mailbox_get_keywords (self->mailbox, &n_names);
  guint              place;

  if (ph_mailbox_find_uid (self->mailbox, entry->uid, &place))
    {
      const PhMessageInfo *info = ph_mailbox_get_info (self->mailbox, place);

      changed = info->flags != entry->flags || info->keywords != entry->keywords;
      entry->flags = info->flags;
      entry->keywords = info->keywords;
    }

  if (changed || !only_if_changed)
    {
      g_string_append (out, "FLAGS (");
      ph_imap_flags_format (entry->flags, entry->recent, entry->keywords, names, n_names, out);
      g_string_append_c (out, ')');
    }

  return changed;
}

static guint64
find_keyword_bits (PhImapView        *self,
                   const char *const *keywords)
{
  guint              n_names;
  const char *const *names = ph_mailbox_get_keywords (self->mailbox, &n_names);
  guint64            bits = 0;

  for (; keywords != NULL && *keywords != NULL; keywords++)
    for (guint i = 0; i < MIN (n_names, 64); i++)
      if (g_ascii_strcasecmp (names[i], *keywords) == 0)
        bits |= G_GUINT64_CONSTANT (1) << i;

  return bits;
}

void
ph_imap_view_expect_flags (PhImapView        *self,
                           guint              position,
                           PhFlagsChange      change,
                           PhFlags            flags,
                           const char *const *keywords)
{
  PhImapEntry *entry = &g_array_index (self->entries, PhImapEntry, position);
  guint64      bits = find_keyword_bits (self, keywords);

  switch (change)
    {
    case PH_FLAGS_ADD:
      entry->flags |= flags;
      entry->keywords |= bits;
      break;
    case PH_FLAGS_REMOVE:
      entry->flags &= ~flags;
      entry->keywords &= ~bits;
      break;
    case PH_FLAGS_SET:
    default:
      entry->flags = flags;
      entry->keywords = bits;
      break;
    }
  self->behind = TRUE;
}
