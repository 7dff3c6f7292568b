#include "ph-journal-index.h"

#include <string.h>

/* Fewer lines than this between two runs of dropped ones are announced as
 * replaced by themselves, so that a drop is few signals however scattered. */
#define MERGED_SPAN 256

void
ph_journal_index_clear (PhJournalIndex *self)
{
  g_free (self->entries);
  memset (self, 0, sizeof *self);
}

void
ph_journal_index_append (PhJournalIndex   *self,
                         PhJournalSession *session,
                         PhJournalRecord  *record)
{
  gsize used = self->n + self->gap;

  if (self->head + used == self->allocated)
    {
      if (self->head > self->allocated / 4)
        {
          memmove (self->entries, self->entries + self->head, used * sizeof (PhJournalEntry));
          self->head = 0;
        }
      else
        {
          self->allocated = MAX (self->allocated * 2, 256);
          self->entries = g_renew (PhJournalEntry, self->entries, self->allocated);
        }
    }

  self->entries[self->head + used] = (PhJournalEntry){ session, record };
  self->n++;
}

void
ph_journal_index_drop (PhJournalIndex *self,
                       gsize           position)
{
  ph_journal_index_get (self, position)->record = NULL;
  if (position < self->n_published)
    {
      self->n_empty++;
      self->empty_end = MAX (self->empty_end, position + 1);
    }
}

void
ph_journal_index_compact (PhJournalIndex *self)
{
  gsize to = self->n_published;

  for (gsize i = self->n_published; i < self->n; i++)
    {
      PhJournalEntry *entry = ph_journal_index_get (self, i);

      if (entry->record != NULL)
        *ph_journal_index_get (self, to++) = *entry;
    }
  self->n = to;
}

/* Where the run of empty places starts that ends before `end`. */
static gsize
find_run_start (PhJournalIndex *self,
                gsize           end)
{
  gsize start = end, n_kept = 0;

  for (gsize i = end; i > 0 && n_kept < MERGED_SPAN; i--)
    if (ph_journal_index_get (self, i - 1)->record == NULL)
      {
        start = i - 1;
        n_kept = 0;
      }
    else
      n_kept++;

  return start;
}

/* Moves the gap down from `end` to `start`, taking the empty places between into
 * it and the others over it.  Returns how many it took. */
static gsize
move_gap (PhJournalIndex *self,
          gsize           start,
          gsize           end)
{
  PhJournalEntry *entries = self->entries + self->head;
  gsize           to = end + self->gap, n_taken = 0;

  for (gsize i = end; i-- > start;)
    if (entries[i].record != NULL)
      entries[--to] = entries[i];
    else
      n_taken++;

  self->gap_start = start;
  self->gap += n_taken;

  return n_taken;
}

static void
remove_empty (PhJournalIndex *self,
              PhJournalLines *lines)
{
  gsize end = self->empty_end;

  /* From the last run to the first: positions before a run stay as announced, and
   * what moves is the old lines at the front, not the many new ones. */
  while (self->n_empty > 0)
    {
      gsize start = find_run_start (self, end);
      gsize n_taken = move_gap (self, start, end);

      self->n -= n_taken;
      self->n_published -= n_taken;
      self->n_empty -= n_taken;
      if (n_taken > 0)
        ph_journal_lines_changed (lines, (guint)start, (guint)(end - start), (guint)(end - start - n_taken));

      end = start;
      while (self->n_empty > 0 && ph_journal_index_get (self, end - 1)->record != NULL)
        end--;
      move_gap (self, end, start);
    }

  move_gap (self, 0, end);
  self->head += self->gap;
  self->gap = 0;
  self->empty_end = 0;
}

void
ph_journal_index_publish (PhJournalIndex *self,
                          PhJournalLines *lines)
{
  gsize n_new;

  if (self->n_empty > 0)
    remove_empty (self, lines);

  n_new = self->n - self->n_published;
  self->n_published = self->n;
  ph_journal_lines_changed (lines, (guint)(self->n - n_new), 0, (guint)n_new);
}
