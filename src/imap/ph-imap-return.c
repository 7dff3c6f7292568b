#include "ph-imap-return.h"

#include "ph-imap-set.h"
#include "ph-uid-ranges.h"

static const char *const option_names[] = { "MIN", "MAX", "COUNT", "ALL", "SAVE", "PARTIAL", "RELEVANCY", "CONTEXT", "UPDATE" };

static gboolean
take_end (PhImapParser *parser,
          gboolean      negative,
          gint64       *end)
{
  guint64 number;

  if ((negative && !ph_imap_parser_take_char (parser, '-')) || !ph_imap_parser_take_number (parser, G_MAXUINT32, &number))
    return FALSE;
  if (number == 0)
    return ph_imap_parser_fail (parser, "Results are counted from 1");

  *end = negative ? -(gint64)number : (gint64)number;

  return TRUE;
}

gboolean
ph_imap_partial_take (PhImapParser  *parser,
                      PhImapPartial *partial)
{
  gboolean negative = ph_imap_parser_peek (parser) == '-';
  gint64   first;

  if (!take_end (parser, negative, &partial->first) || !ph_imap_parser_take_char (parser, ':') || !take_end (parser, negative, &partial->last))
    return FALSE;

  /* RFC 9394 3.1: 500:1 is 1:500, and from the end -100:-1 is -1:-100. */
  if ((partial->first > partial->last) != negative)
    {
      first = partial->first;
      partial->first = partial->last;
      partial->last = first;
    }

  return TRUE;
}

void
ph_imap_partial_resolve (const PhImapPartial *partial,
                         guint                n,
                         guint               *start,
                         guint               *end)
{
  gint64 first = partial->first > 0 ? partial->first - 1 : (gint64)n + partial->last;
  gint64 last = partial->first > 0 ? partial->last : (gint64)n + partial->first + 1;

  *start = (guint)CLAMP (first, 0, (gint64)n);
  *end = (guint)CLAMP (last, (gint64)*start, (gint64)n);
}

gboolean
ph_imap_return_take (PhImapParser *parser,
                     PhImapReturn *self)
{
  guint index;

  if (!ph_imap_parser_skip_word (parser, "RETURN"))
    return TRUE;

  *self = (PhImapReturn){ .extended = TRUE };
  if (!ph_imap_parser_take_space (parser) || !ph_imap_parser_take_char (parser, '('))
    return FALSE;
  if (ph_imap_parser_skip_char (parser, ')'))
    {
      self->options = PH_IMAP_RETURN_ALL;
      return ph_imap_parser_take_space (parser);
    }

  do
    {
      if (!ph_imap_parser_take_word_of (parser, option_names, G_N_ELEMENTS (option_names), &index, "Unknown return option"))
        return FALSE;
      self->options |= 1u << index;
      if ((1u << index) == PH_IMAP_RETURN_PARTIAL && (!ph_imap_parser_take_space (parser) || !ph_imap_partial_take (parser, &self->partial)))
        return FALSE;
    }
  while (ph_imap_parser_skip_char (parser, ' '));
  self->options &= ~(guint)PH_IMAP_RETURN_CONTEXT;

  /* RFC 9394 3.1 */
  if ((self->options & PH_IMAP_RETURN_ALL) != 0 && (self->options & PH_IMAP_RETURN_PARTIAL) != 0)
    return ph_imap_parser_fail (parser, "ALL and PARTIAL exclude each other");

  return ph_imap_parser_take_char (parser, ')') && ph_imap_parser_take_space (parser);
}

static void
append_partial (const PhImapReturn *self,
                const guint32      *numbers,
                guint               n,
                GString            *out)
{
  guint start;
  guint end;

  ph_imap_partial_resolve (&self->partial, n, &start, &end);
  g_string_append_printf (out, " PARTIAL (%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT " ", self->partial.first, self->partial.last);
  if (start == end)
    g_string_append (out, "NIL");
  else
    ph_imap_set_format (numbers + start, end - start, out);
  g_string_append_c (out, ')');
}

/* Of the messages that PARTIAL names, or else of all. */
static void
append_scores (const PhImapReturn *self,
               const guint8       *scores,
               guint               n,
               GString            *out)
{
  guint start = 0;
  guint end = n;

  if ((self->options & PH_IMAP_RETURN_PARTIAL) != 0)
    ph_imap_partial_resolve (&self->partial, n, &start, &end);
  g_string_append (out, " RELEVANCY (");
  for (guint i = start; i < end; i++)
    g_string_append_printf (out, i > start ? " %u" : "%u", scores[i]);
  g_string_append_c (out, ')');
}

void
ph_imap_return_format (const PhImapReturn *self,
                       const char         *tag,
                       gboolean            by_uid,
                       const guint32      *numbers,
                       guint               n,
                       guint64             modseq,
                       const guint8       *scores,
                       GString            *out)
{
  /* A tag has no character that would need an escape. */
  g_string_append_printf (out, "* ESEARCH (TAG \"%s\")%s", tag, by_uid ? " UID" : "");
  if (n > 0 && (self->options & PH_IMAP_RETURN_MIN) != 0)
    g_string_append_printf (out, " MIN %u", numbers[0]);
  if (n > 0 && (self->options & PH_IMAP_RETURN_MAX) != 0)
    g_string_append_printf (out, " MAX %u", numbers[n - 1]);
  if ((self->options & PH_IMAP_RETURN_COUNT) != 0)
    g_string_append_printf (out, " COUNT %u", n);
  if (n > 0 && (self->options & PH_IMAP_RETURN_ALL) != 0)
    {
      g_string_append (out, " ALL ");
      ph_imap_set_format (numbers, n, out);
    }
  if ((self->options & PH_IMAP_RETURN_PARTIAL) != 0)
    append_partial (self, numbers, n, out);
  if ((self->options & PH_IMAP_RETURN_RELEVANCY) != 0 && scores != NULL)
    append_scores (self, scores, n, out);
  if (n > 0 && modseq > 0)
    g_string_append_printf (out, " MODSEQ %" G_GUINT64_FORMAT, modseq);
  g_string_append (out, "\r\n");
}

GArray *
ph_imap_return_dup_saved (const PhImapReturn *self,
                          const guint32      *uids,
                          guint               n)
{
  const guint parts = PH_IMAP_RETURN_MIN | PH_IMAP_RETURN_MAX | PH_IMAP_RETURN_PARTIAL;
  const guint all = PH_IMAP_RETURN_ALL | PH_IMAP_RETURN_COUNT;
  GArray     *saved = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint       start = 0;
  guint       end = n;

  if (n == 0)
    return saved;

  if ((self->options & parts) != 0 && (self->options & all) == 0)
    end = 0;
  if (end == 0 && (self->options & PH_IMAP_RETURN_PARTIAL) != 0)
    ph_imap_partial_resolve (&self->partial, n, &start, &end);
  g_array_append_vals (saved, uids + start, end - start);

  if ((self->options & all) == 0 && (self->options & PH_IMAP_RETURN_MIN) != 0)
    g_array_append_vals (saved, uids, 1);
  if ((self->options & all) == 0 && (self->options & PH_IMAP_RETURN_MAX) != 0)
    g_array_append_vals (saved, uids + n - 1, 1);

  /* Each once, ascending. */
  g_array_sort (saved, ph_uid_compare);
  for (guint i = saved->len; i > 1; i--)
    if (g_array_index (saved, guint32, i - 1) == g_array_index (saved, guint32, i - 2))
      g_array_remove_index (saved, i - 1);

  return saved;
}
