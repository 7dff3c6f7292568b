#include "ph-text-indexer.h"

#include "ph-account-store-private.h"
#include "ph-encoded-word.h"
#include "ph-index-rows.h"
#include "ph-mailbox-private.h"
#include "ph-search-header.h"
#include "ph-text-index.h"
#include "ph-text.h"

#include <sys/statvfs.h>

/* One transaction, and one turn on the worker, whichever comes first. */
#define SLICE_MESSAGES 200
#define SLICE_BYTES (4 * 1024 * 1024)
#define SLICE_TIME (50 * G_TIME_SPAN_MILLISECOND)

/* After a slice, so many times as long as it took. */
#define PAUSE_FACTOR 3
#define PAUSE_MIN (10 * G_TIME_SPAN_MILLISECOND)
#define PAUSE_MAX (2 * G_TIME_SPAN_SECOND)

/* It begins when no mail has come for a moment, or when the first has waited for long. */
#define QUIET (2 * G_TIME_SPAN_SECOND)
#define QUIET_MAX (60 * G_TIME_SPAN_SECOND)

/* After it failed: there was no room, or somebody who searched had it locked. */
#define AGAIN (60 * G_TIME_SPAN_SECOND)

/* It is no use to fill the disk with what can be read again. */
#define ROOM_MIN (G_GUINT64_CONSTANT (512) * 1024 * 1024)

/* What is no more stays in it, up to as much again and this. */
#define STALE_MAX 10000

struct _PhTextIndexer
{
  PhAccountStore *account; /* the owner */
  PhTextIndex    *index;   /* open while it fills; the worker's while `working` */
  gboolean        enabled;
  gboolean        working;
  gboolean        more;    /* something to do when the worker is done */
  gint64          waiting; /* since when new messages wait; 0: none do */
  guint           timer;
};

/* A turn on the worker. */
typedef struct
{
  PhStoreShared *shared;
  PhIndexQueue  *queue; /* NULL: removes the index, or only closes it */
  char          *path;  /* NULL: only closes */
  PhTextIndex   *index; /* NULL: to be opened */
  gint64         start;
  gint64         spent;
  guint          n_messages;
  gsize          n_bytes;
  gboolean       more;
  gboolean       failed;
} Slice;

typedef struct
{
  guint32 uid;
  guint64 object;
  guint64 size;
} Message;

static void go_on (PhTextIndexer *self);

GPtrArray *
ph_text_indexer_collect (const guint8 *data,
                         gsize         length)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (PhHeader) header = ph_header_parse (data, length);
  g_autoptr (PhMimePart) structure = ph_mime_part_parse (data, length);

  ph_search_header_collect (header, texts);
  for (const PhMimePart *part = structure; part != NULL; part = ph_mime_part_next (part))
    {
      g_ptr_array_add (texts, ph_text_decode_part (part, data));
      if (part->parent != NULL && part->header_length > 0)
        g_ptr_array_add (texts, ph_encoded_word_decode ((const char *)data + part->header_offset, part->header_length));
    }

  return texts;
}

char *
ph_text_indexer_build_path (const char *index_path)
{
  g_autofree char *directory = g_path_get_dirname (index_path);

  return g_build_filename (directory, PH_TEXT_INDEX_NAME, NULL);
}

/* On the worker */

static gboolean
has_room (PhStoreShared *shared)
{
  struct statvfs st;

  return ph_store_shared_check_writable (shared, NULL) && fstatvfs (ph_store_shared_get_mail_fd (shared), &st) == 0 && (guint64)st.f_bavail * st.f_frsize >= ROOM_MIN;
}

/* Where most of it is of messages that are no more, it begins anew. */
static void
clear_if_stale (Slice *self)
{
  PhIndex *reader = ph_index_queue_lock_reader (self->queue, NULL);
  gint64   n_messages = -1;

  if (reader == NULL)
    return;
  if (!ph_index_get_number (reader, &n_messages, 0, NULL, "SELECT count(*) FROM messages", ""))
    n_messages = -1;
  ph_index_queue_unlock_reader (self->queue);

  if (n_messages >= 0 && ph_text_index_count (self->index) > 2 * (guint64)n_messages + STALE_MAX)
    ph_text_index_clear (self->index);
}

static GArray *
load_folders (Slice *self)
{
  GArray       *folders = g_array_new (FALSE, TRUE, sizeof (PhFolderRow));
  PhIndex      *reader = ph_index_queue_lock_reader (self->queue, NULL);
  sqlite3_stmt *statement = NULL;

  g_array_set_clear_func (folders, (GDestroyNotify)ph_folder_row_clear);
  if (reader == NULL)
    return folders;

  statement = ph_index_query (reader, NULL, "SELECT id, guid, uidvalidity, uidnext FROM folders ORDER BY id", "");
  while (statement != NULL && ph_index_step (reader, statement, NULL) == 1)
    {
      PhFolderRow row = { .id = sqlite3_column_int64 (statement, 0) };

      row.guid = g_strdup ((const char *)sqlite3_column_text (statement, 1));
      row.uidvalidity = (guint32)sqlite3_column_int64 (statement, 2);
      row.uidnext = (guint32)sqlite3_column_int64 (statement, 3);
      g_array_append_val (folders, row);
    }
  ph_index_queue_unlock_reader (self->queue);

  return folders;
}

