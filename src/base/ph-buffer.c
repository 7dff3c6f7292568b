#include "ph-buffer.h"

#include <string.h>

#define PH_BUFFER_SMALLEST 256

void
ph_buffer_clear (PhBuffer *self)
{
  g_free (self->data);
  *self = (PhBuffer){ 0 };
}

guint8 *
ph_buffer_reserve (PhBuffer *self,
                   gsize     length)
{
  gsize used = self->end - self->start;
  gsize wanted;

  /* Room for nothing is room, too: never NULL, to which nothing can be added. */
  if (self->data != NULL && self->allocated - self->end >= length)
    return self->data + self->end;

  /* Move down only when at least half is free, so that a byte moves once on average. */
  if (self->data != NULL && self->start >= used && self->allocated - used >= length)
    {
      memmove (self->data, self->data + self->start, used);
      self->start = 0;
      self->end = used;
      return self->data + self->end;
    }

  wanted = MAX (self->allocated, PH_BUFFER_SMALLEST);
  g_assert (length < G_MAXSIZE / 4 && used < G_MAXSIZE / 4);
  while (wanted < used + length)
    wanted *= 2;

  {
    guint8 *data = g_malloc (wanted);

    if (used > 0)
      memcpy (data, self->data + self->start, used);
    g_free (self->data);
    self->data = data;
  }
  self->allocated = wanted;
  self->start = 0;
  self->end = used;

  return self->data + self->end;
}

void
ph_buffer_commit (PhBuffer *self,
                  gsize     length)
{
  g_assert (length <= self->allocated - self->end);
  self->end += length;
}

void
ph_buffer_append (PhBuffer   *self,
                  const void *data,
                  gsize       length)
{
  if (length == 0)
    return;

  memcpy (ph_buffer_reserve (self, length), data, length);
  self->end += length;
}

void
ph_buffer_append_string (PhBuffer   *self,
                         const char *string)
{
  ph_buffer_append (self, string, strlen (string));
}

void
ph_buffer_append_vprintf (PhBuffer   *self,
                          const char *format,
                          va_list     args)
{
  g_autofree char *text = g_strdup_vprintf (format, args);

  ph_buffer_append_string (self, text);
}

void
ph_buffer_append_printf (PhBuffer   *self,
                         const char *format,
                         ...)
{
  va_list args;

  va_start (args, format);
  ph_buffer_append_vprintf (self, format, args);
  va_end (args);
}

void
ph_buffer_consume (PhBuffer *self,
                   gsize     length)
{
  self->start += MIN (length, self->end - self->start);

  if (self->start == self->end)
    self->start = self->end = 0;
}

void
ph_buffer_wipe (PhBuffer *self)
{
  if (self->data != NULL)
    explicit_bzero (self->data, self->allocated);
  self->start = self->end = 0;
}
