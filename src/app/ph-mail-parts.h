#pragma once

#include <adwaita.h>

#include "ph-mail-part.h"

G_BEGIN_DECLS

#define PH_TYPE_MAIL_PARTS (ph_mail_parts_get_type ())
G_DECLARE_FINAL_TYPE (PhMailParts, ph_mail_parts, PH, MAIL_PARTS, AdwBin)

/**
 * PhMailParts:
 *
 * The tree of a message's parts, and the chosen one: decoded or as it is stored, to read
 * and to save.
 */

/* The whole message; NULL for none. */
void ph_mail_parts_set_root (PhMailParts *self,
                             PhMailPart  *root);

G_END_DECLS