/* Of the folder, above `uid`. */
static GArray *
load_messages (Slice    *self,
               gint64    folder,
               guint32   uid,
               gboolean *all)
{
  GArray       *messages = g_array_new (FALSE, FALSE, sizeof (Message));
  PhIndex      *reader = ph_index_queue_lock_reader (self->queue, NULL);
  sqlite3_stmt *statement = NULL;
  int           result = -1;

  *all = FALSE;
  if (reader == NULL)
    return messages;

  statement = ph_index_query (reader, NULL, "SELECT uid, object, file_size FROM messages WHERE folder = ? AND uid > ? ORDER BY uid LIMIT ?", "iii", folder, (gint64)uid, (gint64)SLICE_MESSAGES);
  while (statement != NULL && (result = ph_index_step (reader, statement, NULL)) == 1)
    {
      Message message = { (guint32)sqlite3_column_int64 (statement, 0), (guint64)sqlite3_column_int64 (statement, 1), (guint64)sqlite3_column_int64 (statement, 2) };

      g_array_append_val (messages, message);
    }
  ph_index_queue_unlock_reader (self->queue);
  *all = result == 0 && messages->len < SLICE_MESSAGES;

  return messages;
}

/* Not before it has done anything, however slow the disk is. */
static gboolean
is_over (Slice *self)
{
  return self->n_messages > 0 && (self->n_messages >= SLICE_MESSAGES || self->n_bytes >= SLICE_BYTES || g_get_monotonic_time () - self->start >= SLICE_TIME);
}

/* One that is gone needs nothing; one that can't be read now is read by searches. */
static gboolean
add_message (Slice         *self,
             gint64         folder,
             const Message *message)
{
  g_autoptr (PhMessage) opened = NULL;
  g_autoptr (GBytes) data = NULL;
  g_autoptr (GPtrArray) texts = NULL;

  self->n_messages++;
  if (ph_text_index_has (self->index, message->object))
    return TRUE;
  if (message->size > PH_TEXT_INDEXER_FILE_MAX)
    return ph_text_index_add_large (self->index, message->object);

  opened = ph_mailbox_read_message (self->shared, self->queue, folder, message->uid, PH_MESSAGE_HOLD_NOTHING, NULL, NULL);
  data = opened != NULL ? ph_message_dup_bytes (opened, NULL) : NULL;
  if (data == NULL)
    return TRUE;

  self->n_bytes += g_bytes_get_size (data);
  texts = ph_text_indexer_collect (g_bytes_get_data (data, NULL), g_bytes_get_size (data));

  return ph_text_index_add (self->index, message->object, texts);
}

/* FALSE where the slice ends within it. */
static gboolean
fill_folder (Slice             *self,
             const PhFolderRow *folder)
{
  guint32 reached = ph_text_index_get_reached (self->index, folder->guid, folder->uidvalidity);
  g_autoptr (GArray) messages = NULL;
  gboolean all;
  guint    i;

  if (reached + 1 >= folder->uidnext)
    return TRUE;
  if (is_over (self))
    return FALSE;

  messages = load_messages (self, folder->id, reached, &all);
  for (i = 0; i < messages->len && !self->failed && !is_over (self); i++)
    {
      const Message *message = &g_array_index (messages, Message, i);

      self->failed = !add_message (self, folder->id, message);
      reached = message->uid;
    }
  all &= i == messages->len;
  /* UIDs that came up since are above. */
  if (all)
    reached = MAX (reached, folder->uidnext - 1);
  self->failed = self->failed || !ph_text_index_set_reached (self->index, folder->guid, folder->uidvalidity, reached);

  return all;
}

static void
fill (Slice *self)
{
  g_autoptr (GArray) folders = NULL;

  if (self->index == NULL)
    {
      self->index = has_room (self->shared) ? ph_text_index_make (self->path) : NULL;
      if (self->index != NULL)
        clear_if_stale (self);
    }
  self->failed = self->index == NULL || !has_room (self->shared) || !ph_text_index_begin (self->index);
  if (self->failed)
    return;

  folders = load_folders (self);
  /* There is always an INBOX: somebody has the index locked. */
  self->failed = folders->len == 0;
  for (guint i = 0; i < folders->len && !self->failed && !self->more; i++)
    self->more = !fill_folder (self, &g_array_index (folders, PhFolderRow, i));
  if (!ph_text_index_commit (self->index))
    self->failed = TRUE;
}

