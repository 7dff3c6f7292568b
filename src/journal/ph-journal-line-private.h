#pragma once

#include "ph-journal-line.h"
#include "ph-journal-pages.h"

G_BEGIN_DECLS

/* Copies `record`; NULL makes the empty line that stands for a dropped one until
 * the views are told. */
PhJournalLine *ph_journal_line_new (PhJournalSession      *session,
                                    const PhJournalRecord *record);

/* The text of a line: escaped, and with its length where it was cut; of several, a line feed
 * between each two. */
void ph_journal_record_append_text (const PhJournalRecord *record,
                                    GString               *target);

/* The same, of several lines only the first and " …". */
void ph_journal_record_append_first (const PhJournalRecord *record,
                                     GString               *target);

/* "1,204", the same in every locale. */
void ph_journal_append_number (GString *target,
                               guint64  number);

G_END_DECLS
