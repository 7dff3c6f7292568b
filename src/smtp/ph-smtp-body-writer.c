#include "ph-smtp-body-writer.h"

static void
end_line (PhSmtpBodyWriter *self,
          PhBuffer         *out)
{
  ph_buffer_append (out, "\r\n", 2);
  self->n_written += 2;
  self->in_line = FALSE;
}

/* Text without line ends. */
static void
add_text (PhSmtpBodyWriter *self,
          PhBuffer         *out,
          const void       *data,
          gsize             length)
{
  if (!self->in_line && !self->in_chunks && *(const char *)data == '.')
    ph_buffer_append (out, ".", 1);
  ph_buffer_append (out, data, length);
  self->n_written += length;
  self->in_line = TRUE;
}

static gsize
measure_text (const guint8 *data,
              gsize         length)
{
  gsize n = 0;

  while (n < length && data[n] != '\r' && data[n] != '\n')
    n++;

  return n;
}

void
ph_smtp_body_writer_write (PhSmtpBodyWriter *self,
                           PhBuffer         *out,
                           const guint8     *data,
                           gsize             length)
{
  gsize i = 0;

  while (i < length)
    {
      gsize text;

      if (self->after_cr)
        {
          /* A bare CR becomes a blank: as a line end it could forge a header field. */
          self->after_cr = FALSE;
          if (data[i] != '\n')
            add_text (self, out, " ", 1);
          continue;
        }

      text = measure_text (data + i, length - i);
      if (text > 0)
        {
          add_text (self, out, data + i, text);
          i += text;
        }
      else if (data[i++] == '\n')
        end_line (self, out);
      else
        self->after_cr = TRUE;
    }
}

void
ph_smtp_body_writer_end (PhSmtpBodyWriter *self,
                         PhBuffer         *out)
{
  if (self->in_line || self->after_cr)
    end_line (self, out);
  if (!self->in_chunks)
    ph_buffer_append (out, ".\r\n", 3);
}
