#include "ph-search-envelope.h"

#include "ph-encoded-word.h"

#include <string.h>

/* One that is longer may have left out addresses. */
#define ENVELOPE_MAX (32 * 1024)

/* Not Sender and Reply-To, which an ENVELOPE makes up. */
gboolean
ph_search_envelope_find_field (const char      *name,
                               PhEnvelopeField *field)
{
  static const struct
  {
    const char     *name;
    PhEnvelopeField field;
  } fields[] = {
    { "Subject", PH_ENVELOPE_SUBJECT },
    { "From", PH_ENVELOPE_FROM },
    { "To", PH_ENVELOPE_TO },
    { "Cc", PH_ENVELOPE_CC },
    { "Bcc", PH_ENVELOPE_BCC },
    { "In-Reply-To", PH_ENVELOPE_IN_REPLY_TO },
    { "Message-ID", PH_ENVELOPE_MESSAGE_ID },
  };

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (g_ascii_strcasecmp (name, fields[i].name) == 0)
      {
        *field = fields[i].field;
        return TRUE;
      }

  return FALSE;
}

/* TRUE if no field of the ENVELOPE has the text, as a glance at its bytes can tell: most
 * messages need no more. */
static gboolean
lacks_text (const PhSummaryWalkItem *item,
            const char              *text)
{
  gsize longest = 0, start = 0;

  for (gsize i = 0, n = 0; text[i] != '\0'; i++)
    {
      if ((guint8)text[i] >= 0x80)
        return FALSE;
      n = g_ascii_isalnum (text[i]) ? n + 1 : 0;
      if (n > longest)
        {
          longest = n;
          start = i + 1 - n;
        }
    }
  if (longest == 0)
    return FALSE;

  for (gsize i = 0; i < item->length; i++)
    {
      char c = item->envelope[i];

      /* Not ASCII as it is read. */
      if ((guint8)c >= 0x80 || (c == '=' && i + 1 < item->length && item->envelope[i + 1] == '?'))
        return FALSE;
      if (g_ascii_tolower (c) == g_ascii_tolower (text[start]) && item->length - i >= longest && g_ascii_strncasecmp (item->envelope + i, text + start, longest) == 0)
        return FALSE;
    }

  return TRUE;
}

PhSearchAnswer
ph_search_envelope_matches (const PhSummaryWalkItem *item,
                            const PhSearchKey       *key,
                            PhEnvelopeField          field,
                            const PhTextPattern     *pattern)
{
  gboolean         is_list = field >= PH_ENVELOPE_FROM && field <= PH_ENVELOPE_BCC;
  g_autofree char *raw = NULL;
  g_autofree char *text = NULL;

  if (item->length > ENVELOPE_MAX)
    return PH_SEARCH_ANSWER_READ;
  if (lacks_text (item, key->text))
    return PH_SEARCH_ANSWER_NO;

  raw = ph_envelope_dup_field (item->envelope, item->length, field);
  if (*key->text == '\0')
    return raw != NULL ? PH_SEARCH_ANSWER_YES : PH_SEARCH_ANSWER_READ;
  if (raw == NULL)
    return PH_SEARCH_ANSWER_NO;
  text = ph_encoded_word_decode (raw, strlen (raw));
  if (ph_text_pattern_matches (pattern, text, strlen (text)))
    return PH_SEARCH_ANSWER_YES;

  /* It may be about how the addresses are written. */
  return is_list && strpbrk (key->text, "\"<>()\\,;:") != NULL ? PH_SEARCH_ANSWER_READ : PH_SEARCH_ANSWER_NO;
}
