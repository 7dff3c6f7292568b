#pragma once

#include "ph-journal-line.h"

G_BEGIN_DECLS

#define PH_TYPE_JOURNAL_LINES (ph_journal_lines_get_type ())
G_DECLARE_FINAL_TYPE (PhJournalLines, ph_journal_lines, PH, JOURNAL_LINES, GObject)

/* Transfer full; never NULL for a position that was announced. */
typedef PhJournalLine *(*PhJournalLinesFunc) (gpointer owner,
                                              guint    position);

/**
 * PhJournalLines:
 *
 * A GListModel of PhJournalLine over lines that its owner (a session, or the
 * journal for all of them) keeps: it only knows how many it has announced.
 */
PhJournalLines *ph_journal_lines_new (gpointer           owner,
                                      PhJournalLinesFunc function,
                                      guint              n_items);

/* Announces a change that the owner has already made.  NULL-tolerant. */
void ph_journal_lines_changed (PhJournalLines *self,
                               guint           position,
                               guint           removed,
                               guint           added);

/* The owner goes: the model becomes empty. */
void ph_journal_lines_disown (PhJournalLines *self);

G_END_DECLS
