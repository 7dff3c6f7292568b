#pragma once

#include "ph-mail-text.h"

G_BEGIN_DECLS

/* Of an element's tag; a longer one is cut. */
#define PH_MAIL_HTML_TAG_MAX (64 * 1024)

/* Lists in lists; deeper ones are not moved further in. */
#define PH_MAIL_HTML_LISTS_MAX 16

/* HTML mail as text with basic styles and links (V49): nothing is run, nothing is
 * loaded, no style sheet is read, and what the tags say is only ever one of
 * PhMailStyle.  A picture is the remark that there is one.  In linear time, with a
 * constant stack.  `html` should be UTF-8; it may be any bytes. */
void ph_mail_html_append (PhMailText *target,
                          const char *html,
                          gsize       length);

G_END_DECLS
