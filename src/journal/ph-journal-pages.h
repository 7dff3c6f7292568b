#pragma once

#include "ph-journal-session.h"

G_BEGIN_DECLS

/* A line as it lies in memory; `length` bytes follow. */
typedef struct
{
  gint64  time;        /* real, µs */
  gint64  elapsed;     /* µs since the session's line before, 0 for the first */
  guint32 full_length; /* bytes, before the line was cut */
  guint16 length;      /* bytes kept */
  guint8  voice;       /* PhJournalVoice */
} PhJournalRecord;

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

/* `full_length` counts bytes before the cut.  Valid until its page is dropped. */
PhJournalRecord *ph_journal_pages_append (PhJournalPages *self,
                                          const void     *data,
                                          gsize           length,
                                          gsize           full_length);

/* NULL for a line that is not, or no longer, here. */
const PhJournalRecord *ph_journal_pages_get (const PhJournalPages *self,
                                             guint64               line);

/* Returns how many lines that were. */
guint ph_journal_pages_drop_first (PhJournalPages *self);
void  ph_journal_pages_clear (PhJournalPages *self);

static inline guint
ph_journal_pages_get_n_lines (const PhJournalPages *self)
{
  return (guint)(self->next_line - self->first_line);
}

G_END_DECLS
