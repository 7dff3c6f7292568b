#include "ph-auth-result.h"

#include <string.h>

/* Up to a semicolon, which is passed, without comments and blanks at the start; quoted strings stay as they are. */
static char *
take_section (const char **at)
{
  GString *text = g_string_new (NULL);
  guint    depth = 0;
  gboolean quoted = FALSE;

  for (; **at != '\0' && (quoted || depth > 0 || **at != ';'); (*at)++)
    {
      const char *start = *at;

      if (*start == '\\' && start[1] != '\0' && (quoted || depth > 0))
        (*at)++;
      else if (*start == '"' && depth == 0)
        quoted = !quoted;
      else if (*start == '(' && !quoted)
        depth++;
      else if (*start == ')' && depth > 0 && --depth == 0)
        start = " ";

      if (depth == 0 && text->len < PH_AUTH_RESULT_LENGTH_MAX && (text->len > 0 || !g_ascii_isspace (*start)))
        g_string_append_len (text, start, *start == '\\' && quoted ? 2 : 1);
    }
  *at += **at == ';';

  return g_string_free (text, FALSE);
}

/* A quoted string, or what there is up to a blank or one of `ends`; never NULL. */
static char *
take_word (const char **at,
           const char  *ends)
{
  GString *word = g_string_new (NULL);

  while (g_ascii_isspace (**at))
    (*at)++;
  if (**at != '"')
    {
      for (; **at != '\0' && !g_ascii_isspace (**at) && strchr (ends, **at) == NULL; (*at)++)
        g_string_append_c (word, **at);
      return g_string_free (word, FALSE);
    }

  for ((*at)++; **at != '\0' && **at != '"'; (*at)++)
    {
      *at += **at == '\\' && (*at)[1] != '\0';
      g_string_append_c (word, **at);
    }
  *at += **at == '"';

  return g_string_free (word, FALSE);
}

/* "name = value"; FALSE where the rest is none. */
static gboolean
take_pair (const char **at,
           char       **name,
           char       **value)
{
  *name = take_word (at, "=");
  while (g_ascii_isspace (**at))
    (*at)++;
  if (**at != '=')
    return FALSE;

  (*at)++;
  *value = take_word (at, "");

  return TRUE;
}

static PhAuthResult *
parse_result (const char *section)
{
  g_autoptr (PhAuthResult) self = g_new0 (PhAuthResult, 1);
  g_autofree char *method = NULL;
  g_autofree char *result = NULL;

  if (!take_pair (&section, &method, &result) || *method == '\0' || *result == '\0')
    return NULL;

  method[strcspn (method, "/ ")] = '\0';
  self->method = g_ascii_strdown (method, -1);
  self->result = g_ascii_strdown (result, -1);
  while (self->subject == NULL && *section != '\0')
    {
      g_autofree char *name = NULL;
      g_autofree char *value = NULL;

      if (take_pair (&section, &name, &value) && strchr (name, '.') != NULL && *value != '\0')
        self->subject = g_steal_pointer (&value);
    }

  return g_steal_pointer (&self);
}

/* *value moves past its name. */
static gboolean
take_name (const char **value,
           const char  *authserv)
{
  g_autofree char *first = take_section (value);
  const char      *at = first;
  g_autofree char *by = take_word (&at, "/");

  return g_ascii_strcasecmp (by, authserv) == 0;
}

gboolean
ph_auth_result_is_by (const char *value,
                      const char *authserv)
{
  return take_name (&value, authserv);
}

void
ph_auth_result_parse_field (const char *value,
                            const char *authserv,
                            GPtrArray  *results)
{
  if (!take_name (&value, authserv))
    return;

  while (*value != '\0' && results->len < PH_AUTH_RESULTS_MAX)
    {
      g_autofree char *section = take_section (&value);
      PhAuthResult    *result = parse_result (section);

      if (result != NULL)
        g_ptr_array_add (results, result);
    }
}

void
ph_auth_result_free (PhAuthResult *self)
{
  if (self == NULL)
    return;

  g_free (self->method);
  g_free (self->result);
  g_free (self->subject);
  g_free (self);
}
