#include "ph-parameter.h"

#include <string.h>

#include "ph-charset.h"
#include "ph-encoded-word.h"
#include "ph-octet.h"

typedef struct
{
  const guint8 *at;
  const guint8 *end;
} PhCursor;

static void
skip_space (PhCursor *cursor)
{
  while (cursor->at < cursor->end)
    if (*cursor->at == '(')
      cursor->at = ph_octet_skip_comment (cursor->at, cursor->end);
    else if (ph_octet_is_space (*cursor->at) || *cursor->at == '\0')
      cursor->at++;
    else
      break;
}

/* Up to a blank, a NUL or one of `stops`; maybe "". */
static char *
take_until (PhCursor   *cursor,
            const char *stops)
{
  const guint8 *start = cursor->at;

  while (cursor->at < cursor->end && !ph_octet_is_space (*cursor->at) && strchr (stops, *cursor->at) == NULL)
    cursor->at++;

  return g_strndup ((const char *)start, (gsize)(cursor->at - start));
}

static char *
take_quoted (PhCursor *cursor)
{
  GString *value = g_string_new (NULL);

  for (cursor->at++; cursor->at < cursor->end && *cursor->at != '"'; cursor->at++)
    {
      if (*cursor->at == '\\' && cursor->at + 1 < cursor->end)
        cursor->at++;
      if (*cursor->at != '\0' && *cursor->at != '\r' && *cursor->at != '\n')
        g_string_append_c (value, (char)*cursor->at);
    }
  if (cursor->at < cursor->end)
    cursor->at++;

  return g_string_free (value, FALSE);
}

static gboolean
take (PhCursor *cursor,
      guint8    c)
{
  if (cursor->at == cursor->end || *cursor->at != c)
    return FALSE;

  cursor->at++;
  return TRUE;
}

static void
parse_parameter (PhCursor *cursor,
                 GArray   *parameters)
{
  PhParameter parameter;

  parameter.name = take_until (cursor, "=;(");
  skip_space (cursor);
  if (!take (cursor, '=') || parameter.name[0] == '\0')
    {
      g_free (parameter.name);
      return;
    }

  skip_space (cursor);
  if (cursor->at < cursor->end && *cursor->at == '"')
    parameter.value = take_quoted (cursor);
  else
    parameter.value = take_until (cursor, ";");
  g_array_append_val (parameters, parameter);
}

PhParameterList *
ph_parameter_list_parse (const guint8 *data,
                         gsize         length)
{
  PhParameterList *self = g_new0 (PhParameterList, 1);
  PhCursor         cursor = { data, data + length };
  GArray          *parameters = g_array_new (FALSE, FALSE, sizeof (PhParameter));

  skip_space (&cursor);
  self->type = take_until (&cursor, "/;(=");
  skip_space (&cursor);
  if (take (&cursor, '/'))
    {
      skip_space (&cursor);
      self->subtype = take_until (&cursor, ";(");
    }

  while (cursor.at < cursor.end && parameters->len < PH_PARAMETERS_MAX)
    {
      const guint8 *semicolon = memchr (cursor.at, ';', (gsize)(cursor.end - cursor.at));

      if (semicolon == NULL)
        break;
      cursor.at = semicolon + 1;
      skip_space (&cursor);
      parse_parameter (&cursor, parameters);
    }

  self->n_parameters = parameters->len;
  self->parameters = (PhParameter *)(gpointer)g_array_free (parameters, FALSE);

  return self;
}

void
ph_parameter_list_free (PhParameterList *self)
{
  if (self == NULL)
    return;

  for (guint i = 0; i < self->n_parameters; i++)
    {
      g_free (self->parameters[i].name);
      g_free (self->parameters[i].value);
    }
  g_free (self->parameters);
  g_free (self->type);
  g_free (self->subtype);
  g_free (self);
}

