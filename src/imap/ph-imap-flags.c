#include "ph-imap-flags.h"

#include <string.h>

static const struct
{
  PhFlags     flag;
  const char *name;
} system_flags[] = {
  { PH_FLAG_ANSWERED, "\\Answered" },
  { PH_FLAG_FLAGGED, "\\Flagged" },
  { PH_FLAG_DELETED, "\\Deleted" },
  { PH_FLAG_SEEN, "\\Seen" },
  { PH_FLAG_DRAFT, "\\Draft" },
};

void
ph_imap_flags_clear (PhImapFlags *self)
{
  g_clear_pointer (&self->keywords, g_ptr_array_unref);
}

static gboolean
take_system_flag (PhImapParser *parser,
                  PhImapFlags  *flags)
{
  g_autofree char *name = NULL;

  if (!ph_imap_parser_take_atom (parser, &name))
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (system_flags); i++)
    if (g_ascii_strcasecmp (name, system_flags[i].name + 1) == 0)
      {
        flags->system |= system_flags[i].flag;
        return TRUE;
      }

  return ph_imap_parser_fail (parser, "No such system flag, or not for clients to set");
}

static gboolean
take_keyword (PhImapParser *parser,
              PhImapFlags  *flags)
{
  g_autofree char *name = NULL;

  if (!ph_imap_parser_take_atom (parser, &name))
    return FALSE;

  if (flags->keywords == NULL)
    flags->keywords = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < flags->keywords->len; i++)
    if (g_ascii_strcasecmp (g_ptr_array_index (flags->keywords, i), name) == 0)
      return TRUE;

  if (strlen (name) > PH_IMAP_KEYWORD_LENGTH_MAX || flags->keywords->len >= PH_MAILBOX_KEYWORDS_MAX)
    flags->over_limit = TRUE;
  else
    g_ptr_array_add (flags->keywords, g_steal_pointer (&name));

  return TRUE;
}

static gboolean
take_flag (PhImapParser *parser,
           PhImapFlags  *flags)
{
  if (ph_imap_parser_skip_char (parser, '\\'))
    return take_system_flag (parser, flags);

  return take_keyword (parser, flags);
}

gboolean
ph_imap_flags_take (PhImapParser *parser,
                    gboolean      bare,
                    PhImapFlags  *flags)
{
  gboolean in_list = ph_imap_parser_skip_char (parser, '(');

  *flags = (PhImapFlags){ 0 };
  if (!in_list && !bare)
    return ph_imap_parser_fail (parser, "Expected a list of flags");

  if (!in_list || ph_imap_parser_peek (parser) != ')')
    {
      do
        {
          if (!take_flag (parser, flags))
            return FALSE;
        }
      while (ph_imap_parser_skip_char (parser, ' '));
    }

  if (flags->keywords != NULL)
    g_ptr_array_add (flags->keywords, NULL);

  return !in_list || ph_imap_parser_take_char (parser, ')');
}

const char *const *
ph_imap_flags_get_keywords (const PhImapFlags *self)
{
  if (self->keywords == NULL || self->keywords->len < 2)
    return NULL;

  return (const char *const *)self->keywords->pdata;
}

static void
append_word (GString    *out,
             gsize       start,
             const char *word)
{
  if (out->len > start)
    g_string_append_c (out, ' ');
  g_string_append (out, word);
}

void
ph_imap_flags_format (PhFlags            system,
                      gboolean           recent,
                      guint64            keywords,
                      const char *const *names,
                      guint              n_names,
                      GString           *out)
{
  gsize start = out->len;

  for (guint i = 0; i < G_N_ELEMENTS (system_flags); i++)
    if ((system & system_flags[i].flag) != 0)
      append_word (out, start, system_flags[i].name);
  if (recent)
    append_word (out, start, "\\Recent");
  for (guint i = 0; i < MIN (n_names, 64); i++)
    if ((keywords & (G_GUINT64_CONSTANT (1) << i)) != 0)
      append_word (out, start, names[i]);
}
