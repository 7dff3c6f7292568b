#include "ph-encoded-word.h"

#include <string.h>

#include "ph-charset.h"
#include "ph-octet.h"
#include "ph-transfer-encoding.h"

#define CHARSET_MAX 60
#define LINE_WIDTH 76
#define WORD_WIDTH 75
#define WORD_START "=?UTF-8?"

/* Longer words of ASCII are encoded too, lest a line gets longer than 998. */
#define PLAIN_WORD_MAX 400

/* --- Decoding --- */

typedef struct
{
  char          charset[CHARSET_MAX + 1];
  gboolean      base64;
  const guint8 *text;
  gsize         length;
} PhEncodedWord;

typedef struct
{
  GString *text;
  PhBuffer pending; /* decoded octets of words that touch: a character may be cut */
  char     charset[CHARSET_MAX + 1];
  gboolean after_word;
} PhWordDecoder;

/* "=?charset*language?B?text?=" at `at`.  Returns its end, or NULL.  Each octet is
 * looked at once, as no part may have a question mark. */
static const guint8 *
parse_word (const guint8  *at,
            const guint8  *end,
            PhEncodedWord *word)
{
  gsize         n = 0;
  const guint8 *close;

  for (at += 2; at < end && n < CHARSET_MAX && (ph_octet_is_token (*at)); at++)
    word->charset[n++] = (char)*at;
  word->charset[n] = '\0';
  word->charset[strcspn (word->charset, "*")] = '\0';

  if (n == 0 || end - at < 4 || at[0] != '?' || at[2] != '?' || strchr ("bBqQ", at[1]) == NULL || at[1] == '\0')
    return NULL;

  word->base64 = g_ascii_tolower ((char)at[1]) == 'b';
  word->text = at + 3;
  close = memchr (word->text, '?', (gsize)(end - word->text));
  if (close == NULL || close + 1 == end || close[1] != '=')
    return NULL;
  word->length = (gsize)(close - word->text);

  return close + 2;
}

/* Keeps text in one line: folds and controls become blanks. */
static void
append_clean (GString    *text,
              const char *utf8)
{
  for (; *utf8 != '\0'; utf8++)
    if ((guint8)*utf8 < 32 || *utf8 == 127)
      g_string_append_c (text, ' ');
    else
      g_string_append_c (text, *utf8);
}

static void
flush_words (PhWordDecoder *self)
{
  g_autofree char *utf8 = NULL;

  if (ph_buffer_get_length (&self->pending) == 0)
    return;

  utf8 = ph_charset_to_utf8 (self->charset, ph_buffer_get_data (&self->pending), ph_buffer_get_length (&self->pending));
  append_clean (self->text, utf8);
  ph_buffer_consume (&self->pending, G_MAXSIZE);
}

static void
decode_q (const PhEncodedWord *word,
          PhBuffer            *out)
{
  for (gsize i = 0; i < word->length; i++)
    {
      guint8 c = word->text[i];

      if (c == '=' && i + 2 < word->length && g_ascii_isxdigit (word->text[i + 1]) && g_ascii_isxdigit (word->text[i + 2]))
        {
          c = (guint8)(g_ascii_xdigit_value ((char)word->text[i + 1]) << 4 | g_ascii_xdigit_value ((char)word->text[i + 2]));
          i += 2;
        }
      else if (c == '_')
        c = ' ';
      ph_buffer_append (out, &c, 1);
    }
}

static void
add_word (PhWordDecoder       *self,
          const PhEncodedWord *word)
{
  if (g_ascii_strcasecmp (self->charset, word->charset) != 0)
    flush_words (self);
  g_strlcpy (self->charset, word->charset, sizeof self->charset);

  if (word->base64)
    ph_transfer_decode (PH_TRANSFER_ENCODING_BASE64, word->text, word->length, &self->pending);
  else
    decode_q (word, &self->pending);
  self->after_word = TRUE;
}

static gboolean
is_all_space (const guint8 *at,
              const guint8 *end)
{
  while (at < end && ph_octet_is_space (*at))
    at++;

  return at == end;
}

/* Text between words; blanks alone between two words are not shown. */
static void
add_plain (PhWordDecoder *self,
           const guint8  *at,
           const guint8  *end,
           gboolean       before_word)
{
  g_autofree char *utf8 = NULL;
  g_autoptr (GString) unfolded = NULL;

  if (at == end || (before_word && self->after_word && is_all_space (at, end)))
    return;

  flush_words (self);
  self->after_word = FALSE;

  unfolded = g_string_sized_new ((gsize)(end - at));
  for (; at < end; at++)
    if (*at != '\n' && (*at != '\r' || at + 1 == end || at[1] != '\n'))
      g_string_append_c (unfolded, (char)*at);

  utf8 = ph_charset_to_utf8 (NULL, (const guint8 *)unfolded->str, unfolded->len);
  append_clean (self->text, utf8);
}

char *
ph_encoded_word_decode (const char *raw,
                        gsize       length)
{
  const guint8 *at = (const guint8 *)raw, *end = at + length, *plain;
  PhWordDecoder self = { 0 };

  while (end > at && ph_octet_is_space (end[-1]))
    end--;
  while (at < end && ph_octet_is_space (*at))
    at++;

  self.text = g_string_sized_new (length);
  for (plain = at; at < end;)
    {
      const guint8 *start = memchr (at, '=', (gsize)(end - at)), *after = NULL;
      PhEncodedWord word;

      if (start == NULL)
        break;
      if (end - start > 2 && start[1] == '?')
        after = parse_word (start, end, &word);

      at = after != NULL ? after : start + 1;
      if (after != NULL)
        {
          add_plain (&self, plain, start, TRUE);
          add_word (&self, &word);
          plain = at;
        }
    }
  add_plain (&self, plain, end, FALSE);
  flush_words (&self);
  ph_buffer_clear (&self.pending);

  return g_string_free (self.text, FALSE);
}

