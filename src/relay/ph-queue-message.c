#include "ph-queue-message.h"

#include "ph-header.h"
#include "ph-mime-part.h"
#include "ph-mime-recode.h"
#include "ph-smtp-body-writer.h"
#include "ph-smtp-data-decoder.h"
#include "ph-trace.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define PIECE (128 * 1024)

struct _PhQueueMessage
{
  gatomicrefcount refs;
  int             fd;
  char           *prefix; /* read first; NULL for none */
  gsize           prefix_length;
  gsize           skip; /* of the file, where there is a prefix */
};

PhQueueMessage *
ph_queue_message_new (int fd)
{
  PhQueueMessage *self = g_new0 (PhQueueMessage, 1);

  g_atomic_ref_count_init (&self->refs);
  self->fd = fd;

  return self;
}

PhQueueMessage *
ph_queue_message_ref (PhQueueMessage *self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

void
ph_queue_message_unref (PhQueueMessage *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  close (self->fd);
  g_free (self->prefix);
  g_free (self);
}

gssize
ph_queue_message_read (gpointer user_data,
                       guint64  offset,
                       void    *data,
                       gsize    length)
{
  PhQueueMessage *self = user_data;
  gssize          n;

  if (offset < self->prefix_length)
    {
      length = MIN (length, self->prefix_length - offset);
      memcpy (data, self->prefix + offset, length);
      return (gssize)length;
    }

  do
    n = pread (self->fd, data, length, (off_t)(offset - self->prefix_length + self->skip));
  while (n < 0 && errno == EINTR);

  return n;
}

/* All that is there from `offset`, at most `length`; -1 where it can't be read. */
static gssize
read_fully (PhQueueMessage *self,
            guint64         offset,
            guint8         *data,
            gsize           length)
{
  gsize got = 0;

  while (got < length)
    {
      gssize n = ph_queue_message_read (self, offset + got, data + got, length - got);

      if (n < 0)
        return -1;
      if (n == 0)
        break;
      got += (gsize)n;
    }

  return (gssize)got;
}

static gsize
measure_return_path (const guint8 *data,
                     gsize         length)
{
  g_autoptr (PhHeader) header = ph_header_parse (data, length);

  if (header->n_fields == 0 || header->fields[0].offset != 0 || !ph_header_field_has_name (header, &header->fields[0], "Return-Path"))
    return 0;

  return header->fields[0].length;
}

void
ph_queue_message_set_prefix (PhQueueMessage *self,
                             const char     *prefix)
{
  g_autofree guint8 *start = g_malloc (PIECE);
  gssize             n;

  self->prefix_length = self->skip = 0;
  n = read_fully (self, 0, start, PIECE);
  self->skip = n > 0 ? measure_return_path (start, (gsize)n) : 0;
  g_free (self->prefix);
  self->prefix = g_strdup (prefix);
  self->prefix_length = strlen (prefix);
}

gsize
ph_queue_message_get_prefix_length (PhQueueMessage *self)
{
  return self->prefix_length;
}

GByteArray *
ph_queue_message_read_start (PhQueueMessage *self,
                             gsize           max)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gssize n;

  g_byte_array_set_size (bytes, (guint)max);
  n = read_fully (self, 0, bytes->data, max);
  if (n < 0)
    return NULL;

  g_byte_array_set_size (bytes, (guint)n);
  if (bytes->len > 0)
    g_byte_array_remove_range (bytes, 0, (guint)measure_return_path (bytes->data, bytes->len));

  return g_steal_pointer (&bytes);
}

/* All of the file with the line ends that it will be sent with, without a Return-Path. */
static gboolean
read_canonical (PhQueueMessage *self,
                PhBuffer       *out)
{
  g_autofree guint8 *piece = g_malloc (PIECE);
  PhSmtpBodyWriter   writer = { .in_chunks = TRUE };
  guint64            offset = 0;
  gssize             n;

  while ((n = read_fully (self, self->prefix_length + offset, piece, PIECE)) > 0)
    {
      gsize skip = offset == 0 && self->skip == 0 ? measure_return_path (piece, (gsize)n) : 0;

      ph_smtp_body_writer_write (&writer, out, piece + skip, (gsize)n - skip);
      offset += (guint64)n;
      if (offset > PH_QUEUE_MESSAGE_RECODE_MAX)
        return FALSE;
    }
  ph_smtp_body_writer_end (&writer, out);

  return n == 0;
}

