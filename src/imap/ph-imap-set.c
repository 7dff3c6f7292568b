#include "ph-imap-set.h"

static gboolean
take_end (PhImapParser *parser,
          guint32      *end)
{
  guint64 number;

  *end = 0;
  if (ph_imap_parser_skip_char (parser, '*'))
    return TRUE;
  if (!ph_imap_parser_take_number (parser, G_MAXUINT32, &number))
    return FALSE;
  if (number == 0)
    return ph_imap_parser_fail (parser, "0 is no message number");

  *end = (guint32)number;

  return TRUE;
}

gboolean
ph_imap_set_take (PhImapParser *parser,
                  GArray      **set)
{
  g_autoptr (GArray) ranges = g_array_new (FALSE, FALSE, sizeof (PhImapRange));

  *set = NULL;
  if (ph_imap_parser_skip_char (parser, '$'))
    {
      *set = g_steal_pointer (&ranges);
      return TRUE;
    }

  do
    {
      PhImapRange range;

      if (!take_end (parser, &range.first))
        return FALSE;
      range.last = range.first;
      if (ph_imap_parser_skip_char (parser, ':') && !take_end (parser, &range.last))
        return FALSE;
      g_array_append_val (ranges, range);
    }
  while (ph_imap_parser_skip_char (parser, ','));

  *set = g_steal_pointer (&ranges);

  return TRUE;
}

/* No other set is empty as it is read. */
gboolean
ph_imap_set_is_saved (const GArray *set)
{
  return set->len == 0;
}

static int
compare_ranges (gconstpointer a,
                gconstpointer b)
{
  const PhImapRange *left = a;
  const PhImapRange *right = b;

  return (left->first > right->first) - (left->first < right->first);
}

static void
merge (GArray *set)
{
  PhImapRange *ranges = (PhImapRange *)(gpointer)set->data;
  guint        n = 0;

  for (guint i = 0; i < set->len; i++)
    {
      if (n > 0 && ranges[i].first - 1 <= ranges[n - 1].last)
        ranges[n - 1].last = MAX (ranges[n - 1].last, ranges[i].last);
      else
        ranges[n++] = ranges[i];
    }
  g_array_set_size (set, n);
}

void
ph_imap_set_resolve (GArray *set,
                     guint32 max)
{
  guint n = 0;

  for (guint i = 0; i < set->len; i++)
    {
      PhImapRange range = g_array_index (set, PhImapRange, i);

      if (range.first == 0)
        range.first = max;
      if (range.last == 0)
        range.last = max;
      if (range.first == 0 || range.last == 0)
        continue;
      if (range.first > range.last)
        range = (PhImapRange){ range.last, range.first };
      g_array_index (set, PhImapRange, n++) = range;
    }
  g_array_set_size (set, n);

  g_array_sort (set, compare_ranges);
  merge (set);
}

void
ph_imap_set_format (const guint32 *numbers,
                    gsize          n,
                    GString       *out)
{
  gsize i = 0;

  while (i < n)
    {
      gsize end = i;

      while (end + 1 < n && numbers[end + 1] == numbers[end] + 1)
        end++;

      g_string_append_printf (out, i > 0 ? ",%u" : "%u", numbers[i]);
      if (end > i)
        g_string_append_printf (out, ":%u", numbers[end]);
      i = end + 1;
    }
}
