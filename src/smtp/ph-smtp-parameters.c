#include "ph-smtp-parameters.h"

#include <string.h>

static gboolean
is_value (const char *value,
          gsize       length)
{
  for (gsize i = 0; i < length; i++)
    if ((guchar)value[i] <= 0x20 || value[i] == '=' || value[i] == 0x7f)
      return FALSE;

  return length > 0;
}

static gboolean
is_keyword (const char *keyword,
            gsize       length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (keyword[i]) && (keyword[i] != '-' || i == 0))
      return FALSE;

  return length > 0;
}

static PhSmtpReply *
parse_one (const PhSmtpParameter *table,
           gsize                  n_rows,
           const char            *text,
           gsize                  length,
           guint32               *seen,
           gpointer               target)
{
  const char *equals = memchr (text, '=', length);
  gsize       keyword_length = equals != NULL ? (gsize)(equals - text) : length;
  const char *value = equals != NULL ? equals + 1 : "";
  gsize       value_length = equals != NULL ? length - keyword_length - 1 : 0;

  if (!is_keyword (text, keyword_length) || (equals != NULL && !is_value (value, value_length)))
    return ph_smtp_reply_new (501, "5.5.4", "Malformed parameter");

  for (gsize i = 0; i < n_rows; i++)
    {
      if (strlen (table[i].keyword) != keyword_length || g_ascii_strncasecmp (table[i].keyword, text, keyword_length) != 0)
        continue;
      if (*seen & (1u << i))
        return ph_smtp_reply_new (501, "5.5.4", "%s was given twice", table[i].keyword);
      *seen |= 1u << i;
      if (table[i].has_value != (equals != NULL))
        return ph_smtp_reply_new (501, "5.5.4", table[i].has_value ? "%s needs a value" : "%s takes no value", table[i].keyword);
      return table[i].apply (target, value, value_length);
    }

  return ph_smtp_reply_new (555, "5.5.4", "Unknown parameter");
}

PhSmtpReply *
ph_smtp_parameters_parse (const PhSmtpParameter *table,
                          gsize                  n_rows,
                          const char            *text,
                          gsize                  length,
                          gpointer               target)
{
  guint32 seen = 0;
  gsize   at = 0;

  if (length > 0 && text[0] != ' ')
    return ph_smtp_reply_new (501, "5.5.2", "A blank must follow the address");

  while (at < length)
    {
      PhSmtpReply *refusal;
      gsize        start;

      while (at < length && text[at] == ' ')
        at++;
      start = at;
      while (at < length && text[at] != ' ')
        at++;
      if (at == start)
        break;

      refusal = parse_one (table, n_rows, text + start, at - start, &seen, target);
      if (refusal != NULL)
        return refusal;
    }

  return NULL;
}
