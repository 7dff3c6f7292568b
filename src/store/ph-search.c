#include "ph-search.h"

#include "ph-date.h"
#include "ph-encoded-word.h"
#include "ph-header.h"
#include "ph-search-envelope.h"
#include "ph-search-header.h"
#include "ph-text-index.h"
#include "ph-text-indexer.h"
#include "ph-text.h"

#include <string.h>

/* A search on its way: the messages as they were when it began. */
typedef struct
{
  PhAccountStore *account; /* kept alive */
  gint64          folder;
  GArray         *infos; /* of PhMessageInfo */
  char          **keywords;
  PhSearchKey    *key;
  GHashTable     *patterns; /* of a key → PhTextPattern */
  gint64          now;      /* seconds */

  PhSummaryWalk *walk;

  gboolean     has_index;
  PhTextIndex *index;      /* opened by the first key that looks in texts; NULL: none */
  GHashTable  *candidates; /* of such a key → PhTextCandidates, or NULL */

  /* Of the message that is looked at, read when a key first asks. */
  GBytes     *bytes;
  gboolean    tried;
  PhMessage  *head; /* holds no more than the header */
  PhHeader   *header;
  PhMimePart *structure;
} Search;

static void
search_free (gpointer data)
{
  Search *self = data;

  ph_summary_walk_free (self->walk);
  g_object_unref (self->account);
  g_array_unref (self->infos);
  g_strfreev (self->keywords);
  g_hash_table_unref (self->patterns);
  g_clear_pointer (&self->candidates, g_hash_table_unref);
  g_clear_pointer (&self->index, ph_text_index_close);
  ph_search_key_free (self->key);
  g_free (self);
}

static void
forget_message (Search *self)
{
  g_clear_pointer (&self->header, ph_header_free);
  g_clear_pointer (&self->structure, ph_mime_part_free);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_object (&self->head);
  self->tried = FALSE;
}

static gboolean
load_message (Search              *self,
              const PhMessageInfo *info)
{
  g_autoptr (PhMessage) message = NULL;

  if (self->tried)
    return self->bytes != NULL;

  self->tried = TRUE;
  message = ph_mailbox_read_message (ph_account_store_get_shared (self->account), ph_account_store_get_queue (self->account), self->folder, info->uid, PH_MESSAGE_HOLD_NOTHING, NULL, NULL);
  self->bytes = message != NULL ? ph_message_dup_bytes (message, NULL) : NULL;
  if (self->bytes == NULL)
    return FALSE;

  if (self->header == NULL)
    self->header = ph_header_parse (g_bytes_get_data (self->bytes, NULL), g_bytes_get_size (self->bytes));

  return TRUE;
}

/* Where that is all that is asked for, the header is read alone, and remembered. */
static gboolean
load_header (Search              *self,
             const PhMessageInfo *info)
{
  PhFolderCache *cache = ph_summary_walk_get_cache (self->walk);
  const guint8  *held;
  gsize          length = 0;

  if (self->header != NULL)
    return TRUE;
  if (self->tried)
    return FALSE;

  self->head = ph_folder_cache_dup_head (cache, info->uid);
  if (self->head == NULL)
    {
      self->head = ph_mailbox_read_message (ph_account_store_get_shared (self->account), ph_account_store_get_queue (self->account), self->folder, info->uid, PH_MESSAGE_HOLD_HEADER, NULL, NULL);
      if (self->head != NULL)
        ph_folder_cache_add_head (cache, self->head);
    }

  held = self->head != NULL ? ph_message_peek (self->head, &length) : NULL;
  if (length == 0)
    return load_message (self, info);
  self->header = ph_header_parse (held, length);

  return TRUE;
}

/* Compiled when a message first comes to it. */
static const PhTextPattern *
get_pattern (Search            *self,
             const PhSearchKey *key)
{
  PhTextPattern *pattern = g_hash_table_lookup (self->patterns, key);

  if (pattern == NULL)
    {
      pattern = ph_text_pattern_new (key->text);
      g_hash_table_insert (self->patterns, (gpointer)key, pattern);
    }

  return pattern;
}

static void
candidates_free (gpointer data)
{
  ph_text_candidates_free (data);
}