const char *
ph_parameter_list_get (const PhParameterList *self,
                       const char            *name)
{
  for (guint i = 0; i < self->n_parameters; i++)
    if (g_ascii_strcasecmp (self->parameters[i].name, name) == 0)
      return self->parameters[i].value;

  return NULL;
}

/* --- RFC 2231 --- */

typedef struct
{
  guint       index; /* of "name*INDEX*"; 0 of "name*" */
  gboolean    extended;
  const char *value;
} PhSection;

/* What follows the name: "*", "*0", "*0*".  FALSE if it is another parameter. */
static gboolean
parse_section (const char *suffix,
               PhSection  *section)
{
  gsize digits;

  if (*suffix++ != '*')
    return FALSE;

  digits = strspn (suffix, "0123456789");
  section->index = 0;
  for (gsize i = 0; i < digits && i < 5; i++)
    section->index = section->index * 10 + (guint)(suffix[i] - '0');
  section->extended = digits == 0 || suffix[digits] == '*';

  return digits <= 4 && (digits == 0 ? suffix[0] == '\0' : strcmp (suffix + digits, section->extended ? "*" : "") == 0);
}

static gint
compare_sections (gconstpointer a,
                  gconstpointer b)
{
  const PhSection *first = a, *second = b;

  return first->index < second->index ? -1 : first->index > second->index;
}

static void
append_percent_decoded (GString    *out,
                        const char *text)
{
  for (; *text != '\0'; text++)
    if (*text == '%' && g_ascii_isxdigit (text[1]) && g_ascii_isxdigit (text[2]))
      {
        g_string_append_c (out, (char)(g_ascii_xdigit_value (text[1]) << 4 | g_ascii_xdigit_value (text[2])));
        text += 2;
      }
    else
      g_string_append_c (out, *text);
}

static char *
join_sections (const GArray *sections)
{
  g_autoptr (GString) octets = g_string_new (NULL);
  g_autofree char *charset = NULL;
  char            *utf8;

  for (guint i = 0, expected = 0; i < sections->len && octets->len < PH_PARAMETER_DECODED_MAX; i++)
    {
      const PhSection *section = &g_array_index (sections, PhSection, i);
      const char      *text = section->value, *quote;

      if (section->index + 1 == expected) /* said twice: the first counts */
        continue;
      if (section->index != expected++)
        break;

      /* charset'language'text */
      if (section->extended && section->index == 0 && (quote = strchr (text, '\'')) != NULL && strchr (quote + 1, '\'') != NULL)
        {
          charset = g_strndup (text, (gsize)(quote - text));
          text = strchr (quote + 1, '\'') + 1;
        }
      if (section->extended)
        append_percent_decoded (octets, text);
      else
        g_string_append (octets, text);
    }

  g_string_truncate (octets, MIN (octets->len, PH_PARAMETER_DECODED_MAX));
  utf8 = ph_charset_to_utf8 (charset, (const guint8 *)octets->str, octets->len);
  for (char *p = utf8; *p != '\0'; p++)
    if ((guint8)*p < 32 || *p == 127)
      *p = ' ';

  return utf8;
}

char *
ph_parameter_list_dup_decoded (const PhParameterList *self,
                               const char            *name)
{
  g_autoptr (GArray) sections = g_array_new (FALSE, FALSE, sizeof (PhSection));
  gsize       length = strlen (name);
  const char *plain;

  for (guint i = 0; i < self->n_parameters; i++)
    {
      PhSection section;

      if (g_ascii_strncasecmp (self->parameters[i].name, name, length) == 0 && parse_section (self->parameters[i].name + length, &section))
        {
          section.value = self->parameters[i].value;
          g_array_append_val (sections, section);
        }
    }

  if (sections->len > 0)
    {
      g_array_sort (sections, compare_sections);
      if (g_array_index (sections, PhSection, 0).index == 0)
        return join_sections (sections);
    }

  plain = ph_parameter_list_get (self, name);

  return plain != NULL ? ph_encoded_word_decode (plain, strlen (plain)) : NULL;
}