/* --- Encoding --- */

/* Valid UTF-8 in one line. */
static char *
clean_copy (const char *utf8)
{
  g_autofree char *valid = g_utf8_make_valid (utf8, -1);
  GString         *text = g_string_new (NULL);

  append_clean (text, valid);

  return g_string_free (text, FALSE);
}

static gboolean
is_plain (const char *text)
{
  gsize word = 0;

  if (strstr (text, "=?") != NULL)
    return FALSE;

  for (; *text != '\0'; text++)
    {
      word = *text == ' ' ? 0 : word + 1;
      if ((guint8)*text >= 127 || word > PLAIN_WORD_MAX)
        return FALSE;
    }

  return TRUE;
}

/* The set of RFC 2047 5 (3), which is good everywhere. */
static gboolean
is_q_safe (guint8 c)
{
  return g_ascii_isalnum ((char)c) || (c != '\0' && strchr ("!*+-/", c) != NULL);
}

static gsize
q_width (const char *text,
         gsize       length)
{
  gsize width = 0;

  for (gsize i = 0; i < length; i++)
    width += is_q_safe ((guint8)text[i]) || text[i] == ' ' ? 1 : 3;

  return width;
}

/* One word of `length` octets, whole characters. */
static void
append_word (GString    *out,
             const char *text,
             gsize       length,
             gboolean    base64)
{
  g_string_append (out, base64 ? WORD_START "B?" : WORD_START "Q?");

  if (base64)
    {
      g_autofree char *encoded = g_base64_encode ((const guchar *)text, length);

      g_string_append (out, encoded);
    }

  for (gsize i = 0; !base64 && i < length; i++)
    if (is_q_safe ((guint8)text[i]))
      g_string_append_c (out, text[i]);
    else if (text[i] == ' ')
      g_string_append_c (out, '_');
    else
      g_string_append_printf (out, "=%02X", (guint8)text[i]);

  g_string_append (out, "?=");
}

static void
append_words (GString    *out,
              const char *text,
              gsize       column)
{
  gsize    total = strlen (text);
  gboolean base64 = q_width (text, total) > (total + 2) / 3 * 4;
  gsize    overhead = strlen (WORD_START "Q?"
                                            "?=");

  while (*text != '\0')
    {
      const char *end = text;
      gsize       room = column + overhead + 12 < LINE_WIDTH ? MIN (WORD_WIDTH, LINE_WIDTH - column) - overhead : WORD_WIDTH - overhead;

      if (column + overhead + 12 >= LINE_WIDTH)
        g_string_append (out, "\r\n ");

      while (*end != '\0')
        {
          const char *next = g_utf8_next_char (end);
          gsize       length = (gsize)(next - text);

          if ((base64 ? (length + 2) / 3 * 4 : q_width (text, length)) > room)
            break;
          end = next;
        }

      append_word (out, text, (gsize)(end - text), base64);
      text = end;
      column = LINE_WIDTH; /* each further word in a line of its own */
    }
}

/* Folds at blanks before the line gets long; a blank run is never a whole line. */
static void
append_folded (GString    *out,
               const char *text,
               gsize       column)
{
  while (*text != '\0')
    {
      gsize blanks = strspn (text, " ");
      gsize word = strcspn (text + blanks, " ");

      if (blanks > 0 && word > 0 && column > 1 && column + blanks + word > LINE_WIDTH)
        {
          g_string_append (out, "\r\n");
          column = 0;
        }
      g_string_append_len (out, text, (gssize)(blanks + word));
      column += blanks + word;
      text += blanks + word;
    }
}

char *
ph_encoded_word_encode_text (const char *utf8,
                             gsize       column)
{
  g_autofree char *text = clean_copy (utf8);
  GString         *out = g_string_new (NULL);

  if (is_plain (text))
    append_folded (out, g_strstrip (text), column);
  else
    append_words (out, text, column);

  return g_string_free (out, FALSE);
}

static gboolean
is_atoms (const char *text)
{
  gboolean after_atom = FALSE;

  for (; *text != '\0'; text++)
    {
      if (*text == ' ' ? !after_atom : !ph_octet_is_atext ((guint8)*text))
        return FALSE;
      after_atom = *text != ' ';
    }

  return after_atom;
}

char *
ph_encoded_word_encode_phrase (const char *utf8,
                               gsize       column)
{
  g_autofree char *text = clean_copy (utf8);
  GString         *out = g_string_new (NULL);

  if (!is_plain (text) || strlen (text) > PLAIN_WORD_MAX)
    append_words (out, text, column);
  else if (is_atoms (text))
    append_folded (out, text, column);
  else
    {
      g_string_append_c (out, '"');
      for (const char *p = text; *p != '\0'; p++)
        {
          if (*p == '"' || *p == '\\')
            g_string_append_c (out, '\\');
          g_string_append_c (out, *p);
        }
      g_string_append_c (out, '"');
    }

  return g_string_free (out, FALSE);
}