static PhTextCandidates *
get_candidates (Search            *self,
                const PhSearchKey *key)
{
  gpointer candidates;

  if (self->candidates == NULL)
    {
      g_autofree char *path = ph_text_indexer_build_path (ph_index_queue_get_path (ph_account_store_get_queue (self->account)));

      self->candidates = g_hash_table_new_full (NULL, NULL, NULL, candidates_free);
      self->index = self->has_index ? ph_text_index_open (path) : NULL;
      if (self->index != NULL && !ph_text_index_hold (self->index, self->infos->len))
        g_clear_pointer (&self->index, ph_text_index_close);
    }
  if (!g_hash_table_lookup_extended (self->candidates, key, NULL, &candidates))
    {
      candidates = self->index != NULL ? ph_text_index_find (self->index, key->text) : NULL;
      g_hash_table_insert (self->candidates, (gpointer)key, candidates);
    }

  return candidates;
}

/* TRUE where the text index knows that the message has not got it: neither its summary nor its file need be read. */
static gboolean
excludes (Search              *self,
          const PhSearchKey   *key,
          const PhMessageInfo *info)
{
  PhTextCandidates *candidates = get_candidates (self, key);

  return candidates != NULL && ph_text_index_excludes (self->index, candidates, info->object);
}

/* TEXT looks at the headers of all parts (RFC 9051 6.4.4); those of a message in the message
 * are body to BODY. */
static gboolean
matches_part_header (Search              *self,
                     const PhSearchKey   *key,
                     const PhTextPattern *pattern,
                     const PhMimePart    *part)
{
  const guint8    *data = g_bytes_get_data (self->bytes, NULL);
  g_autofree char *header = NULL;

  if (part->parent == NULL || part->header_length == 0)
    return FALSE;
  if (key->op == PH_SEARCH_BODY && !ph_mime_part_is (part->parent, "message", NULL))
    return FALSE;

  header = ph_encoded_word_decode ((const char *)data + part->header_offset, part->header_length);

  return ph_text_pattern_matches (pattern, header, strlen (header));
}

static gboolean
matches_text (Search            *self,
              const PhSearchKey *key)
{
  const PhTextPattern *pattern = get_pattern (self, key);
  const guint8        *data = g_bytes_get_data (self->bytes, NULL);

  if (key->op == PH_SEARCH_TEXT)
    {
      g_autofree char *header = ph_encoded_word_decode ((const char *)data, self->header->length);

      if (ph_text_pattern_matches (pattern, header, strlen (header)))
        return TRUE;
    }

  if (self->structure == NULL)
    self->structure = ph_mime_part_parse (data, g_bytes_get_size (self->bytes));
  for (const PhMimePart *part = self->structure; part != NULL; part = ph_mime_part_next (part))
    {
      g_autofree char *text = ph_text_decode_part (part, data);

      if (ph_text_pattern_matches (pattern, text, strlen (text)) && (*key->text == '\0' || *text != '\0'))
        return TRUE;
      if (matches_part_header (self, key, pattern, part))
        return TRUE;
    }

  return FALSE;
}

/* The day that a moment shows in its own zone. */
static gint64
day_of (gint64 seconds,
        gint   zone)
{
  PhDate date = { seconds, zone };

  return ph_date_get_day (&date);
}

/* RFC 5256 2.2: where there is no date, that of its arrival. */
static gint64
sent_day (Search              *self,
          const PhMessageInfo *info)
{
  PhSummaryWalkItem item;
  gboolean          found = ph_summary_walk_find (self->walk, info->uid, &item);
  g_autofree char  *text = found ? ph_envelope_dup_field (item.envelope, item.length, PH_ENVELOPE_DATE) : NULL;
  PhDate            date;

  if (text != NULL && ph_date_parse (text, strlen (text), &date))
    return ph_date_get_day (&date);

  return day_of (info->internal_date, info->internal_zone);
}

static gboolean
compare_day (gint64             day,
             const PhSearchKey *key,
             PhSearchOp         before)
{
  if (key->op == before)
    return day < key->day;

  return key->op == before + 1 ? day == key->day : day >= key->day;
}

