#include "ph-tag-list.h"

#include <string.h>

/* Section 3.5 of RFC 6376: up to 76 digits; nothing of ours is as large as 18. */
#define DIGITS_MAX 76
#define DIGITS_USED 18

#define BLANKS " \t\r\n"

struct _PhTagList
{
  GPtrArray *tags;
};

static void
tag_free (gpointer data)
{
  PhTag *tag = data;

  g_free (tag->name);
  g_free (tag->value);
  g_free (tag);
}

void
ph_tag_list_free (PhTagList *self)
{
  g_ptr_array_unref (self->tags);
  g_free (self);
}

/* Without blanks at both ends. */
static char *
dup_trimmed (const char *text,
             gsize       length)
{
  while (length > 0 && strchr (BLANKS, *text) != NULL && *text != '\0')
    {
      text++;
      length--;
    }
  while (length > 0 && strchr (BLANKS, text[length - 1]) != NULL && text[length - 1] != '\0')
    length--;

  return g_strndup (text, length);
}

static gboolean
is_name (const char *text)
{
  return g_ascii_isalpha (*text) && strspn (text, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_") == strlen (text);
}

/* No controls but the blanks of a folded line; 8-bit as in RFC 8616. */
static gboolean
is_value (const char *text,
          gsize       length)
{
  for (gsize i = 0; i < length; i++)
    if ((guchar)text[i] < 0x20 ? text[i] == '\0' || strchr (BLANKS, text[i]) == NULL : text[i] == 0x7f)
      return FALSE;

  return TRUE;
}

static gboolean
take_tag (PhTagList  *self,
          const char *text,
          gsize       start,
          gsize       length)
{
  const char      *equals = memchr (text + start, '=', length);
  gsize            offset = equals != NULL ? (gsize)(equals + 1 - text) : 0;
  g_autofree char *name = equals != NULL ? dup_trimmed (text + start, offset - 1 - start) : NULL;
  PhTag           *tag;

  if (name == NULL || !is_name (name) || ph_tag_list_find (self, name) != NULL || self->tags->len == PH_TAG_LIST_MAX)
    return FALSE;
  if (!is_value (text + offset, start + length - offset))
    return FALSE;

  tag = g_new0 (PhTag, 1);
  tag->name = g_steal_pointer (&name);
  tag->offset = offset;
  tag->length = start + length - offset;
  tag->value = dup_trimmed (text + tag->offset, tag->length);
  g_ptr_array_add (self->tags, tag);

  return TRUE;
}

PhTagList *
ph_tag_list_parse (const char *text,
                   gsize       length,
                   gboolean    lenient)
{
  g_autoptr (PhTagList) self = g_new0 (PhTagList, 1);

  self->tags = g_ptr_array_new_with_free_func (tag_free);
  for (gsize start = 0; start <= length;)
    {
      const char      *semicolon = memchr (text + start, ';', length - start);
      gsize            end = semicolon != NULL ? (gsize)(semicolon - text) : length;
      g_autofree char *rest = semicolon == NULL ? dup_trimmed (text + start, end - start) : NULL;

      /* A semicolon may stand at the end. */
      if (rest != NULL && *rest == '\0' && end == length && (self->tags->len > 0 || lenient))
        break;
      if (!take_tag (self, text, start, end - start) && !lenient)
        return NULL;
      start = end + 1;
    }

  return g_steal_pointer (&self);
}

const PhTag *
ph_tag_list_find (const PhTagList *self,
                  const char      *name)
{
  for (guint i = 0; i < self->tags->len; i++)
    {
      const PhTag *tag = self->tags->pdata[i];

      if (strcmp (tag->name, name) == 0)
        return tag;
    }

  return NULL;
}

const char *
ph_tag_list_get (const PhTagList *self,
                 const char      *name)
{
  const PhTag *tag = ph_tag_list_find (self, name);

  return tag != NULL ? tag->value : NULL;
}

const PhTag *
ph_tag_list_get_first (const PhTagList *self)
{
  return self->tags->len > 0 ? self->tags->pdata[0] : NULL;
}

static char *
dup_without_blanks (const char *text)
{
  GString *out = g_string_new (NULL);

  for (; *text != '\0'; text++)
    if (strchr (BLANKS, *text) == NULL)
      g_string_append_c (out, *text);

  return g_string_free (out, FALSE);
}

GStrv
ph_tag_split (const char *value)
{
  g_autofree char *dense = dup_without_blanks (value);

  return g_strsplit (dense, ":", -1);
}

GBytes *
ph_tag_decode (const char *value)
{
  g_autofree char *dense = dup_without_blanks (value);
  gsize            length = strlen (dense), padding = 0, decoded;
  guchar          *data;

  while (padding < length && padding < 2 && dense[length - padding - 1] == '=')
    padding++;
  if (length == 0 || length % 4 != 0 || strspn (dense, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "+/") != length - padding)
    return NULL;

  data = g_base64_decode (dense, &decoded);

  return g_bytes_new_take (data, decoded);
}

gboolean
ph_tag_parse_number (const char *value,
                     guint64    *number)
{
  gsize length = strlen (value);

  if (length == 0 || length > DIGITS_MAX || strspn (value, G_CSET_DIGITS) != length)
    return FALSE;

  *number = length > DIGITS_USED ? G_MAXINT64 : g_ascii_strtoull (value, NULL, 10);

  return TRUE;
}
