#pragma once

#include "ph-journal-session.h"
#include "ph-journal-words.h"

G_BEGIN_DECLS

/* Lines that belong together are counted up to here. */
#define PH_JOURNAL_N_LINES_MAX ((1 << 18) - 1)

/* A line, or some that belong together, as it lies in memory; `length` bytes follow. */
typedef struct
{
  gint64  time;         /* real, µs */
  gint64  elapsed;      /* µs since the session's record before, 0 for the first */
  guint32 full_length;  /* bytes, before it was cut */
  guint32 length : 12;  /* bytes kept */
  guint32 voice : 2;    /* PhJournalVoice */
  guint32 n_lines : 18; /* before it was cut; with a CR LF between each two */
} PhJournalRecord;

G_STATIC_ASSERT (PH_JOURNAL_LINE_MAX < 1 << 12);

#define PH_JOURNAL_RECORD_BYTES(record) ((const guint8 *)((record) + 1))

/**
 * PhJournalPages:
 *
 * The lines of one session, one after the other in a few pages of memory, so
 * that a line costs no allocation and dropping many costs one.  Lines have
 * numbers that never change: first_line … next_line - 1 are here.  The oldest
 * go by the page.  A plain struct in PhJournalSession; zero bytes is empty.
 */
typedef struct
{
  GPtrArray *pages;      /* of PhJournalPage, oldest first; NULL while empty */
  guint64    first_line; /* as many were dropped */
  guint64    next_line;
  gsize      bytes; /* allocated */
} PhJournalPages;

/* Valid until its page is dropped. */
PhJournalRecord *ph_journal_pages_append (PhJournalPages       *self,
                                          const PhJournalWords *words);

/* NULL for a line that is not, or no longer, here. */
const PhJournalRecord *ph_journal_pages_get (const PhJournalPages *self,
                                             guint64               line);

/* Returns how many lines that were. */
guint ph_journal_pages_drop_first (PhJournalPages *self);

/* The number of the line that is the same to the byte and the µs; next_line where it is no longer here.
 * Looks through all of them. */
guint64 ph_journal_pages_find (const PhJournalPages  *self,
                               const PhJournalRecord *record);

void ph_journal_pages_clear (PhJournalPages *self);

static inline guint
ph_journal_pages_get_n_lines (const PhJournalPages *self)
{
  return (guint)(self->next_line - self->first_line);
}

G_END_DECLS
