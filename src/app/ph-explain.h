#pragma once

#include "ph-journal-line.h"

G_BEGIN_DECLS

/* What a line of a transcript means and where that is written down, for a person who does
 * not know the protocol by heart: "MAIL begins a message… (RFC 5321, section 4.1.1.2)".
 * Looks only at the command or the reply code that the line begins with, and at the finer code
 * after that, which has a line of its own.  NULL where there is nothing to say.  Transfer full. */
char *ph_explain_line (PhJournalLine *line);

G_END_DECLS
