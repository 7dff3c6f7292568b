#include "ph-imap-fetch-items.h"

#include "ph-mime-format.h"

#include <string.h>

#define FAST (PH_IMAP_FETCH_FLAGS | PH_IMAP_FETCH_INTERNALDATE | PH_IMAP_FETCH_SIZE)

/* Longer names first where one begins another. */
static const struct
{
  const char      *name;
  PhImapFetchFlags flags;
  gboolean         is_macro; /* stands alone, never in a list */
} plain_items[] = {
  { "ALL", FAST | PH_IMAP_FETCH_ENVELOPE, TRUE },
  { "FAST", FAST, TRUE },
  { "FULL", FAST | PH_IMAP_FETCH_ENVELOPE | PH_IMAP_FETCH_BODY, TRUE },
  { "FLAGS", PH_IMAP_FETCH_FLAGS, FALSE },
  { "UID", PH_IMAP_FETCH_UID, FALSE },
  { "INTERNALDATE", PH_IMAP_FETCH_INTERNALDATE, FALSE },
  { "RFC822.SIZE", PH_IMAP_FETCH_SIZE, FALSE },
  { "EMAILID", PH_IMAP_FETCH_EMAILID, FALSE },
  { "THREADID", PH_IMAP_FETCH_THREADID, FALSE },
  { "PREVIEW", PH_IMAP_FETCH_PREVIEW, FALSE },
  { "MODSEQ", PH_IMAP_FETCH_MODSEQ, FALSE },
  { "SAVEDATE", PH_IMAP_FETCH_SAVEDATE, FALSE },
  { "ENVELOPE", PH_IMAP_FETCH_ENVELOPE, FALSE },
  { "BODYSTRUCTURE", PH_IMAP_FETCH_BODYSTRUCTURE, FALSE },
};

static const struct
{
  const char   *name;
  PhMimeSection section;
  gboolean      peek;
} old_sections[] = {
  { "RFC822", PH_MIME_SECTION_BODY, FALSE },
  { "RFC822.HEADER", PH_MIME_SECTION_HEADER, TRUE },
  { "RFC822.TEXT", PH_MIME_SECTION_TEXT, FALSE },
};

static void
section_free (gpointer data)
{
  PhImapSection *section = data;

  g_free (section->label);
  g_free (section->path);
  g_clear_pointer (&section->fields, g_ptr_array_unref);
  g_free (section);
}

void
ph_imap_fetch_items_free (PhImapFetchItems *self)
{
  g_ptr_array_unref (self->sections);
  g_free (self);
}

/* "1.2." up to where no digit follows; the dot after the last number is taken. */
static gboolean
take_path (PhImapParser  *parser,
           PhImapSection *section)
{
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  gboolean dot = FALSE;

  while (g_ascii_isdigit (ph_imap_parser_peek (parser)))
    {
      guint64 number;
      guint32 part;

      if (!ph_imap_parser_take_number (parser, G_MAXUINT32, &number))
        return FALSE;
      if (number == 0 || path->len >= PH_IMAP_PATH_MAX)
        return ph_imap_parser_fail (parser, "No such part number");
      part = (guint32)number;
      g_array_append_val (path, part);
      dot = ph_imap_parser_skip_char (parser, '.');
      if (!dot)
        break;
    }
  if (dot && ph_imap_parser_peek (parser) == ']')
    return ph_imap_parser_fail (parser, "Bad section");
  if (path->len > 0 && !dot && ph_imap_parser_peek (parser) != ']')
    return ph_imap_parser_fail (parser, "Bad section");

  section->n_path = path->len;
  section->path = (guint32 *)(gpointer)g_array_free (g_steal_pointer (&path), FALSE);

  return TRUE;
}