static gboolean
has_keyword (Search              *self,
             const PhMessageInfo *info,
             const char          *name)
{
  for (guint i = 0; self->keywords[i] != NULL; i++)
    if (g_ascii_strcasecmp (self->keywords[i], name) == 0)
      return (info->keywords & (G_GUINT64_CONSTANT (1) << i)) != 0;

  return FALSE;
}

static gboolean matches (Search              *self,
                         const PhSearchKey   *key,
                         const PhMessageInfo *info);

/* What needs only the index. */
static gboolean
matches_info (Search              *self,
              const PhSearchKey   *key,
              const PhMessageInfo *info)
{
  switch ((guint)key->op)
    {
    case PH_SEARCH_UIDS:
      return ph_search_key_has_uid (key, info->uid);
    case PH_SEARCH_FLAGS:
      return (info->flags & key->flags) == key->flags;
    case PH_SEARCH_KEYWORD:
      return has_keyword (self, info, key->text);
    case PH_SEARCH_RECENT:
      return info->uid >= key->number;
    case PH_SEARCH_LARGER:
      return info->size > key->number;
    case PH_SEARCH_SMALLER:
      return info->size < key->number;
    case PH_SEARCH_OLDER:
      return info->internal_date <= self->now - (gint64)key->number;
    case PH_SEARCH_YOUNGER:
      return info->internal_date >= self->now - (gint64)key->number;
    case PH_SEARCH_MODSEQ:
      return info->modseq >= key->number;
    case PH_SEARCH_OBJECT:
      return info->object == key->number;
    case PH_SEARCH_THREAD:
      return info->thread == key->number;
    case PH_SEARCH_BEFORE:
    case PH_SEARCH_ON:
    case PH_SEARCH_SINCE:
      return compare_day (day_of (info->internal_date, info->internal_zone), key, PH_SEARCH_BEFORE);
    case PH_SEARCH_SAVED_BEFORE:
    case PH_SEARCH_SAVED_ON:
    case PH_SEARCH_SAVED_SINCE:
      return compare_day (day_of (info->save_date, info->internal_zone), key, PH_SEARCH_SAVED_BEFORE);
    default:
      return TRUE; /* ALL */
    }
}

static gboolean
is_sent (PhSearchOp op)
{
  return op == PH_SEARCH_SENT_BEFORE || op == PH_SEARCH_SENT_ON || op == PH_SEARCH_SENT_SINCE;
}

/* 0: what is in memory; 1: the summary in the index; 2: maybe the file. */
static guint
get_cost (const PhSearchKey *key)
{
  PhEnvelopeField field;

  if (key->children != NULL || key->op == PH_SEARCH_BODY || key->op == PH_SEARCH_TEXT)
    return 2;
  if (key->op == PH_SEARCH_HEADER)
    return ph_search_envelope_find_field (key->name, &field) ? 1 : 2;

  return is_sent (key->op) ? 1 : 0;
}

/* The cheap children first: most messages are decided by those. */
static gboolean
matches_children (Search              *self,
                  const PhSearchKey   *key,
                  const PhMessageInfo *info)
{
  gboolean decides = key->op == PH_SEARCH_OR; /* this answer of a child decides */

  for (guint cost = 0; cost <= 2; cost++)
    for (guint i = 0; i < key->children->len; i++)
      {
        const PhSearchKey *child = key->children->pdata[i];

        if (get_cost (child) != cost)
          continue;
        if (!matches (self, child, info) == !decides)
          return decides;
      }

  return !decides;
}

