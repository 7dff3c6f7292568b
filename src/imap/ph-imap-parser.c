#include "ph-imap-parser.h"

#include "ph-account-store.h"
#include "ph-date.h"
#include "ph-mutf7.h"

#include <string.h>

typedef gboolean (*PhCharFunc) (guint8 c);

void
ph_imap_parser_init (PhImapParser *self,
                     const void   *data,
                     gsize         length)
{
  *self = (PhImapParser){ .data = data, .length = length };
}

gboolean
ph_imap_parser_fail (PhImapParser *self,
                     const char   *error)
{
  if (self->error == NULL)
    self->error = error;

  return FALSE;
}

int
ph_imap_parser_peek (const PhImapParser *self)
{
  return self->position < self->length ? self->data[self->position] : -1;
}

gboolean
ph_imap_parser_at_end (const PhImapParser *self)
{
  return self->position >= self->length;
}

gboolean
ph_imap_parser_take_end (PhImapParser *self)
{
  return ph_imap_parser_at_end (self) || ph_imap_parser_fail (self, "Unexpected text at the end");
}

gboolean
ph_imap_parser_skip_char (PhImapParser *self,
                          char          c)
{
  if (ph_imap_parser_peek (self) != (guint8)c)
    return FALSE;

  self->position++;

  return TRUE;
}

gboolean
ph_imap_parser_take_char (PhImapParser *self,
                          char          c)
{
  if (ph_imap_parser_skip_char (self, c))
    return TRUE;

  return ph_imap_parser_fail (self, ph_imap_parser_at_end (self) ? "Missing argument" : "Unexpected character");
}

gboolean
ph_imap_parser_take_space (PhImapParser *self)
{
  if (ph_imap_parser_skip_char (self, ' '))
    return TRUE;

  return ph_imap_parser_fail (self, ph_imap_parser_at_end (self) ? "Missing argument" : "Expected a space");
}

gboolean
ph_imap_is_atom_char (guint8 c)
{
  return c > 0x20 && c < 0x7f && strchr ("(){%*\"\\]", c) == NULL;
}

static gboolean
is_astring_char (guint8 c)
{
  return ph_imap_is_atom_char (c) || c == ']';
}

static gboolean
is_tag_char (guint8 c)
{
  return is_astring_char (c) && c != '+';
}

static gboolean
is_pattern_char (guint8 c)
{
  return is_astring_char (c) || c == '%' || c == '*';
}

static gsize
count_chars (const PhImapParser *self,
             PhCharFunc          is_char)
{
  gsize n = 0;

  while (self->position + n < self->length && is_char (self->data[self->position + n]))
    n++;

  return n;
}

gboolean
ph_imap_parser_skip_word (PhImapParser *self,
                          const char   *word)
{
  gsize n = strlen (word);

  if (count_chars (self, ph_imap_is_atom_char) != n || g_ascii_strncasecmp ((const char *)self->data + self->position, word, n) != 0)
    return FALSE;

  self->position += n;

  return TRUE;
}

static gboolean
take_chars (PhImapParser *self,
            PhCharFunc    is_char,
            const char   *error,
            char        **string)
{
  gsize n = count_chars (self, is_char);

  *string = NULL;
  if (n == 0)
    return ph_imap_parser_fail (self, ph_imap_parser_at_end (self) ? "Missing argument" : error);

  *string = g_strndup ((const char *)self->data + self->position, n);
  self->position += n;

  return TRUE;
}

gboolean
ph_imap_parser_take_tag (PhImapParser *self,
                         char        **tag)
{
  return take_chars (self, is_tag_char, "Bad tag", tag);
}

gboolean
ph_imap_parser_take_atom (PhImapParser *self,
                          char        **atom)
{
  return take_chars (self, ph_imap_is_atom_char, "Expected an atom", atom);
}

static gboolean
take_quoted (PhImapParser *self,
             char        **string)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (self->position++; self->position < self->length; self->position++)
    {
      guint8 c = self->data[self->position];

      if (c == '"')
        {
          self->position++;
          if (self->utf8 && !g_utf8_validate (text->str, (gssize)text->len, NULL))
            return ph_imap_parser_fail (self, "Not valid UTF-8");
          *string = g_string_free (g_steal_pointer (&text), FALSE);
          return TRUE;
        }
      if (c == '\\')
        {
          if (++self->position >= self->length)
            break;
          c = self->data[self->position];
          if (c != '"' && c != '\\')
            return ph_imap_parser_fail (self, "Only \\\" and \\\\ may be escaped");
        }
      /* RFC 3501: 8-bit text is for literals (I23). */
      if (c == 0 || c == '\r' || c == '\n' || (c >= 0x80 && !self->utf8))
        return ph_imap_parser_fail (self, "Character not allowed in a quoted string");
      g_string_append_c (text, (char)c);
    }

  return ph_imap_parser_fail (self, "Quoted string without end");
}

/* From the brace on; moves behind it. */
static gboolean
take_literal_octets (PhImapParser  *self,
                     const guint8 **octets,
                     guint64       *length)
{
  guint64 size;

  self->position++;
  if (!ph_imap_parser_take_number (self, G_MAXUINT32, &size))
    return FALSE;
  ph_imap_parser_skip_char (self, '+');
  if (!ph_imap_parser_take_char (self, '}'))
    return FALSE;
  ph_imap_parser_skip_char (self, '\r');
  if (!ph_imap_parser_take_char (self, '\n'))
    return FALSE;
  if (size > self->length - self->position)
    return ph_imap_parser_fail (self, "Literal is cut short");

  *octets = self->data + self->position;
  *length = size;
  self->position += size;

  return TRUE;
}

