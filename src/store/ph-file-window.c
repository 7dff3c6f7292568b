#include "ph-file-window.h"

#include "ph-store-error.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

struct _PhFileWindow
{
  int     fd;
  guint64 start;
  gsize   length;
  guint8  buffer[2 * PH_FILE_WINDOW_SIZE];
};

PhFileWindow *
ph_file_window_new (int fd)
{
  PhFileWindow *self = g_malloc (sizeof *self);

  self->fd = fd;
  self->start = 0;
  self->length = 0;

  return self;
}

void
ph_file_window_free (PhFileWindow *self)
{
  g_free (self);
}

/* Until the buffer is full or the file ends. */
static gboolean
fill (PhFileWindow *self,
      GError      **error)
{
  while (self->length < sizeof self->buffer)
    {
      ssize_t n = pread (self->fd, self->buffer + self->length, sizeof self->buffer - self->length, (off_t)(self->start + self->length));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return ph_store_error_set_errno (error, errno, N_ ("A file can’t be read"));
      if (n == 0)
        break;
      self->length += (gsize)n;
    }

  return TRUE;
}

gboolean
ph_file_window_look (PhFileWindow  *self,
                     guint64        offset,
                     gsize          wanted,
                     const guint8 **data,
                     gsize         *length,
                     GError       **error)
{
  if (offset < self->start || offset + wanted > self->start + self->length)
    {
      gsize kept = offset >= self->start && offset < self->start + self->length ? (gsize)(self->start + self->length - offset) : 0;

      memmove (self->buffer, self->buffer + self->length - kept, kept);
      self->start = offset;
      self->length = kept;
      if (!fill (self, error))
        return FALSE;
    }

  *data = self->buffer + (offset - self->start);
  *length = (gsize)(self->start + self->length - offset);

  return TRUE;
}

gboolean
ph_file_window_look_line (PhFileWindow  *self,
                          guint64        offset,
                          const guint8 **data,
                          gsize         *length,
                          GError       **error)
{
  const guint8 *lf;

  if (!ph_file_window_look (self, offset, 1, data, length, error))
    return FALSE;
  lf = memchr (*data, '\n', *length);
  if (lf == NULL && *length < PH_FILE_WINDOW_SIZE)
    {
      if (!ph_file_window_look (self, offset, PH_FILE_WINDOW_SIZE, data, length, error))
        return FALSE;
      lf = memchr (*data, '\n', *length);
    }
  if (lf != NULL)
    *length = (gsize)(lf - *data) + 1;

  return TRUE;
}

gboolean
ph_file_window_is_from_line (PhFileWindow *self,
                             guint64       offset,
                             guint64      *n_quotes)
{
  const guint8 *data;
  gsize         length, i;

  *n_quotes = 0;
  do
    {
      if (!ph_file_window_look (self, offset + *n_quotes, 5, &data, &length, NULL) || length < 5)
        return FALSE;
      for (i = 0; i < length && data[i] == '>'; i++)
        ;
      *n_quotes += i;
    }
  while (i == length);

  return ph_file_window_look (self, offset + *n_quotes, 5, &data, &length, NULL) && length >= 5 && memcmp (data, "From ", 5) == 0;
}
