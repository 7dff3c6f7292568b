#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the finer code of a reply means, and where that is written down: of SMTP the enhanced
 * status code ("550 5.1.1 …", RFC 3463), of POP3 and IMAP the one in brackets ("-ERR [AUTH] …").
 * "5.1.1: There is no such mailbox in this domain. (RFC 3463, 3.2)"; NULL where the text has none
 * that is known.  Transfer full. */
char *ph_explain_code (gboolean    is_smtp,
                       const char *text);

G_END_DECLS
