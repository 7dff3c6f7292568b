#include "ph-base-subject.h"

#include <string.h>

#include "ph-encoded-word.h"

/* A slice of the decoded subject that gets shorter at both ends. */
typedef struct
{
  const char *start;
  const char *end;
  gboolean    is_reply;
} Slice;

/* Step 1: a run of blanks is one. */
static char *
collapse (const char *raw,
          gsize       length)
{
  char *text = ph_encoded_word_decode (raw, length);
  char *to = text;

  for (const char *from = text; *from != '\0'; from++)
    {
      char c = *from == '\t' ? ' ' : *from;

      if (c != ' ' || to == text || to[-1] != ' ')
        *to++ = c;
    }
  *to = '\0';

  return text;
}

static gboolean
starts_with (const char *text,
             const char *end,
             const char *word)
{
  gsize n = strlen (word);

  return (gsize)(end - text) >= n && g_ascii_strncasecmp (text, word, n) == 0;
}

static const char *
skip_blanks (const char *text,
             const char *end)
{
  while (text < end && *text == ' ')
    text++;

  return text;
}

/* subj-blob: "[" *BLOBCHAR "]" *WSP.  `text` itself where there is none. */
static const char *
skip_blob (const char *text,
           const char *end)
{
  if (text >= end || *text != '[')
    return text;

  for (const char *c = text + 1; c < end && *c != '['; c++)
    if (*c == ']')
      return skip_blanks (c + 1, end);

  return text;
}

/* subj-refwd: ("re" / ("fw" ["d"])) *WSP [subj-blob] ":".  NULL where there is none. */
static const char *
skip_refwd (const char *text,
            const char *end)
{
  if (starts_with (text, end, "fwd"))
    text += 3;
  else if (starts_with (text, end, "re") || starts_with (text, end, "fw"))
    text += 2;
  else
    return NULL;

  text = skip_blob (skip_blanks (text, end), end);

  return text < end && *text == ':' ? text + 1 : NULL;
}

/* Step 2: "(fwd)" and blanks at the end. */
static void
cut_trailer (Slice *slice)
{
  while (slice->end > slice->start)
    {
      if (slice->end[-1] == ' ')
        {
          slice->end--;
        }
      else if (slice->end - slice->start >= 5 && starts_with (slice->end - 5, slice->end, "(fwd)"))
        {
          slice->end -= 5;
          slice->is_reply = TRUE;
        }
      else
        {
          return;
        }
    }
}

/* Step 3: subj-leader is (*subj-blob subj-refwd) / WSP.  Blobs that no "Re:" follows are
 * walked over once: `barren` is where they end. */
static gboolean
cut_leader (Slice       *slice,
            const char **barren)
{
  const char *text = slice->start;
  const char *next;

  if (text < slice->end && *text == ' ')
    {
      slice->start++;
      return TRUE;
    }
  if (text < *barren)
    return FALSE;

  while ((next = skip_blob (text, slice->end)) != text)
    text = next;
  next = skip_refwd (text, slice->end);
  if (next == NULL)
    {
      *barren = text;
      return FALSE;
    }

  slice->start = next;
  slice->is_reply = TRUE;

  return TRUE;
}

/* Step 4: a blob at the start, unless nothing would be left. */
static gboolean
cut_blob (Slice *slice)
{
  const char *next = skip_blob (slice->start, slice->end);

  if (next == slice->start || next >= slice->end)
    return FALSE;

  slice->start = next;

  return TRUE;
}

/* Step 6: "[fwd: …]" */
static gboolean
cut_forward (Slice *slice)
{
  if (!starts_with (slice->start, slice->end, "[fwd:") || slice->end[-1] != ']')
    return FALSE;

  slice->start += 5;
  slice->end--;
  slice->is_reply = TRUE;

  return TRUE;
}

char *
ph_base_subject_extract (const char *raw,
                         gsize       length,
                         gboolean   *is_reply)
{
  g_autofree char *text = raw != NULL ? collapse (raw, length) : g_strdup ("");
  Slice            slice = { text, text + strlen (text), FALSE };
  const char      *barren = text;

  do
    {
      cut_trailer (&slice);
      while (cut_leader (&slice, &barren) || cut_blob (&slice))
        ;
    }
  while (cut_forward (&slice));

  if (is_reply != NULL)
    *is_reply = slice.is_reply;

  return g_strndup (slice.start, (gsize)(slice.end - slice.start));
}
