#include "ph-text-indexer.h"

#include "ph-encoded-word.h"
#include "ph-header.h"
#include "ph-mailbox-private.h"
#include "ph-text-index.h"
#include "ph-text.h"

#include <sys/statvfs.h>

/* One transaction, and one turn on the worker. */
#define PIECE_MESSAGES 50
#define PIECE_BYTES (4 * 1024 * 1024)

/* It is no use to fill the disk with what can be read again. */
#define ROOM_MIN (G_GUINT64_CONSTANT (512) * 1024 * 1024)

/* What is no more stays in it, up to as much again and this. */
#define STALE_MAX 10000

typedef struct
{
  PhAccountStore *account;
  gint64          folder;
  GArray         *messages; /* of PhUnindexed */
  guint           next;
  gboolean        failed;
} Indexer;

static void run_piece (Indexer *self);

GPtrArray *
ph_text_indexer_collect (const guint8 *data,
                         gsize         length)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(PhHeader) header = ph_header_parse (data, length);
  g_autoptr(PhMimePart) structure = ph_mime_part_parse (data, length);

  g_ptr_array_add (texts, ph_encoded_word_decode ((const char *)data, header->length));
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

static gboolean
has_room (PhStoreShared *shared)
{
  struct statvfs st;

  return ph_store_shared_check_writable (shared, NULL) && fstatvfs (ph_store_shared_get_mail_fd (shared), &st) == 0 && (guint64)st.f_bavail * st.f_frsize >= ROOM_MIN;
}

/* Where most of it is of messages that are no more, it begins anew. */
static void
clear_if_stale (PhIndexQueue *queue,
                PhTextIndex  *index)
{
  PhIndex *reader = ph_index_queue_lock_reader (queue, NULL);
  gint64   n_messages = -1;

  if (reader == NULL)
    return;
  if (!ph_index_get_number (reader, &n_messages, 0, NULL, "SELECT count(*) FROM messages", ""))
    n_messages = -1;
  ph_index_queue_unlock_reader (queue);

  if (n_messages >= 0 && ph_text_index_count (index) > 2 * (guint64)n_messages + STALE_MAX)
    ph_text_index_clear (index);
}

/* One that is gone needs nothing. */
static gboolean
add_message (Indexer           *self,
             PhIndexQueue      *queue,
             PhTextIndex       *index,
             const PhUnindexed *message,
             gsize             *bytes)
{
  g_autoptr(PhMessage) opened = ph_mailbox_read_message (ph_account_store_get_shared (self->account), queue, self->folder, message->uid, NULL, NULL);
  g_autoptr(GBytes) data = opened != NULL ? ph_message_dup_bytes (opened, NULL) : NULL;
  g_autoptr(GPtrArray) texts = NULL;

  if (data == NULL)
    return TRUE;

  *bytes += g_bytes_get_size (data);
  texts = ph_text_indexer_collect (g_bytes_get_data (data, NULL), g_bytes_get_size (data));

  return ph_text_index_add (index, message->object, texts);
}

static void
index_in_thread (GTask        *task,
                 gpointer      object,
                 gpointer      data,
                 GCancellable *cancellable)
{
  Indexer         *self = data;
  PhIndexQueue    *queue = ph_account_store_get_queue (self->account);
  g_autofree char *path = ph_text_indexer_build_path (ph_index_queue_get_path (queue));
  g_autoptr(PhTextIndex) index = has_room (ph_account_store_get_shared (self->account)) ? ph_text_index_open (path) : NULL;
  guint last = MIN (self->next + PIECE_MESSAGES, self->messages->len);
  gsize bytes = 0;

  if (index != NULL && self->next == 0)
    clear_if_stale (queue, index);
  self->failed = index == NULL || !ph_text_index_begin (index);
  for (; !self->failed && self->next < last && bytes < PIECE_BYTES; self->next++)
    self->failed = !add_message (self, queue, index, &g_array_index (self->messages, PhUnindexed, self->next), &bytes);
  if (index != NULL && !ph_text_index_commit (index))
    self->failed = TRUE;
  g_task_return_boolean (task, TRUE);
}

static void
indexed_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  Indexer *self = user_data;

  if (!self->failed && self->next < self->messages->len)
    {
      run_piece (self);
      return;
    }

  ph_account_store_set_indexing (self->account, FALSE);
  g_object_unref (self->account);
  g_array_unref (self->messages);
  g_free (self);
}

static void
run_piece (Indexer *self)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, indexed_cb, self);

  g_task_set_task_data (task, self, NULL);
  ph_worker_pool_run (ph_store_shared_get_readers (ph_account_store_get_shared (self->account)), task, index_in_thread);
}

void
ph_text_indexer_start (PhMailbox *mailbox,
                       GArray    *messages)
{
  PhAccountStore *account = ph_mailbox_get_account (mailbox);
  Indexer        *self;

  if (messages->len == 0 || !ph_account_store_set_indexing (account, TRUE))
    {
      g_array_unref (messages);
      return;
    }

  self = g_new0 (Indexer, 1);
  self->account = g_object_ref (account);
  self->folder = ph_mailbox_get_folder (mailbox);
  self->messages = messages;
  run_piece (self);
}
