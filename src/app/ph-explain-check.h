#pragma once

#include "ph-auth-result.h"

G_BEGIN_DECLS

/* What a check of the sender has found, for a person who does not know SPF, DKIM and DMARC by heart: "SPF fail: example.org" and a
 * sentence.  NULL for a check or a result that is not known.  Transfer full. */
char *ph_explain_check_dup_title (const PhAuthResult *check);
char *ph_explain_check_dup_text (const PhAuthResult *check);

G_END_DECLS
