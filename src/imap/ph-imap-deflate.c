#include "ph-imap-deflate.h"

#include <zlib.h>

/* RFC 4978 4: raw deflate.  A client may use a window of 32 KiB; ours is smaller, and so is
 * what an idle session holds. */
#define INFLATE_WINDOW_BITS (-15)
#define DEFLATE_WINDOW_BITS (-13)
#define DEFLATE_MEMORY_LEVEL 6

struct _PhImapDeflate
{
  z_stream inflating;
  z_stream deflating;
  PhBuffer plain;
  gboolean full; /* the last call ended for want of room */
};

PhImapDeflate *
ph_imap_deflate_new (void)
{
  PhImapDeflate *self = g_new0 (PhImapDeflate, 1);

  if (inflateInit2 (&self->inflating, INFLATE_WINDOW_BITS) != Z_OK ||
      deflateInit2 (&self->deflating, Z_DEFAULT_COMPRESSION, Z_DEFLATED, DEFLATE_WINDOW_BITS, DEFLATE_MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
    g_error ("zlib can't be set up");

  return self;
}

void
ph_imap_deflate_free (PhImapDeflate *self)
{
  inflateEnd (&self->inflating);
  deflateEnd (&self->deflating);
  ph_buffer_clear (&self->plain);
  g_free (self);
}

void
ph_imap_deflate_encode (const guint8 *data,
                        gsize         length,
                        PhBuffer     *out,
                        gpointer      self)
{
  z_stream *stream = &((PhImapDeflate *)self)->deflating;

  stream->next_in = (guint8 *)data;
  stream->avail_in = (guint)length;
  do
    {
      guint room = (guint)deflateBound (stream, stream->avail_in) + 16;

      stream->next_out = ph_buffer_reserve (out, room);
      stream->avail_out = room;
      deflate (stream, Z_SYNC_FLUSH);
      ph_buffer_commit (out, room - stream->avail_out);
    }
  while (stream->avail_out == 0);
}

PhBuffer *
ph_imap_deflate_get_plain (PhImapDeflate *self)
{
  return &self->plain;
}

gboolean
ph_imap_deflate_decode (PhImapDeflate *self,
                        const guint8  *data,
                        gsize          length,
                        gsize         *taken)
{
  z_stream *stream = &self->inflating;
  int       result;

  *taken = 0;
  if (ph_buffer_get_length (&self->plain) > 0)
    return TRUE;

  stream->next_in = (guint8 *)data;
  stream->avail_in = (guint)MIN (length, G_MAXUINT);
  stream->next_out = ph_buffer_reserve (&self->plain, PH_IMAP_INFLATE_MAX);
  stream->avail_out = PH_IMAP_INFLATE_MAX;
  result = inflate (stream, Z_SYNC_FLUSH);
  ph_buffer_commit (&self->plain, PH_IMAP_INFLATE_MAX - stream->avail_out);
  if (ph_buffer_get_length (&self->plain) == 0)
    ph_buffer_clear (&self->plain);
  *taken = length - stream->avail_in;
  self->full = stream->avail_out == 0;

  /* No progress is no mistake. */
  return result == Z_OK || result == Z_BUF_ERROR;
}

gboolean
ph_imap_deflate_has_more (PhImapDeflate *self)
{
  return self->full;
}
