#include "ph-message-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ph-summary.h"
#include "ph-transfer-encoding.h"

/* What a worker brings into the page cache before a session reads. */
#define READ_AHEAD (256 * 1024)

struct _PhMessage
{
  GObject parent_instance;

  PhStoreShared *shared;
  guint32        uid;
  guint64        size;
  int            fd; /* -1: not needed any more */
  guint8        *held;
  gsize          n_held;

  GMutex      mutex; /* guards structure, which a worker makes */
  PhMimePart *structure;
};

G_DEFINE_FINAL_TYPE (PhMessage, ph_message, G_TYPE_OBJECT)

static void
ph_message_finalize (GObject *object)
{
  PhMessage *self = PH_MESSAGE (object);

  if (self->fd >= 0)
    close (self->fd);
  g_free (self->held);
  g_clear_pointer (&self->structure, ph_mime_part_free);
  g_clear_pointer (&self->shared, ph_store_shared_unref);
  g_mutex_clear (&self->mutex);

  G_OBJECT_CLASS (ph_message_parent_class)->finalize (object);
}

static void
ph_message_class_init (PhMessageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_message_finalize;
}

static void
ph_message_init (PhMessage *self)
{
  self->fd = -1;
  g_mutex_init (&self->mutex);
}

/* An unnamed file with these bytes; -1 and an error. */
static int
write_unnamed (PhStoreShared *shared,
               const guint8  *data,
               gsize          length,
               GError       **error)
{
  gsize written = 0;
  int   out;

  out = openat (ph_store_shared_get_mail_fd (shared), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (out < 0)
    out = memfd_create ("posthouse-message", MFD_CLOEXEC);
  if (out < 0)
    {
      ph_store_error_set_errno (error, errno, N_ ("A message can’t be converted"));
      return -1;
    }

  while (written < length)
    {
      ssize_t n = write (out, data + written, length - written);

      if (n < 0 && errno != EINTR)
        {
          ph_store_error_set_errno (error, errno, N_ ("A message can’t be converted"));
          close (out);
          return -1;
        }
      written += (gsize)MAX (n, 0);
    }

  return out;
}

/* An unnamed file with the bytes that are served. */
static int
convert (PhStoreShared *shared,
         int            fd,
         GError       **error)
{
  g_autoptr (GBytes) bytes = ph_summary_read_file (fd, error);
  g_autoptr (GBytes) crlf = bytes != NULL ? ph_summary_to_crlf (bytes) : NULL;

  if (crlf == NULL)
    return -1;

  return write_unnamed (shared, g_bytes_get_data (crlf, NULL), g_bytes_get_size (crlf), error);
}

/* How many of the first `n` bytes are the header and its blank line; 0 where it goes on. */
static gsize
measure_header (const guint8 *data,
                gsize         n,
                guint64       size)
{
  const guint8 *end;

  if (n >= 2 && memcmp (data, "\r\n", 2) == 0)
    return 2;

  end = memmem (data, n, "\r\n\r\n", 4);
  if (end != NULL)
    return (gsize)(end - data) + 4;

  return n == size ? n : 0;
}

/* A file that can't be read is found to be so by who reads it. */
static void
hold_bytes (PhMessage    *self,
            PhMessageHold hold)
{
  guint8 bytes[PH_MESSAGE_SHORT];
  gsize  n = MIN (self->size, sizeof bytes);

  if (hold == PH_MESSAGE_HOLD_SHORT && self->size > sizeof bytes)
    return;
  if (ph_message_read (self, 0, bytes, n, NULL) != (gssize)n)
    return;

  if (hold == PH_MESSAGE_HOLD_HEADER)
    n = measure_header (bytes, n, self->size);
  if (n == 0)
    return;
  self->held = g_memdup2 (bytes, n);
  self->n_held = n;
  close (self->fd);
  self->fd = -1;
}

/* A short file is read at once, and is of that size where it ends there: no need to ask.  FALSE for whatever else. */
static gboolean
hold_whole (PhMessage    *self,
            PhMessageHold hold,
            guint64       size)
{
  g_autofree guint8 *bytes = NULL;
  gsize              n = (gsize)size;

  if (hold == PH_MESSAGE_HOLD_NOTHING || size == 0 || size > PH_MESSAGE_SHORT)
    return FALSE;

  bytes = g_malloc (n + 1);
  if (pread (self->fd, bytes, n + 1, 0) != (ssize_t)n)
    return FALSE;
  if (hold == PH_MESSAGE_HOLD_HEADER)
    n = measure_header (bytes, n, size);
  if (n == 0)
    return FALSE;

  self->held = n < size ? g_realloc (g_steal_pointer (&bytes), n) : g_steal_pointer (&bytes);
  self->n_held = n;
  self->size = size;
  close (self->fd);
  self->fd = -1;

  return TRUE;
}

PhMessage *
ph_message_new (PhStoreShared *shared,
                guint32        uid,
                guint64        size,
                int            fd,
                PhMessageHold  hold,
                GError       **error)
{
  g_autoptr (PhMessage) self = g_object_new (PH_TYPE_MESSAGE, NULL);
  struct stat st;
  int         converted;

  self->shared = ph_store_shared_ref (shared);
  self->uid = uid;
  self->fd = fd;
  if (hold_whole (self, hold, size))
    return g_steal_pointer (&self);
  if (fstat (fd, &st) < 0 || !S_ISREG (st.st_mode))
    {
      ph_store_error_set_errno (error, errno, N_ ("A message can’t be read"));
      return NULL;
    }

  if ((guint64)st.st_size != size)
    {
      converted = convert (shared, fd, error);
      if (converted < 0 || fstat (converted, &st) < 0)
        return NULL;
      close (self->fd);
      self->fd = converted;
    }
  self->size = (guint64)st.st_size;
  if (hold != PH_MESSAGE_HOLD_NOTHING)
    hold_bytes (self, hold);
  if (self->fd >= 0)
    readahead (self->fd, 0, READ_AHEAD);

  return g_steal_pointer (&self);
}

gboolean
ph_message_is_open (PhMessage *self)
{
  return self->fd >= 0;
}

const guint8 *
ph_message_peek (PhMessage *self,
                 gsize     *length)
{
  g_return_val_if_fail (PH_IS_MESSAGE (self), NULL);

  *length = self->n_held;

  return self->held;
}

guint32
ph_message_get_uid (PhMessage *self)
{
  g_return_val_if_fail (PH_IS_MESSAGE (self), 0);

  return self->uid;
}

guint64
ph_message_get_size (PhMessage *self)
{
  g_return_val_if_fail (PH_IS_MESSAGE (self), 0);

  return self->size;
}

gssize
ph_message_read (PhMessage *self,
                 guint64    offset,
                 void      *data,
                 gsize      length,
                 GError   **error)
{
  gsize used = 0;

  g_return_val_if_fail (PH_IS_MESSAGE (self), -1);

  if (offset >= self->size)
    return 0;
  length = MIN (length, self->size - offset);
  if (offset + length <= self->n_held)
    {
      memcpy (data, self->held + offset, length);
      return (gssize)length;
    }

  while (used < length)
    {
      ssize_t n = pread (self->fd, (guint8 *)data + used, length - used, (off_t)(offset + used));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          /* Somebody has cut the file: what was announced can't be given. */
          ph_store_error_set_errno (error, n < 0 ? errno : EIO, N_ ("A message can’t be read"));
          return -1;
        }
      used += (gsize)n;
    }

  return (gssize)used;
}