static gboolean
take_literal (PhImapParser *self,
              char        **string)
{
  const guint8 *octets;
  guint64       length;

  if (!take_literal_octets (self, &octets, &length))
    return FALSE;
  if (memchr (octets, 0, length) != NULL)
    return ph_imap_parser_fail (self, "NUL not allowed in a literal");

  *string = g_strndup ((const char *)octets, length);

  return TRUE;
}

gboolean
ph_imap_parser_take_string (PhImapParser *self,
                            char        **string)
{
  *string = NULL;

  switch (ph_imap_parser_peek (self))
    {
    case '"':
      return take_quoted (self, string);
    case '{':
      return take_literal (self, string);
    default:
      return ph_imap_parser_fail (self, ph_imap_parser_at_end (self) ? "Missing argument" : "Expected a string");
    }
}

static gboolean
take_string_or_chars (PhImapParser *self,
                      PhCharFunc    is_char,
                      char        **string)
{
  int c = ph_imap_parser_peek (self);

  if (c == '"' || c == '{')
    return ph_imap_parser_take_string (self, string);

  return take_chars (self, is_char, "Expected an atom or a string", string);
}

gboolean
ph_imap_parser_take_astring (PhImapParser *self,
                             char        **string)
{
  return take_string_or_chars (self, is_astring_char, string);
}

gboolean
ph_imap_parser_take_pattern (PhImapParser *self,
                             char        **pattern)
{
  return take_string_or_chars (self, is_pattern_char, pattern);
}

gboolean
ph_imap_parser_take_nstring (PhImapParser *self,
                             char        **string)
{
  *string = NULL;
  if (ph_imap_parser_skip_word (self, "NIL"))
    return TRUE;

  return ph_imap_parser_take_string (self, string);
}

gboolean
ph_imap_parser_take_octets (PhImapParser *self,
                            GBytes      **octets)
{
  g_autofree char *string = NULL;

  *octets = NULL;
  if (self->position + 1 < self->length && self->data[self->position] == '~' && self->data[self->position + 1] == '{')
    {
      const guint8 *data;
      guint64       length;

      self->position++;
      if (!take_literal_octets (self, &data, &length))
        return FALSE;
      *octets = g_bytes_new (data, length);
      return TRUE;
    }

  if (!ph_imap_parser_take_nstring (self, &string))
    return FALSE;
  if (string != NULL)
    *octets = g_bytes_new (string, strlen (string));

  return TRUE;
}

gboolean
ph_imap_parser_take_number (PhImapParser *self,
                            guint64       max,
                            guint64      *number)
{
  gsize start = self->position;

  *number = 0;
  for (; self->position < self->length && g_ascii_isdigit (self->data[self->position]); self->position++)
    {
      guint digit = self->data[self->position] - '0';

      if (*number > (max - digit) / 10)
        return ph_imap_parser_fail (self, "Number too large");
      *number = *number * 10 + digit;
    }

  return self->position > start || ph_imap_parser_fail (self, "Expected a number");
}

gboolean
ph_imap_parser_take_date (PhImapParser *self,
                          gint32       *day)
{
  g_autofree char *text = NULL;
  gint64           value;

  if (!ph_imap_parser_take_astring (self, &text))
    return FALSE;
  if (!ph_date_parse_day (text, strlen (text), &value))
    return ph_imap_parser_fail (self, "Bad date");

  *day = (gint32)value;

  return TRUE;
}

char *
ph_imap_text_from_wire (const char *text,
                        gboolean    utf8)
{
  if (!utf8)
    return ph_mutf7_decode (text, strlen (text));

  return g_utf8_validate (text, -1, NULL) ? g_strdup (text) : NULL;
}

char *
ph_imap_mailbox_from_wire (const char *text,
                           gboolean    utf8)
{
  g_autofree char *name = ph_imap_text_from_wire (text, utf8);

  return name != NULL ? ph_folder_name_normalize (name) : NULL;
}

gboolean
ph_imap_parser_take_word_of (PhImapParser      *self,
                             const char *const *words,
                             gsize              n_words,
                             guint             *index,
                             const char        *error)
{
  for (*index = 0; *index < n_words; (*index)++)
    if (ph_imap_parser_skip_word (self, words[*index]))
      return TRUE;

  return ph_imap_parser_fail (self, ph_imap_parser_at_end (self) ? "Missing argument" : error);
}

gboolean
ph_imap_parser_take_spelled_mailbox (PhImapParser *self,
                                     char        **spelled,
                                     char        **name)
{
  g_autofree char *text = NULL;

  *spelled = *name = NULL;
  if (!ph_imap_parser_take_astring (self, &text))
    return FALSE;

  *spelled = ph_imap_text_from_wire (text, self->utf8);
  *name = *spelled != NULL ? ph_folder_name_normalize (*spelled) : NULL;

  return TRUE;
}

gboolean
ph_imap_parser_take_mailbox (PhImapParser *self,
                             char        **name)
{
  g_autofree char *spelled = NULL;

  return ph_imap_parser_take_spelled_mailbox (self, &spelled, name);
}
