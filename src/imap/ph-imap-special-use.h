#pragma once

#include "ph-folder.h"

G_BEGIN_DECLS

/* Names of special uses (RFC 6154), without the backslash.  Functions only. */

/* NULL for PH_SPECIAL_NONE; static. */
const char *ph_imap_special_use_get_name (PhSpecialUse use);

/* FALSE for a use that we do not have. */
gboolean ph_imap_special_use_parse (const char   *name,
                                    PhSpecialUse *use);

G_END_DECLS
