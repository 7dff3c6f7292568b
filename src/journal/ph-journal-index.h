#pragma once

#include "ph-journal-lines.h"
#include "ph-journal-pages.h"

G_BEGIN_DECLS

typedef struct
{
  PhJournalSession *session; /* borrowed: the journal holds it while it is named here */
  PhJournalRecord  *record;  /* in its pages; NULL once dropped */
} PhJournalEntry;

/**
 * PhJournalIndex:
 *
 * The lines of all sessions in the order of time.  What is dropped stays as an
 * empty place until ph_journal_index_publish() tells the views, because a
 * GListModel may only change when it says so.  A plain struct in PhJournal.
 */
typedef struct
{
  PhJournalEntry *entries;
  gsize           allocated;
  gsize           head;        /* where the first one is */
  gsize           n;           /* with empty places */
  gsize           n_published; /* of them, known to the views */
  gsize           n_empty;     /* empty places among the published */
  gsize           empty_end;   /* after the last of those */
  gsize           gap_start;   /* while publishing: `gap` entries before this */
  gsize           gap;         /* one are gone already */
} PhJournalIndex;

void ph_journal_index_clear (PhJournalIndex *self);
void ph_journal_index_append (PhJournalIndex   *self,
                              PhJournalSession *session,
                              PhJournalRecord  *record);

static inline PhJournalEntry *
ph_journal_index_get (const PhJournalIndex *self,
                      gsize                 position)
{
  return self->entries + self->head + position + (position >= self->gap_start ? self->gap : 0);
}

/* Makes the entry an empty place. */
void ph_journal_index_drop (PhJournalIndex *self,
                            gsize           position);

/* Removes empty places that no view knows of. */
void ph_journal_index_compact (PhJournalIndex *self);

/* Removes the other empty places and shows what is new, telling `lines` of it.
 * Time goes with the span from the oldest line to the last empty place. */
void ph_journal_index_publish (PhJournalIndex *self,
                               PhJournalLines *lines);

G_END_DECLS
