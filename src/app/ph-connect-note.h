#pragma once

#include <adwaita.h>

#include "ph-account.h"

G_BEGIN_DECLS

#define PH_TYPE_CONNECT_NOTE (ph_connect_note_get_type ())
G_DECLARE_FINAL_TYPE (PhConnectNote, ph_connect_note, PH, CONNECT_NOTE, AdwActionRow)

/**
 * PhConnectNote:
 *
 * A row that says which uses are switched off for an account, among settings that leave
 * them out.  It is seen only where there is something to say.
 */

/* NULL for none. */
void ph_connect_note_set_account (PhConnectNote *self,
                                  PhAccount     *account);

G_END_DECLS
