#include "ph-spool-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_PIECE (128 * 1024)

/* More than our trace fields of one line have together. */
#define TRACE_MAX 2048

struct _PhSpool
{
  GObject parent_instance;

  PhStoreShared *shared;
  int            fd;
  char          *name; /* in the mail directory, where the file system has no O_TMPFILE; else NULL */
  guint64        size;
  PhSpecialUse   place;
  GError        *failure; /* of the first write that failed */

  GMutex   mutex; /* guards what follows: workers may link while another syncs */
  gboolean synced;
  GError  *sync_failure;
};

G_DEFINE_FINAL_TYPE (PhSpool, ph_spool, G_TYPE_OBJECT)

static void
ph_spool_finalize (GObject *object)
{
  PhSpool *self = PH_SPOOL (object);

  if (self->name != NULL)
    unlinkat (ph_store_shared_get_mail_fd (self->shared), self->name, 0);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->name);
  g_clear_error (&self->failure);
  g_clear_error (&self->sync_failure);
  g_mutex_clear (&self->mutex);
  g_clear_pointer (&self->shared, ph_store_shared_unref);

  G_OBJECT_CLASS (ph_spool_parent_class)->finalize (object);
}

static void
ph_spool_class_init (PhSpoolClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_spool_finalize;
}

static void
ph_spool_init (PhSpool *self)
{
  self->fd = -1;
  g_mutex_init (&self->mutex);
}