static gboolean
matches (Search              *self,
         const PhSearchKey   *key,
         const PhMessageInfo *info)
{
  PhEnvelopeField field;

  if (key->op == PH_SEARCH_AND || key->op == PH_SEARCH_OR)
    return matches_children (self, key, info);
  if (key->op == PH_SEARCH_NOT)
    return !matches (self, key->children->pdata[0], info);
  if (is_sent (key->op))
    return compare_day (sent_day (self, info), key, PH_SEARCH_SENT_BEFORE);
  if (get_cost (key) == 0)
    return matches_info (self, key, info);

  if (excludes (self, key, info))
    return FALSE;
  if (key->op == PH_SEARCH_HEADER && ph_search_envelope_find_field (key->name, &field))
    {
      PhSummaryWalkItem item;
      PhSearchAnswer    answer = PH_SEARCH_ANSWER_NO;

      if (ph_summary_walk_find (self->walk, info->uid, &item))
        answer = ph_search_envelope_matches (&item, key, field, get_pattern (self, key));
      if (answer != PH_SEARCH_ANSWER_READ)
        return answer == PH_SEARCH_ANSWER_YES;
    }
  if (key->op == PH_SEARCH_HEADER)
    return load_header (self, info) && ph_search_header_matches (self->header, key->name, get_pattern (self, key));

  return load_message (self, info) && matches_text (self, key);
}

static void
search_in_thread (GTask        *task,
                  gpointer      source,
                  gpointer      data,
                  GCancellable *cancellable)
{
  Search *self = data;
  GArray *found = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < self->infos->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      const PhMessageInfo *info = &g_array_index (self->infos, PhMessageInfo, i);

      if (matches (self, self->key, info))
        g_array_append_val (found, info->uid);
      forget_message (self);
    }

  /* Closing may sync. */
  g_clear_pointer (&self->index, ph_text_index_close);
  g_task_return_pointer (task, found, (GDestroyNotify)g_array_unref);
}

/* What a SORT or THREAD of everything begins with. */
static GArray *
dup_present (PhMailbox     *self,
             const guint32 *uids,
             gsize          n_uids)
{
  GArray *present = g_array_sized_new (FALSE, FALSE, sizeof (guint32), (guint)n_uids);

  for (gsize i = 0; i < n_uids; i++)
    if (ph_mailbox_find_uid (self, uids[i], NULL))
      g_array_append_val (present, uids[i]);

  return present;
}

void
ph_mailbox_search_async (PhMailbox          *self,
                         PhSearchKey        *key,
                         const guint32      *uids,
                         gsize               n_uids,
                         GCancellable       *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  Search            *search;
  guint              n_keywords;
  const char *const *keywords;

  g_return_if_fail (PH_IS_MAILBOX (self));

  task = ph_mailbox_new_task (self, cancellable, callback, user_data, ph_mailbox_search_async);
  if (task == NULL)
    {
      ph_search_key_free (key);
      return;
    }

  if (ph_search_key_finds_all (key))
    {
      ph_search_key_free (key);
      g_task_return_pointer (task, dup_present (self, uids, n_uids), (GDestroyNotify)g_array_unref);
      return;
    }

  search = g_new0 (Search, 1);
  search->account = g_object_ref (ph_mailbox_get_account (self));
  search->folder = ph_mailbox_get_folder (self);
  search->walk = ph_summary_walk_new (self);
  search->key = key;
  search->patterns = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)ph_text_pattern_free);
  search->has_index = ph_text_indexer_get_enabled (ph_account_store_get_text_indexer (search->account));
  search->now = ph_account_store_get_now (search->account);
  search->infos = g_array_new (FALSE, FALSE, sizeof (PhMessageInfo));
  keywords = ph_mailbox_get_keywords (self, &n_keywords);
  search->keywords = g_new0 (char *, n_keywords + 1);
  for (guint i = 0; i < n_keywords; i++)
    search->keywords[i] = g_strdup (keywords[i]);
  for (gsize i = 0; i < n_uids; i++)
    {
      guint position;

      if (ph_mailbox_find_uid (self, uids[i], &position))
        g_array_append_vals (search->infos, ph_mailbox_get_info (self, position), 1);
    }

  g_task_set_task_data (task, search, search_free);
  ph_worker_pool_run (ph_store_shared_get_readers (ph_account_store_get_shared (search->account)), task, search_in_thread);
}

GArray *
ph_mailbox_search_finish (PhMailbox    *self,
                          GAsyncResult *result,
                          GError      **error)
{
  Search *search = g_task_get_task_data (G_TASK (result));

  /* What had to be read is found faster the next time. */
  if (search != NULL)
    ph_mailbox_keep_summaries (self, ph_summary_walk_get_made (search->walk));

  return g_task_propagate_pointer (G_TASK (result), error);
}
