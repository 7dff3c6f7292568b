#pragma once

#include <adwaita.h>

#include "ph-journal-line.h"

G_BEGIN_DECLS

#define PH_TYPE_LINE_DETAIL (ph_line_detail_get_type ())
G_DECLARE_FINAL_TYPE (PhLineDetail, ph_line_detail, PH, LINE_DETAIL, AdwBin)

/**
 * PhLineDetail:
 *
 * One line of a transcript in full: its text, or its bytes in hex, what it means, and why the server
 * answered so.
 */
void ph_line_detail_set_line (PhLineDetail  *self,
                              PhJournalLine *line);

G_END_DECLS
