#include "ph-mail-query.h"

#include <string.h>

/* The next word, with quotes taken off; *text moves past it.  NULL at the end. */
static char *
next_word (const char **text)
{
  const char *at = *text;
  GString    *word;
  gboolean    quoted = FALSE;

  while (g_ascii_isspace (*at))
    at++;
  if (*at == '\0')
    return NULL;

  word = g_string_new (NULL);
  for (; *at != '\0' && (quoted || !g_ascii_isspace (*at)); at++)
    {
      if (*at == '"')
        quoted = !quoted;
      else
        g_string_append_c (word, *at);
    }
  *text = at;

  return g_string_free (word, FALSE);
}

static PhSearchKey *
make_text (PhSearchOp  op,
           const char *text)
{
  PhSearchKey *key = ph_search_key_new (op);

  key->text = g_strdup (text);

  return key;
}

static PhSearchKey *
make_not (PhSearchKey *child)
{
  PhSearchKey *key = ph_search_key_new (PH_SEARCH_NOT);

  g_ptr_array_add (key->children, child);

  return key;
}

static PhSearchKey *
make_header (const char *value,
             guint       op,
             const char *field)
{
  PhSearchKey *key = make_text (PH_SEARCH_HEADER, value);

  key->name = g_strdup (field);

  return key;
}

static PhSearchKey *
make_body (const char *value,
           guint       op,
           const char *unused)
{
  return make_text (PH_SEARCH_BODY, value);
}

static PhSearchKey *
make_flags (const char *value,
            guint       op,
            const char *unused)
{
  static const struct
  {
    const char *name;
    PhFlags     flag;
    gboolean    is_set;
  } states[] = {
    { "unread", PH_FLAG_SEEN, FALSE },
    { "unseen", PH_FLAG_SEEN, FALSE },
    { "read", PH_FLAG_SEEN, TRUE },
    { "seen", PH_FLAG_SEEN, TRUE },
    { "flagged", PH_FLAG_FLAGGED, TRUE },
    { "answered", PH_FLAG_ANSWERED, TRUE },
    { "draft", PH_FLAG_DRAFT, TRUE },
    { "deleted", PH_FLAG_DELETED, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_ascii_strcasecmp (states[i].name, value) == 0)
      {
        PhSearchKey *key = ph_search_key_new (PH_SEARCH_FLAGS);

        key->flags = states[i].flag;

        return states[i].is_set ? key : make_not (key);
      }

  return NULL;
}

static PhSearchKey *
make_size (const char *value,
           guint       op,
           const char *unused)
{
  char        *end;
  guint64      number = g_ascii_strtoull (value, &end, 10);
  PhSearchKey *key;

  if (end == value || number > G_MAXUINT32)
    return NULL;
  if (g_ascii_tolower (*end) == 'k')
    number *= 1024;
  else if (g_ascii_tolower (*end) == 'm')
    number *= 1024 * 1024;
  else if (*end != '\0')
    return NULL;

  key = ph_search_key_new ((PhSearchOp)op);
  key->number = number;

  return key;
}

static PhSearchKey *
make_day (const char *value,
          guint       op,
          const char *unused)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autofree char *text = g_strdup_printf ("%sT00:00:00Z", value);
  g_autoptr (GDateTime) day = strlen (value) == strlen ("2026-11-01") ? g_date_time_new_from_iso8601 (text, utc) : NULL;
  PhSearchKey *key;

  if (day == NULL)
    return NULL;

  key = ph_search_key_new ((PhSearchOp)op);
  key->day = (gint32)(g_date_time_to_unix (day) / (24 * 60 * 60));

  return key;
}

static const struct
{
  const char *prefix;
  PhSearchKey *(*make) (const char *value,
                        guint       op,
                        const char *field); /* NULL: not this */
  guint       op;
  const char *field;
} prefixes[] = {
  { "from:", make_header, 0, "From" },
  { "to:", make_header, 0, "To" },
  { "cc:", make_header, 0, "Cc" },
  { "subject:", make_header, 0, "Subject" },
  { "body:", make_body, 0, NULL },
  { "is:", make_flags, 0, NULL },
  { "larger:", make_size, PH_SEARCH_LARGER, NULL },
  { "smaller:", make_size, PH_SEARCH_SMALLER, NULL },
  { "since:", make_day, PH_SEARCH_SINCE, NULL },
  { "before:", make_day, PH_SEARCH_BEFORE, NULL },
  { "on:", make_day, PH_SEARCH_ON, NULL },
};

static PhSearchKey *
make_word (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      gsize        length = strlen (prefixes[i].prefix);
      PhSearchKey *key;

      if (g_ascii_strncasecmp (word, prefixes[i].prefix, length) != 0 || word[length] == '\0')
        continue;
      key = prefixes[i].make (word + length, prefixes[i].op, prefixes[i].field);
      if (key != NULL)
        return key;
    }

  return make_text (PH_SEARCH_TEXT, word);
}

PhSearchKey *
ph_mail_query_parse (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  const char      *at = valid;
  PhSearchKey     *all = ph_search_key_new (PH_SEARCH_AND);
  char            *word;

  while (all->children->len < PH_MAIL_QUERY_WORDS_MAX && (word = next_word (&at)) != NULL)
    {
      gboolean is_not = word[0] == '-' && word[1] != '\0';

      if (*word != '\0')
        g_ptr_array_add (all->children, is_not ? make_not (make_word (word + 1)) : make_word (word));
      g_free (word);
    }

  if (all->children->len == 0)
    g_clear_pointer (&all, ph_search_key_free);

  return all;
}
