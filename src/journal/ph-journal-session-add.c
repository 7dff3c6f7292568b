/* The lines of a session as they are written: whole, masked, folded, or some as one. */

#include "ph-journal-line-private.h"
#include "ph-journal-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Its size says nothing about the secret's. */
#define MASK "••••••"

/* Bounded parts of a line put together without its secret ones. */
typedef struct
{
  guint8 bytes[PH_JOURNAL_LINE_MAX];
  gsize  length;
  gsize  full_length;
} PhLineBuilder;

/* Lines that belong together, as far as they have come. */
struct _PhJournalParts
{
  PhJournalVoice voice;
  guint          n_lines;
  PhLineBuilder  builder;
};

static gboolean
is_cut (const PhLineBuilder *line)
{
  return line->full_length > line->length;
}

/* Where something was left out, so is what follows. */
static void
append_part (PhLineBuilder *line,
             const void    *data,
             gsize          length)
{
  gsize n = is_cut (line) ? 0 : MIN (length, sizeof line->bytes - line->length);

  if (n > 0)
    memcpy (line->bytes + line->length, data, n);
  line->length += n;
  line->full_length += length;
}

/* Takes off a UTF-8 character that a cut left incomplete: it would show as broken. */
static gsize
trim_character (const guint8 *data,
                gsize         length)
{
  for (gsize i = 1; i <= 3 && i <= length; i++)
    {
      guint8 byte = data[length - i];

      if (byte >= 0xc0)
        return i < (byte >= 0xf0 ? 4u : byte >= 0xe0 ? 3u
                                                     : 2u)
                 ? length - i
                 : length;
      if (byte < 0x80)
        break;
    }

  return length;
}

static void
add_words (PhJournalSession *self,
           PhJournalVoice    voice,
           PhJournalWords    words)
{
  if (self->parts != NULL)
    ph_journal_session_end_parts (self);
  if (self->journal == NULL)
    return;

  if (words.length < words.full_length)
    words.length = trim_character (words.data, words.length);

  ph_journal_session_mark_last_line (self);
  ph_journal_add_words (self->journal, self, voice, &words);
}

void
ph_journal_session_add (PhJournalSession *self,
                        PhJournalVoice    voice,
                        const void       *data,
                        gsize             length)
{
  if (self == NULL)
    return;
  g_return_if_fail (PH_IS_JOURNAL_SESSION (self));

  add_words (self, voice, (PhJournalWords){ data, MIN (length, PH_JOURNAL_LINE_MAX), length, 1 });
}

void
ph_journal_session_add_masked (PhJournalSession *self,
                               PhJournalVoice    voice,
                               const void       *data,
                               gsize             length,
                               gsize             secret_start,
                               gsize             secret_length)
{
  PhLineBuilder line;

  if (self == NULL)
    return;
  g_return_if_fail (PH_IS_JOURNAL_SESSION (self));

  secret_start = MIN (secret_start, length);
  secret_length = MIN (secret_length, length - secret_start);

  line.length = line.full_length = 0;
  append_part (&line, data, secret_start);
  append_part (&line, MASK, strlen (MASK));
  append_part (&line, (const guint8 *)data + secret_start + secret_length, length - secret_start - secret_length);

  add_words (self, voice, (PhJournalWords){ line.bytes, line.length, line.full_length, 1 });
}

/* Between two lines, whole or not at all. */
static void
append_line_end (PhLineBuilder *line)
{
  if (sizeof line->bytes - line->length < 2)
    line->full_length += 2;
  else
    append_part (line, "\r\n", 2);
}

/* A line feed is kept as its picture: it would end the line. */
static void
append_line (PhLineBuilder *line,
             const char    *data,
             gsize          length)
{
  const char *end;

  while (length > 0 && (end = memchr (data, '\n', length)) != NULL)
    {
      append_part (line, data, (gsize)(end - data));
      append_part (line, "␊", strlen ("␊"));
      length -= (gsize)(end - data) + 1;
      data = end + 1;
    }
  append_part (line, data, length);
}

