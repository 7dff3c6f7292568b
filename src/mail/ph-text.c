#include "ph-text.h"

#include "ph-charset.h"
#include "ph-transfer-encoding.h"

#include <string.h>

struct _PhTextPattern
{
  char *folded;
  gsize length;
};

static gboolean
is_ascii (const char *text,
          gsize       length)
{
  for (gsize i = 0; i < length; i++)
    if ((guchar)text[i] >= 0x80)
      return FALSE;

  return TRUE;
}

char *
ph_text_fold (const char *utf8,
              gsize       length)
{
  g_autofree char *valid = NULL;
  g_autofree char *normal = NULL;

  if (is_ascii (utf8, length))
    return g_ascii_strdown (utf8, (gssize)length);

  valid = g_utf8_make_valid (utf8, (gssize)length);
  normal = g_utf8_normalize (valid, -1, G_NORMALIZE_ALL_COMPOSE);

  return g_utf8_casefold (normal, -1);
}

PhTextPattern *
ph_text_pattern_new (const char *utf8)
{
  PhTextPattern *self = g_new0 (PhTextPattern, 1);

  self->folded = ph_text_fold (utf8, strlen (utf8));
  self->length = strlen (self->folded);

  return self;
}

void
ph_text_pattern_free (PhTextPattern *self)
{
  g_free (self->folded);
  g_free (self);
}

gboolean
ph_text_pattern_matches (const PhTextPattern *self,
                         const char          *text,
                         gsize                length)
{
  g_autofree char *folded = NULL;

  if (self->length == 0)
    return TRUE;

  folded = ph_text_fold (text, length);

  return memmem (folded, strlen (folded), self->folded, self->length) != NULL;
}

char *
ph_text_decode_part (const PhMimePart *part,
                     const guint8     *data)
{
  g_auto (PhBuffer) decoded = { 0 };

  if (!ph_mime_part_is (part, "text", NULL))
    return g_strdup ("");

  ph_transfer_decode (ph_transfer_encoding_from_name (part->encoding), data + part->body_offset, MIN (part->body_length, PH_TEXT_PART_MAX), &decoded);

  return ph_charset_to_utf8 (ph_parameter_list_get (part->content_type, "charset"),
                             ph_buffer_get_length (&decoded) > 0 ? ph_buffer_get_data (&decoded) : (const guint8 *)"", ph_buffer_get_length (&decoded));
}
