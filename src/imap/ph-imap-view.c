#include "ph-imap-view.h"

#include "ph-imap-flags.h"
#include "ph-imap-number.h"

#include <string.h>

#define ALL_FLAGS (PH_FLAG_SEEN | PH_FLAG_ANSWERED | PH_FLAG_FLAGGED | PH_FLAG_DELETED | PH_FLAG_DRAFT)

struct _PhImapView
{
  PhMailbox *mailbox;
  gboolean   read_only;
  guint      enabled; /* PhImapEnabled */
  GArray    *entries; /* of PhImapEntry, ascending UIDs */
  GArray    *saved;   /* of guint32: "$"; or NULL */
  guint      found;   /* where a UID was found last */
  guint      n_gone;  /* entries that are no longer in the mailbox, at the last sync */
  guint      n_keywords_told;
  guint64    modseq_told; /* of the mailbox at the last sync */
  guint      n_messages_told;
  gboolean   behind;
  gboolean   mutes_flags;
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
                  gboolean   read_only,
                  guint      enabled)
{
  PhImapView *self = g_new0 (PhImapView, 1);

  self->mailbox = g_object_ref (mailbox);
  self->read_only = read_only;
  self->enabled = enabled;
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
  g_clear_pointer (&self->saved, g_array_unref);
  g_free (self);
}

void
ph_imap_view_set_enabled (PhImapView *self,
                          guint       enabled)
{
  self->enabled = enabled;
}

PhMailbox *
ph_imap_view_get_mailbox (PhImapView *self)
{
  return self->mailbox;
}

guint
ph_imap_view_get_enabled (PhImapView *self)
{
  return self->enabled;
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
  /* Who walks asks for this one again, or for the next. */
  for (*position = self->found; *position < MIN (self->found + 2, self->entries->len); (*position)++)
    if (g_array_index (self->entries, PhImapEntry, *position).uid == uid)
      break;
  if (*position >= self->entries->len || g_array_index (self->entries, PhImapEntry, *position).uid != uid)
    *position = lower_bound (self, uid);
  self->found = *position;

  return *position < self->entries->len && g_array_index (self->entries, PhImapEntry, *position).uid == uid;
}

void
ph_imap_view_save (PhImapView *self,
                   GArray     *uids)
{
  if (uids != NULL)
    g_array_ref (uids);
  g_clear_pointer (&self->saved, g_array_unref);
  self->saved = uids;
}

static GArray *
select_saved (PhImapView *self)
{
  GArray *uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint   position;

  for (guint i = 0; self->saved != NULL && i < self->saved->len; i++)
    if (ph_imap_view_find_uid (self, g_array_index (self->saved, guint32, i), &position))
      g_array_append_vals (uids, &g_array_index (self->saved, guint32, i), 1);

  return uids;
}

GArray *
ph_imap_view_select (PhImapView *self,
                     GArray     *set,
                     gboolean    by_uid)
{
  g_autoptr(GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint   n = self->entries->len;
  guint32 max = n;

  if (ph_imap_set_is_saved (set))
    return select_saved (self);
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

/* Walks entries and messages, both ascending, side by side. */
static void
tell_expunged (PhImapView    *self,
               GString       *text,
               PhImapLineFunc line,
               gpointer       user_data)
{
  g_autoptr(GArray) gone = g_array_new (FALSE, FALSE, sizeof (guint32));
  gboolean     by_uid = (self->enabled & (PH_IMAP_ENABLED_QRESYNC | PH_IMAP_ENABLED_UIDONLY)) != 0;
  PhImapEntry *entries = (PhImapEntry *)(gpointer)self->entries->data;
  guint        n = ph_mailbox_get_n_messages (self->mailbox);
  guint        place = 0;
  guint        kept = 0;

  for (guint i = 0; i < self->entries->len; i++)
    {
      guint32 name = by_uid ? entries[i].uid : i + 1;

      while (place < n && ph_mailbox_get_info (self->mailbox, place)->uid < entries[i].uid)
        place++;
      if (place < n && ph_mailbox_get_info (self->mailbox, place)->uid == entries[i].uid)
        entries[kept++] = entries[i];
      else
        g_array_append_val (gone, name);
    }
  g_array_set_size (self->entries, kept);
  self->n_gone = 0;

  if (by_uid)
    tell_vanished (gone, text, line, user_data);
  else
    tell_expunge_numbers (gone, text, line, user_data);
}

void
ph_imap_view_begin_fetch (PhImapView *self,
                          guint       position,
                          gboolean    with_uid,
                          GString    *out)
{
  guint32  uid = g_array_index (self->entries, PhImapEntry, position).uid;
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
      else if (!self->mutes_flags && (info->flags != entry->flags || info->keywords != entry->keywords))
        {
          ph_imap_view_begin_fetch (self, i, TRUE, text);
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
ph_imap_view_set_tells_flags (PhImapView *self,
                              gboolean    tells_flags)
{
  self->mutes_flags = !tells_flags;
}

guint32
ph_imap_view_get_last_uid (PhImapView *self)
{
  return self->entries->len > 0 ? g_array_index (self->entries, PhImapEntry, self->entries->len - 1).uid : 0;
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
      if ((self->enabled & PH_IMAP_ENABLED_REV2) == 0)
        {
          g_string_printf (text, "* %u RECENT", ph_imap_view_count_recent (self));
          tell (text, line, user_data);
        }
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
      ph_imap_flags_format (entry->flags, entry->recent && (self->enabled & PH_IMAP_ENABLED_REV2) == 0,
                            entry->keywords, names, n_names, out);
      g_string_append_c (out, ')');
      if ((self->enabled & PH_IMAP_ENABLED_CONDSTORE) != 0)
        {
          g_string_append_c (out, ' ');
          ph_imap_view_tell_modseq (self, entry->uid, out);
        }
    }

  return changed;
}

void
ph_imap_view_tell_modseq (PhImapView *self,
                          guint32     uid,
                          GString    *out)
{
  guint place;

  g_string_append_printf (out, "MODSEQ (%" G_GUINT64_FORMAT ")",
                          ph_mailbox_find_uid (self->mailbox, uid, &place) ? ph_mailbox_get_info (self->mailbox, place)->modseq
                                                                           : ph_mailbox_get_highestmodseq (self->mailbox));
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
