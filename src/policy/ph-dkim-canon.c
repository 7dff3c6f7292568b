#include "ph-dkim-canon.h"

#include <string.h>

void
ph_dkim_body_begin (PhDkimBody *self)
{
  *self = (PhDkimBody){ 0 };
  gnutls_hash_init (&self->hash, GNUTLS_DIG_SHA256);
}

static void
end_line (PhDkimBody *self)
{
  /* Blanks at the end of a line do not count. */
  self->blank = FALSE;
  if (self->in_line)
    gnutls_hash (self->hash, "\r\n", 2);
  else
    self->n_empty++;
  self->in_line = FALSE;
}

/* Text without blanks and line ends. */
static void
add_text (PhDkimBody   *self,
          const guint8 *data,
          gsize         length)
{
  /* Empty lines count only where another line follows. */
  for (; self->n_empty > 0; self->n_empty--)
    gnutls_hash (self->hash, "\r\n", 2);
  if (self->blank)
    gnutls_hash (self->hash, " ", 1);
  gnutls_hash (self->hash, data, length);
  self->blank = FALSE;
  self->in_line = TRUE;
}

static gsize
measure_text (const guint8 *data,
              gsize         length)
{
  gsize n = 0;

  while (n < length && data[n] != ' ' && data[n] != '\t' && data[n] != '\r' && data[n] != '\n')
    n++;

  return n;
}

void
ph_dkim_body_feed (PhDkimBody   *self,
                   const guint8 *data,
                   gsize         length)
{
  for (gsize i = 0; i < length;)
    {
      gsize n = measure_text (data + i, length - i);

      if (self->after_cr && data[i] != '\n')
        self->blank = TRUE;
      self->after_cr = FALSE;

      if (n > 0)
        {
          add_text (self, data + i, n);
          i += n;
          continue;
        }
      if (data[i] == '\n')
        end_line (self);
      else if (data[i] == '\r')
        self->after_cr = TRUE;
      else
        self->blank = TRUE;
      i++;
    }
}

void
ph_dkim_body_end (PhDkimBody *self,
                  guint8      digest[PH_DKIM_HASH_SIZE])
{
  if (self->in_line)
    end_line (self);
  gnutls_hash_deinit (self->hash, digest);
}

void
ph_dkim_append_value (const char *name,
                      const char *value,
                      gsize       length,
                      PhBuffer   *out)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  gboolean         blank = FALSE, begun = FALSE;

  ph_buffer_append_printf (out, "%s:", lower);
  for (gsize i = 0; i < length; i++)
    {
      if (strchr (" \t\r\n", value[i]) != NULL && value[i] != '\0')
        {
          blank = TRUE;
          continue;
        }
      if (blank && begun)
        ph_buffer_append (out, " ", 1);
      ph_buffer_append (out, value + i, 1);
      blank = FALSE;
      begun = TRUE;
    }
}

void
ph_dkim_append_field (const PhHeader      *header,
                      const PhHeaderField *field,
                      PhBuffer            *out)
{
  g_autofree char *name = g_strndup ((const char *)header->data + field->offset, field->name_length);

  ph_dkim_append_value (name, (const char *)header->data + field->value_offset, field->value_length, out);
  ph_buffer_append (out, "\r\n", 2);
}