static void
work_in_thread (GTask        *task,
                gpointer      object,
                gpointer      data,
                GCancellable *cancellable)
{
  Slice   *self = data;
  gboolean damaged;

  self->start = g_get_monotonic_time ();
  if (self->queue != NULL)
    fill (self);
  damaged = self->index != NULL && ph_text_index_is_damaged (self->index);
  if (self->failed || !self->more)
    g_clear_pointer (&self->index, ph_text_index_close);
  if (self->path != NULL && (self->queue == NULL || damaged))
    ph_text_index_remove (self->path);
  self->spent = g_get_monotonic_time () - self->start;
  g_task_return_boolean (task, TRUE);
}

/* In the main context */

static void
slice_free (gpointer data)
{
  Slice *self = data;

  ph_store_shared_unref (self->shared);
  g_free (self->path);
  g_free (self);
}

/* `self` is NULL once its account is gone. */
static void
push_slice (PhTextIndexer      *self,
            Slice              *slice,
            GObject            *source,
            GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (source, NULL, callback, self);

  g_task_set_task_data (task, slice, slice_free);
  ph_worker_pool_run (ph_store_shared_get_readers (slice->shared), task, work_in_thread);
}

/* The account, which lives until here, has `self`. */
static void
worked_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  PhTextIndexer *self = user_data;
  Slice         *slice = g_task_get_task_data (G_TASK (result));

  self->working = FALSE;
  self->index = g_steal_pointer (&slice->index);
  if (slice->more && !slice->failed && self->enabled)
    {
      self->more = TRUE;
      ph_clock_cancel_timer (ph_store_shared_get_clock (slice->shared), &self->timer);
      self->timer = ph_clock_add_timer (ph_store_shared_get_clock (slice->shared), CLAMP (slice->spent * PAUSE_FACTOR, PAUSE_MIN, PAUSE_MAX), (GSourceOnceFunc)go_on, self);
    }
  else if (self->more)
    {
      go_on (self);
    }
  else if (slice->failed && self->enabled)
    {
      ph_clock_cancel_timer (ph_store_shared_get_clock (slice->shared), &self->timer);
      self->timer = ph_clock_add_timer (ph_store_shared_get_clock (slice->shared), AGAIN, (GSourceOnceFunc)go_on, self);
    }
}

static void
go_on (PhTextIndexer *self)
{
  PhIndexQueue *queue = ph_account_store_get_queue (self->account);
  Slice        *slice;

  self->timer = 0;
  self->waiting = 0;
  if (self->working)
    {
      self->more = TRUE;
      return;
    }

  self->working = TRUE;
  self->more = FALSE;
  slice = g_new0 (Slice, 1);
  slice->shared = ph_store_shared_ref (ph_account_store_get_shared (self->account));
  slice->path = ph_text_indexer_build_path (ph_index_queue_get_path (queue));
  slice->queue = self->enabled ? queue : NULL;
  slice->index = g_steal_pointer (&self->index);
  push_slice (self, slice, G_OBJECT (self->account), worked_cb);
}

PhTextIndexer *
ph_text_indexer_new (PhAccountStore *account)
{
  PhTextIndexer *self = g_new0 (PhTextIndexer, 1);

  self->account = account;

  return self;
}

void
ph_text_indexer_free (PhTextIndexer *self)
{
  PhStoreShared *shared = ph_account_store_get_shared (self->account);

  ph_clock_cancel_timer (ph_store_shared_get_clock (shared), &self->timer);
  if (self->index != NULL)
    {
      Slice *slice = g_new0 (Slice, 1);

      slice->shared = ph_store_shared_ref (shared);
      slice->index = g_steal_pointer (&self->index);
      push_slice (NULL, slice, NULL, NULL);
    }
  g_free (self);
}

void
ph_text_indexer_set_enabled (PhTextIndexer *self,
                             gboolean       enabled)
{
  self->enabled = enabled;
  self->more = FALSE;
  ph_clock_cancel_timer (ph_store_shared_get_clock (ph_account_store_get_shared (self->account)), &self->timer);
  if (enabled)
    ph_text_indexer_wake (self);
  else
    go_on (self);
}

gboolean
ph_text_indexer_get_enabled (PhTextIndexer *self)
{
  return self->enabled;
}

void
ph_text_indexer_wake (PhTextIndexer *self)
{
  PhClock *clock = ph_store_shared_get_clock (ph_account_store_get_shared (self->account));
  gint64   now = ph_clock_get_monotonic_time (clock);

  /* Once it has begun, it goes on until it has them all. */
  if (!self->enabled || self->more)
    return;
  if (self->waiting == 0)
    self->waiting = now;
  ph_clock_cancel_timer (clock, &self->timer);
  self->timer = ph_clock_add_timer (clock, CLAMP (self->waiting + QUIET_MAX - now, 0, QUIET), (GSourceOnceFunc)go_on, self);
}

gboolean
ph_text_indexer_is_idle (PhTextIndexer *self)
{
  return !self->working && self->timer == 0;
}
