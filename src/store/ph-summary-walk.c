#include "ph-summary-walk.h"

/* Rows read at once: few for who wants few. */
#define BATCH_MIN 16
#define BATCH_MAX 512

/* Summaries kept to be written; those of more messages are made again the next time. */
#define MADE_MAX 5000

typedef struct
{
  guint32           uid;
  PhMessageSummary *summary;
} Row;

struct _PhSummaryWalk
{
  PhStoreShared *shared;
  PhIndexQueue  *queue;
  gint64         folder;

  PhFolderCache *cache;

  GArray *rows; /* of Row, ascending: the batch */
  guint   next;
  guint   batch;
  guint32 first; /* the UIDs that the batch tells of */
  guint32 last;  /* 0: none yet */

  GPtrArray        *made;
  PhMadeSummary    *extra;   /* over MADE_MAX: the last one */
  PhMessageSummary *current; /* the last one that was in memory */
};

static void
row_clear (gpointer row)
{
  ph_message_summary_free (((Row *)row)->summary);
}

PhSummaryWalk *
ph_summary_walk_new (PhMailbox *mailbox)
{
  PhAccountStore *account = ph_mailbox_get_account (mailbox);
  PhSummaryWalk  *self = g_new0 (PhSummaryWalk, 1);

  self->shared = ph_account_store_get_shared (account);
  self->queue = ph_account_store_get_queue (account);
  self->folder = ph_mailbox_get_folder (mailbox);
  self->cache = ph_folder_cache_ref (ph_mailbox_get_cache (mailbox));
  ph_folder_cache_touch (self->cache);
  self->rows = g_array_new (FALSE, FALSE, sizeof (Row));
  g_array_set_clear_func (self->rows, row_clear);
  self->batch = BATCH_MIN;
  self->made = g_ptr_array_new_with_free_func (ph_made_summary_free);

  return self;
}

void
ph_summary_walk_free (PhSummaryWalk *self)
{
  ph_folder_cache_unref (self->cache);
  g_array_unref (self->rows);
  g_ptr_array_unref (self->made);
  g_clear_pointer (&self->extra, ph_made_summary_free);
  ph_message_summary_free (self->current);
  g_free (self);
}

static void
add_row (PhSummaryWalk *self,
         sqlite3_stmt  *statement)
{
  Row row = { .uid = (guint32)sqlite3_column_int64 (statement, PH_SUMMARY_N_COLUMNS), .summary = ph_message_summary_read (statement) };

  if (row.summary == NULL)
    return;
  ph_folder_cache_add_summary (self->cache, row.uid, row.summary);
  g_array_append_val (self->rows, row);
}

static void
load_batch (PhSummaryWalk *self,
            guint32        uid)
{
  PhIndex      *index = ph_index_queue_lock_reader (self->queue, NULL);
  sqlite3_stmt *statement = NULL;
  int           result = -1;

  g_array_set_size (self->rows, 0);
  self->next = 0;
  self->first = uid;
  self->last = uid;
  if (index == NULL)
    return;

  statement = ph_index_query (index, NULL,
                              "SELECT " PH_SUMMARY_COLUMNS ", m.uid FROM messages m JOIN summaries s ON s.object = m.object "
                              "WHERE m.folder = ? AND m.uid >= ? AND s.envelope IS NOT NULL AND s.refs IS NOT NULL ORDER BY m.uid LIMIT ?",
                              "iii", self->folder, (gint64)uid, (gint64)self->batch);
  while (statement != NULL && (result = ph_index_step (index, statement, NULL)) == 1)
    add_row (self, statement);
  ph_index_queue_unlock_reader (self->queue);

  if (self->rows->len > 0)
    self->last = g_array_index (self->rows, Row, self->rows->len - 1).uid;
  if (result == 0 && self->rows->len < self->batch)
    self->last = G_MAXUINT32;
  self->batch = MIN (self->batch * 2, BATCH_MAX);
}

static void
fill (PhSummaryWalkItem      *item,
      const PhMessageSummary *summary)
{
  item->envelope = g_bytes_get_data (summary->envelope, &item->length);
  item->references = summary->references;
}

static gboolean
make (PhSummaryWalk     *self,
      guint32            uid,
      PhSummaryWalkItem *item)
{
  PhMadeSummary *made = ph_made_summary_read (self->shared, self->queue, self->folder, uid);

  if (made == NULL)
    return FALSE;

  if (self->made->len < MADE_MAX)
    {
      g_ptr_array_add (self->made, made);
    }
  else
    {
      g_clear_pointer (&self->extra, ph_made_summary_free);
      self->extra = made;
    }
  fill (item, &made->summary.text);

  return TRUE;
}

gboolean
ph_summary_walk_find (PhSummaryWalk     *self,
                      guint32            uid,
                      PhSummaryWalkItem *item)
{
  ph_message_summary_free (self->current);
  self->current = ph_folder_cache_dup_summary (self->cache, uid);
  if (self->current != NULL)
    {
      fill (item, self->current);
      return TRUE;
    }

  if (uid < self->first || uid > self->last)
    load_batch (self, uid);
  if (self->next > 0 && g_array_index (self->rows, Row, self->next - 1).uid >= uid)
    self->next = 0;
  while (self->next < self->rows->len && g_array_index (self->rows, Row, self->next).uid < uid)
    self->next++;
  if (self->next == self->rows->len || g_array_index (self->rows, Row, self->next).uid != uid)
    return make (self, uid, item);

  fill (item, g_array_index (self->rows, Row, self->next).summary);

  return TRUE;
}

PhFolderCache *
ph_summary_walk_get_cache (PhSummaryWalk *self)
{
  return self->cache;
}

GPtrArray *
ph_summary_walk_get_made (PhSummaryWalk *self)
{
  return self->made;
}
