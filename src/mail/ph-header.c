#include "ph-header.h"

#include <string.h>

#include "ph-encoded-word.h"
#include "ph-octet.h"

/* Where a line stands: [start, end) with its line end, [start, text_end) without. */
typedef struct
{
  gsize start;
  gsize text_end;
  gsize end;
} PhLine;

static PhLine
line_at (const guint8 *data,
         gsize         length,
         gsize         start)
{
  const guint8 *lf = memchr (data + start, '\n', length - start);
  PhLine        line = { start, length, length };

  if (lf != NULL)
    {
      line.text_end = (gsize)(lf - data);
      line.end = line.text_end + 1;
      if (line.text_end > start && lf[-1] == '\r')
        line.text_end--;
    }

  return line;
}

/* Blanks before the colon are obsolete, but there (RFC 5322 4.5). */
static gboolean
parse_field_start (const guint8  *data,
                   const PhLine  *line,
                   PhHeaderField *field)
{
  gsize at = line->start;

  while (at < line->text_end && data[at] > 32 && data[at] < 127 && data[at] != ':')
    at++;
  field->offset = line->start;
  field->name_length = at - line->start;

  while (at < line->text_end && ph_octet_is_blank (data[at]))
    at++;
  field->value_offset = at + 1;
  field->value_length = line->text_end - MIN (at + 1, line->text_end);
  field->length = line->end - line->start;

  return field->name_length > 0 && at < line->text_end && data[at] == ':';
}

static void
extend_field (PhHeaderField *field,
              const PhLine  *line)
{
  field->value_length = line->text_end - field->value_offset;
  field->length = line->end - field->offset;
}

/* A field may cross the limit: then its value ends there. */
static void
limit_field (PhHeader      *self,
             PhHeaderField *field)
{
  gsize limit = MAX (PH_HEADER_SIZE_MAX, field->value_offset);

  if (field->value_offset + field->value_length <= limit)
    return;

  field->value_length = limit - field->value_offset;
  self->truncated = TRUE;
}

PhHeader *
ph_header_parse (const guint8 *data,
                 gsize         length)
{
  return ph_header_parse_until (data, length, NULL, NULL);
}

PhHeader *
ph_header_parse_until (const guint8   *data,
                       gsize           length,
                       PhHeaderEndFunc ends,
                       gpointer        user_data)
{
  PhHeader     *self = g_new0 (PhHeader, 1);
  GArray       *fields = g_array_sized_new (FALSE, FALSE, sizeof (PhHeaderField), 16);
  PhHeaderField field = { 0 };
  gboolean      in_field = FALSE, begun = FALSE;
  gsize         at = 0;

  self->data = data;

  while (at < length)
    {
      PhLine line = line_at (data, length, at);

      if (line.text_end == line.start)
        {
          at = line.end;
          break;
        }
      if (ends != NULL && ends (data + at, line.text_end - at, user_data))
        break;

      if (begun && ph_octet_is_blank (data[at]))
        {
          if (in_field)
            extend_field (&g_array_index (fields, PhHeaderField, fields->len - 1), &line);
        }
      else if (parse_field_start (data, &line, &field))
        {
          begun = TRUE;
          in_field = fields->len < PH_HEADER_FIELDS_MAX && at < PH_HEADER_SIZE_MAX;
          if (in_field)
            g_array_append_val (fields, field);
          else
            self->truncated = TRUE;
        }
      else if (at > 0 || length < 5 || memcmp (data, "From ", 5) != 0)
        break;

      at = line.end;
      self->length = at;
    }

  self->body_offset = at;
  self->n_fields = fields->len;
  self->fields = (PhHeaderField *)(gpointer)g_array_free (fields, FALSE);
  for (guint i = 0; i < self->n_fields; i++)
    limit_field (self, &self->fields[i]);

  return self;
}

void
ph_header_free (PhHeader *self)
{
  if (self == NULL)
    return;

  g_free (self->fields);
  g_free (self);
}

gboolean
ph_header_field_has_name (const PhHeader      *self,
                          const PhHeaderField *field,
                          const char          *name)
{
  return strlen (name) == field->name_length &&
         g_ascii_strncasecmp ((const char *)self->data + field->offset, name, field->name_length) == 0;
}

const PhHeaderField *
ph_header_find (const PhHeader      *self,
                const char          *name,
                const PhHeaderField *previous)
{
  const PhHeaderField *field = previous != NULL ? previous + 1 : self->fields;

  for (; self->n_fields > 0 && field < self->fields + self->n_fields; field++)
    if (ph_header_field_has_name (self, field, name))
      return field;

  return NULL;
}

char *
ph_header_dup_field_value (const PhHeader      *self,
                           const PhHeaderField *field)
{
  const guint8 *at = self->data + field->value_offset;
  const guint8 *end = at + field->value_length;
  char         *value = g_malloc (field->value_length + 1), *to = value;

  for (; at < end; at++)
    if (*at == '\r' && at + 1 < end && at[1] != '\n')
      *to++ = ' ';
    else if (*at != '\r' && *at != '\n' && *at != '\0' && (to > value || !ph_octet_is_blank (*at)))
      *to++ = (char)*at;

  while (to > value && ph_octet_is_blank ((guint8)to[-1]))
    to--;
  *to = '\0';

  return value;
}

char *
ph_header_dup_value (const PhHeader *self,
                     const char     *name)
{
  const PhHeaderField *field = ph_header_find (self, name, NULL);

  return field != NULL ? ph_header_dup_field_value (self, field) : NULL;
}

char *
ph_header_dup_text (const PhHeader *self,
                    const char     *name)
{
  const PhHeaderField *field = ph_header_find (self, name, NULL);

  if (field == NULL)
    return NULL;

  return ph_encoded_word_decode ((const char *)self->data + field->value_offset, field->value_length);
}

static gboolean
is_listed (const PhHeader      *self,
           const PhHeaderField *field,
           const char *const   *names)
{
  for (; *names != NULL; names++)
    if (ph_header_field_has_name (self, field, *names))
      return TRUE;

  return FALSE;
}

void
ph_header_append_fields (const PhHeader    *self,
                         const char *const *names,
                         gboolean           others,
                         PhBuffer          *out)
{
  for (guint i = 0; i < self->n_fields; i++)
    {
      const PhHeaderField *field = &self->fields[i];

      if (is_listed (self, field, names) == others)
        continue;

      ph_buffer_append (out, self->data + field->offset, field->length);
      if (self->data[field->offset + field->length - 1] != '\n')
        ph_buffer_append_string (out, "\r\n");
    }

  ph_buffer_append_string (out, "\r\n");
}
