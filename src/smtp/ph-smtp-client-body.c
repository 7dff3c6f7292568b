/* The message on its way: as DATA (RFC 5321 section 4.1.1.4), or in chunks (RFC 3030). */

#include "ph-smtp-client-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The length of a Return-Path field at the start: it is for mailboxes (RFC 5321 section 4.4). */
static gsize
measure_return_path (const char *data,
                     gsize       length)
{
  gsize i = strlen ("Return-Path:");

  if (length < i || g_ascii_strncasecmp (data, "Return-Path:", i) != 0)
    return 0;

  for (; i + 1 < length; i++)
    if (data[i] == '\n' && data[i + 1] != ' ' && data[i + 1] != '\t')
      return i + 1;

  return 0;
}

static void
end_body (PhSmtpClient *self)
{
  ph_journal_session_add_folded (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_CLIENT, N_ ("message"), self->writer.n_written);
  self->sending_body = FALSE;
}

/* A whole piece, but at the end of the message; -1 where it can't be read. */
static gssize
read_piece (PhSmtpClient *self,
            guint8       *piece)
{
  gsize length = 0;

  while (length < PH_SMTP_CLIENT_PIECE)
    {
      gssize n = self->read (self->read_data, self->offset + length, piece + length, PH_SMTP_CLIENT_PIECE - length);

      if (n < 0)
        return -1;
      if (n == 0)
        break;
      length += (gsize)n;
    }

  return (gssize)length;
}

static void
write_piece (PhSmtpClient *self,
             PhBuffer     *out,
             const guint8 *piece,
             gsize         length)
{
  gsize skipped = self->offset == 0 ? measure_return_path ((const char *)piece, length) : 0;

  ph_smtp_body_writer_write (&self->writer, out, piece + skipped, length - skipped);
  self->offset += length;
}

static void
send_data (PhSmtpClient *self,
           const guint8 *piece,
           gsize         length)
{
  PhBuffer *out = ph_session_get_output (PH_SESSION (self));

  if (length > 0)
    {
      write_piece (self, out, piece, length);
      return;
    }

  ph_smtp_body_writer_end (&self->writer, out);
  end_body (self);
  g_queue_push_tail (&self->expected, GUINT_TO_POINTER (PH_SMTP_EXPECT_FINAL));
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_CLIENT_FINAL_SECONDS);
}

/* As long as it is after its line ends are mended: so it is made before it is announced. */
static void
send_chunk (PhSmtpClient *self,
            const guint8 *piece,
            gsize         length)
{
  gboolean is_last = length < PH_SMTP_CLIENT_PIECE;
  g_auto (PhBuffer) chunk = { 0 };

  write_piece (self, &chunk, piece, length);
  if (is_last)
    ph_smtp_body_writer_end (&self->writer, &chunk);

  ph_smtp_client_send (self, is_last ? PH_SMTP_EXPECT_FINAL : PH_SMTP_EXPECT_CHUNK, 0, "BDAT %" G_GSIZE_FORMAT "%s", ph_buffer_get_length (&chunk), is_last ? " LAST" : "");
  ph_session_write (PH_SESSION (self), ph_buffer_get_data (&chunk), ph_buffer_get_length (&chunk));
  if (is_last)
    end_body (self);
}

void
ph_smtp_client_begin_body (PhSmtpClient *self,
                           gboolean      in_chunks)
{
  self->sending_body = TRUE;
  self->in_chunks = self->writer.in_chunks = in_chunks;
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_CLIENT_BLOCK_SECONDS);
  ph_smtp_client_send_body (self);
}

void
ph_smtp_client_send_body (PhSmtpClient *self)
{
  guint8 piece[PH_SMTP_CLIENT_PIECE];

  while (self->sending_body && ph_session_can_write (PH_SESSION (self)))
    {
      gssize length = read_piece (self, piece);

      if (length < 0)
        {
          /* Unfinished data and no end: the server throws it away. */
          ph_smtp_client_fail (self, "4.3.0", N_ ("The message could not be read from the queue"));
          return;
        }

      if (self->in_chunks)
        send_chunk (self, piece, (gsize)length);
      else
        send_data (self, piece, (gsize)length);
    }
}

/* RFC 3030 section 2: what was refused once stays so; the rest of it need not be sent. */
void
ph_smtp_client_on_chunk (PhSmtpClient      *self,
                         const PhSmtpReply *reply)
{
  if (reply->code / 100 != 2)
    ph_smtp_client_end (self, ph_smtp_client_classify_failure (reply), ph_smtp_reply_copy (reply));
}
