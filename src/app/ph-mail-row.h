#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define PH_TYPE_MAIL_ROW (ph_mail_row_get_type ())
G_DECLARE_FINAL_TYPE (PhMailRow, ph_mail_row, PH, MAIL_ROW, AdwBin)

/**
 * PhMailRow:
 *
 * A message in a list: who, when, about what, how it begins; unread ones are bold and say
 * so.  All rows are of one height, whatever they show.  Property: item (PhMailItem).
 */

G_END_DECLS
