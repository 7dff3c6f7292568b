#include "ph-imap-list-options.h"

#include "ph-imap-status.h"
#include <string.h>

void
ph_imap_list_options_clear (PhImapListOptions *self)
{
  g_clear_pointer (&self->patterns, g_ptr_array_unref);
}

static gboolean
take_selection (PhImapParser      *parser,
                PhImapListOptions *self)
{
  static const struct
  {
    const char      *name;
    PhImapListSelect select;
  } options[] = {
    { "SUBSCRIBED", PH_IMAP_LIST_SUBSCRIBED },
    { "REMOTE", PH_IMAP_LIST_REMOTE },
    { "RECURSIVEMATCH", PH_IMAP_LIST_RECURSIVE },
    { "SPECIAL-USE", PH_IMAP_LIST_SPECIAL },
  };

  self->extended = TRUE;
  if (ph_imap_parser_skip_char (parser, ')'))
    return TRUE;

  do
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (options) && !ph_imap_parser_skip_word (parser, options[i].name))
        i++;
      if (i == G_N_ELEMENTS (options))
        return ph_imap_parser_fail (parser, "Unknown selection option");
      self->select |= options[i].select;
    }
  while (ph_imap_parser_skip_char (parser, ' '));

  /* RFC 5258 3.1 */
  if ((self->select & PH_IMAP_LIST_RECURSIVE) != 0 && (self->select & (PH_IMAP_LIST_SUBSCRIBED | PH_IMAP_LIST_SPECIAL)) == 0)
    return ph_imap_parser_fail (parser, "RECURSIVEMATCH alone selects nothing");

  return ph_imap_parser_take_char (parser, ')');
}

static gboolean
take_return_option (PhImapParser      *parser,
                    PhImapListOptions *self)
{
  if (ph_imap_parser_skip_word (parser, "SUBSCRIBED"))
    {
      self->return_subscribed = TRUE;
      return TRUE;
    }
  if (ph_imap_parser_skip_word (parser, "STATUS"))
    {
      self->return_status = TRUE;
      return ph_imap_parser_take_space (parser) && ph_imap_status_take (parser, &self->status_items, &self->uses_modseq);
    }

  /* Told anyway. */
  return ph_imap_parser_skip_word (parser, "CHILDREN") || ph_imap_parser_skip_word (parser, "SPECIAL-USE") || ph_imap_parser_fail (parser, "Unknown return option");
}

static gboolean
take_return (PhImapParser      *parser,
             PhImapListOptions *self)
{
  if (ph_imap_parser_at_end (parser))
    return TRUE;

  if (!ph_imap_parser_take_space (parser))
    return FALSE;
  if (!ph_imap_parser_skip_word (parser, "RETURN"))
    return ph_imap_parser_fail (parser, "Unknown option");
  self->extended = TRUE;
  if (!ph_imap_parser_take_space (parser) || !ph_imap_parser_take_char (parser, '('))
    return FALSE;
  if (ph_imap_parser_skip_char (parser, ')'))
    return TRUE;

  do
    {
      if (!take_return_option (parser, self))
        return FALSE;
    }
  while (ph_imap_parser_skip_char (parser, ' '));

  return ph_imap_parser_take_char (parser, ')');
}

/* What is no canonical modified UTF-7 matches nothing (V36). */
static gboolean
take_pattern (PhImapParser      *parser,
              const char        *reference,
              PhImapListOptions *self)
{
  g_autofree char *text = NULL;
  g_autofree char *joined = NULL;
  g_autofree char *utf8 = NULL;

  if (!ph_imap_parser_take_pattern (parser, &text))
    return FALSE;
  if (self->patterns->len >= PH_IMAP_PATTERNS_MAX)
    return ph_imap_parser_fail (parser, "Too many patterns");
  /* It asks for the delimiter, or in the extended form for nothing (RFC 5258 3). */
  self->is_root = text[0] == '\0';
  if (self->is_root)
    return TRUE;

  joined = g_strconcat (reference, text, NULL);
  utf8 = ph_imap_text_from_wire (joined, parser->utf8);
  if (utf8 != NULL)
    g_ptr_array_add (self->patterns, ph_imap_pattern_new (utf8));

  return TRUE;
}

static gboolean
take_patterns (PhImapParser      *parser,
               const char        *reference,
               PhImapListOptions *self)
{
  do
    {
      if (!take_pattern (parser, reference, self))
        return FALSE;
    }
  while (ph_imap_parser_skip_char (parser, ' '));
  self->extended = TRUE;

  return ph_imap_parser_take_char (parser, ')');
}

gboolean
ph_imap_list_options_take (PhImapParser      *parser,
                           gboolean           extended,
                           PhImapListOptions *self)
{
  g_autofree char *reference = NULL;

  self->patterns = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_imap_pattern_free);
  if (!ph_imap_parser_take_space (parser))
    return FALSE;
  if (extended && ph_imap_parser_skip_char (parser, '(') && (!take_selection (parser, self) || !ph_imap_parser_take_space (parser)))
    return FALSE;
  if (!ph_imap_parser_take_astring (parser, &reference) || !ph_imap_parser_take_space (parser))
    return FALSE;

  if (!(extended && ph_imap_parser_skip_char (parser, '(')))
    {
      if (!take_pattern (parser, reference, self))
        return FALSE;
    }
  else if (!take_patterns (parser, reference, self))
    {
      return FALSE;
    }

  return !extended || take_return (parser, self);
}

gboolean
ph_imap_list_options_match (const PhImapListOptions *self,
                            const char              *name)
{
  for (guint i = 0; i < self->patterns->len; i++)
    if (ph_imap_pattern_matches (g_ptr_array_index (self->patterns, i), name))
      return TRUE;

  return FALSE;
}

gboolean
ph_imap_list_options_match_level (const PhImapListOptions *self,
                                  const char              *name)
{
  for (guint i = 0; i < self->patterns->len; i++)
    {
      const PhImapPattern *pattern = g_ptr_array_index (self->patterns, i);

      if (ph_imap_pattern_ends_at_level (pattern) && ph_imap_pattern_matches (pattern, name))
        return TRUE;
    }

  return FALSE;
}
