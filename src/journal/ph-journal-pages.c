#include "ph-journal-pages.h"

#include <string.h>

/* A session that says little takes little; one that says much few pages. */
#define FIRST_PAGE_SIZE 512
#define LAST_PAGE_SIZE 16384

typedef struct
{
  guint64 first_line;
  guint   n_lines;
  gsize   used;
  gsize   size;
  guint64 data[]; /* of PhJournalRecord, each with its bytes, aligned */
} PhJournalPage;

static PhJournalRecord *
get_record (PhJournalPage *page,
            gsize          offset)
{
  return (PhJournalRecord *)(page->data + offset / sizeof (guint64));
}

static gsize
get_record_size (gsize length)
{
  return (sizeof (PhJournalRecord) + length + sizeof (guint64) - 1) & ~(sizeof (guint64) - 1);
}

static PhJournalPage *
add_page (PhJournalPages *self,
          PhJournalPage  *last,
          gsize           needed)
{
  gsize          size = last == NULL ? FIRST_PAGE_SIZE : MIN (last->size * 2, LAST_PAGE_SIZE);
  PhJournalPage *page;

  size = MAX (size, needed);
  page = g_malloc (sizeof (PhJournalPage) + size);
  page->first_line = self->next_line;
  page->n_lines = 0;
  page->used = 0;
  page->size = size;
  self->bytes += sizeof (PhJournalPage) + size;

  if (self->pages == NULL)
    self->pages = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->pages, page);

  return page;
}

PhJournalRecord *
ph_journal_pages_append (PhJournalPages       *self,
                         const PhJournalWords *words)
{
  gsize            size = get_record_size (words->length);
  PhJournalPage   *page = NULL;
  PhJournalRecord *record;

  if (self->pages != NULL && self->pages->len > 0)
    page = g_ptr_array_index (self->pages, self->pages->len - 1);
  if (page == NULL || page->size - page->used < size)
    page = add_page (self, page, size);

  record = get_record (page, page->used);
  record->full_length = (guint32)MIN (words->full_length, G_MAXUINT32);
  record->length = (guint32)words->length & ((1u << 12) - 1);
  record->n_lines = MIN (words->n_lines, PH_JOURNAL_N_LINES_MAX) & PH_JOURNAL_N_LINES_MAX;
  if (words->length > 0)
    memcpy (record + 1, words->data, words->length);

  page->used += size;
  page->n_lines++;
  self->next_line++;

  return record;
}

const PhJournalRecord *
ph_journal_pages_get (const PhJournalPages *self,
                      guint64               line)
{
  PhJournalPage *page;
  guint          low = 0, high;
  gsize          offset = 0;

  if (line < self->first_line || line >= self->next_line)
    return NULL;

  /* The last page that does not begin after the line. */
  high = self->pages->len;
  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      page = g_ptr_array_index (self->pages, middle);
      if (page->first_line <= line)
        low = middle;
      else
        high = middle;
    }

  page = g_ptr_array_index (self->pages, low);
  for (guint64 i = page->first_line; i < line; i++)
    offset += get_record_size (get_record (page, offset)->length);

  return get_record (page, offset);
}

guint64
ph_journal_pages_find (const PhJournalPages  *self,
                       const PhJournalRecord *record)
{
  for (guint i = 0; self->pages != NULL && i < self->pages->len; i++)
    {
      PhJournalPage *page = g_ptr_array_index (self->pages, i);
      gsize          offset = 0;

      for (guint line = 0; line < page->n_lines; line++)
        {
          const PhJournalRecord *other = get_record (page, offset);

          if (other->time == record->time && other->length == record->length &&
              memcmp (other, record, sizeof *record + record->length) == 0)
            return page->first_line + line;
          offset += get_record_size (other->length);
        }
    }

  return self->next_line;
}

guint
ph_journal_pages_drop_first (PhJournalPages *self)
{
  PhJournalPage *page;
  guint          n_lines;

  if (self->pages == NULL || self->pages->len == 0)
    return 0;

  page = g_ptr_array_index (self->pages, 0);
  n_lines = page->n_lines;
  self->first_line += n_lines;
  self->bytes -= sizeof (PhJournalPage) + page->size;
  g_ptr_array_remove_index (self->pages, 0);

  return n_lines;
}

void
ph_journal_pages_clear (PhJournalPages *self)
{
  g_clear_pointer (&self->pages, g_ptr_array_unref);
  self->first_line = self->next_line;
  self->bytes = 0;
}
