#include "ph-text.h"

#include <string.h>

#include "ph-charset.h"
#include "ph-transfer-encoding.h"

struct _PhTextPattern
{
  char    *folded;
  gsize    length;
  gboolean is_ascii;
};

static gboolean
is_ascii (const char *text,
          gsize       length)
{
  guint8 seen = 0;

  for (gsize i = 0; i < length; i++)
    seen |= (guint8)text[i];

  return seen < 128;
}

char *
ph_text_fold (const char *utf8,
              gsize       length)
{
  g_autofree char *valid = NULL, *normalized = NULL, *folded = NULL;

  if (is_ascii (utf8, length))
    return g_ascii_strdown (utf8, (gssize)length);

  valid = g_utf8_make_valid (utf8, (gssize)length);
  normalized = g_utf8_normalize (valid, -1, G_NORMALIZE_ALL_COMPOSE);
  folded = g_utf8_casefold (normalized, -1);

  /* Folding can undo the composition. */
  return g_utf8_normalize (folded, -1, G_NORMALIZE_ALL_COMPOSE);
}

PhTextPattern *
ph_text_pattern_new (const char *utf8)
{
  PhTextPattern *self = g_new0 (PhTextPattern, 1);

  self->folded = ph_text_fold (utf8, strlen (utf8));
  self->length = strlen (self->folded);
  self->is_ascii = is_ascii (self->folded, self->length);

  return self;
}

void
ph_text_pattern_free (PhTextPattern *self)
{
  if (self == NULL)
    return;

  g_free (self->folded);
  g_free (self);
}

/* Without a copy.  In the worst case each place is tried to its end, but patterns
 * are as short as a command argument. */
static gboolean
contains_ascii (const PhTextPattern *self,
                const char          *text,
                gsize                length)
{
  g_autofree char *folded = NULL;
  gsize            at = 0;

  if (self->length > 64)
    {
      folded = g_ascii_strdown (text, (gssize)length);
      return memmem (folded, length, self->folded, self->length) != NULL;
    }

  for (; at + self->length <= length; at++)
    {
      gsize i = 0;

      while (i < self->length && g_ascii_tolower (text[at + i]) == self->folded[i])
        i++;
      if (i == self->length)
        return TRUE;
    }

  return FALSE;
}

gboolean
ph_text_pattern_matches (const PhTextPattern *self,
                         const char          *text,
                         gsize                length)
{
  g_autofree char *folded = NULL;

  if (self->length == 0)
    return TRUE;

  if (self->is_ascii && contains_ascii (self, text, length))
    return TRUE;
  if (is_ascii (text, length))
    return FALSE;

  folded = ph_text_fold (text, length);

  return strstr (folded, self->folded) != NULL;
}

char *
ph_text_decode_part (const PhMimePart *part,
                     const guint8     *data)
{
  g_auto (PhBuffer) decoded = { 0 };
  gsize length = MIN (part->body_length, PH_TEXT_PART_MAX);

  if (!ph_mime_part_is (part, "text", NULL))
    return g_strdup ("");

  ph_transfer_decode (ph_transfer_encoding_from_name (part->encoding), data + part->body_offset, length, &decoded);
  if (ph_buffer_get_length (&decoded) == 0)
    return g_strdup ("");

  return ph_charset_to_utf8 (ph_parameter_list_get (part->content_type, "charset"), ph_buffer_get_data (&decoded),
                             ph_buffer_get_length (&decoded));
}
