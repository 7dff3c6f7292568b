/* Opening the file of a message. */

#include "ph-index-rows.h"
#include "ph-mailbox-private.h"
#include "ph-message-private.h"
#include "ph-spool-private.h"
#include "ph-summary.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  PhAccountStore *account; /* kept alive */
  gint64          folder;
  guint32         uid;
} OpenMessage;

static void
open_message_free (gpointer data)
{
  OpenMessage *self = data;

  g_object_unref (self->account);
  g_free (self);
}

static gboolean
load_row (OpenMessage  *self,
          PhIndexQueue *queue,
          PhFolderRow  *folder,
          PhMessageRow *row,
          GError      **error)
{
  PhIndex *index = ph_index_queue_lock_reader (queue, error);
  gboolean loaded;

  if (index == NULL)
    return FALSE;

  loaded = ph_folder_row_load_by_id (index, self->folder, folder, error) && ph_message_row_load (index, self->folder, self->uid, row, error);
  ph_index_queue_unlock_reader (queue);

  return loaded;
}

/* A file of another program with bare LF: an unnamed copy with CRLF. Takes `fd`. */
static int
convert (PhStoreShared *shared,
         int            fd,
         guint64       *size,
         GError       **error)
{
  g_autoptr (PhSpool) spool = ph_spool_new (shared, error);
  g_autoptr (GBytes) bytes = ph_summary_read_file (fd, error);
  g_autoptr (GBytes) crlf = NULL;

  close (fd);
  if (spool == NULL || bytes == NULL)
    return -1;

  crlf = ph_summary_to_crlf (bytes);
  *size = g_bytes_get_size (crlf);
  if (!ph_spool_write (spool, g_bytes_get_data (crlf, NULL), *size, error))
    return -1;

  return fcntl (ph_spool_get_fd (spool), F_DUPFD_CLOEXEC, 0);
}

static PhMessage *
open_file (OpenMessage *self,
           GError     **error)
{
  PhStoreShared *shared = ph_account_store_get_shared (self->account);
  PhIndexQueue  *queue = ph_account_store_get_queue (self->account);
  g_auto (PhFolderRow) folder = { 0 };
  g_auto (PhMessageRow) row = { 0 };
  struct stat st;
  guint64     size;
  int         fd;

  if (!load_row (self, queue, &folder, &row, error))
    return NULL;

  fd = ph_maildir_open_message (ph_index_queue_get_maildir (queue), folder.directory, row.sub, row.base, row.letters, error);
  if (fd < 0)
    return NULL;
  if (fstat (fd, &st) < 0 || !S_ISREG (st.st_mode))
    {
      close (fd);
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, "The file of the message is gone");
      return NULL;
    }

  size = (guint64)st.st_size;
  posix_fadvise (fd, 0, 0, POSIX_FADV_WILLNEED);
  if (row.info.size != row.file_size)
    fd = convert (shared, fd, &size, error);

  return fd >= 0 ? ph_message_new (shared, self->uid, fd, size) : NULL;
}

static void
open_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  GError    *error = NULL;
  PhMessage *message = open_file (data, &error);

  if (message != NULL)
    g_task_return_pointer (task, message, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
ph_mailbox_open_message_async (PhMailbox          *self,
                               guint32             uid,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  OpenMessage *job;

  g_return_if_fail (PH_IS_MAILBOX (self));

  task = ph_mailbox_new_task (self, cancellable, callback, user_data, ph_mailbox_open_message_async);
  if (task == NULL)
    return;

  job = g_new (OpenMessage, 1);
  job->account = g_object_ref (ph_mailbox_get_account (self));
  job->folder = ph_mailbox_get_folder (self);
  job->uid = uid;
  g_task_set_task_data (task, job, open_message_free);
  ph_worker_pool_run (ph_store_shared_get_readers (ph_account_store_get_shared (job->account)), task, open_in_thread);
}

PhMessage *
ph_mailbox_open_message_finish (PhMailbox    *self,
                                GAsyncResult *result,
                                GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