static gboolean
take_fields (PhImapParser  *parser,
             PhImapSection *section)
{
  section->fields = g_ptr_array_new_with_free_func (g_free);
  if (!ph_imap_parser_take_space (parser) || !ph_imap_parser_take_char (parser, '('))
    return FALSE;

  do
    {
      char *name = NULL;

      if (!ph_imap_parser_take_astring (parser, &name))
        return FALSE;
      g_ptr_array_add (section->fields, name);
      if (section->fields->len > PH_IMAP_FIELDS_MAX)
        return ph_imap_parser_fail (parser, "Too many header fields");
    }
  while (ph_imap_parser_skip_char (parser, ' '));
  g_ptr_array_add (section->fields, NULL);

  return ph_imap_parser_take_char (parser, ')');
}

static gboolean
take_section_text (PhImapParser  *parser,
                   PhImapSection *section)
{
  static const struct
  {
    const char   *name;
    PhMimeSection section;
    gboolean      fields;
    gboolean      fields_not;
  } texts[] = {
    { "HEADER", PH_MIME_SECTION_HEADER, FALSE, FALSE },
    { "HEADER.FIELDS", PH_MIME_SECTION_HEADER, TRUE, FALSE },
    { "HEADER.FIELDS.NOT", PH_MIME_SECTION_HEADER, TRUE, TRUE },
    { "TEXT", PH_MIME_SECTION_TEXT, FALSE, FALSE },
    { "MIME", PH_MIME_SECTION_MIME, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      if (!ph_imap_parser_skip_word (parser, texts[i].name))
        continue;
      section->section = texts[i].section;
      section->fields_not = texts[i].fields_not;
      if (section->section == PH_MIME_SECTION_MIME && section->n_path == 0)
        return ph_imap_parser_fail (parser, "MIME needs a part number");
      return !texts[i].fields || take_fields (parser, section);
    }

  return ph_imap_parser_fail (parser, "Bad section");
}

static gboolean
take_partial (PhImapParser  *parser,
              PhImapSection *section)
{
  guint64 offset;
  guint64 count;

  if (!ph_imap_parser_skip_char (parser, '<'))
    return TRUE;

  if (!ph_imap_parser_take_number (parser, G_MAXUINT32, &offset) || !ph_imap_parser_take_char (parser, '.') || !ph_imap_parser_take_number (parser, G_MAXUINT32, &count) || !ph_imap_parser_take_char (parser, '>'))
    return FALSE;
  if (count == 0)
    return ph_imap_parser_fail (parser, "0 is no count");

  section->partial = TRUE;
  section->offset = (guint32)offset;
  section->count = (guint32)count;

  return TRUE;
}

static void
append_astring (GString    *out,
                const char *string)
{
  g_auto (PhBuffer) buffer = { 0 };
  gsize n = strspn (string, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

  if (n > 0 && string[n] == '\0')
    {
      g_string_append (out, string);
      return;
    }
  ph_mime_format_string (string, strlen (string), &buffer);
  g_string_append_len (out, (const char *)ph_buffer_get_data (&buffer), (gssize)ph_buffer_get_length (&buffer));
}

static char *
make_label (const PhImapSection *section)
{
  static const char *const forms[] = {
    [PH_IMAP_SECTION_BYTES] = "BODY[",
    [PH_IMAP_SECTION_DECODED] = "BINARY[",
    [PH_IMAP_SECTION_SIZE] = "BINARY.SIZE[",
  };
  static const char *const names[] = {
    [PH_MIME_SECTION_BODY] = "",
    [PH_MIME_SECTION_HEADER] = "HEADER",
    [PH_MIME_SECTION_TEXT] = "TEXT",
    [PH_MIME_SECTION_MIME] = "MIME",
  };
  GString *label = g_string_new (forms[section->form]);

  for (guint i = 0; i < section->n_path; i++)
    g_string_append_printf (label, i > 0 ? ".%u" : "%u", section->path[i]);
  if (section->n_path > 0 && section->section != PH_MIME_SECTION_BODY)
    g_string_append_c (label, '.');
  g_string_append (label, names[section->section]);

  if (section->fields != NULL)
    {
      g_string_append (label, section->fields_not ? ".FIELDS.NOT (" : ".FIELDS (");
      for (guint i = 0; i + 1 < section->fields->len; i++)
        {
          if (i > 0)
            g_string_append_c (label, ' ');
          append_astring (label, g_ptr_array_index (section->fields, i));
        }
      g_string_append_c (label, ')');
    }

  g_string_append_c (label, ']');
  if (section->partial)
    g_string_append_printf (label, "<%u>", section->offset);

  return g_string_free (label, FALSE);
}

/* After "BODY" or "BODY.PEEK", at the bracket. */
static gboolean
take_section (PhImapParser     *parser,
              PhImapFetchItems *items,
              gboolean          peek)
{
  PhImapSection *section = g_new0 (PhImapSection, 1);

  section->peek = peek;
  g_ptr_array_add (items->sections, section);

  if (!ph_imap_parser_take_char (parser, '[') || !take_path (parser, section))
    return FALSE;
  if (ph_imap_parser_peek (parser) != ']' && !take_section_text (parser, section))
    return FALSE;
  if (!ph_imap_parser_take_char (parser, ']') || !take_partial (parser, section))
    return FALSE;

  section->label = make_label (section);

  return TRUE;
}

/* At the bracket: only part numbers, and no range for a size (RFC 3516 4.3). */
static gboolean
take_binary_section (PhImapParser     *parser,
                     PhImapFetchItems *items,
                     PhImapSectionForm form,
                     gboolean          peek)
{
  PhImapSection *section = g_new0 (PhImapSection, 1);

  section->form = form;
  section->peek = peek;
  g_ptr_array_add (items->sections, section);

  if (!ph_imap_parser_take_char (parser, '[') || !take_path (parser, section) || !ph_imap_parser_take_char (parser, ']'))
    return FALSE;
  if (form == PH_IMAP_SECTION_DECODED && !take_partial (parser, section))
    return FALSE;

  section->label = make_label (section);

  return TRUE;
}

static gboolean
take_binary (PhImapParser     *parser,
             PhImapFetchItems *items,
             gboolean         *is_binary)
{
  static const struct
  {
    const char       *name;
    PhImapSectionForm form;
    gboolean          peek;
  } names[] = {
    { "BINARY[", PH_IMAP_SECTION_DECODED, FALSE },
    { "BINARY.PEEK[", PH_IMAP_SECTION_DECODED, TRUE },
    { "BINARY.SIZE[", PH_IMAP_SECTION_SIZE, TRUE },
  };

  *is_binary = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gsize n = strlen (names[i].name);

      if (parser->length - parser->position < n || g_ascii_strncasecmp ((const char *)parser->data + parser->position, names[i].name, n) != 0)
        continue;
      *is_binary = TRUE;
      parser->position += n - 1;
      return take_binary_section (parser, items, names[i].form, names[i].peek);
    }

  return FALSE;
}

/* "BODY[" is an atom to its bracket only, so the word is cut there. */
static gboolean
take_body (PhImapParser     *parser,
           PhImapFetchItems *items)
{
  const char *text = (const char *)parser->data + parser->position;
  gsize       length = parser->length - parser->position;

  if (length >= 9 && g_ascii_strncasecmp (text, "BODY.PEEK", 9) == 0)
    {
      parser->position += 9;
      return take_section (parser, items, TRUE);
    }

  parser->position += 4;
  if (ph_imap_parser_peek (parser) == '[')
    return take_section (parser, items, FALSE);

  if (ph_imap_parser_at_end (parser) || !ph_imap_is_atom_char ((guint8)ph_imap_parser_peek (parser)))
    {
      items->flags |= PH_IMAP_FETCH_BODY;
      return TRUE;
    }

  return ph_imap_parser_fail (parser, "Unknown item");
}

/* RFC 8970 3.2: " (LAZY)".  Previews are in the index, so there is nothing to spare. */
static void
skip_lazy (PhImapParser *parser)
{
  static const char lazy[] = " (LAZY)";

  if (parser->length - parser->position >= strlen (lazy) && g_ascii_strncasecmp ((const char *)parser->data + parser->position, lazy, strlen (lazy)) == 0)
    parser->position += strlen (lazy);
}

static gboolean
take_item (PhImapParser     *parser,
           PhImapFetchItems *items,
           gboolean          in_list)
{
  gboolean is_binary;

  if (items->sections->len >= PH_IMAP_SECTIONS_MAX)
    return ph_imap_parser_fail (parser, "Too many items");

  for (guint i = 0; i < G_N_ELEMENTS (plain_items); i++)
    if (!(in_list && plain_items[i].is_macro) && ph_imap_parser_skip_word (parser, plain_items[i].name))
      {
        items->flags |= plain_items[i].flags;
        if (plain_items[i].flags == PH_IMAP_FETCH_PREVIEW)
          skip_lazy (parser);
        return TRUE;
      }

  for (guint i = 0; i < G_N_ELEMENTS (old_sections); i++)
    if (ph_imap_parser_skip_word (parser, old_sections[i].name))
      {
        PhImapSection *section = g_new0 (PhImapSection, 1);

        section->label = g_strdup (old_sections[i].name);
        section->section = old_sections[i].section;
        section->peek = old_sections[i].peek;
        g_ptr_array_add (items->sections, section);
        return TRUE;
      }

  if (parser->length - parser->position >= 4 && g_ascii_strncasecmp ((const char *)parser->data + parser->position, "BODY", 4) == 0)
    return take_body (parser, items);
  if (take_binary (parser, items, &is_binary) || is_binary)
    return parser->error == NULL;

  return ph_imap_parser_fail (parser, ph_imap_parser_at_end (parser) ? "Missing argument" : "Unknown item");
}

PhImapFetchItems *
ph_imap_fetch_items_take (PhImapParser *parser)
{
  g_autoptr (PhImapFetchItems) items = g_new0 (PhImapFetchItems, 1);

  items->sections = g_ptr_array_new_with_free_func (section_free);

  if (!ph_imap_parser_skip_char (parser, '('))
    return take_item (parser, items, FALSE) ? g_steal_pointer (&items) : NULL;

  do
    {
      if (!take_item (parser, items, TRUE))
        return NULL;
    }
  while (ph_imap_parser_skip_char (parser, ' '));

  return ph_imap_parser_take_char (parser, ')') ? g_steal_pointer (&items) : NULL;
}

static gboolean
take_modifier (PhImapFetchItems *self,
               PhImapParser     *parser)
{
  static const char *const names[] = { "CHANGEDSINCE", "VANISHED", "PARTIAL" };
  guint                    index;

  if (!ph_imap_parser_take_word_of (parser, names, G_N_ELEMENTS (names), &index, "Unknown modifier"))
    return FALSE;

  switch (index)
    {
    case 0:
      self->has_changed_since = TRUE;
      self->flags |= PH_IMAP_FETCH_MODSEQ;
      return ph_imap_parser_take_space (parser) && ph_imap_parser_take_number (parser, G_MAXINT64, &self->changed_since);
    case 1:
      self->vanished = TRUE;
      return TRUE;
    default:
      self->has_partial = TRUE;
      return ph_imap_parser_take_space (parser) && ph_imap_partial_take (parser, &self->partial);
    }
}

gboolean
ph_imap_fetch_items_take_modifiers (PhImapFetchItems *self,
                                    PhImapParser     *parser)
{
  if (ph_imap_parser_at_end (parser))
    return TRUE;
  if (!ph_imap_parser_take_space (parser) || !ph_imap_parser_take_char (parser, '('))
    return FALSE;

  do
    {
      if (!take_modifier (self, parser))
        return FALSE;
    }
  while (ph_imap_parser_skip_char (parser, ' '));

  /* RFC 7162 3.2.6 */
  if (self->vanished && !self->has_changed_since)
    return ph_imap_parser_fail (parser, "VANISHED needs CHANGEDSINCE");

  return ph_imap_parser_take_char (parser, ')');
}

gboolean
ph_imap_fetch_items_sets_seen (const PhImapFetchItems *self)
{
  for (guint i = 0; i < self->sections->len; i++)
    if (!((const PhImapSection *)g_ptr_array_index (self->sections, i))->peek)
      return TRUE;

  return FALSE;
}
