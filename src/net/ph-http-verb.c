#include "ph-http-verb.h"

#include <string.h>

static const char *const verbs[] = {
  "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PRI", "PUT", "TRACE"
};

gboolean
ph_http_verb_is (const char *word,
                 gsize       length)
{
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strlen (verbs[i]) == length && g_ascii_strncasecmp (verbs[i], word, length) == 0)
      return TRUE;

  return FALSE;
}

gboolean
ph_http_verb_begins (const char *line,
                     gsize       length)
{
  const char *space = memchr (line, ' ', length);

  return space != NULL && ph_http_verb_is (line, (gsize)(space - line)) && g_strstr_len (space, (gssize)length - (space - line), " HTTP/") != NULL;
}