GBytes *
ph_message_dup_bytes (PhMessage *self,
                      GError   **error)
{
  g_return_val_if_fail (PH_IS_MESSAGE (self), NULL);

  if (self->n_held > 0 && self->n_held == self->size)
    return g_bytes_new (self->held, self->n_held);

  return ph_summary_read_file (self->fd, error);
}

static void
load_structure (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  PhMessage *self = source;
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;

  g_mutex_lock (&self->mutex);
  if (self->structure == NULL)
    {
      bytes = ph_message_dup_bytes (self, &error);
      if (bytes != NULL)
        self->structure = ph_mime_part_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }
  g_mutex_unlock (&self->mutex);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, self->structure, NULL);
}

void
ph_message_load_structure_async (PhMessage          *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PH_IS_MESSAGE (self));

  task = g_task_new (self, cancellable, callback, user_data);
  ph_worker_pool_run (ph_store_shared_get_readers (self->shared), task, load_structure);
}

const PhMimePart *
ph_message_load_structure_finish (PhMessage    *self,
                                  GAsyncResult *result,
                                  GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

typedef struct
{
  guint32 *path;
  guint    n_path;
  gboolean has_nul;
} DecodeCall;

static void
decode_call_free (gpointer data)
{
  DecodeCall *call = data;

  g_free (call->path);
  g_free (call);
}

/* NULL and an error. */
static PhMessage *
decode_part (PhMessage  *self,
             DecodeCall *call,
             GError    **error)
{
  g_autoptr (GBytes) bytes = ph_message_dup_bytes (self, error);
  g_autoptr (PhMimePart) root = NULL;
  g_auto (PhBuffer) out = { 0 };
  const PhMimePart  *part;
  PhTransferEncoding encoding;
  const guint8      *data;
  gsize              offset, length;
  int                fd;

  if (bytes == NULL)
    return NULL;

  data = g_bytes_get_data (bytes, NULL);
  root = ph_mime_part_parse (data, g_bytes_get_size (bytes));
  part = ph_mime_part_find (root, call->path, call->n_path);
  if (part == NULL || !ph_mime_part_find_section (root, call->path, call->n_path, PH_MIME_SECTION_BODY, &offset, &length))
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND, N_ ("There is no such part"));
      return NULL;
    }

  encoding = ph_transfer_encoding_from_name (part->encoding);
  if (encoding == PH_TRANSFER_ENCODING_UNKNOWN)
    {
      g_set_error (error, PH_STORE_ERROR, PH_STORE_ERROR_INVALID, N_ ("The encoding is unknown"));
      return NULL;
    }
  ph_transfer_decode (encoding, data + offset, length, &out);
  length = ph_buffer_get_length (&out);
  call->has_nul = length > 0 && memchr (ph_buffer_get_data (&out), 0, length) != NULL;

  fd = write_unnamed (self->shared, ph_buffer_get_data (&out), length, error);

  return fd >= 0 ? ph_message_new (self->shared, self->uid, length, fd, PH_MESSAGE_HOLD_NOTHING, error) : NULL;
}

static void
decode_in_thread (GTask        *task,
                  gpointer      source,
                  gpointer      data,
                  GCancellable *cancellable)
{
  GError    *error = NULL;
  PhMessage *decoded = decode_part (source, data, &error);

  if (decoded != NULL)
    g_task_return_pointer (task, decoded, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
ph_message_decode_part_async (PhMessage          *self,
                              const guint32      *path,
                              guint               n_path,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data)
{
  g_autoptr (GTask) task = NULL;
  DecodeCall *call;

  g_return_if_fail (PH_IS_MESSAGE (self));

  call = g_new0 (DecodeCall, 1);
  call->path = g_memdup2 (path, n_path * sizeof *path);
  call->n_path = n_path;
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_task_data (task, call, decode_call_free);
  ph_worker_pool_run (ph_store_shared_get_readers (self->shared), task, decode_in_thread);
}

PhMessage *
ph_message_decode_part_finish (PhMessage    *self,
                               GAsyncResult *result,
                               gboolean     *has_nul,
                               GError      **error)
{
  const DecodeCall *call = g_task_get_task_data (G_TASK (result));

  *has_nul = call->has_nul;

  return g_task_propagate_pointer (G_TASK (result), error);
}
