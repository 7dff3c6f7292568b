#pragma once

#include <adwaita.h>

#include "ph-mail-message.h"

G_BEGIN_DECLS

#define PH_TYPE_MAIL_DETAILS (ph_mail_details_get_type ())
G_DECLARE_FINAL_TYPE (PhMailDetails, ph_mail_details, PH, MAIL_DETAILS, AdwBin)

/**
 * PhMailDetails:
 *
 * The envelope of a message (who it was really from and for, over which hops it came, how
 * each was encrypted) beside its header, which may say something else.
 */

/* Loaded, or NULL for none. */
void ph_mail_details_set_message (PhMailDetails *self,
                                  PhMailMessage *message);

G_END_DECLS
