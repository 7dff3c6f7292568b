#include "ph-mbox-field.h"

#include <string.h>

#define MARKER "X-Posthouse-Mbox:"

typedef void (*ReadFunc) (const char  *value,
                          PhMboxField *field);

static const struct
{
  char    letter;
  PhFlags flag;
} letters[] = {
  { 'R', PH_FLAG_SEEN },
  { 'A', PH_FLAG_ANSWERED },
  { 'F', PH_FLAG_FLAGGED },
  { 'D', PH_FLAG_DELETED },
  { 'T', PH_FLAG_DRAFT },
};

static void
read_letters (const char  *value,
              PhMboxField *field)
{
  for (guint i = 0; i < G_N_ELEMENTS (letters); i++)
    if (strchr (value, letters[i].letter) != NULL)
      field->flags |= letters[i].flag;
}

static void
read_keywords (const char  *value,
               PhMboxField *field)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) words = g_strsplit (value, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_strv_builder_add (builder, words[i]);
  field->keywords = g_strv_builder_end (builder);
}

static void
read_length (const char  *value,
             PhMboxField *field)
{
  guint64 length;

  if (g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &length, NULL))
    field->content_length = (gint64)length;
}

static const struct
{
  const char *name;
  ReadFunc    read; /* or NULL: it is only left out */
} fields[] = {
  { "Status:", read_letters },
  { "X-Status:", read_letters },
  { "X-Keywords:", read_keywords },
  { "X-UID:", NULL },
  { "X-IMAP:", NULL },
  { "X-IMAPbase:", NULL },
  { "Content-Length:", read_length },
};

static gboolean
has_name (const guint8 *line,
          gsize         length,
          const char   *name)
{
  return length >= strlen (name) && g_ascii_strncasecmp ((const char *)line, name, strlen (name)) == 0;
}

static char *
dup_value (const guint8 *line,
           gsize         length,
           const char   *name)
{
  g_autofree char *text = g_strndup ((const char *)line + strlen (name), length - strlen (name));

  return g_utf8_make_valid (g_strstrip (text), -1);
}

gboolean
ph_mbox_field_read (const guint8 *line,
                    gsize         length,
                    PhMboxField  *field)
{
  *field = (PhMboxField){ .content_length = -1 };
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (has_name (line, length, fields[i].name))
      {
        g_autofree char *value = dup_value (line, length, fields[i].name);

        if (fields[i].read != NULL)
          fields[i].read (value, field);
        return TRUE;
      }

  return FALSE;
}

gboolean
ph_mbox_field_read_marker (const guint8 *line,
                           gsize         length,
                           guint        *n_fields,
                           gboolean     *open)
{
  g_autofree char *value = NULL;
  char            *rest;

  if (!has_name (line, length, MARKER))
    return FALSE;

  value = dup_value (line, length, MARKER);
  *n_fields = (guint)MIN (g_ascii_strtoull (value, &rest, 10), G_N_ELEMENTS (fields));
  *open = strcmp (rest, " open") == 0;

  return rest != value;
}

char *
ph_mbox_field_format (PhFlags            flags,
                      const char *const *keywords,
                      gboolean           open)
{
  GString         *text = g_string_new (NULL);
  g_autofree char *words = keywords != NULL && *keywords != NULL ? g_strjoinv (" ", (char **)keywords) : NULL;

  g_string_append_printf (text, MARKER " %u%s\n", words != NULL ? 3u : 2u, open ? " open" : "");
  g_string_append (text, (flags & PH_FLAG_SEEN) != 0 ? "Status: RO\nX-Status: " : "Status: O\nX-Status: ");
  for (guint i = 1; i < G_N_ELEMENTS (letters); i++)
    if ((flags & letters[i].flag) != 0)
      g_string_append_c (text, letters[i].letter);
  g_string_append_c (text, '\n');
  if (words != NULL)
    g_string_append_printf (text, "X-Keywords: %s\n", words);

  return g_string_free (text, FALSE);
}
