#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* An entry row says what is wrong with what is typed in place of its title:
 * "Port: a number from 1 to 65535".  `problem` NULL: nothing is. */
void ph_entry_row_set_problem (AdwEntryRow *row,
                               const char  *title,
                               const char  *problem);

/* Typing goes there from now on, also before its window is shown. */
void ph_entry_row_focus (AdwEntryRow *row);

/* Why `text` is no usable value, in words (static, translated); NULL if it is one. */
const char *ph_entry_row_check_port (const char *text);
const char *ph_entry_row_check_address (const char *text); /* of a computer, numeric */

G_END_DECLS
