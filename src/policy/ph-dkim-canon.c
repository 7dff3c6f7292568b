#include "ph-dkim-canon.h"

#include <string.h>

void
ph_dkim_body_begin (PhDkimBody *self,
                    PhDkimCanon canon,
                    guint64     limit)
{
  *self = (PhDkimBody){ .canon = canon, .limit = limit };
  gnutls_hash_init (&self->hash, GNUTLS_DIG_SHA256);
}

static void
hash (PhDkimBody *self,
      const void *data,
      gsize       length)
{
  if (self->length < self->limit)
    gnutls_hash (self->hash, data, (gsize)MIN (length, self->limit - self->length));
  self->length += length;
}

static void
end_line (PhDkimBody *self)
{
  /* Blanks at the end of a line do not count. */
  self->blank = FALSE;
  if (self->in_line)
    hash (self, "\r\n", 2);
  else
    self->n_empty++;
  self->in_line = FALSE;
}

/* Text without line ends and, where they are relaxed, without blanks. */
static void
add_text (PhDkimBody   *self,
          const guint8 *data,
          gsize         length)
{
  /* Empty lines count only where another line follows. */
  for (; self->n_empty > 0; self->n_empty--)
    hash (self, "\r\n", 2);
  if (self->blank)
    hash (self, " ", 1);
  hash (self, data, length);
  self->blank = FALSE;
  self->in_line = TRUE;
}

static gsize
measure_text (const PhDkimBody *self,
              const guint8     *data,
              gsize             length)
{
  gboolean simple = self->canon == PH_DKIM_SIMPLE;
  gsize    n = 0;

  while (n < length && data[n] != '\r' && data[n] != '\n' && (simple || (data[n] != ' ' && data[n] != '\t')))
    n++;

  return n;
}

/* The CR before was no line end. */
static void
add_bare_cr (PhDkimBody *self)
{
  if (self->canon == PH_DKIM_SIMPLE)
    add_text (self, (const guint8 *)"\r", 1);
  else
    self->blank = TRUE;
}

void
ph_dkim_body_feed (PhDkimBody   *self,
                   const guint8 *data,
                   gsize         length)
{
  for (gsize i = 0; i < length;)
    {
      gsize n = measure_text (self, data + i, length - i);

      if (self->after_cr && data[i] != '\n')
        add_bare_cr (self);
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
  /* Section 3.4.3: even an empty body has a line end. */
  if (self->canon == PH_DKIM_SIMPLE && self->length == 0)
    hash (self, "\r\n", 2);
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
                      PhDkimCanon          canon,
                      PhBuffer            *out)
{
  g_autofree char *name = NULL;

  if (canon == PH_DKIM_SIMPLE)
    {
      ph_buffer_append (out, header->data + field->offset, field->value_offset + field->value_length - field->offset);
    }
  else
    {
      name = g_strndup ((const char *)header->data + field->offset, field->name_length);
      ph_dkim_append_value (name, (const char *)header->data + field->value_offset, field->value_length, out);
    }
  ph_buffer_append (out, "\r\n", 2);
}