static int
open_unnamed (const char *directory)
{
  int fd = open (directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

  if (fd < 0)
    {
      g_autofree char *path = g_build_filename (directory, ".form-XXXXXX", NULL);

      fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
      if (fd >= 0)
        g_unlink (path);
    }

  return fd;
}

static gboolean
write_fully (int             fd,
             const PhBuffer *bytes)
{
  const guint8 *data = ph_buffer_get_data (bytes);
  gsize         length = ph_buffer_get_length (bytes);

  while (length > 0)
    {
      gssize n = write (fd, data, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      data += n;
      length -= (gsize)n;
    }

  return TRUE;
}

PhQueueMessage *
ph_queue_message_recode_for_7bit (PhQueueMessage *self,
                                  const char     *directory,
                                  guint64        *size)
{
  g_auto (PhBuffer) text = { 0 };
  g_auto (PhBuffer) recoded = { 0 };
  const PhBuffer    *form = &text;
  PhMimeRecodeResult result;
  int                fd;

  if (!read_canonical (self, &text))
    return NULL;
  result = ph_mime_recode (ph_buffer_get_data (&text), ph_buffer_get_length (&text), PH_MIME_RECODE_FOR_7BIT, &recoded);
  if (result == PH_MIME_RECODE_IMPOSSIBLE)
    return NULL;
  if (result == PH_MIME_RECODE_DONE)
    form = &recoded;

  fd = open_unnamed (directory);
  if (fd < 0)
    return NULL;
  if (!write_fully (fd, form))
    {
      close (fd);
      return NULL;
    }
  *size = ph_buffer_get_length (form);

  return ph_queue_message_new (fd);
}

gboolean
ph_queue_message_measure (PhQueueMessage *self,
                          PhQueueMeasure *measure)
{
  g_autofree guint8 *piece = g_malloc (PIECE);
  guint64            offset = 0;
  gsize              line = 0;
  guint8             last = 0;
  gssize             n;

  *measure = (PhQueueMeasure){ 0 };
  while ((n = read_fully (self, offset, piece, PIECE)) > 0)
    {
      if (offset == 0)
        {
          g_autoptr (PhHeader) header = ph_header_parse (piece, (gsize)n);

          measure->n_received = ph_trace_count_received (piece, (gsize)n);
          for (gsize i = 0; i < header->length; i++)
            measure->has_8bit_header |= piece[i] >= 128;
        }
      for (gssize i = 0; i < n; i++)
        {
          /* A bare LF becomes a CRLF, a bare CR a blank. */
          measure->size += piece[i] == '\n' && last != '\r' ? 2 : 1;
          measure->is_8bit |= piece[i] >= 128;
          line = piece[i] == '\n' ? 0 : line + 1;
          measure->has_long_line |= line > PH_SMTP_TEXT_LINE_SAFE + (piece[i] == '\r');
          last = piece[i];
        }
      offset += (guint64)n;
    }

  return n == 0;
}

static gboolean
is_ascii (const guint8 *data,
          gsize         length)
{
  for (gsize i = 0; i < length; i++)
    if (data[i] >= 0x80)
      return FALSE;

  return TRUE;
}

/* Parents come before their children. */
static const PhMimePart *
next_part (const PhMimePart *part)
{
  if (part->first_child != NULL)
    return part->first_child;
  while (part != NULL && part->next == NULL)
    part = part->parent;

  return part != NULL ? part->next : NULL;
}

gboolean
ph_queue_message_is_international (PhQueueMessage *self)
{
  g_auto (PhBuffer) text = { 0 };
  PhQueueMeasure measure;
  PhMimePart    *root;
  const guint8  *data;
  gboolean       is_international = FALSE;

  if (!ph_queue_message_measure (self, &measure) || measure.has_8bit_header)
    return TRUE;
  if (!measure.is_8bit)
    return FALSE;
  if (!read_canonical (self, &text))
    return TRUE;

  data = ph_buffer_get_data (&text);
  root = ph_mime_part_parse (data, ph_buffer_get_length (&text));
  for (const PhMimePart *part = root; part != NULL && !is_international; part = next_part (part))
    is_international = !is_ascii (data + part->header_offset, part->header_length);
  ph_mime_part_free (root);

  return is_international;
}