PhSpool *
ph_spool_new (PhStoreShared *shared,
              GError       **error)
{
  g_autoptr (PhSpool) self = NULL;
  int mail_fd = ph_store_shared_get_mail_fd (shared);

  if (!ph_store_shared_check_writable (shared, error))
    return NULL;

  self = g_object_new (PH_TYPE_SPOOL, NULL);
  self->shared = ph_store_shared_ref (shared);
  self->fd = ph_store_shared_take_spare_file (shared);
  if (self->fd < 0)
    self->fd = openat (mail_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (self->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
    {
      self->name = g_strdup_printf (".spool-%08x%08x", g_random_int (), g_random_int ());
      self->fd = openat (mail_fd, self->name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600);
    }
  if (self->fd < 0)
    {
      ph_store_error_set_errno (error, errno, N_ ("A spool file can’t be made"));
      return NULL;
    }

  return g_steal_pointer (&self);
}

PhSpool *
ph_spool_new_for_fd (PhStoreShared *shared,
                     int            fd,
                     GError       **error)
{
  g_autoptr (PhSpool) self = g_object_new (PH_TYPE_SPOOL, NULL);
  struct stat st;

  self->shared = ph_store_shared_ref (shared);
  self->fd = fd;
  if (fd < 0 || fstat (fd, &st) < 0)
    {
      ph_store_error_set_errno (error, errno, N_ ("A spool file can’t be read"));
      return NULL;
    }
  self->size = (guint64)st.st_size;

  return g_steal_pointer (&self);
}

/* Bytes in the cache that can't be written any more are lost without a word, so an I/O
 * error is the end for the whole store; a full disk is not. */
static void
note_failure (PhSpool *self,
              GError  *failure)
{
  if (g_error_matches (failure, PH_STORE_ERROR, PH_STORE_ERROR_FAILED))
    ph_store_shared_fail (self->shared, failure->message);
}

static gboolean
repeat_failure (const GError *failure,
                GError      **error)
{
  if (failure == NULL)
    return TRUE;

  g_propagate_error (error, g_error_copy (failure));

  return FALSE;
}

gboolean
ph_spool_write (PhSpool    *self,
                const void *data,
                gsize       length,
                GError    **error)
{
  const guint8 *bytes = data;

  g_return_val_if_fail (PH_IS_SPOOL (self), FALSE);

  while (length > 0 && self->failure == NULL)
    {
      ssize_t n = pwrite (self->fd, bytes, length, (off_t)self->size);

      if (n < 0 && errno != EINTR)
        {
          ph_store_error_set_errno (&self->failure, errno, N_ ("A message can’t be written"));
          note_failure (self, self->failure);
        }
      else if (n > 0)
        {
          bytes += n;
          length -= (gsize)n;
          self->size += (guint64)n;
        }
    }

  return repeat_failure (self->failure, error);
}

/* The length of our own fields that stay above that one (RFC 5321 section 4.4, RFC 9228 section 4). */
static gsize
measure_above (PhSpool    *self,
               const char *field,
               char        start[TRACE_MAX + 1])
{
  static const char *const above[] = { "Return-Path:", "Delivered-To:" };
  ssize_t                  length = pread (self->fd, start, TRACE_MAX, 0);
  gsize                    above_length = 0;

  start[MAX (length, 0)] = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (above) && !g_str_has_prefix (field, above[i]); i++)
    {
      const char *line_end = g_str_has_prefix (start + above_length, above[i]) ? strchr (start + above_length, '\n') : NULL;

      if (line_end != NULL)
        above_length = (gsize)(line_end + 1 - start);
    }

  return above_length;
}

gboolean
ph_spool_has_field (PhSpool    *self,
                    const char *field)
{
  char start[TRACE_MAX + 1];

  g_return_val_if_fail (PH_IS_SPOOL (self), FALSE);

  return g_str_has_prefix (start + measure_above (self, field, start), field);
}

gboolean
ph_spool_copy_with_field (PhSpool    *self,
                          PhSpool    *from,
                          const char *field,
                          GError    **error)
{
  char               start[TRACE_MAX + 1];
  gsize              above = measure_above (from, field, start);
  g_autofree guint8 *piece = g_malloc (COPY_PIECE);
  guint64            offset = above;
  gboolean           ok;

  g_return_val_if_fail (PH_IS_SPOOL (self) && self->size == 0, FALSE);

  ok = ph_spool_write (self, start, above, error) && ph_spool_write (self, field, strlen (field), error);
  while (ok && offset < from->size)
    {
      ssize_t n = pread (from->fd, piece, COPY_PIECE, (off_t)offset);

      if (n <= 0)
        return ph_store_error_set_errno (error, n < 0 ? errno : EIO, N_ ("A message can’t be read"));
      ok = ph_spool_write (self, piece, (gsize)n, error);
      offset += (guint64)n;
    }

  return ok;
}

void
ph_spool_set_place (PhSpool     *self,
                    PhSpecialUse place)
{
  g_return_if_fail (PH_IS_SPOOL (self));

  self->place = place;
}

PhSpecialUse
ph_spool_get_place (PhSpool *self)
{
  g_return_val_if_fail (PH_IS_SPOOL (self), PH_SPECIAL_NONE);

  return self->place;
}

guint64
ph_spool_get_size (PhSpool *self)
{
  g_return_val_if_fail (PH_IS_SPOOL (self), 0);

  return self->size;
}

int
ph_spool_get_fd (PhSpool *self)
{
  g_return_val_if_fail (PH_IS_SPOOL (self), -1);

  return self->fd;
}

void
ph_spool_begin_sync (PhSpool *self)
{
  g_return_if_fail (PH_IS_SPOOL (self));

  (void)sync_file_range (self->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

gboolean
ph_spool_sync (PhSpool *self,
               GError **error)
{
  gboolean ok;

  g_return_val_if_fail (PH_IS_SPOOL (self), FALSE);

  if (!repeat_failure (self->failure, error))
    return FALSE;

  g_mutex_lock (&self->mutex);
  if (!self->synced)
    {
      self->synced = TRUE;
      if (fsync (self->fd) < 0)
        {
          ph_store_error_set_errno (&self->sync_failure, errno, N_ ("A message can’t be synced"));
          note_failure (self, self->sync_failure);
        }
    }
  ok = repeat_failure (self->sync_failure, error);
  g_mutex_unlock (&self->mutex);

  return ok;
}

/* Another file system: a copy, synced, that vanishes if it can't be whole. */
static gboolean
copy_to (PhSpool    *self,
         int         dir_fd,
         const char *name,
         GError    **error)
{
  g_autofree guint8 *piece = g_malloc (COPY_PIECE);
  off_t              offset = 0;
  ssize_t            n;
  gboolean           ok = TRUE;
  int                fd = openat (dir_fd, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);

  if (fd < 0)
    return ph_store_error_set_errno (error, errno, N_ ("A message can’t be copied"));

  while (ok && (n = pread (self->fd, piece, COPY_PIECE, offset)) != 0)
    {
      ok = n > 0 && pwrite (fd, piece, (size_t)n, offset) == n;
      offset += n;
    }
  ok = ok && fsync (fd) == 0;
  if (!ok)
    {
      ph_store_error_set_errno (error, errno != 0 ? errno : ENOSPC, N_ ("A message can’t be copied"));
      unlinkat (dir_fd, name, 0);
    }
  close (fd);

  return ok;
}

gboolean
ph_spool_link_at (PhSpool    *self,
                  int         dir_fd,
                  const char *name,
                  GError    **error)
{
  char path[64];

  g_return_val_if_fail (PH_IS_SPOOL (self), FALSE);

  if (!repeat_failure (self->failure, error))
    return FALSE;

  g_snprintf (path, sizeof path, "/proc/self/fd/%d", self->fd);
  if (linkat (AT_FDCWD, path, dir_fd, name, AT_SYMLINK_FOLLOW) == 0)
    return TRUE;
  if (errno == EXDEV || errno == EMLINK || errno == EPERM)
    return copy_to (self, dir_fd, name, error);

  return ph_store_error_set_errno (error, errno, N_ ("A message can’t be stored"));
}

gboolean
ph_spool_link (PhSpool    *self,
               const char *path,
               GError    **error)
{
  return ph_spool_link_at (self, AT_FDCWD, path, error);
}