void
ph_journal_session_end_parts (PhJournalSession *self)
{
  g_autofree PhJournalParts *parts = g_steal_pointer (&self->parts);

  if (parts != NULL)
    add_words (self, parts->voice, (PhJournalWords){ parts->builder.bytes, parts->builder.length, parts->builder.full_length, parts->n_lines });
}

void
ph_journal_session_add_part (PhJournalSession *self,
                             PhJournalVoice    voice,
                             const void       *data,
                             gsize             length,
                             gboolean          is_last)
{
  if (self == NULL)
    return;
  g_return_if_fail (PH_IS_JOURNAL_SESSION (self));

  if (self->parts != NULL && self->parts->voice != voice)
    ph_journal_session_end_parts (self);
  if (self->parts == NULL && is_last)
    {
      ph_journal_session_add (self, voice, data, length);
      return;
    }

  if (self->parts == NULL)
    {
      self->parts = g_new (PhJournalParts, 1);
      self->parts->voice = voice;
      self->parts->n_lines = 0;
      self->parts->builder.length = self->parts->builder.full_length = 0;
    }
  if (self->parts->n_lines++ > 0)
    append_line_end (&self->parts->builder);
  append_line (&self->parts->builder, data, length);
  if (is_last)
    ph_journal_session_end_parts (self);
}

/* Since the line before; NULL where that took no time. */
static char *
format_latency (PhJournalSession *self)
{
  gint64 elapsed = self->journal != NULL && self->pages.next_line > 0 ? ph_clock_get_monotonic_time (ph_journal_get_clock (self->journal)) - self->last_time : 0;

  if (elapsed >= G_USEC_PER_SEC)
    /* Translators: seconds, and tenths of them */
    return g_strdup_printf (_ ("%d.%d s"), (int)(elapsed / G_USEC_PER_SEC), (int)(elapsed / (G_USEC_PER_SEC / 10) % 10));
  if (elapsed >= 1000)
    /* Translators: milliseconds */
    return g_strdup_printf (_ ("%d ms"), (int)(elapsed / 1000));
  if (elapsed > 0)
    /* Translators: thousandths of a millisecond */
    return g_strdup_printf (_ ("0.%03d ms"), (int)elapsed);

  return NULL;
}

void
ph_journal_session_add_folded (PhJournalSession *self,
                               PhJournalVoice    voice,
                               const char       *what,
                               guint64           bytes)
{
  g_autoptr (GString) number = NULL;
  g_autofree char *latency = NULL, *text = NULL;

  if (self == NULL)
    return;

  number = g_string_new (NULL);
  ph_journal_append_number (number, bytes);
  latency = format_latency (self);
  what = _ (what);
  if (latency == NULL)
    /* Translators: such as “message, 1,204 bytes” */
    text = g_strdup_printf (ngettext ("%s, %s byte", "%s, %s bytes", (gulong)bytes), what, number->str);
  else
    /* Translators: such as “message, 1,204 bytes in 3 ms” */
    text = g_strdup_printf (ngettext ("%s, %s byte in %s", "%s, %s bytes in %s", (gulong)bytes), what, number->str, latency);
  ph_journal_session_add (self, voice, text, strlen (text));
}

void
ph_journal_session_note_valist (PhJournalSession *self,
                                const char       *format,
                                va_list           args)
{
  g_autofree char *text = NULL;

  if (self == NULL)
    return;

  text = g_strdup_vprintf (_ (format), args);
  ph_journal_session_add (self, PH_JOURNAL_NOTE, text, strlen (text));
}

void
ph_journal_session_note (PhJournalSession *self,
                         const char       *format,
                         ...)
{
  va_list args;

  va_start (args, format);
  ph_journal_session_note_valist (self, format, args);
  va_end (args);
}
