#include "ph-imap-view-private.h"

#include "ph-imap-flags.h"

void
ph_imap_view_add_new_entries (PhImapView *self)
{
  guint   n_entries = ph_uid_rows_get_length (self->entries);
  guint   n = ph_mailbox_get_n_messages (self->mailbox);
  guint32 last = 0;
  guint   position = 0;
  guint32 first_recent = self->read_only ? ph_mailbox_peek_recent (self->mailbox)
                                         : ph_mailbox_claim_recent (self->mailbox);

  if (n_entries > 0)
    {
      last = ph_imap_view_peek_entry (self, n_entries - 1)->uid;
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

      ph_uid_rows_append (self->entries, &entry, 1);
      self->n_recent += entry.recent;
    }
}

void
ph_imap_view_note_told (PhImapView *self)
{
  self->modseq_told = ph_mailbox_get_highestmodseq (self->mailbox);
  self->n_messages_told = ph_mailbox_get_n_messages (self->mailbox);
  self->n_changes_told = ph_mailbox_get_n_changes (self->mailbox);
  g_array_set_size (self->unsure, 0);
  self->behind = FALSE;
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
  self->entries = ph_uid_rows_new (sizeof (PhImapEntry));
  self->gone = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->unsure = g_array_new (FALSE, FALSE, sizeof (guint32));
  ph_imap_view_add_new_entries (self);
  ph_imap_view_note_told (self);

  return self;
}

void
ph_imap_view_free (PhImapView *self)
{
  g_object_unref (self->mailbox);
  ph_uid_rows_free (self->entries);
  g_array_unref (self->gone);
  g_array_unref (self->unsure);
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
  return ph_uid_rows_get_length (self->entries);
}

const PhImapEntry *
ph_imap_view_get_entry (PhImapView *self,
                        guint       position)
{
  return ph_imap_view_peek_entry (self, position);
}

guint
ph_imap_view_count_recent (PhImapView *self)
{
  return self->n_recent;
}

gboolean
ph_imap_view_find_uid (PhImapView *self,
                       guint32     uid,
                       guint      *position)
{
  return ph_uid_rows_find (self->entries, uid, position);
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
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint   n = ph_uid_rows_get_length (self->entries);
  guint32 max = n;

  if (ph_imap_set_is_saved (set))
    return select_saved (self);
  if (by_uid && n > 0)
    max = ph_imap_view_peek_entry (self, n - 1)->uid;
  /* "*" alone in an empty mailbox is no message. */
  if (!by_uid && n == 0)
    return NULL;
  ph_imap_set_resolve (set, max);

  for (guint i = 0; i < set->len; i++)
    {
      PhImapRange range = g_array_index (set, PhImapRange, i);
      guint       position = range.first - 1;

      if (by_uid)
        ph_uid_rows_find (self->entries, range.first, &position);
      else if (range.last > n)
        return NULL;
      for (; position < n; position++)
        {
          guint32 uid = ph_imap_view_peek_entry (self, position)->uid;

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
  guint   n = ph_uid_rows_get_length (self->entries);
  GArray *uids = g_array_sized_new (FALSE, FALSE, sizeof (guint32), n);

  for (guint i = 0; i < n; i++)
    g_array_append_val (uids, ph_imap_view_peek_entry (self, i)->uid);

  return uids;
}

gboolean
ph_imap_view_is_gone (PhImapView *self,
                      guint32     uid)
{
  guint position;

  return !ph_mailbox_find_uid (self->mailbox, uid, &position);
}

gboolean
ph_imap_view_tell_flags (PhImapView *self,
                         guint       position,
                         gboolean    only_if_changed,
                         GString    *out)
{
  PhImapEntry       *entry = ph_imap_view_peek_entry (self, position);
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
  PhImapEntry *entry = ph_imap_view_peek_entry (self, position);
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
  g_array_append_val (self->unsure, entry->uid);
}
